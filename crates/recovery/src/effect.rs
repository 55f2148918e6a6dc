//! What can be changed. Adapters turn each into one request.

use serde::{Deserialize, Serialize};

use crate::ResourceId;
use crate::event::Outcome;
use crate::look::Look;
use crate::plan::RecoveryPoint;

/// One change to the world.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    SetEndpoint {
        profile: ResourceId,
        endpoint: ResourceId,
        enabled: bool,
    },
    /// Makes the server, which must be secondary now, the primary.
    PromoteDatabase {
        server: ResourceId,
        group: String,
        manner: Manner,
    },
    FailOver {
        vault: ResourceId,
        recovery_plan: String,
        stop_source: bool,
        recovery_point: RecoveryPoint,
    },
    FailOverItem {
        vault: ResourceId,
        recovery_plan: String,
        item: ResourceId,
    },
    TestFailOver {
        vault: ResourceId,
        recovery_plan: String,
        network: ResourceId,
        recovery_point: RecoveryPoint,
    },
    CleanUpTestFailOver {
        vault: ResourceId,
        recovery_plan: String,
        comments: String,
    },
    AttachPublicIp {
        interface: ResourceId,
        public_ip: ResourceId,
    },
    StopMachine {
        machine: ResourceId,
    },
    Notify {
        webhook: String,
        /// How the run ends, as far as was known then. Older records do not say it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<Outcome>,
    },
}

/// How a database is promoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// Synchronises first and loses nothing; needs the primary.
    Planned,
    /// Does without the primary and loses what it had not sent.
    Forced,
}

/// What repeating a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// The request names an end state; sending it twice is sending it once.
    Safe,
    /// Each sending may start something new: the full protocol applies.
    Unsafe,
}

/// The provider's handle of an operation under way; only adapters know what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Operation(pub String);

/// What the provider says of an operation. A success here proves nothing: the resource does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationState {
    Running,
    Succeeded,
    Failed { code: String, message: String },
}

impl Effect {
    pub fn repeat(&self) -> Repeat {
        match self {
            Self::SetEndpoint { .. }
            | Self::AttachPublicIp { .. }
            | Self::StopMachine { .. }
            | Self::Notify { .. } => Repeat::Safe,
            Self::PromoteDatabase { .. }
            | Self::FailOver { .. }
            | Self::FailOverItem { .. }
            | Self::TestFailOver { .. }
            | Self::CleanUpTestFailOver { .. } => Repeat::Unsafe,
        }
    }

    /// Whether it does more than tell people.
    pub fn changes_something(&self) -> bool {
        !matches!(self, Self::Notify { .. })
    }

    /// After it has been sent there is no way back but forward.
    pub fn is_point_of_no_return(&self) -> bool {
        matches!(
            self,
            Self::PromoteDatabase { .. } | Self::FailOver { .. } | Self::FailOverItem { .. }
        )
    }

    /// The look that shows what became of it.
    pub fn shown_by(&self) -> Option<Look> {
        match self {
            Self::SetEndpoint { profile, .. } => {
                Some(Look::TrafficProfile { profile: profile.clone() })
            }
            Self::PromoteDatabase { server, group, .. } => {
                Some(Look::FailoverGroup { server: server.clone(), group: group.clone() })
            }
            Self::FailOver { vault, recovery_plan, .. }
            | Self::FailOverItem { vault, recovery_plan, .. }
            | Self::TestFailOver { vault, recovery_plan, .. }
            | Self::CleanUpTestFailOver { vault, recovery_plan, .. } => Some(Look::RecoveryPlan {
                vault: vault.clone(),
                recovery_plan: recovery_plan.clone(),
            }),
            // Their step's own look names all its machines at once and shows them.
            Self::AttachPublicIp { .. } | Self::StopMachine { .. } | Self::Notify { .. } => None,
        }
    }

    /// What it changes, for people.
    pub fn subject(&self) -> String {
        match self {
            Self::SetEndpoint { endpoint, enabled, .. } => {
                let verb = if *enabled { "enable" } else { "disable" };
                format!("{verb} Traffic Manager endpoint {}", endpoint.name())
            }
            Self::PromoteDatabase { server, manner: Manner::Planned, .. } => {
                format!("promote SQL server {} (planned)", server.name())
            }
            Self::PromoteDatabase { server, manner: Manner::Forced, .. } => {
                format!("promote SQL server {} (forced)", server.name())
            }
            Self::FailOver { recovery_plan, stop_source, .. } => {
                let source = if *stop_source { "stop the source first" } else { "source left" };
                format!("fail over recovery plan {recovery_plan} ({source})")
            }
            Self::FailOverItem { item, .. } => format!("fail over protected item {}", item.name()),
            Self::TestFailOver { recovery_plan, network, .. } => {
                format!("test failover of recovery plan {recovery_plan} into {}", network.name())
            }
            Self::CleanUpTestFailOver { recovery_plan, .. } => {
                format!("clean up test failover of recovery plan {recovery_plan}")
            }
            Self::AttachPublicIp { interface, public_ip } => {
                format!("attach public IP {} to {}", public_ip.name(), interface.name())
            }
            Self::StopMachine { machine } => format!("stop machine {}", machine.name()),
            Self::Notify { .. } => "notify".to_owned(),
        }
    }
}
