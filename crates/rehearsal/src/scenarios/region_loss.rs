//! The primary region dies and the app notices by itself.

use anyhow::Result;
use async_trait::async_trait;

use super::{Begun, Ending, Script, guesses};
use crate::checks::{self, Check};
use crate::{Evidence, Outcome, Rehearsal};

#[derive(Debug)]
pub(super) struct RegionLoss;

/// From the loss to the first request that changes something.
const DETECTION_S: f64 = 90.0;

#[async_trait]
impl Script for RegionLoss {
    fn title(&self) -> &'static str {
        "East US is lost"
    }

    async fn begin(&self, rehearsal: &Rehearsal) -> Result<Begun> {
        Ok(Begun { at: rehearsal.azure.set_region("eastus", "down").await?, run: None })
    }

    fn ending(&self) -> Ending {
        Ending::Run { within_s: 3600, then_s: 60 }
    }

    fn expected(&self) -> Outcome {
        Outcome::Recovered
    }

    fn hinges_on(&self) -> Vec<&'static str> {
        guesses::of_a_lost_region()
    }

    fn checks(&self, evidence: &Evidence) -> Vec<Check> {
        let mut checks = vec![checks::detected_within(evidence, DETECTION_S)];
        checks.extend(recovered(evidence));
        checks
    }
}

/// What must be true after the loss of a region, whoever noticed it.
pub(super) fn recovered(evidence: &Evidence) -> Vec<Check> {
    vec![
        checks::ended_as(evidence, Outcome::Recovered),
        checks::controller_took_at_most(evidence, 20.0),
        checks::sql_failovers(evidence, 1, 0),
        checks::recovery_plan_failovers(evidence, 1),
        checks::only_unavoidable_loss(evidence),
        checks::never_two_databases(evidence),
        checks::served_from(evidence, "westus"),
        checks::entry_is_whole(evidence),
        checks::addresses_attached(evidence),
        checks::preferred_endpoint_is_disabled(evidence),
        checks::standby_endpoint_is_online(evidence),
        checks::incidents(evidence, 1),
        checks::people_were_told(evidence),
    ]
}
