//! Every I/O of a story in order, for telling whether two of them were the same.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Keeps nothing unless it is told to.
#[derive(Debug, Default)]
pub struct Log {
    lines: Mutex<Option<Vec<String>>>,
}

impl Log {
    pub fn keep(&self) {
        *self.lines.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
    }

    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
    }

    pub(super) fn note(&self, at: Timestamp, app: usize, what: impl FnOnce() -> String) {
        if let Some(lines) = &mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner) {
            lines.push(format!("{at} app {app}: {}", what()));
        }
    }
}
