//! The journals as the store has them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use recovery::effect::Effect;
use recovery::event::{Event, Outcome, Record};
use recovery::run::{Run, StepState};
use recovery::runbook::StepKind;
use store::Store;

/// One run's.
#[derive(Debug)]
pub struct Journal {
    pub name: String,
    pub records: Vec<Record>,
    /// What is wrong with it.
    pub broken: Option<String>,
    pub ended: Option<(Outcome, String)>,
}

impl Journal {
    pub fn new(name: String) -> Self {
        Self { name, records: Vec::new(), broken: None, ended: None }
    }

    pub fn is_drill(&self) -> bool {
        self.name.contains("-drill-")
    }

    /// Whether a failover that has ended was followed by another, which is one of its own.
    pub fn is_followed(&self, journals: &[Self], by: Timestamp) -> bool {
        let ended = self.records.last().filter(|_| self.ended.is_some() && !self.is_drill());
        let began = |other: &Self| other.records.first().map(|record| record.at);
        let later = journals.iter().filter(|it| !it.is_drill() && it.name != self.name);
        ended.is_some_and(|last| {
            later.filter_map(began).any(|began| last.at <= began && began <= by)
        })
    }

    /// Reads what is new; whether anything was.
    pub async fn refresh(&mut self, store: &Arc<dyn Store>) -> bool {
        let from = u64::try_from(self.records.len()).expect("a journal fits into memory");
        let new = match store.read(&self.name, from).await {
            Ok(new) if new.is_empty() => return false,
            Ok(new) => new,
            Err(error) => {
                self.broken = Some(error.to_string());
                return true;
            }
        };
        for bytes in new {
            match serde_json::from_slice(&bytes) {
                Ok(record) => self.take(record),
                Err(error) => self.broken = Some(error.to_string()),
            }
        }
        if let Err(error) = Run::replay(&self.records) {
            self.broken = Some(error.to_string());
        }
        true
    }

    fn take(&mut self, record: Record) {
        let end = record.events.iter().find_map(|event| match event {
            Event::RunEnded { outcome, detail } => Some((*outcome, detail.clone())),
            _ => None,
        });
        self.ended = end.or(self.ended.take());
        self.records.push(record);
    }

    pub fn run(&self) -> Option<Run> {
        Run::replay(&self.records).ok()
    }

    /// What was intended to be changed, and when.
    pub fn intents(&self) -> impl Iterator<Item = (Timestamp, &Effect)> {
        self.records.iter().flat_map(|record| {
            record.events.iter().filter_map(|event| match event {
                Event::Intended { effect, .. } => Some((record.at, effect)),
                _ => None,
            })
        })
    }

    /// Why the steps that did not succeed did not.
    pub fn troubles(&self) -> Vec<String> {
        let Some(run) = self.run() else { return Vec::new() };
        let steps = run.steps.iter().filter_map(|(kind, step)| match &step.state {
            StepState::Ended { outcome, detail, .. } if !outcome.is_good() => {
                Some(format!("{} {outcome:?}: {detail}", kind.name()))
            }
            _ => None,
        });
        steps.collect()
    }

    /// From when to when each step was at work.
    pub fn spans(&self) -> Vec<(StepKind, Timestamp, Timestamp)> {
        let Some(run) = self.run() else { return Vec::new() };
        let endless = SignedDuration::from_hours(24);
        let spans = run.steps.iter().filter_map(|(kind, step)| match &step.state {
            StepState::Active { since } => Some((*kind, *since, *since + endless)),
            StepState::Ended { since: Some(since), at, .. } => Some((*kind, *since, *at)),
            StepState::Waiting | StepState::Ended { since: None, .. } => None,
        });
        spans.collect()
    }
}
