//! Where the apps keep everything.

use std::sync::Arc;

use clock::Clock;
use store::{Sqlite, Store};

use super::doors::{Account, VirtualStore};
use super::wires::Wires;
use super::{Cuts, Writes};
use crate::story::Backend;

/// What outlives every app.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    /// Cut, and on its way, at what the app asks of its store.
    Sqlite(Arc<dyn Store>),
    /// At what the store asks of Azure.
    Blob(Account),
}

impl Kept {
    pub(super) fn new(backend: Backend, clock: Clock, writes: Arc<Writes>) -> Self {
        match backend {
            Backend::Sqlite => {
                Self::Sqlite(Arc::new(Sqlite::in_memory().expect("memory is always there")))
            }
            Backend::Blob => Self::Blob(Account::new(clock, writes)),
        }
    }

    /// As it is when nothing comes between.
    pub(super) fn undisturbed(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::clone(store),
            Self::Blob(account) => account.open(),
        }
    }

    /// As an app has it.
    pub(super) fn open(&self, wires: &Wires) -> Arc<dyn Store> {
        let mut wires = wires.clone();
        let inner = match self {
            Self::Sqlite(store) => Arc::clone(store),
            Self::Blob(account) => {
                let store = account.open_with(Some(wires.clone()));
                wires.cuts = Arc::new(Cuts::none());
                wires.latency = Arc::default();
                store
            }
        };
        Arc::new(VirtualStore { inner, wires })
    }
}
