//! What people write about a workload: its two sites, what moves it, and what it may cost.
//!
//! [`Plan::parse`] is the door for text that people wrote: it reports everything that is wrong at
//! once, each with its place. `Deserialize` is for copies of a plan that has passed that door.

mod check;
mod errors;
mod fields;
mod resource_types;
mod schedule;
mod sense;
mod source;
mod suggest;
#[cfg(test)]
mod tests;
mod texts;
mod workload_name;

use serde::{Deserialize, Serialize};

use self::check::Report;
pub use self::errors::{PlanError, PlanErrors};
use self::source::Source;
pub use self::workload_name::{InvalidWorkloadName, WorkloadName};
use crate::resource_id::ResourceId;

/// The recovery plan of one workload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Plan {
    /// The version of this format: 1.
    pub version: u32,
    pub workload: WorkloadName,
    #[serde(default)]
    pub mode: PolicyMode,
    /// Acknowledges that an automatic failover may lose the data that had not been replicated.
    #[serde(default)]
    pub accept_unmeasured_data_loss: bool,
    pub objectives: Objectives,
    /// For how long after an incident was closed no automatic one may begin, in seconds.
    #[serde(default = "default::cooldown_s")]
    pub cooldown_s: u32,
    /// The place where the workload runs in the normal state.
    pub preferred: SitePlan,
    /// The place that it moves to.
    pub standby: SitePlan,
    /// The name of the failover group, the same on both SQL servers.
    pub failover_group: String,
    pub traffic_manager_profile: ResourceId,
    pub site_recovery: SiteRecoveryPlan,
    pub application: ApplicationPlan,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill: Option<DrillPlan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<NotifyPlan>,
}

/// What may happen without a person.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum PolicyMode {
    /// Looks and tells; changes nothing by itself.
    #[default]
    Observe,
    /// Looks and tells, as `observe`: approvals are not part of this version.
    Approve,
    /// Fails over by itself.
    Automatic,
}

/// What the business asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Objectives {
    /// Recovery time objective: from loss to the first good answer, in seconds.
    pub rto_s: u32,
    /// Recovery point objective: how much work may be lost, in seconds.
    pub rpo_s: u32,
}

/// One of the two places.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SitePlan {
    pub region: String,
    /// The logical SQL server in this place; which role it has is observed, never planned.
    pub sql_server: ResourceId,
    /// The endpoint of the Traffic Manager profile that leads here.
    pub traffic_endpoint: ResourceId,
    pub entry: Entry,
    /// Prepared public addresses for machines that Site Recovery brings up here.
    #[serde(default)]
    pub public_ips: Vec<PublicIpPlan>,
}

/// How requests enter a site.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
    /// An Application Gateway whose backends are the members of the cluster.
    ApplicationGateway {
        gateway: ResourceId,
        /// How many backends must be healthy for the site to count as serving.
        #[serde(default = "default::min_healthy")]
        min_healthy: u32,
    },
    /// The web server's own public address.
    IbmHttpServer {},
}

/// A public address for the machines of a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PublicIpPlan {
    /// The machine's name; a `*` at its end stands for any rest. See [`PublicIpPlan::fits`].
    pub machine: String,
    pub public_ip: ResourceId,
}

/// What Site Recovery does for the workload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SiteRecoveryPlan {
    pub vault: ResourceId,
    /// The name of the recovery plan in the vault.
    pub recovery_plan: String,
    #[serde(default)]
    pub recovery_point: RecoveryPoint,
}

/// Which recovery point an unplanned failover takes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryPoint {
    /// The newest point that is ready: fastest.
    #[default]
    LatestProcessed,
    /// Processes all data that has arrived first: loses least.
    Latest,
}

/// How to tell that the application serves, with the right data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ApplicationPlan {
    /// The path that answers 200 when the application serves.
    pub path: String,
    /// The path whose answer shows the application's data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_path: Option<String>,
    /// A text that the answer of `data_path` must contain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_contains: Option<String>,
}

/// When and where the recovery plan is tried out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DrillPlan {
    /// Minute, hour, day of month, month, day of week.
    pub schedule: String,
    /// The IANA name of the zone in which `schedule` is read.
    #[serde(default = "default::time_zone")]
    pub time_zone: String,
    /// The network that the test machines join; nothing of production lives in it.
    pub network: ResourceId,
    /// For how long the test machines stay up after they were verified, in seconds.
    #[serde(default = "default::hold_s")]
    pub hold_s: u32,
}

/// Whom to tell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NotifyPlan {
    /// Gets a POST with JSON when a failover begins, when a person is needed and when a run closes.
    pub webhook: String,
}

impl Plan {
    /// Reads a plan that somebody wrote. Either all of it is right, or everything that is wrong
    /// is told at once; only in a text that is not JSON the first error hides the others.
    pub fn parse(text: &str) -> Result<Self, PlanErrors> {
        let source = Source::read(text).map_err(|error| PlanErrors(vec![error]))?;
        let mut report = Report::of(&source);
        sense::check(&mut report);
        report.finish()?;
        Self::deserialize(source.json).map_err(|error| {
            // The table of fields and the types above disagree: a test would have to have missed it.
            PlanErrors(vec![PlanError {
                pointer: String::new(),
                line: 1,
                column: 1,
                problem: format!("cannot be read: {error}"),
                mend: "please report this, with the plan".to_owned(),
            }])
        })
    }
}

impl PublicIpPlan {
    /// Does this address belong to the machine of that name? Names are compared without case.
    pub fn fits(&self, machine: &str) -> bool {
        match self.machine.strip_suffix('*') {
            Some(start) => machine
                .get(..start.len())
                .is_some_and(|beginning| beginning.eq_ignore_ascii_case(start)),
            None => self.machine.eq_ignore_ascii_case(machine),
        }
    }
}

/// What a plan means that does not say.
mod default {
    pub(super) fn cooldown_s() -> u32 {
        3600
    }

    pub(super) fn min_healthy() -> u32 {
        1
    }

    pub(super) fn time_zone() -> String {
        "UTC".to_owned()
    }

    pub(super) fn hold_s() -> u32 {
        60
    }
}
