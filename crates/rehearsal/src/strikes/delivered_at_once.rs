//! The same invocation twice, at the same time: the lock of a message runs out while its invocation
//! is under way, and the host gives it to the app once more.

use anyhow::Result;
use async_trait::async_trait;
use serde_json::json;

use super::{Blow, Proof};
use crate::Rehearsal;

#[derive(Debug)]
pub(super) struct DeliveredAtOnce;

#[async_trait(?Send)]
impl Blow for DeliveredAtOnce {
    async fn strike(&self, rehearsal: &Rehearsal) -> Result<Proof> {
        let fault = json!({
            "door": "broker", "path": "/broker/renew",
            "kind": "status", "status": 410, "count": u32::MAX,
        });
        let fault = rehearsal.azure.set_fault(&fault).await?;
        let stopped = rehearsal.stop_app_in_a_turn().await?;
        let before = rehearsal.azure.state().await?.delivered_again();
        // No invocation of a process that stands still can have ended in between.
        let again = rehearsal
            .see(async || {
                let again = rehearsal.azure.state().await?.delivered_again() - before;
                Ok((again > 0).then_some(again))
            })
            .await?;
        let id = stopped.id;
        stopped.go_on();
        let refused = rehearsal.azure.lift_fault(fault).await?;
        let seen = format!(
            "the app {id} stands still, {refused} renewals of locks are refused, and it wakes \
             with {again} messages delivered again beside their first invocation"
        );
        Ok(Proof { hits: again, seen })
    }
}
