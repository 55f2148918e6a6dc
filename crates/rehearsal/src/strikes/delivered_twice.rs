//! The same invocation twice, one after the other: the message was processed, its completion did not
//! reach the bus, and the host gets it again when the lock has run out.

use anyhow::Result;
use async_trait::async_trait;
use serde_json::json;

use super::{Blow, Proof};
use crate::Rehearsal;

#[derive(Debug)]
pub(super) struct DeliveredTwice;

const MESSAGES: u64 = 2;

#[async_trait(?Send)]
impl Blow for DeliveredTwice {
    async fn strike(&self, rehearsal: &Rehearsal) -> Result<Proof> {
        let before = rehearsal.azure.state().await?.delivered_again();
        let fault = json!({
            "door": "broker", "path": "/broker/settle",
            "kind": "status", "status": 503, "count": MESSAGES,
        });
        let fault = rehearsal.azure.set_fault(&fault).await?;
        let again = rehearsal
            .see(async || {
                let again = rehearsal.azure.state().await?.delivered_again() - before;
                Ok((again >= MESSAGES).then_some(again))
            })
            .await?;
        let lost = rehearsal.azure.lift_fault(fault).await?;
        let seen = format!(
            "{lost} settlements are lost after the invocation, {again} messages are delivered again"
        );
        Ok(Proof { hits: again.min(lost), seen })
    }
}
