//! What can befall the processes of a rehearsal while a scenario plays; a file for each.
//!
//! A new strike is a file with its `Blow`, and a line in `Strike` and in `Strike::blow`. The verdict
//! is the scenario's: struck or not, it must end the same. A strike that hit nothing proves nothing,
//! so each brings the evidence that it hit.

mod app_killed;
mod bus_away;
mod delivered_at_once;
mod delivered_twice;
mod disk_full;
mod host_killed;
mod host_timeout;
mod plan;
mod play;
mod read_only_store;
mod second_instance;
mod standstill;
mod store_restarted;

use std::fmt::Debug;

use anyhow::Result;
use async_trait::async_trait;
use clap::ValueEnum;
use jiff::Timestamp;

pub use self::plan::{Strikes, Wanted};
use crate::{Options, Rehearsal, StoreKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Strike {
    /// SIGKILL for the app; the host starts it again
    AppKilled,
    /// SIGKILL for host and app; the platform starts the host again
    HostKilled,
    /// Service Bus neither takes nor gives messages for two minutes
    BusAway,
    /// Azurite is stopped, and started again on the same port and folder
    StoreRestarted,
    /// A second host with a second app works on the same store and the same queues
    SecondInstance,
    /// The app stands still in the middle of an invocation until the host gives it up
    HostTimeout,
    /// The completions of two messages are lost, and both are delivered again
    DeliveredTwice,
    /// A message is delivered again while its first invocation is still under way
    DeliveredAtOnce,
    /// No file of the store takes another byte for 90 seconds
    DiskFull,
    /// The app dies, and when it is back, the store is read-only for 90 seconds
    ReadOnlyStore,
}

impl Strike {
    pub fn name(self) -> &'static str {
        match self {
            Self::AppKilled => "app-killed",
            Self::HostKilled => "host-killed",
            Self::BusAway => "bus-away",
            Self::StoreRestarted => "store-restarted",
            Self::SecondInstance => "second-instance",
            Self::HostTimeout => "host-timeout",
            Self::DeliveredTwice => "delivered-twice",
            Self::DeliveredAtOnce => "delivered-at-once",
            Self::DiskFull => "disk-full",
            Self::ReadOnlyStore => "read-only-store",
        }
    }

    fn blow(self) -> &'static dyn Blow {
        match self {
            Self::AppKilled => &app_killed::AppKilled,
            Self::HostKilled => &host_killed::HostKilled,
            Self::BusAway => &bus_away::BusAway,
            Self::StoreRestarted => &store_restarted::StoreRestarted,
            Self::SecondInstance => &second_instance::SecondInstance,
            Self::HostTimeout => &host_timeout::HostTimeout,
            Self::DeliveredTwice => &delivered_twice::DeliveredTwice,
            Self::DeliveredAtOnce => &delivered_at_once::DeliveredAtOnce,
            Self::DiskFull => &disk_full::DiskFull,
            Self::ReadOnlyStore => &read_only_store::ReadOnlyStore,
        }
    }

    /// Whether it means anything with the journals kept there.
    pub fn fits(self, store: StoreKind) -> bool {
        self.blow().fits(store)
    }
}

/// A strike whose time came, and what it did.
#[derive(Debug, Clone)]
pub struct Struck {
    pub strike: Strike,
    pub at: Timestamp,
    /// None: the scenario was over before it.
    pub to: Option<Timestamp>,
    pub proof: Proof,
}

/// What shows that a strike hit, by others than the app: host, broker, world, operating system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// 0: it hit nothing.
    pub hits: u64,
    pub seen: String,
}

/// One kind of strike.
#[async_trait(?Send)]
trait Blow: Sync + Debug {
    fn fits(&self, _store: StoreKind) -> bool {
        true
    }

    /// Sets the rehearsal up in a way that lets it be struck.
    fn prepare(&self, _options: &mut Options) {}

    /// Strikes, and if it lasts, ends it. May wait for the moment at which it hits; what takes it
    /// longer than the scenario counts as no hit.
    async fn strike(&self, rehearsal: &Rehearsal) -> Result<Proof>;
}
