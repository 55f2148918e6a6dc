//! A run as the app reports it: `steps` of a rehearsal's report, and how the app says that it ended.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The app's report of a run.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    pub run: Run,
    /// All of it, as it came.
    pub whole: Value,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Run {
    pub run: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// How it ended; none while it goes on.
    pub outcome: Option<String>,
    pub detail: String,
    pub reason: String,
    pub by: String,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Step {
    pub name: String,
    /// `waiting`, `active` or `ended`.
    pub state: String,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub outcome: Option<String>,
    pub detail: String,
    pub overdue: bool,
}

impl RunReport {
    pub fn read(whole: Value) -> Result<Self> {
        let run = Run::deserialize(&whole).context("the app's report is not as expected")?;
        Ok(Self { run, whole })
    }

    pub fn has_ended(&self) -> bool {
        self.run.outcome.is_some()
    }
}
