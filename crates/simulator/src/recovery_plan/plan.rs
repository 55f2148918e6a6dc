//! The recovery plan.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::item::{Drill, Item, Protection};
use super::job::Outcome;
use super::names::{PLAN_NAME, container_id, fabric_id, job_id, plan_id, time};
use super::scenario::Scenario;
use super::{Partially, State};
use crate::regions::Region;

/// What the plan remembers of its runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(super) current: Option<Current>,
    /// The operation of the plan's own that runs.
    pub(super) busy: Option<String>,
    pub(super) last_test_at: Option<Timestamp>,
}

/// `currentScenario` with its status.
#[derive(Debug, Clone)]
pub(super) struct Current {
    pub(super) scenario: Scenario,
    pub(super) job: String,
    pub(super) started_at: Timestamp,
    pub(super) outcome: Option<Outcome>,
}

/// The body of `GET replicationRecoveryPlans/{plan}` (recorded: azure-powershell
/// `A2ARecoveryPlanReplication`).
pub(super) fn body(state: &State) -> Value {
    let mut properties = Map::new();
    let mut put = |key: &str, value: Value| properties.insert(key.to_owned(), value);
    put("friendlyName", json!(PLAN_NAME));
    put("primaryFabricId", json!(fabric_id(Region::EastUs)));
    put("primaryFabricFriendlyName", json!(Region::EastUs.display_name()));
    put("recoveryFabricId", json!(fabric_id(Region::WestUs)));
    put("recoveryFabricFriendlyName", json!(Region::WestUs.display_name()));
    put("failoverDeploymentModel", json!("ResourceManager"));
    put("replicationProviders", json!(["A2A"]));
    put("allowedOperations", json!(allowed_operations(state)));
    // There is no lastUnplannedFailoverTime, not even right after one (recorded of Hyper-V to Azure).
    if let Some(at) = state.plan.last_test_at {
        put("lastTestFailoverTime", json!(time(at)));
    }
    let (status, description) = status(state);
    put(
        "currentScenario",
        state.plan.current.as_ref().map_or(Value::Null, |current| {
            json!({
                "scenarioName": current.scenario.name(),
                "jobId": job_id(&current.job),
                "startTime": time(current.started_at),
            })
        }),
    );
    put("currentScenarioStatus", json!(status));
    put("currentScenarioStatusDescription", json!(description));
    put("groups", groups(state));
    put("providerSpecificDetails", json!([]));
    json!({
        "id": plan_id(),
        "name": PLAN_NAME,
        "type": "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans",
        "properties": properties,
    })
}

/// Coarse: after a failover it goes on offering failovers, so it guards nothing. Only an uncleaned
/// drill leaves one operation. (Both recorded of Hyper-V to Azure.)
fn allowed_operations(state: &State) -> Vec<&'static str> {
    let running = state.plan.current.as_ref().is_some_and(|current| current.outcome.is_none());
    let any = |test: fn(&Item) -> bool| state.items.iter().any(test);
    if running {
        Vec::new()
    } else if any(|item| item.drill != Drill::None) {
        vec!["TestFailoverCleanup"]
    } else if any(|item| item.protection == Protection::CommitPending) {
        vec!["UnplannedFailover", "TestFailover", "Commit"]
    } else {
        vec!["UnplannedFailover", "TestFailover"]
    }
}

/// `currentScenarioStatus` and its description.
fn status(state: &State) -> (Option<&'static str>, Option<&'static str>) {
    let Some(current) = &state.plan.current else { return (None, None) };
    let (status, description) = match current.outcome {
        None => ("InProgress", "InProgress"),
        // The job itself says Succeeded (recorded of Hyper-V to Azure).
        Some(Outcome::Succeeded | Outcome::Partial)
            if current.scenario == Scenario::TestFailover
                && state.items.iter().any(|item| item.drill == Drill::Waiting) =>
        {
            ("Suspended", "WaitingForStopTestFailover")
        }
        Some(Outcome::Succeeded) => ("Succeeded", "Completed"),
        Some(Outcome::Partial) => match state.behaviour.partial {
            Partially::State => ("PartiallySucceeded", "PartiallySucceeded"),
            Partially::Description => ("Succeeded", "PartiallySucceeded"),
        },
        Some(Outcome::Failed) => ("Failed", "Failed"),
        Some(Outcome::Cancelled) => ("Cancelled", "Cancelled"),
    };
    (Some(status), Some(description))
}

fn groups(state: &State) -> Value {
    let group = |kind: &str, items: Vec<Value>, actions: Vec<Value>| {
        json!({
            "groupType": kind,
            "replicationProtectedItems": items,
            "startGroupActions": actions,
            "endGroupActions": [],
        })
    };
    let mut groups = vec![group("Shutdown", vec![], vec![]), group("Failover", vec![], vec![])];
    let mut numbers: Vec<u8> = state.items.iter().map(|item| item.group).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for number in numbers {
        let members = state.items.iter().filter(|item| item.group == number).map(|item| {
            json!({
                "id": format!(
                    "{}/replicationProtectedItems/{}",
                    container_id(Region::EastUs),
                    item.name
                ),
                "virtualMachineId": item.machine_guid(),
            })
        });
        let manual = state.behaviour.manual_action && number == 1;
        groups.push(group(
            "Boot",
            members.collect(),
            if manual { vec![manual_action()] } else { vec![] },
        ));
    }
    Value::Array(groups)
}

fn manual_action() -> Value {
    json!({
        "actionName": "Confirm before the first group",
        "failoverTypes": ["UnplannedFailover"],
        "failoverDirections": ["PrimaryToRecovery"],
        "customDetails": {
            "instanceType": "ManualActionDetails",
            "description": "Confirm that the failover may go on.",
        },
    })
}
