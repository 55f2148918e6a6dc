//! How often what is kept has changed: who reads along need look only when it has.

use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug, Default)]
pub struct Writes(AtomicUsize);

impl Writes {
    pub fn so_far(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts when it is dropped: its writer may die in it, and have written all the same.
    #[must_use]
    pub(super) fn one(&self) -> Write<'_> {
        Write(self)
    }
}

#[derive(Debug)]
pub(super) struct Write<'a>(&'a Writes);

impl Drop for Write<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::Relaxed);
    }
}
