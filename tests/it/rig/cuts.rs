//! Where the process is cut: at the n-th I/O, before or after it takes effect.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::sync::Notify;

/// On which side of an I/O the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

/// One cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Counts from 1 over the life of the rig.
    pub(crate) io: u32,
    pub(crate) side: Side,
}

/// Counts the I/Os of the app and cuts it where it is told to.
#[derive(Debug, Default)]
pub(crate) struct Cuts {
    cut: Option<Cut>,
    count: AtomicU32,
    paused: AtomicBool,
    dead: AtomicBool,
    crashed: Notify,
}

impl Cuts {
    pub(crate) fn none() -> Self {
        Self::default()
    }

    pub(crate) fn at(cut: Cut) -> Self {
        Self { cut: Some(cut), ..Self::default() }
    }

    /// How many I/Os there have been.
    pub(crate) fn count(&self) -> u32 {
        self.count.load(Ordering::SeqCst)
    }

    /// What follows is the test's own and is not counted.
    pub(crate) fn pause(&self) {
        self.paused.store(true, Ordering::SeqCst);
    }

    pub(crate) fn resume(&self) {
        self.paused.store(false, Ordering::SeqCst);
    }

    /// Ready when the process has died.
    pub(crate) async fn crashed(&self) {
        self.crashed.notified().await;
    }

    pub(crate) fn revive(&self) {
        self.dead.store(false, Ordering::SeqCst);
    }

    /// Does an I/O, or dies at it. A dead process never comes back from here.
    pub(crate) async fn through<T>(&self, io: impl Future<Output = T>) -> T {
        if self.paused.load(Ordering::SeqCst) {
            return io.await;
        }
        if self.dead.load(Ordering::SeqCst) {
            return pending().await;
        }
        let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        let here = self.cut.filter(|cut| cut.io == number);
        if here.is_some_and(|cut| cut.side == Side::Before) {
            return self.die().await;
        }
        let result = io.await;
        if here.is_some() || self.dead.load(Ordering::SeqCst) {
            return self.die().await;
        }
        result
    }

    async fn die<T>(&self) -> T {
        if !self.dead.swap(true, Ordering::SeqCst) {
            self.crashed.notify_one();
        }
        pending().await
    }
}
