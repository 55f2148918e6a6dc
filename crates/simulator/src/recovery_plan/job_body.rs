//! Jobs on the wire (recorded: azure-powershell `A2ARecoveryPlanReplication` and
//! `A2AVMNicConfig`).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::item::Item;
use super::job::{Job, Node, Outcome, Problem, Target, Task, TaskState};
use super::names::{
    PLAN_NAME, UNSET_TIME, container_name, guid_of, job_id, policy_id, time, time_fixed,
    time_in_seconds,
};
use super::scenario::Scenario;
use super::{Partially, State};
use crate::regions::Region;

/// How long a job's first face lasts (recorded: within the second of the POST).
const FRESH: SignedDuration = SignedDuration::from_millis(900);

/// The body of `GET replicationJobs/{name}`.
///
/// A fresh job of the plan has three faces (recorded): `NotStarted` without anything, then in
/// progress without tasks, both called *O*; then the whole tree, called *J*.
pub(super) fn body(state: &State, job: &Job, now: Timestamp) -> Value {
    if job.begun_at.is_none() && now - FRESH < job.accepted_at {
        return envelope(&job.operation, fresh(job));
    }
    let shown = if job.begun_at.is_some() { &job.name } else { &job.operation };
    let mut properties = common(state, job, Some(&job.activity));
    if job.begun_at.is_some() {
        properties["tasks"] = tasks(job, None);
        properties["errors"] = errors(job);
    }
    properties["customDetails"] = custom_details(state, job);
    envelope(shown, Value::Object(properties))
}

/// A job in the list: no tasks, no errors, no details (recorded).
pub(super) fn list_entry(state: &State, job: &Job) -> Value {
    let shown = if job.begun_at.is_some() { &job.name } else { &job.operation };
    envelope(shown, Value::Object(common(state, job, None)))
}

/// The body of `GET replicationOperationStatus/{O}` (recorded). Of a partial success it says
/// `Succeeded` (recorded of another provider), of a suspended job `InProgress`.
pub(super) fn operation_status(job: &Job) -> Value {
    let status = match job.outcome {
        None => "InProgress",
        Some(Outcome::Succeeded | Outcome::Partial) => "Succeeded",
        Some(Outcome::Failed) => "Failed",
        Some(Outcome::Cancelled) => "Cancelled",
    };
    let error = first_problem(job)
        .filter(|_| status == "Failed")
        .map(|problem| json!({"code": problem.code, "message": problem.message}));
    json!({
        "error": error,
        "id": null,
        "name": job.operation,
        "properties": null,
        "status": status,
        "startTime": time_fixed(job.accepted_at),
        "endTime": job.ended_at.map(|at| time_fixed(whole(at))),
        "percentComplete": null,
    })
}

/// `state` and `stateDescription`.
pub(super) fn state_of(state: &State, job: &Job) -> (&'static str, &'static str) {
    match job.outcome {
        None if job.cancelling => ("Cancelling", "Cancelling"),
        None if job.is_suspended() => ("Suspended", "WaitingForManualAction"),
        None => ("InProgress", "InProgress"),
        Some(Outcome::Succeeded) => ("Succeeded", "Completed"),
        Some(Outcome::Partial) => partially(state),
        Some(Outcome::Failed) => ("Failed", "Failed"),
        Some(Outcome::Cancelled) => ("Cancelled", "Cancelled"),
    }
}

pub(super) fn first_problem(job: &Job) -> Option<&Problem> {
    job.tasks.iter().find_map(|task| task.problem.as_ref())
}

fn partially(state: &State) -> (&'static str, &'static str) {
    match state.behaviour.partial {
        Partially::State => ("PartiallySucceeded", "PartiallySucceeded"),
        Partially::Description => ("Succeeded", "PartiallySucceeded"),
    }
}

fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn envelope(name: &str, properties: Value) -> Value {
    let mut body = json!({
        "id": job_id(name),
        "name": name,
        "type": "Microsoft.RecoveryServices/vaults/replicationJobs",
        "properties": null,
    });
    // Moved, not copied as `json!` does, here and below: half of all looks are answered with a tree.
    body["properties"] = properties;
    body
}

/// The first face: no start time, and a plan's job claims to be of a `ProtectionEntity`.
fn fresh(job: &Job) -> Value {
    json!({
        "activityId": job.activity,
        "scenarioName": null,
        "friendlyName": null,
        "state": "NotStarted",
        "stateDescription": "NotStarted",
        "tasks": [],
        "errors": [],
        "allowedActions": [],
        "targetObjectId": null,
        "targetObjectName": null,
        "targetInstanceType": "ProtectionEntity",
        "customDetails": {"instanceType": "AsrJobDetails", "affectedObjectDetails": {}},
    })
}

fn common(state: &State, job: &Job, activity: Option<&str>) -> Map<String, Value> {
    let mut properties = Map::new();
    let mut put = |key: &str, value: Value| properties.insert(key.to_owned(), value);
    let (status, description) = state_of(state, job);
    put("activityId", json!(activity));
    put("scenarioName", json!(job.scenario.name()));
    put("friendlyName", json!(job.scenario.friendly_name()));
    put("state", json!(status));
    put("stateDescription", json!(description));
    put("tasks", json!([]));
    put("errors", json!([]));
    // The start is given some 0.9 s later once the tasks have begun (recorded).
    put("startTime", json!(time(job.begun_at.unwrap_or(job.accepted_at))));
    if let Some(at) = job.ended_at {
        put("endTime", json!(time_in_seconds(at)));
    }
    put("allowedActions", json!(allowed_actions(job)));
    let (id, name, instance_type) = match job.target {
        Target::Plan => (guid_of(PLAN_NAME), PLAN_NAME, "RecoveryPlan"),
        Target::Item(item) => {
            let item = &state.items[item];
            (item.machine_guid(), item.machine_name, "ProtectionEntity")
        }
        Target::Vault => ("1112329827161952327".to_owned(), "", "Vault"),
    };
    put("targetObjectId", json!(id));
    put("targetObjectName", json!(name));
    put("targetInstanceType", json!(instance_type));
    put("customDetails", Value::Null);
    properties
}

/// What may be done with the job.
pub(super) fn allowed_actions(job: &Job) -> &'static [&'static str] {
    let own = job.parent.is_none() && job.target == Target::Plan && job.begun_at.is_some();
    match job.outcome {
        None if job.cancelling => &[],
        None if job.is_suspended() => &["Cancel", "Resume"],
        None if own => &["Cancel"],
        Some(Outcome::Failed | Outcome::Partial)
            if job.parent.is_none() && job.refusal.is_none() =>
        {
            &["Restart"]
        }
        _ => &[],
    }
}

fn tasks(job: &Job, parent: Option<usize>) -> Value {
    job.children(parent).into_iter().map(|index| task(job, index)).collect()
}

fn task(job: &Job, index: usize) -> Value {
    let task = &job.tasks[index];
    let (state, description) = task_state(task.state);
    let (task_type, custom, group) = match &task.node {
        Node::Leaf(_) => ("TaskDetails", json!({"instanceType": "TaskDetails"}), Value::Null),
        Node::Group { kind } => group(job, index, task, kind),
        Node::Machine { child, .. } => {
            ("VirtualMachineTaskDetails", machine(job, task, child.as_deref()), Value::Null)
        }
        Node::Manual => (
            "ManualActionTaskDetails",
            json!({
                "instanceType": "ManualActionTaskDetails",
                "name": task.friendly_name,
                "instructions": "Confirm that the failover may go on.",
                "observation": null,
            }),
            Value::Null,
        ),
    };
    let mut body = json!({
        "taskId": task.id,
        "name": task.name,
        "startTime": task.started_at.map_or_else(|| UNSET_TIME.to_owned(), time),
        "endTime": task.ended_at.map_or_else(|| UNSET_TIME.to_owned(), time),
        "allowedActions": if task.state == TaskState::Suspended { json!(["Resume"]) } else { json!([]) },
        "friendlyName": task.friendly_name,
        "state": state,
        "stateDescription": description,
        "taskType": task_type,
        "customDetails": null,
        "groupTaskCustomDetails": null,
        "errors": task.problem.iter().map(|problem| error(job, task, problem)).collect::<Value>(),
    });
    body["customDetails"] = custom;
    body["groupTaskCustomDetails"] = group;
    body
}

fn task_state(state: TaskState) -> (&'static str, &'static str) {
    match state {
        TaskState::NotStarted => ("NotStarted", "NotStarted"),
        TaskState::InProgress => ("InProgress", "InProgress"),
        TaskState::Suspended => ("Suspended", "WaitingForManualAction"),
        TaskState::Succeeded => ("Succeeded", "Completed"),
        TaskState::Partial => ("Succeeded", "PartiallySucceeded"),
        TaskState::Failed => ("Failed", "Failed"),
        TaskState::Skipped => ("Other", "Skipped"),
    }
}

fn group(job: &Job, index: usize, task: &Task, kind: &str) -> (&'static str, Value, Value) {
    // Only the wrapper around all groups has the type of its own (recorded).
    let instance_type = if task.id == "ShutdownAllActionGroup" {
        "RecoveryPlanShutdownGroupTaskDetails"
    } else {
        "RecoveryPlanGroupTaskDetails"
    };
    let mut details = json!({
        "name": task.id,
        "groupId": task.id,
        "rpGroupType": kind,
        "instanceType": instance_type,
        "childTasks": null,
    });
    details["childTasks"] = tasks(job, Some(index));
    (instance_type, Value::Null, details)
}

/// Before it starts, a machine's node names a job without a name (recorded).
fn machine(job: &Job, task: &Task, child: Option<&str>) -> Value {
    let skipped = task.state == TaskState::Skipped;
    json!({
        "skippedReason": if skipped { "VmNotFailedOver" } else { "None" },
        "skippedReasonString": skipped.then_some("The virtual machine wasn't failed over."),
        "jobTask": {
            "jobId": job_id(child.unwrap_or_default()),
            "jobFriendlyName": child.map_or("Unknown", |_| job.scenario.friendly_name()),
            "targetObjectId": guid_of(&task.friendly_name),
            "targetObjectName": task.friendly_name,
            "targetInstanceType": "Vm",
            "jobScenarioName": child.map_or("Unknown", |_| job.scenario.name()),
        },
        "instanceType": "VirtualMachineTaskDetails",
    })
}

fn errors(job: &Job) -> Value {
    let problems = job.tasks.iter().filter_map(|task| Some((task, task.problem.as_ref()?)));
    let mut errors: Vec<Value> =
        problems.map(|(task, problem)| error(job, task, problem)).collect();
    if let (true, Some(problem)) = (errors.is_empty(), &job.refusal)
        && job.outcome == Some(Outcome::Failed)
    {
        errors.push(error_of(job, "", job.ended_at, problem));
    }
    Value::Array(errors)
}

fn error(job: &Job, task: &Task, problem: &Problem) -> Value {
    error_of(job, &task.id, task.ended_at, problem)
}

fn error_of(job: &Job, task_id: &str, at: Option<Timestamp>, problem: &Problem) -> Value {
    json!({
        "serviceErrorDetails": {
            "code": problem.code,
            "message": problem.message,
            "possibleCauses": problem.causes,
            "recommendedAction": problem.action,
            "activityId": job.activity,
        },
        "providerErrorDetails": null,
        "errorLevel": "Error",
        "creationTime": time(at.unwrap_or(job.accepted_at)),
        "taskId": task_id,
    })
}

fn custom_details(state: &State, job: &Job) -> Value {
    let affected = match job.target {
        Target::Plan => Value::Object(sites()),
        Target::Item(item) => affected_item(&state.items[item]),
        Target::Vault => json!({}),
    };
    let drill = |status: Option<&str>| {
        let network = job.order.network.as_deref().and_then(|id| id.rsplit('/').next());
        json!({
            "instanceType": "TestFailoverJobDetails",
            "testFailoverStatus": status,
            "comments": job.order.comments,
            "networkName": network,
            "networkFriendlyName": network,
            "networkType": job.order.network_type,
            "protectedItemDetails": job.details,
            "affectedObjectDetails": affected.clone(),
        })
    };
    match job.scenario {
        Scenario::UnplannedFailover => json!({
            "instanceType": "FailoverJobDetails",
            "protectedItemDetails": job.details,
            "affectedObjectDetails": affected,
        }),
        // Active from the start, and still so when the job has ended (recorded of Hyper-V to Azure).
        Scenario::TestFailover => drill(Some("Active")),
        Scenario::TestFailoverCleanup => drill(None),
        _ => json!({"instanceType": "AsrJobDetails", "affectedObjectDetails": affected}),
    }
}

fn sites() -> Map<String, Value> {
    let (primary, recovery) = (Region::EastUs.display_name(), Region::WestUs.display_name());
    let mut sites = Map::new();
    sites.insert("primaryVmmId".to_owned(), json!(guid_of(primary)));
    sites.insert("primaryVmmName".to_owned(), json!(primary));
    sites.insert("recoveryVmmId".to_owned(), json!(guid_of(recovery)));
    sites.insert("recoveryVmmName".to_owned(), json!(recovery));
    sites.insert("primaryFabricProviderId".to_owned(), json!("Azure"));
    sites.insert("recoveryFabricProviderId".to_owned(), json!("Azure"));
    sites
}

fn affected_item(item: &Item) -> Value {
    let mut affected = json!({
        "primaryVmId": item.machine_guid(),
        "primaryVmName": item.machine_name,
        "recoveryVmId": "",
        "recoveryVmName": item.machine_name,
        "protectionProfileId": guid_of(&policy_id()),
        "primaryCloudId": guid_of(&container_name(Region::EastUs)),
        "primaryCloudName": container_name(Region::EastUs),
        "recoveryCloudId": guid_of(&container_name(Region::WestUs)),
        "recoveryCloudName": container_name(Region::WestUs),
    });
    if let Some(affected) = affected.as_object_mut() {
        affected.extend(sites());
    }
    affected
}
