//! Where the process is cut: at the n-th I/O, in one of several ways.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

/// What happens at an I/O.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The process dies, and nothing was done.
    DieBefore,
    /// It is done, and the process dies.
    DieAfter,
    /// It is not done, and nobody says so.
    RequestLost,
    /// It is done when nobody waits for it any more.
    RequestLate,
    /// It is done, and nobody says so.
    AnswerLost,
    /// It is done, and the answer comes later than anybody waits.
    AnswerLate,
    /// It is done two times.
    Twice,
}

impl Way {
    pub const ALL: [Self; 7] = [
        Self::DieBefore,
        Self::DieAfter,
        Self::RequestLost,
        Self::RequestLate,
        Self::AnswerLost,
        Self::AnswerLate,
        Self::Twice,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::DieBefore => "dies before",
            Self::DieAfter => "dies after",
            Self::RequestLost => "request lost",
            Self::RequestLate => "request late",
            Self::AnswerLost => "answer lost",
            Self::AnswerLate => "answer late",
            Self::Twice => "twice",
        }
    }
}

/// What an I/O is to a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Io {
    /// It leaves nothing behind that anybody builds on: a look, a lease, a wake.
    Read,
    /// A record or a document.
    Change,
    /// A request that changes Azure, or tells people.
    Effect,
}

impl Io {
    pub fn leaves_something(self) -> bool {
        self != Self::Read
    }
}

/// One cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Counts from 1 over the life of the rig.
    pub io: usize,
    pub way: Way,
}

/// Counts the I/Os of the app and cuts it where it is told to.
#[derive(Debug, Default)]
pub struct Cuts {
    planned: Vec<Cut>,
    seen: Mutex<Vec<Io>>,
    paused: AtomicBool,
    dead: AtomicBool,
    crashed: Notify,
}

impl Cuts {
    pub fn none() -> Self {
        Self::default()
    }

    pub fn at(cuts: &[Cut]) -> Self {
        Self { planned: cuts.to_vec(), ..Self::default() }
    }

    /// Whether every cut has come to pass.
    pub fn all_made(&self) -> bool {
        let seen = self.seen.lock().unwrap().len();
        self.planned.iter().all(|cut| cut.io <= seen)
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

    /// Does an I/O in the way that it is told, or dies at it. A dead process never comes back from
    /// here.
    pub async fn through<T, F>(&self, kind: Io, io: impl FnOnce(Option<Way>) -> F) -> T
    where
        F: Future<Output = T>,
    {
        if self.paused.load(Ordering::SeqCst) {
            return io(None).await;
        }
        if self.dead.load(Ordering::SeqCst) {
            return pending().await;
        }
        let number = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(kind);
            seen.len()
        };
        let way = self.planned.iter().find(|cut| cut.io == number).map(|cut| cut.way);
        if way == Some(Way::DieBefore) {
            return self.die().await;
        }
        let result = io(way).await;
        if way == Some(Way::DieAfter) || self.dead.load(Ordering::SeqCst) {
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
