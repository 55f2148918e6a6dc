//! What we believe of a workload, as a value, and the one table that says what follows from it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::limits::{PROBE_FAILING_S, seconds};
use crate::plan::{Plan, PolicyMode};
use crate::view::{EndpointHealth, FailoverGroup, Replication, Role};

/// What the evidence adds up to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Diagnosis {
    /// The application answers where it should.
    Healthy,
    /// Something is wrong, but not all the witnesses say so, or not for long enough.
    Suspected(String),
    /// The place where the workload runs is lost, and the other can take over.
    RegionLost(String),
    /// The place is lost, but the other cannot take over without a person.
    NoTarget(String),
}

/// The three witnesses: our own probe, Traffic Manager, and the standby's database.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// Whether our own probe knows where to ask.
    pub address_is_known: bool,
    /// Since when our own probe of the active place has failed without a break.
    pub failing_since: Option<Timestamp>,
    /// What Traffic Manager says of the active place's endpoint; `None` when it did not answer.
    pub endpoint: Option<EndpointHealth>,
    /// The failover group as the other place's server sees it; `None` when it did not answer.
    pub standby: Option<FailoverGroup>,
}

/// What is to be done about a diagnosis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    Nothing,
    /// Keep looking closely.
    Watch,
    /// Tell people; they decide.
    Tell,
    FailOver,
}

/// Weighs the evidence.
pub fn diagnose(evidence: &Evidence, now: Timestamp) -> Diagnosis {
    if !evidence.address_is_known {
        return Diagnosis::Suspected(
            "our probe does not know where to ask: Traffic Manager has not told the endpoint's address"
                .to_owned(),
        );
    }
    let Some(since) = evidence.failing_since else { return Diagnosis::Healthy };
    let failing = now.duration_since(since);
    if failing < seconds(PROBE_FAILING_S) {
        return Diagnosis::Suspected(format!(
            "our probe has failed for {} s; {PROBE_FAILING_S} s are needed",
            failing.as_secs()
        ));
    }
    match evidence.endpoint {
        Some(EndpointHealth::Degraded) => {}
        Some(other) => {
            return Diagnosis::Suspected(format!("Traffic Manager says the endpoint is {other:?}"));
        }
        None => return Diagnosis::Suspected("Traffic Manager has not answered".to_owned()),
    }
    match &evidence.standby {
        None => Diagnosis::NoTarget("the standby's SQL server has not answered".to_owned()),
        Some(group) => match (group.role, &group.replication) {
            (Role::Secondary, Replication::CatchUp | Replication::Suspended) => {
                Diagnosis::RegionLost(format!(
                    "our probe has failed for {} s, Traffic Manager says Degraded, and the \
                     standby's database can take over",
                    failing.as_secs()
                ))
            }
            (Role::Secondary, other) => {
                Diagnosis::NoTarget(format!("the standby's database is {other:?}"))
            }
            (Role::Primary, _) => Diagnosis::NoTarget(
                "the standby's database is primary already: somebody is moving the workload"
                    .to_owned(),
            ),
        },
    }
}

/// Diagnosis × policy → response.
pub fn response(diagnosis: &Diagnosis, plan: &Plan) -> Response {
    match (diagnosis, plan.mode) {
        (Diagnosis::Healthy, _) => Response::Nothing,
        (Diagnosis::Suspected(_), _) => Response::Watch,
        (Diagnosis::RegionLost(_), PolicyMode::Automatic) if plan.accept_unmeasured_data_loss => {
            Response::FailOver
        }
        (Diagnosis::RegionLost(_) | Diagnosis::NoTarget(_), _) => Response::Tell,
    }
}

impl Diagnosis {
    /// The reason, for people.
    pub fn detail(&self) -> &str {
        match self {
            Self::Healthy => "the application answers",
            Self::Suspected(why) | Self::RegionLost(why) | Self::NoTarget(why) => why,
        }
    }

    /// Which it is, without its reason.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Suspected(_) => "suspected",
            Self::RegionLost(_) => "region_lost",
            Self::NoTarget(_) => "no_target",
        }
    }

    pub fn is_bad(&self) -> bool {
        match self {
            Self::Healthy => false,
            Self::Suspected(_) | Self::RegionLost(_) | Self::NoTarget(_) => true,
        }
    }
}
