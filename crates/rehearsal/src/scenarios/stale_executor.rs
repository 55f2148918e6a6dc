//! The primary region dies, and in the middle of the failover the instance that executes it freezes.
//! Another one takes the run over; then the first wakes and goes on with what it was about to do.
//!
//! It freezes while the request that withdraws the traffic is on its way: its turn has yet to note
//! the answer, and to promote the database next.

use anyhow::Result;
use async_trait::async_trait;
use jiff::SignedDuration;
use serde_json::json;

use super::region_loss::recovered;
use super::{Begun, Ending, Script, guesses};
use crate::checks::{self, Check};
use crate::world_state::PREFERRED_ENDPOINT;
use crate::{Evidence, Outcome, Rehearsal};

#[derive(Debug)]
pub(super) struct StaleExecutor;

/// From the moment at which the second instance has moved both database and machines until the
/// first one wakes.
const WAKES_AFTER_S: i64 = 20;

#[async_trait]
impl Script for StaleExecutor {
    fn title(&self) -> &'static str {
        "East US is lost, and the instance that fails over freezes and wakes too late"
    }

    fn needs_blob(&self) -> bool {
        true
    }

    async fn begin(&self, rehearsal: &Rehearsal) -> Result<Begun> {
        Ok(Begun { at: rehearsal.azure.set_region("eastus", "down").await?, run: None })
    }

    async fn meanwhile(&self, rehearsal: &Rehearsal) -> Result<()> {
        let withdrawal = json!({"door": "arm", "method": "PATCH", "path": PREFERRED_ENDPOINT});
        // On a busy machine the freeze may come after that answer: then the promotion is on its way,
        // and never arrives.
        let promotion = json!({"door": "arm", "path": "forceFailover", "kind": "hang"});
        let promotion = rehearsal.azure.set_fault(&promotion).await?;
        rehearsal.freeze_waiting_for(withdrawal).await?;
        rehearsal.azure.lift_fault(promotion).await?;
        rehearsal.start_another_instance().await?;
        let taken_over = "the database is promoted and the recovery plan runs";
        rehearsal
            .wait_until(taken_over, SignedDuration::from_hours(1), |state| {
                state.primary() == Some("westus") && !state.recovery.jobs.is_empty()
            })
            .await?;
        rehearsal.pass(SignedDuration::from_secs(WAKES_AFTER_S)).await;
        rehearsal.thaw_into_a_turn_that_ends(checks::OVERTAKEN).await
    }

    fn ending(&self) -> Ending {
        Ending::Run { within_s: 3600, then_s: 60 }
    }

    fn expected(&self) -> Outcome {
        Outcome::Recovered
    }

    fn hinges_on(&self) -> Vec<&'static str> {
        guesses::of_a_takeover()
    }

    fn checks(&self, evidence: &Evidence) -> Vec<Check> {
        let mut checks = vec![
            checks::froze_before_promoting(evidence),
            checks::another_instance_promoted(evidence),
            checks::woken_turn_was_overtaken(evidence),
        ];
        checks.extend(recovered(evidence));
        checks
    }
}
