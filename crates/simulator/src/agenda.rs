//! What is going to happen and when: the world's only notion of "later".

use std::collections::BTreeMap;

use jiff::Timestamp;

/// Things due, in order of time and, at the same time, of being planned.
#[derive(Debug, Clone)]
pub(crate) struct Agenda<E> {
    due: BTreeMap<(Timestamp, u64), E>,
    planned: u64,
}

impl<E> Default for Agenda<E> {
    fn default() -> Self {
        Self { due: BTreeMap::new(), planned: 0 }
    }
}

impl<E> Agenda<E> {
    pub(crate) fn plan(&mut self, at: Timestamp, event: E) {
        self.planned += 1;
        self.due.insert((at, self.planned), event);
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// The next thing due at or before `now`, with its time.
    pub(crate) fn pop(&mut self, now: Timestamp) -> Option<(Timestamp, E)> {
        let entry = self.due.first_entry()?;
        let (at, _) = *entry.key();
        (at <= now).then(|| (at, entry.remove()))
    }
}
