//! The primary region does not answer for a moment.

use anyhow::Result;
use async_trait::async_trait;

use super::{Begun, Ending, Script, guesses};
use crate::checks::{self, Check};
use crate::{Evidence, Outcome, Rehearsal};

#[derive(Debug)]
pub(super) struct Blip;

/// Long enough for Traffic Manager to call the endpoint Degraded, too short for a verdict.
const BLIP_S: f64 = 43.0;
/// Longer than the slowest alert takes: the one on the probe log comes up to 10 minutes later.
const QUIET_S: i64 = 700;

#[async_trait]
impl Script for Blip {
    fn title(&self) -> &'static str {
        "East US does not answer for 43 s"
    }

    async fn begin(&self, rehearsal: &Rehearsal) -> Result<Begun> {
        Ok(Begun { at: rehearsal.azure.blip("eastus", BLIP_S).await?, run: None })
    }

    fn ending(&self) -> Ending {
        Ending::Quiet { after_s: QUIET_S }
    }

    fn expected(&self) -> Outcome {
        Outcome::NoAction
    }

    fn hinges_on(&self) -> Vec<&'static str> {
        guesses::of_a_blip()
    }

    fn checks(&self, evidence: &Evidence) -> Vec<Check> {
        vec![
            checks::ended_as(evidence, Outcome::NoAction),
            checks::nothing_was_asked_for(evidence),
            checks::no_run(evidence),
            checks::production_is_unchanged(evidence),
            checks::no_lost_write(evidence),
            checks::served_from(evidence, "eastus"),
        ]
    }
}
