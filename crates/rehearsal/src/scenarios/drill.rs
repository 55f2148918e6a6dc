//! A person starts a drill.

use anyhow::Result;
use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Begun, Ending, Script, guesses};
use crate::checks::{self, Check};
use crate::{Evidence, Outcome, Rehearsal, WORKLOAD};

#[derive(Debug)]
pub(super) struct Drill;

/// How long the drill's machines are kept.
const HOLD_S: u32 = 30;

#[async_trait]
impl Script for Drill {
    fn title(&self) -> &'static str {
        "A drill"
    }

    fn adapt_plan(&self, plan: &mut Value) {
        plan["drill"]["hold_s"] = json!(HOLD_S);
    }

    async fn begin(&self, rehearsal: &Rehearsal) -> Result<Begun> {
        let at = rehearsal.clock.now();
        let run = rehearsal.operator().drill(WORKLOAD, "rehearsal of a drill").await?;
        Ok(Begun { at, run: Some(run) })
    }

    fn ending(&self) -> Ending {
        Ending::Run { within_s: 3600, then_s: 60 }
    }

    fn expected(&self) -> Outcome {
        Outcome::Drilled
    }

    fn hinges_on(&self) -> Vec<&'static str> {
        guesses::of_a_drill()
    }

    fn checks(&self, evidence: &Evidence) -> Vec<Check> {
        vec![
            checks::ended_as(evidence, Outcome::Drilled),
            checks::one_drill_cleaned_up(evidence),
            checks::production_is_unchanged(evidence),
            checks::no_drill_machine_is_left(evidence),
            checks::sql_failovers(evidence, 0, 0),
            checks::recovery_plan_failovers(evidence, 0),
            checks::user_was_undisturbed(evidence),
            checks::no_lost_write(evidence),
            checks::served_from(evidence, "eastus"),
            checks::incidents(evidence, 0),
        ]
    }
}
