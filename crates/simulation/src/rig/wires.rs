//! What all doors of one app share: the world behind them, and what disturbs them.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use simulator::shell::InProcess;
use tokio::time::Instant;

use super::{Cuts, Log, Weather, Writes};

#[derive(Debug, Clone)]
pub(super) struct Wires {
    pub(super) azure: InProcess,
    pub(super) cuts: Arc<Cuts>,
    pub(super) weather: Arc<Weather>,
    pub(super) gate: Arc<Gate>,
    pub(super) log: Arc<Log>,
    pub(super) writes: Arc<Writes>,
    /// Whose doors these are.
    pub(super) app: usize,
}

impl Wires {
    /// The true time, which the app's own clock may miss.
    pub(super) fn now(&self) -> Timestamp {
        self.azure.clock.now()
    }
}

/// Where a frozen process stands still: before and after what it does outside, but never between
/// its last check and a request that changes Azure, which no program could bound.
#[derive(Debug, Default)]
pub(super) struct Gate {
    closed_until: Mutex<Option<Instant>>,
}

impl Gate {
    pub(super) fn close_until(&self, moment: Instant) {
        *self.closed_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(moment);
    }

    pub(super) async fn pass(&self) {
        loop {
            let until = *self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
            match until {
                Some(until) if until > Instant::now() => tokio::time::sleep_until(until).await,
                _ => return,
            }
        }
    }
}
