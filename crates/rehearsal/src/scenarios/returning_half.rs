//! The lost region comes back half-way through the failover, goes again, and comes back.

use anyhow::Result;
use async_trait::async_trait;
use jiff::SignedDuration;

use super::region_loss::recovered;
use super::{Begun, Ending, Script};
use crate::checks::{self, Check};
use crate::{Evidence, Outcome, Rehearsal};

#[derive(Debug)]
pub(super) struct ReturningHalf;

/// From the promotion until the region is back for the first time.
const BACK_AFTER_S: i64 = 20;
/// How long it is back, and then gone again: its machines boot, and some of them answer.
const FLAP_S: i64 = 100;
/// From its last return until it is judged: whatever it would do, it has done.
const SETTLED_S: i64 = 300;

#[async_trait]
impl Script for ReturningHalf {
    fn title(&self) -> &'static str {
        "East US is lost, and comes back in the middle of the failover"
    }

    async fn begin(&self, rehearsal: &Rehearsal) -> Result<Begun> {
        Ok(Begun { at: rehearsal.azure.set_region("eastus", "down").await?, run: None })
    }

    async fn meanwhile(&self, rehearsal: &Rehearsal) -> Result<()> {
        let hour = SignedDuration::from_hours(1);
        let promoted = "the standby's database is the primary";
        rehearsal
            .wait_until(promoted, hour, |state| {
                state.sql.get("westus").is_some_and(|server| server.role == "Primary")
            })
            .await?;
        for (after_s, health) in [(BACK_AFTER_S, "up"), (FLAP_S, "down"), (FLAP_S, "up")] {
            rehearsal.pass(SignedDuration::from_secs(after_s)).await;
            rehearsal.azure.set_region("eastus", health).await?;
        }
        Ok(())
    }

    fn ending(&self) -> Ending {
        Ending::Run { within_s: 3600, then_s: SETTLED_S }
    }

    fn expected(&self) -> Outcome {
        Outcome::Recovered
    }

    fn checks(&self, evidence: &Evidence) -> Vec<Check> {
        let mut checks = vec![checks::region_came_back(evidence, "eastus", 2)];
        checks.extend(recovered(evidence));
        checks
    }
}
