//! Azure Site Recovery: recovery plans, the items they move, and the jobs that move them.
//!
//! Here are the requests; [`plan`], [`item`] and [`job`] read the answers.

pub mod item;
pub mod job;
pub mod plan;

use serde_json::{Value, json};

use crate::json::Read;
use crate::request::below;
use crate::{Kind, Request, ResourceId, operation};

pub use item::ProtectedItem;
pub use job::{Job, JobState, Task};
pub use plan::Plan;

pub const API_VERSION: &str = "2024-04-01";

/// Whether Site Recovery shuts the source machines down first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceSite {
    /// It tries, and goes on when it cannot.
    Required,
    /// The region is lost: do not wait for it.
    NotRequired,
}

/// Which state of the machines is brought up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecoveryPoint {
    /// Least loss: what has arrived is processed first.
    Latest,
    /// Least waiting.
    LatestProcessed,
    LatestApplicationConsistent,
    LatestCrashConsistent,
}

/// What an item is doing, or a plan did last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    pub name: String,
    pub job: Option<ResourceId>,
    pub started: Option<jiff::Timestamp>,
}

pub fn get_plan(plan: &ResourceId) -> Request {
    Request::get(
        plan.as_str(),
        API_VERSION,
        "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/read",
    )
}

/// The items of a plan (recorded: Azure/azure-powershell A2ARecoveryPlanReplication.json).
pub fn list_items(vault: &ResourceId, plan_name: &str) -> Request {
    // A quote in a name is doubled, as OData wants it.
    let filter = format!("RecoveryPlanName eq '{}'", plan_name.replace('\'', "''"));
    Request::get(below(vault, "replicationProtectedItems"), API_VERSION, LIST_ITEMS)
        .with_query("$filter", &filter)
}

/// The next page of [`list_items`], at the address the last one gave.
pub fn next_items(url: &str) -> Request {
    Request::follow(url, LIST_ITEMS)
}

pub fn get_item(item: &ResourceId) -> Request {
    Request::get(item.as_str(), API_VERSION, READ_ITEM)
}

/// Fails the whole plan over. A plan takes a list of provider settings, an item an object.
pub fn unplanned_failover(plan: &ResourceId, source: SourceSite, point: RecoveryPoint) -> Request {
    let body = json!({"properties": {
        "failoverDirection": "PrimaryToRecovery",
        "sourceSiteOperations": source.as_str(),
        "providerSpecificDetails": [{"instanceType": "A2A", "recoveryPointType": point.as_str()}],
    }});
    plan_action(
        plan,
        "unplannedFailover",
        "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/unplannedFailover/action",
        Kind::Destructive,
    )
    .with_body(body)
}

/// Fails one item over; without a recovery point, to the latest one.
pub fn unplanned_failover_of_item(
    item: &ResourceId,
    source: SourceSite,
    recovery_point: Option<&ResourceId>,
) -> Request {
    let mut details = json!({"instanceType": "A2A"});
    if let Some(point) = recovery_point {
        details["recoveryPointId"] = json!(point);
    }
    let body = json!({"properties": {
        "failoverDirection": "PrimaryToRecovery",
        "sourceSiteOperations": source.as_str(),
        "providerSpecificDetails": details,
    }});
    let path = below(item, "unplannedFailover");
    Request::post(path, API_VERSION, FAIL_ITEM_OVER, Kind::Destructive).with_body(body)
}

/// Starts a drill: copies of the machines in a network of their own. Production is not touched.
pub fn test_failover(plan: &ResourceId, network: &ResourceId, point: RecoveryPoint) -> Request {
    let body = json!({"properties": {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": network,
        "providerSpecificDetails": [{"instanceType": "A2A", "recoveryPointType": point.as_str()}],
    }});
    plan_action(
        plan,
        "testFailover",
        "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/testFailover/action",
        Kind::Reversible,
    )
    .with_body(body)
}

/// Ends a drill: removes what [`test_failover`] made, and nothing else.
pub fn test_failover_cleanup(plan: &ResourceId, comments: &str) -> Request {
    // The specification allows 1,024 characters.
    let comments: String = comments.chars().take(1024).collect();
    plan_action(
        plan,
        "testFailoverCleanup",
        "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/testFailoverCleanup/action",
        Kind::Reversible,
    )
    .with_body(json!({"properties": {"comments": comments}}))
}

/// Gives up the other recovery points, which re-protection needs.
pub fn failover_commit(plan: &ResourceId) -> Request {
    plan_action(
        plan,
        "failoverCommit",
        "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/failoverCommit/action",
        Kind::Destructive,
    )
}

/// A job with its tasks. `name` is the operation's (recorded) or the job's own, which differs from
/// it for the actions of a plan; that the service finds it by its own name too is a guess.
pub fn get_job(vault: &ResourceId, name: &str) -> Request {
    Request::get(vault.child("replicationJobs", name).as_str(), API_VERSION, READ_JOBS)
}

/// All jobs; a list has no tasks (recorded).
pub fn list_jobs(vault: &ResourceId) -> Request {
    Request::get(below(vault, "replicationJobs"), API_VERSION, READ_JOBS)
}

/// The next page of [`list_jobs`], at the address the last one gave.
pub fn next_jobs(url: &str) -> Request {
    Request::follow(url, READ_JOBS)
}

/// Asks how an action stands, at its `Azure-AsyncOperation` address. `Succeeded` here never proves
/// full success: the job and the items do.
pub fn poll(url: &str) -> Request {
    operation::poll(url, "Microsoft.RecoveryServices/vaults/replicationOperationStatus/read")
}

const LIST_ITEMS: &str = "Microsoft.RecoveryServices/vaults/replicationProtectedItems/read";
const READ_ITEM: &str = "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems/read";
const FAIL_ITEM_OVER: &str = "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems/unplannedFailover/action";
const READ_JOBS: &str = "Microsoft.RecoveryServices/vaults/replicationJobs/read";

fn plan_action(plan: &ResourceId, verb: &str, action: &'static str, kind: Kind) -> Request {
    Request::post(below(plan, verb), API_VERSION, action, kind)
}

impl SourceSite {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "Required",
            Self::NotRequired => "NotRequired",
        }
    }
}

impl RecoveryPoint {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "Latest",
            Self::LatestProcessed => "LatestProcessed",
            Self::LatestApplicationConsistent => "LatestApplicationConsistent",
            Self::LatestCrashConsistent => "LatestCrashConsistent",
        }
    }
}

impl Scenario {
    /// `None` when idle: a plan that never ran says null, an item says `None` and a year in 1753
    /// (recorded: Azure/azure-cli-extensions, A2A protected item).
    fn read(value: Option<&Value>) -> Option<Self> {
        let value = value?;
        let name = value.text("/scenarioName").filter(|name| *name != "None")?;
        Some(Self {
            name: name.to_owned(),
            job: value.id("/jobId").filter(|id| id.name() != "None"),
            started: value.text("/startTime").and_then(crate::timestamp::parse),
        })
    }
}
