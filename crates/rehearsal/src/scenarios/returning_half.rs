//! The lost region comes back half-way through the failover, goes again, and comes back.
//!
//! Azure refuses for a while to stop its machines: they start, and could serve. What keeps users and
//! writes away from them is then what Farshore has done about the endpoint and the database.

use anyhow::Result;
use async_trait::async_trait;
use jiff::SignedDuration;
use serde_json::json;

use super::region_loss::recovered;
use super::{Begun, Ending, Script, guesses};
use crate::checks::{self, Check};
use crate::{Evidence, Outcome, Rehearsal};

#[derive(Debug)]
pub(super) struct ReturningHalf;

/// From the promotion until the region is back for the first time.
const BACK_AFTER_S: i64 = 20;
/// How long a returned region may take until it could serve: machines boot, `WebSphere` starts, and
/// the gateway finds it.
const STARTED_WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// How long it is left alone then, each time.
const COULD_SERVE_S: i64 = 60;
/// How long it is gone in between.
const GONE_S: i64 = 100;
/// From then, and from the run's end, until it is judged.
const SETTLED_S: i64 = 120;

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
        let refused = json!({
            "door": "arm", "method": "POST", "path": "/deallocate",
            "kind": "status", "status": 409, "count": u32::MAX,
        });
        let refused = rehearsal.azure.set_fault(&refused).await?;
        rehearsal.pass(SignedDuration::from_secs(BACK_AFTER_S)).await;
        comes_back(rehearsal).await?;
        rehearsal.azure.set_region("eastus", "down").await?;
        rehearsal.pass(SignedDuration::from_secs(GONE_S)).await;
        comes_back(rehearsal).await?;
        rehearsal.azure.lift_fault(refused).await.map(drop)
    }

    fn ending(&self) -> Ending {
        Ending::Run { within_s: 3600, then_s: SETTLED_S }
    }

    fn expected(&self) -> Outcome {
        Outcome::Recovered
    }

    fn hinges_on(&self) -> Vec<&'static str> {
        guesses::of_a_returned_region()
    }

    fn checks(&self, evidence: &Evidence) -> Vec<Check> {
        let mut checks = vec![
            checks::region_came_back(evidence, "eastus", 2),
            checks::nobody_was_led_to(evidence, "eastus", 2),
        ];
        checks.extend(recovered(evidence));
        checks
    }
}

/// The region is up again, and stays so until it could have served for a while.
async fn comes_back(rehearsal: &Rehearsal) -> Result<()> {
    rehearsal.azure.set_region("eastus", "up").await?;
    let could_serve = "a member of East US would serve whoever came to its own address";
    rehearsal.wait_until(could_serve, STARTED_WITHIN, |state| state.would_serve("eastus")).await?;
    rehearsal.pass(SignedDuration::from_secs(COULD_SERVE_S)).await;
    Ok(())
}
