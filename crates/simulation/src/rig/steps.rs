//! When which step begins, as the records say that reach the store.

use std::collections::BTreeMap;

use jiff::Timestamp;
use recovery::event::{Event, Record};
use recovery::runbook::StepKind;

/// The steps that have begun, of all runs.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// The next record of each journal: one that is written again says nothing new.
    next: BTreeMap<String, u64>,
    began: BTreeMap<StepKind, Timestamp>,
}

impl Steps {
    /// Reads a record that has just been written; the steps that begin with it.
    pub(super) fn read(
        &mut self,
        now: Timestamp,
        journal: &str,
        seq: u64,
        record: &[u8],
    ) -> Vec<StepKind> {
        let next = self.next.entry(journal.to_owned()).or_default();
        let Ok(record) = serde_json::from_slice::<Record>(record) else { return Vec::new() };
        if seq < *next {
            return Vec::new();
        }
        *next = seq + 1;
        let started = record.events.iter().filter_map(|event| match event {
            Event::StepStarted { step } => Some(*step),
            _ => None,
        });
        let started: Vec<StepKind> = started.collect();
        self.began.extend(started.iter().map(|step| (*step, now)));
        started
    }

    /// When the step began last.
    pub(super) fn began(&self, step: StepKind) -> Option<Timestamp> {
        self.began.get(&step).copied()
    }
}
