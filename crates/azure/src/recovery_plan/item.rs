//! A replication protected item: one machine under protection.

use jiff::Timestamp;
use serde_json::Value;

use super::Scenario;
use crate::json::Read;
use crate::{Error, ResourceId, Response, timestamp};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectedItem {
    pub id: ResourceId,
    /// Often an opaque hash: discovered, never constructed.
    pub name: String,
    /// The machine's name, its case kept.
    pub friendly_name: String,
    pub protection_state: String,
    pub protection_description: Option<String>,
    pub active_location: ActiveLocation,
    /// `None` means that no drill stands.
    pub test_failover_state: Option<String>,
    pub allowed_operations: Vec<String>,
    /// What is being done; `None` when idle.
    pub scenario: Option<Scenario>,
    pub replication_health: Option<String>,
    pub failover_health: Option<String>,
    /// The GUID by which jobs name it, where the item tells it.
    pub virtual_machine_id: Option<String>,
    /// The machine in the region it came from.
    pub source_machine: Option<ResourceId>,
    /// The machine that a failover made.
    pub recovery_machine: Option<ResourceId>,
    /// The machine that a drill made.
    pub test_machine: Option<ResourceId>,
    /// The name that a drill's machine has or would get.
    pub test_machine_name: Option<String>,
    /// The name that the failed-over machine has or would get.
    pub recovery_machine_name: Option<String>,
    pub recovery_resource_group: Option<ResourceId>,
    /// The recovery point that the last failover used.
    pub recovery_point: Option<ResourceId>,
    pub rpo_seconds: Option<u64>,
    pub rpo_calculated: Option<Timestamp>,
    pub last_failover: Option<Timestamp>,
    pub interfaces: Vec<ReplicatedInterface>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActiveLocation {
    Primary,
    Recovery,
    Other(String),
}

/// An interface as it shall be after a failover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicatedInterface {
    pub source: Option<ResourceId>,
    pub recovery_name: Option<String>,
    pub ip_configurations: Vec<ReplicatedIpConfiguration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicatedIpConfiguration {
    pub name: String,
    pub primary: bool,
    pub recovery_address: Option<String>,
    /// The public IP that Site Recovery itself will attach, if it was told to.
    pub recovery_public_ip: Option<ResourceId>,
}

/// One page of items, and where the next one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub items: Vec<ProtectedItem>,
    pub next: Option<String>,
}

pub fn parse(response: &Response) -> Result<ProtectedItem, Error> {
    ProtectedItem::read(&response.json("protected item")?)
}

pub fn parse_list(response: &Response) -> Result<Page, Error> {
    let body = response.json("list of protected items")?;
    if body.pointer("/value").and_then(Value::as_array).is_none() {
        return Err(Error::missing("list of protected items", "/value"));
    }
    Ok(Page {
        items: body.list("/value").iter().map(ProtectedItem::read).collect::<Result<_, _>>()?,
        next: body.string("/nextLink"),
    })
}

impl ProtectedItem {
    pub fn allows(&self, operation: &str) -> bool {
        self.allowed_operations.iter().any(|allowed| allowed == operation)
    }

    /// It was failed over and runs, or is meant to run, in the other region: before the commit
    /// `UnplannedFailoverCommitPendingStatesBegin`, after it `UnplannedFailoverCommitted`
    /// (recorded: the first of other providers, the second of A2A).
    pub fn is_failed_over(&self) -> bool {
        self.active_location == ActiveLocation::Recovery
            && self.protection_state.starts_with("UnplannedFailover")
    }

    /// A drill of it stands that was not cleaned up.
    pub fn has_uncleaned_drill(&self) -> bool {
        self.test_failover_state.is_some() || self.allows("TestFailoverCleanup")
    }

    fn read(body: &Value) -> Result<Self, Error> {
        const WHAT: &str = "protected item";
        let time = |pointer: &str| body.text(pointer).and_then(timestamp::parse);
        Ok(Self {
            id: body.need_id("/id", WHAT)?,
            name: body.need("/name", WHAT)?,
            friendly_name: body.need("/properties/friendlyName", WHAT)?,
            protection_state: body.need("/properties/protectionState", WHAT)?,
            protection_description: body.string("/properties/protectionStateDescription"),
            active_location: match body.text("/properties/activeLocation").unwrap_or_default() {
                "Primary" => ActiveLocation::Primary,
                "Recovery" => ActiveLocation::Recovery,
                other => ActiveLocation::Other(other.to_owned()),
            },
            test_failover_state: body
                .text("/properties/testFailoverState")
                .filter(|state| *state != "None")
                .map(str::to_owned),
            allowed_operations: body.strings("/properties/allowedOperations"),
            scenario: Scenario::read(body.pointer("/properties/currentScenario")),
            replication_health: body.string("/properties/replicationHealth"),
            failover_health: body.string("/properties/failoverHealth"),
            virtual_machine_id: body.string("/properties/providerSpecificDetails/virtualMachineId"),
            source_machine: body.id("/properties/providerSpecificDetails/fabricObjectId"),
            recovery_machine: body.id("/properties/providerSpecificDetails/recoveryFabricObjectId"),
            test_machine: body
                .id("/properties/providerSpecificDetails/testFailoverRecoveryFabricObjectId"),
            test_machine_name: body.string("/properties/providerSpecificDetails/tfoAzureVMName"),
            recovery_machine_name: body
                .string("/properties/providerSpecificDetails/recoveryAzureVMName"),
            recovery_resource_group: body
                .id("/properties/providerSpecificDetails/recoveryAzureResourceGroupId"),
            recovery_point: body.id("/properties/failoverRecoveryPointId"),
            rpo_seconds: body
                .pointer("/properties/providerSpecificDetails/rpoInSeconds")
                .and_then(Value::as_u64),
            rpo_calculated: time("/properties/providerSpecificDetails/lastRpoCalculatedTime"),
            last_failover: time("/properties/lastSuccessfulFailoverTime"),
            interfaces: body
                .list("/properties/providerSpecificDetails/vmNics")
                .iter()
                .map(ReplicatedInterface::read)
                .collect(),
        })
    }
}

impl ReplicatedInterface {
    fn read(value: &Value) -> Self {
        let configuration = |value: &Value| ReplicatedIpConfiguration {
            name: value.string("/name").unwrap_or_default(),
            primary: value.pointer("/isPrimary") == Some(&Value::Bool(true)),
            recovery_address: value.string("/recoveryStaticIPAddress"),
            recovery_public_ip: value.id("/recoveryPublicIPAddressId"),
        };
        Self {
            source: value.id("/sourceNicArmId"),
            recovery_name: value.string("/recoveryNicName").or(value.string("/targetNicName")),
            ip_configurations: value.list("/ipConfigs").iter().map(configuration).collect(),
        }
    }
}
