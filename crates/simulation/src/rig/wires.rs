//! What all doors of one app share: the world behind them, and what disturbs them.

use std::sync::Arc;

use jiff::Timestamp;
use simulator::shell::InProcess;

use super::{Cuts, Latency, Log, Weather, Writes};

#[derive(Debug, Clone)]
pub(super) struct Wires {
    pub(super) azure: InProcess,
    pub(super) cuts: Arc<Cuts>,
    pub(super) weather: Arc<Weather>,
    pub(super) latency: Arc<Latency>,
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
