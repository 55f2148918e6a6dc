//! The shell around the core: loads, performs, stores. `advance` performs turns of runs, `watch`
//! keeps an eye on workloads, `operator` does what people ask, `adapters` speak Azure.

mod adapters;
mod advance;
mod documents;
mod drills;
mod error;
mod journal;
mod news;
mod operator;
mod outside;
mod preview;
mod probes;
mod request_id;
mod set_aside;
mod start;
mod sweep;
mod told;
mod wakes;
mod watch;
mod workloads;

#[cfg(test)]
mod tests;

pub use documents::KillSwitch;
pub use error::Error;
pub use operator::{ActivePlace, FailoverRequest, Started, WorkloadStatus};
pub use outside::{Ids, Outside, Page, ProbeError, Probes};
pub use preview::{Preview, PreviewRequest};
pub use probes::{HttpProbes, ProbeSettings, ProbeSettingsError};
pub use set_aside::SetAside;
pub use wakes::{Wake, Woken};
pub use watch::{SignalMessage, Watched};

/// The engine: everything the functions call. It holds no state of its own but copies of records
/// that never change; any number of engines may work on one store.
#[derive(Debug, Clone)]
pub struct Engine {
    outside: Outside,
    /// Names this process in journals and leases.
    instance: String,
    journals: journal::Journals,
}

impl Engine {
    pub fn new(outside: Outside, instance: impl Into<String>) -> Self {
        Self { outside, instance: instance.into(), journals: journal::Journals::default() }
    }

    /// The doors this engine uses.
    pub fn outside(&self) -> &Outside {
        &self.outside
    }
}
