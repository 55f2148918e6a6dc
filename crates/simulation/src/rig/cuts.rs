//! Where the process is cut: at the n-th I/O, before or after it takes effect.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// On which side of an I/O the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

/// What an I/O is to a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Io {
    /// It leaves nothing behind that anybody builds on: a look, a lease, a wake.
    Read,
    /// A record, a document, or a request that changes Azure.
    Change,
}

/// One cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Counts from 1 over the life of the rig.
    pub io: usize,
    pub side: Side,
}

/// Counts the I/Os of the app and cuts it where it is told to.
#[derive(Debug, Default)]
pub struct Cuts {
    cut: Option<Cut>,
    seen: Mutex<Vec<Io>>,
    paused: AtomicBool,
    dead: AtomicBool,
    crashed: Notify,
}

impl Cuts {
    pub fn none() -> Self {
        Self::default()
    }

    pub fn at(cut: Cut) -> Self {
        Self { cut: Some(cut), ..Self::default() }
    }

    /// What the I/Os were, in order.
    pub fn seen(&self) -> Vec<Io> {
        self.seen.lock().unwrap().clone()
    }

    /// What follows is the test's own and is not counted.
    pub fn pause(&self) {
        self.paused.store(true, Ordering::SeqCst);
    }

    pub fn resume(&self) {
        self.paused.store(false, Ordering::SeqCst);
    }

    /// Ready when the process has died.
    pub async fn crashed(&self) {
        self.crashed.notified().await;
    }

    pub fn revive(&self) {
        self.dead.store(false, Ordering::SeqCst);
    }

    /// Does an I/O, or dies at it. A dead process never comes back from here.
    pub async fn through<T>(&self, kind: Io, io: impl Future<Output = T>) -> T {
        if self.paused.load(Ordering::SeqCst) {
            return io.await;
        }
        if self.dead.load(Ordering::SeqCst) {
            return pending().await;
        }
        let number = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(kind);
            seen.len()
        };
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
