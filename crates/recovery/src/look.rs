//! What can be looked at. A look changes nothing; its answer is a [`View`](crate::view::View).

use serde::{Deserialize, Serialize};

use crate::limits;
use crate::{Place, Plan, ResourceId};

/// One read-only observation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// The failover group as one of its two servers tells it; each may lag or disagree.
    FailoverGroup { server: ResourceId, group: String },
    /// Whether the server's port accepts a connection: the data plane's own word.
    SqlPort { server: ResourceId },
    /// The recovery plan, each of its protected items and the job under way.
    RecoveryPlan { vault: ResourceId, recovery_plan: String },
    /// The profile and all its endpoints.
    TrafficProfile { profile: ResourceId },
    /// The health of a gateway's backends.
    GatewayHealth { gateway: ResourceId },
    /// The network interfaces of machines, and the public addresses meant for them.
    Interfaces { machines: Vec<ResourceId>, public_ips: Vec<ResourceId> },
    /// Whether machines run.
    Machines { machines: Vec<ResourceId> },
    /// The application at a host name, by HTTP.
    Application { host: String, path: String, data_path: Option<String>, contains: Option<String> },
    /// Whether a name leads to the same addresses as another.
    Name { name: String, leads_to: String },
}

impl Look {
    /// The plan's failover group, as the server of a place tells it.
    pub fn failover_group(plan: &Plan, place: Place) -> Self {
        let server = plan.site(place).sql_server.clone();
        Self::FailoverGroup { server, group: plan.failover_group.clone() }
    }

    /// The plan's machines in Site Recovery.
    pub fn recovery_plan(plan: &Plan) -> Self {
        let site_recovery = &plan.site_recovery;
        Self::RecoveryPlan {
            vault: site_recovery.vault.clone(),
            recovery_plan: site_recovery.recovery_plan.clone(),
        }
    }

    /// After how many seconds no answer means *unknown*.
    pub fn limit_s(&self) -> i64 {
        match self {
            Self::SqlPort { .. } => 2,
            // Several requests, one after another.
            Self::Interfaces { .. } | Self::Machines { .. } => 10,
            Self::FailoverGroup { .. }
            | Self::RecoveryPlan { .. }
            | Self::TrafficProfile { .. }
            | Self::GatewayHealth { .. }
            | Self::Application { .. }
            | Self::Name { .. } => limits::LOOK_LIMIT_S,
        }
    }

    /// What is looked at, for people.
    pub fn subject(&self) -> String {
        match self {
            Self::FailoverGroup { server, group } => {
                format!("failover group {group} as seen by {}", server.name())
            }
            Self::SqlPort { server } => format!("port of SQL server {}", server.name()),
            Self::RecoveryPlan { recovery_plan, .. } => format!("recovery plan {recovery_plan}"),
            Self::TrafficProfile { profile } => {
                format!("Traffic Manager profile {}", profile.name())
            }
            Self::GatewayHealth { gateway } => format!("application gateway {}", gateway.name()),
            Self::Interfaces { machines, .. } => {
                format!("network interfaces of {} machines", machines.len())
            }
            Self::Machines { machines } => format!("{} machines", machines.len()),
            Self::Application { host, .. } => format!("application at {host}"),
            Self::Name { name, .. } => format!("name {name}"),
        }
    }
}
