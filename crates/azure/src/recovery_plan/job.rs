//! A Site Recovery job and its tree of tasks.

use jiff::Timestamp;
use serde_json::Value;

use crate::json::Read;
use crate::{Error, ResourceId, Response, timestamp};

/// A job. A fresh one has three faces (recorded: Azure/azure-powershell
/// A2ARecoveryPlanReplication.json): first no scenario, no target and no start; then a scenario
/// without tasks; then, under another name, the whole tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: ResourceId,
    /// May differ from the name it was asked by.
    pub name: String,
    /// `UnplannedFailover`, `TestFailover`, `TestFailoverCleanup`, `CommitFailover`, …
    pub scenario: Option<String>,
    pub state: JobState,
    /// The service's own words, for people.
    pub description: Option<String>,
    pub target_id: Option<String>,
    pub target_name: Option<String>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// `Cancel`, `Resume`, `Restart`.
    pub allowed_actions: Vec<String>,
    pub errors: Vec<JobError>,
    /// All tasks, parents before their children. A list of jobs leaves them out.
    pub tasks: Vec<Task>,
    /// What became of each machine; empty until the end.
    pub items: Vec<ItemDetails>,
}

/// The state and its description, made one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum JobState {
    NotStarted,
    InProgress,
    /// Waits for a person.
    Suspended,
    Cancelling,
    Succeeded,
    CompletedWithInformation,
    /// Not success: some machines did not make it.
    PartiallySucceeded,
    Failed,
    Cancelled,
    Skipped,
    /// A word we do not know: neither over nor well.
    Other(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The ids from the root to this task.
    pub path: Vec<String>,
    /// The name. Groups and machines are always `Unknown`: for a group this is its kind
    /// (`BootGroup`), for a machine what the service calls it.
    pub name: String,
    pub friendly_name: Option<String>,
    pub state: JobState,
    pub description: Option<String>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// The job that does this machine's part; `None` before it starts.
    pub child_job: Option<ResourceId>,
    /// The machine, by the GUID that the plan's `virtualMachineId` has too.
    pub target_id: Option<String>,
    pub target_name: Option<String>,
    pub errors: Vec<JobError>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobError {
    pub code: Option<String>,
    pub message: Option<String>,
    pub recommended_action: Option<String>,
}

/// What a finished failover says of a machine; the recovery point is the evidence of what was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemDetails {
    /// The GUID that the plan's `virtualMachineId` has too.
    pub id: Option<String>,
    pub friendly_name: Option<String>,
    pub recovery_point: Option<String>,
    pub recovery_point_time: Option<Timestamp>,
    pub test_machine_name: Option<String>,
    /// Of a drill's machine: `Connected`.
    pub network_status: Option<String>,
}

/// One page of jobs, and where the next one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub jobs: Vec<Job>,
    pub next: Option<String>,
}

pub fn parse(response: &Response) -> Result<Job, Error> {
    Job::read(&response.json("job")?)
}

pub fn parse_list(response: &Response) -> Result<Page, Error> {
    let body = response.json("list of jobs")?;
    if body.pointer("/value").and_then(Value::as_array).is_none() {
        return Err(Error::missing("list of jobs", "/value"));
    }
    Ok(Page {
        jobs: body.list("/value").iter().map(Job::read).collect::<Result<_, _>>()?,
        next: body.string("/nextLink"),
    })
}

impl Job {
    fn read(body: &Value) -> Result<Self, Error> {
        const WHAT: &str = "job";
        let mut tasks = Vec::new();
        for task in body.list("/properties/tasks") {
            Task::read_tree(task, &[], &mut tasks);
        }
        let time = |pointer: &str| body.text(pointer).and_then(timestamp::parse);
        let description = body.string("/properties/stateDescription");
        Ok(Self {
            id: body.need_id("/id", WHAT)?,
            name: body.need("/name", WHAT)?,
            scenario: body.string("/properties/scenarioName"),
            state: JobState::read(
                &body.need("/properties/state", WHAT)?,
                description.as_deref().unwrap_or_default(),
            ),
            description,
            target_id: body.string("/properties/targetObjectId"),
            target_name: body.string("/properties/targetObjectName"),
            started: time("/properties/startTime"),
            ended: time("/properties/endTime"),
            allowed_actions: body.strings("/properties/allowedActions"),
            errors: body.list("/properties/errors").iter().map(JobError::read).collect(),
            tasks,
            items: body
                .list("/properties/customDetails/protectedItemDetails")
                .iter()
                .map(ItemDetails::read)
                .collect(),
        })
    }
}

impl JobState {
    /// Nothing more will happen by itself.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Succeeded
            | Self::CompletedWithInformation
            | Self::PartiallySucceeded
            | Self::Failed
            | Self::Cancelled
            | Self::Skipped => true,
            Self::NotStarted
            | Self::InProgress
            | Self::Suspended
            | Self::Cancelling
            | Self::Other(_) => false,
        }
    }

    /// Everything was done that was to be done.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Succeeded | Self::CompletedWithInformation)
    }

    /// `PartiallySucceeded` comes as a state of its own (recorded: Azure/azure-sdk-for-net
    /// `EnumerateJobsTest`) and as the description of a success (specification); a skipped task has
    /// the state `Other` (recorded).
    fn read(state: &str, description: &str) -> Self {
        match (state, description) {
            ("Succeeded" | "Completed" | "PartiallySucceeded", "PartiallySucceeded")
            | ("PartiallySucceeded", _) => Self::PartiallySucceeded,
            ("Succeeded", "CompletedWithInformation") | ("CompletedWithInformation", _) => {
                Self::CompletedWithInformation
            }
            ("Succeeded" | "Completed", _) => Self::Succeeded,
            ("NotStarted", _) => Self::NotStarted,
            ("InProgress", _) => Self::InProgress,
            ("Suspended", _) => Self::Suspended,
            ("Cancelling" | "Canceling", _) => Self::Cancelling,
            ("Failed", _) => Self::Failed,
            ("Cancelled" | "Canceled" | "Aborted", _) => Self::Cancelled,
            ("Other" | "Skipped", "Skipped") | ("Skipped", _) => Self::Skipped,
            (other, "") => Self::Other(other.to_owned()),
            (other, description) => Self::Other(format!("{other}/{description}")),
        }
    }
}

impl Task {
    fn read_tree(value: &Value, above: &[String], into: &mut Vec<Self>) {
        let id = value.string("/taskId").unwrap_or_default();
        let path: Vec<String> = above.iter().cloned().chain([id]).collect();
        let name = value.text("/name").filter(|name| *name != "Unknown");
        let group = || value.text("/groupTaskCustomDetails/rpGroupType");
        let friendly = || value.text("/friendlyName");
        let time = |pointer: &str| value.text(pointer).and_then(timestamp::parse);
        let description = value.string("/stateDescription");
        into.push(Self {
            name: name.or_else(group).or_else(friendly).unwrap_or_default().to_owned(),
            friendly_name: value.string("/friendlyName"),
            state: JobState::read(
                value.text("/state").unwrap_or_default(),
                description.as_deref().unwrap_or_default(),
            ),
            description,
            started: time("/startTime"),
            ended: time("/endTime"),
            // Before the child starts, its id ends in `/replicationJobs/` and names nothing.
            child_job: value.id("/customDetails/jobTask/jobId"),
            target_id: value.string("/customDetails/jobTask/targetObjectId"),
            target_name: value.string("/customDetails/jobTask/targetObjectName"),
            errors: value.list("/errors").iter().map(JobError::read).collect(),
            path: path.clone(),
        });
        for child in value.list("/groupTaskCustomDetails/childTasks") {
            Self::read_tree(child, &path, into);
        }
    }
}

impl JobError {
    /// The service's own part where there is one, else the provider's.
    fn read(value: &Value) -> Self {
        let either = |service: &str, provider: &str| {
            value
                .string(&format!("/serviceErrorDetails/{service}"))
                .or_else(|| value.string(&format!("/providerErrorDetails/{provider}")))
        };
        let number = || value.pointer("/providerErrorDetails/errorCode").map(Value::to_string);
        Self {
            code: either("code", "errorId").or_else(number).filter(|code| code != "null"),
            message: either("message", "errorMessage"),
            recommended_action: either("recommendedAction", "recommendedAction"),
        }
    }
}

impl ItemDetails {
    fn read(value: &Value) -> Self {
        Self {
            id: value.string("/name"),
            friendly_name: value.string("/friendlyName"),
            recovery_point: value.string("/recoveryPointId"),
            recovery_point_time: value.text("/recoveryPointTime").and_then(timestamp::parse),
            test_machine_name: value.string("/testVmName"),
            network_status: value.string("/networkConnectionStatus"),
        }
    }
}
