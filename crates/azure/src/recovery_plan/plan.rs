//! A recovery plan as the service tells it.

use jiff::Timestamp;

use super::Scenario;
use crate::json::Read;
use crate::{Error, ResourceId, Response, timestamp};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub id: ResourceId,
    pub name: String,
    /// Too coarse to guard a repeated failover: after one it still offers `UnplannedFailover`
    /// (recorded). The items' lists are the guard.
    pub allowed_operations: Vec<String>,
    /// What was done last; `None` when nothing ever was.
    pub scenario: Option<Scenario>,
    pub scenario_status: Option<String>,
    pub scenario_description: Option<String>,
    pub primary_fabric: Option<ResourceId>,
    pub recovery_fabric: Option<ResourceId>,
    pub groups: Vec<Group>,
    /// Absent right after an unplanned failover that succeeded (recorded): proves nothing.
    pub last_unplanned_failover: Option<Timestamp>,
    pub last_test_failover: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// `Shutdown`, `Failover` or `Boot`.
    pub kind: String,
    pub items: Vec<GroupItem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupItem {
    pub id: ResourceId,
    /// An opaque GUID, by which jobs name the item (`targetObjectId`, `protectedItemDetails`).
    pub virtual_machine_id: Option<String>,
}

pub fn parse(response: &Response) -> Result<Plan, Error> {
    const WHAT: &str = "recovery plan";
    let body = response.json(WHAT)?;
    let time = |pointer: &str| body.text(pointer).and_then(timestamp::parse);
    Ok(Plan {
        id: body.need_id("/id", WHAT)?,
        name: body.need("/name", WHAT)?,
        allowed_operations: body.strings("/properties/allowedOperations"),
        scenario: Scenario::read(body.pointer("/properties/currentScenario")),
        scenario_status: body.string("/properties/currentScenarioStatus"),
        scenario_description: body.string("/properties/currentScenarioStatusDescription"),
        primary_fabric: body.id("/properties/primaryFabricId"),
        recovery_fabric: body.id("/properties/recoveryFabricId"),
        groups: body
            .list("/properties/groups")
            .iter()
            .map(|group| Group {
                kind: group.string("/groupType").unwrap_or_default(),
                items: group
                    .list("/replicationProtectedItems")
                    .iter()
                    .filter_map(|item| {
                        let virtual_machine_id = item.string("/virtualMachineId");
                        Some(GroupItem { id: item.id("/id")?, virtual_machine_id })
                    })
                    .collect(),
            })
            .collect(),
        last_unplanned_failover: time("/properties/lastUnplannedFailoverTime"),
        last_test_failover: time("/properties/lastTestFailoverTime"),
    })
}

impl Plan {
    pub fn allows(&self, operation: &str) -> bool {
        self.allowed_operations.iter().any(|allowed| allowed == operation)
    }

    /// The boot groups, in the order in which they start.
    pub fn boot_groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.kind == "Boot")
    }

    /// A drill stands that was not cleaned up: the plan waits for it and offers nothing else
    /// (recorded: Azure/azure-sdk-for-net RP test failover).
    pub fn has_uncleaned_drill(&self) -> bool {
        self.allows("TestFailoverCleanup")
            || self.scenario_description.as_deref() == Some("WaitingForStopTestFailover")
    }
}
