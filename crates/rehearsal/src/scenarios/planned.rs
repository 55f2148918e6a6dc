//! A person moves the workload while both regions are well.

use anyhow::Result;
use async_trait::async_trait;

use super::{Begun, Ending, Script, guesses};
use crate::checks::{self, Check};
use crate::{Evidence, Outcome, Rehearsal, WORKLOAD};

#[derive(Debug)]
pub(super) struct Planned;

#[async_trait]
impl Script for Planned {
    fn title(&self) -> &'static str {
        "A planned failover"
    }

    async fn begin(&self, rehearsal: &Rehearsal) -> Result<Begun> {
        let at = rehearsal.clock.now();
        let reason = "rehearsal of a planned failover";
        let run = rehearsal.operator().fail_over(WORKLOAD, "planned", reason).await?;
        Ok(Begun { at, run: Some(run) })
    }

    fn ending(&self) -> Ending {
        Ending::Run { within_s: 3600, then_s: 60 }
    }

    fn expected(&self) -> Outcome {
        Outcome::Recovered
    }

    fn hinges_on(&self) -> Vec<&'static str> {
        guesses::of_a_planned_move()
    }

    fn checks(&self, evidence: &Evidence) -> Vec<Check> {
        vec![
            checks::ended_as(evidence, Outcome::Recovered),
            checks::sql_failovers(evidence, 0, 1),
            checks::recovery_plan_failovers(evidence, 1),
            checks::no_lost_write(evidence),
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
}
