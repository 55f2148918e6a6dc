//! What a story's apps take to get to the store, the bus and the webhook, and back: in between, others
//! come first.

use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

/// One way.
const MILLISECONDS: RangeInclusive<u64> = 1..=60;

/// Everything is there at once until a story begins.
#[derive(Debug, Default)]
pub struct Latency {
    dice: Mutex<Option<fastrand::Rng>>,
}

impl Latency {
    /// From now on the ways take their time.
    pub fn begin(&self, seed: u64) {
        let dice = fastrand::Rng::with_seed(seed);
        *self.dice.lock().unwrap_or_else(PoisonError::into_inner) = Some(dice);
    }

    /// Goes there, does this, and comes back.
    pub(super) async fn there_and_back<T>(&self, exchange: impl Future<Output = T>) -> T {
        self.one_way().await;
        let came = exchange.await;
        self.one_way().await;
        came
    }

    async fn one_way(&self) {
        let milliseconds = {
            let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
            dice.as_mut().map(|dice| dice.u64(MILLISECONDS))
        };
        if let Some(milliseconds) = milliseconds {
            sleep(Duration::from_millis(milliseconds)).await;
        }
    }
}
