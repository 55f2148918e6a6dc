//! The primary region dies, and only Azure Monitor says so.

use anyhow::Result;
use async_trait::async_trait;

use super::{Begun, Ending, Script, guesses, region_loss};
use crate::checks::{self, Check};
use crate::{Evidence, Outcome, Rehearsal};

#[derive(Debug)]
pub(super) struct RegionLossAlertOnly;

/// Alerts come within about 7 minutes, and the app then needs a minute of failing probes of its own.
const DETECTION_S: f64 = 540.0;
/// That minute, and what a look every 10 s and its answers take.
const AFTER_ALERT_S: f64 = 100.0;

#[async_trait]
impl Script for RegionLossAlertOnly {
    fn title(&self) -> &'static str {
        "East US is lost, and only alerts tell"
    }

    fn watch(&self) -> bool {
        false
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
        guesses::of_alerts()
    }

    fn checks(&self, evidence: &Evidence) -> Vec<Check> {
        let mut checks = vec![
            checks::detected_within(evidence, DETECTION_S),
            checks::an_alert_came_first(evidence),
            checks::acted_after_the_first_alert(evidence, AFTER_ALERT_S),
        ];
        checks.extend(region_loss::recovered(evidence));
        checks
    }
}
