//! Azurite is restarted. It is stopped in order: killed, it forgets what it has confirmed in the
//! last seconds, which Azure Storage does not do.

use anyhow::Result;
use async_trait::async_trait;
use jiff::SignedDuration;

use super::{Blow, Proof};
use crate::{Rehearsal, StoreKind};

#[derive(Debug)]
pub(super) struct StoreRestarted;

/// From its end until it is started again.
const AWAY_S: i64 = 30;

#[async_trait(?Send)]
impl Blow for StoreRestarted {
    fn fits(&self, store: StoreKind) -> bool {
        store == StoreKind::Azurite
    }

    async fn strike(&self, rehearsal: &Rehearsal) -> Result<Proof> {
        let stopped = rehearsal.storage.stop().await?;
        rehearsal.pass(SignedDuration::from_secs(AWAY_S)).await;
        let started = rehearsal.storage.start_again().await?;
        let seen =
            format!("Azurite {stopped} ends and {started} comes in its place after {AWAY_S} s");
        Ok(Proof { hits: u64::from(started != stopped), seen })
    }
}
