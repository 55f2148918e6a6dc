//! One disturbance of one workload: opened only when none is open, joined by every signal.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::diagnosis::Diagnosis;
use crate::runbook::Runbook;
use crate::signal::Signal;

/// How many of its signals an incident keeps in words; it counts them all.
const SIGNALS_KEPT: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Incident {
    pub number: u64,
    pub opened_at: Timestamp,
    /// What opened it.
    pub because: String,
    pub signals: Vec<Signal>,
    pub signal_count: u64,
    pub diagnosis: Option<Diagnosis>,
    /// The kinds of diagnosis that people have been told.
    pub told: BTreeSet<String>,
    /// The failover that it led to.
    pub run: Option<String>,
    /// What a person asked for; without it the run is what the watch would start.
    #[serde(default)]
    pub runbook: Option<Runbook>,
}

/// An incident that is over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PastIncident {
    pub number: u64,
    pub opened_at: Timestamp,
    pub closed_at: Timestamp,
    pub because: String,
    pub signal_count: u64,
    pub run: Option<String>,
    pub end: IncidentEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentEnd {
    /// The workload came back by itself.
    NoAction,
    Recovered,
    Degraded,
    Aborted,
    NeedsHuman,
    Failed,
}

impl Incident {
    pub(super) fn open(number: u64, at: Timestamp, because: &str) -> Self {
        Self {
            number,
            opened_at: at,
            because: because.to_owned(),
            signals: Vec::new(),
            signal_count: 0,
            diagnosis: None,
            told: BTreeSet::new(),
            run: None,
            runbook: None,
        }
    }

    pub(super) fn join(&mut self, signal: &Signal) {
        self.signal_count = self.signal_count.saturating_add(1);
        if self.signals.len() < SIGNALS_KEPT {
            self.signals.push(signal.clone());
        }
    }

    pub(super) fn close(self, at: Timestamp, end: IncidentEnd) -> PastIncident {
        PastIncident {
            number: self.number,
            opened_at: self.opened_at,
            closed_at: at,
            because: self.because,
            signal_count: self.signal_count,
            run: self.run,
            end,
        }
    }
}
