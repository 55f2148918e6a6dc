//! What a look saw, in the words of recovery. Adapters translate the provider's answers into these.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ResourceId;
use crate::effect::Operation;

/// The answer to a [`Look`](crate::look::Look).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    FailoverGroup(FailoverGroup),
    SqlPort(SqlPort),
    RecoveryPlan(RecoveryPlan),
    TrafficProfile(TrafficProfile),
    GatewayHealth(GatewayHealth),
    Interfaces(Interfaces),
    Machines(Machines),
    Application(Application),
    Name(Name),
}

/// The failover group from one server's point of view.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FailoverGroup {
    pub role: Role,
    pub partner_role: Option<Role>,
    pub replication: Replication,
    /// Whether the service itself would fail over on its own account and race us.
    pub managed_by_service: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Primary,
    Secondary,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replication {
    CatchUp,
    Suspended,
    Seeding,
    Pending,
    Other(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SqlPort {
    pub accepts: bool,
}

/// Site Recovery's view of the workload.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RecoveryPlan {
    /// What the plan as a whole last did or is doing.
    pub scenario: Option<Scenario>,
    /// What the plan offers now; too coarse to guard a repeat.
    pub offers: BTreeSet<Offer>,
    pub items: Vec<ProtectedItem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scenario {
    pub kind: ScenarioKind,
    pub state: JobState,
    /// The job's name.
    pub job: String,
    pub started_at: Option<Timestamp>,
    /// The job's task that stops the source machines has ended (whatever its outcome).
    pub source_stopped: bool,
    /// What the job says went wrong.
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScenarioKind {
    Failover,
    TestFailover,
    TestFailoverCleanUp,
    Commit,
    Other(String),
}

/// How far a job is. An operation's success never proves a job's: only this and the items do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Running,
    /// Waits for a person: a manual action of the recovery plan.
    Suspended,
    Succeeded,
    PartiallySucceeded,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    Failover,
    TestFailover,
    TestFailoverCleanUp,
    Commit,
}

/// One machine under Site Recovery's protection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProtectedItem {
    pub id: ResourceId,
    /// The machine's name.
    pub name: String,
    pub state: ItemState,
    pub drill: DrillState,
    pub offers: BTreeSet<Offer>,
    pub source_machine: Option<ResourceId>,
    /// The machine in the place it was moved to; known once it has been failed over.
    pub recovered_machine: Option<ResourceId>,
    /// The machine of a drill.
    pub drill_machine: Option<ResourceId>,
    /// The recovery point that was used, where the service tells.
    pub recovery_point_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Runs at the source and is replicated.
    Protected,
    /// Runs at the source, but cannot be failed over now; the text says why.
    Unprotected(String),
    /// Runs in the place it was moved to; whether committed or not.
    FailedOver { committed: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrillState {
    None,
    /// Test machines are being made or removed.
    Changing,
    /// Test machines exist and wait to be cleaned up.
    Standing,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TrafficProfile {
    /// The name that users type.
    pub name: String,
    pub enabled: bool,
    pub endpoints: Vec<Endpoint>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    pub id: ResourceId,
    pub enabled: bool,
    pub health: EndpointHealth,
    /// The host name that it leads to.
    pub target: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointHealth {
    Online,
    Degraded,
    Checking,
    /// Not probed: disabled, stopped, inactive or unmonitored.
    Unwatched,
}

/// The backends behind a gateway, over all its pools. Asking takes the provider several seconds,
/// so a look either asks or fetches the answer to what an earlier one asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GatewayHealth {
    /// The last answer.
    pub backends: Option<Backends>,
    /// What has been asked and not been answered.
    pub asked: Option<Operation>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Backends {
    pub all: u32,
    pub healthy: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interfaces {
    pub interfaces: Vec<Interface>,
    pub public_ips: Vec<PublicIp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interface {
    pub id: ResourceId,
    pub machine: ResourceId,
    /// The public address on its primary configuration.
    pub public_ip: Option<ResourceId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PublicIp {
    pub id: ResourceId,
    /// The interface that holds it.
    pub held_by: Option<ResourceId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Machines {
    pub machines: Vec<Machine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Machine {
    pub id: ResourceId,
    pub power: Power,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Power {
    Running,
    /// Starting or stopping.
    Changing,
    Stopped,
    /// There is no such machine.
    Missing,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Application {
    /// It answered, and the answer was good.
    pub serves: bool,
    /// Its data is the right data; `None` when the plan does not say how to tell.
    pub right_data: Option<bool>,
    /// What was met, for people.
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Name {
    pub leads_there: bool,
    pub detail: String,
}

impl TrafficProfile {
    pub fn endpoint(&self, id: &ResourceId) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.id == *id)
    }
}

impl RecoveryPlan {
    /// The job of this kind, if it is what the plan does or last did.
    pub fn scenario_of(&self, kind: &ScenarioKind) -> Option<&Scenario> {
        self.scenario.as_ref().filter(|scenario| scenario.kind == *kind)
    }

    pub fn recovered_machines(&self) -> Vec<ResourceId> {
        self.items.iter().filter_map(|item| item.recovered_machine.clone()).collect()
    }
}

impl JobState {
    /// Nothing more comes of it by itself.
    pub fn has_ended(self) -> bool {
        match self {
            Self::Running | Self::Suspended => false,
            Self::Succeeded | Self::PartiallySucceeded | Self::Failed | Self::Cancelled => true,
        }
    }
}

impl ProtectedItem {
    pub fn is_failed_over(&self) -> bool {
        matches!(self.state, ItemState::FailedOver { .. })
    }
}
