//! Service Bus is away: nobody can send, and the host receives nothing and settles nothing.

use anyhow::Result;
use async_trait::async_trait;
use jiff::SignedDuration;
use serde_json::json;

use super::{Blow, Proof};
use crate::Rehearsal;

#[derive(Debug)]
pub(super) struct BusAway;

const AWAY_S: i64 = 120;

#[async_trait(?Send)]
impl Blow for BusAway {
    async fn strike(&self, rehearsal: &Rehearsal) -> Result<Proof> {
        let refuse =
            |door| json!({"door": door, "kind": "status", "status": 503, "count": u32::MAX});
        let sends = rehearsal.azure.set_fault(&refuse("service_bus")).await?;
        let receives = rehearsal.azure.set_fault(&refuse("broker")).await?;
        rehearsal.pass(SignedDuration::from_secs(AWAY_S)).await;
        let sends = rehearsal.azure.lift_fault(sends).await?;
        let receives = rehearsal.azure.lift_fault(receives).await?;
        let seen = format!(
            "the bus refuses {sends} messages of the app and {receives} requests of the host in \
             {AWAY_S} s"
        );
        Ok(Proof { hits: sends, seen })
    }
}
