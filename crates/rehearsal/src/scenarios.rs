//! What can be rehearsed; a file for each.
//!
//! A new scenario is a file with its `Script`, and a line in `Scenario` and in
//! `Scenario::script`.

mod blip;
mod drill;
mod guesses;
mod planned;
mod region_loss;
mod region_loss_alert_only;
mod returning_half;
mod stale_executor;

use std::fmt::Debug;

use anyhow::{Result, bail};
use async_trait::async_trait;
use clap::ValueEnum;
use jiff::Timestamp;
use serde_json::Value;

use crate::checks::Check;
use crate::{Evidence, Outcome, Rehearsal, StoreKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Scenario {
    /// East US goes down; the app notices by itself
    #[default]
    RegionLoss,
    /// East US goes down and the app does not watch: Azure Monitor's alerts must do it
    RegionLossAlertOnly,
    /// A person moves the workload while both regions are well
    Planned,
    /// A person starts a drill; production must not notice
    Drill,
    /// East US is lost, comes back half-way, and flaps
    ReturningHalf,
    /// East US is lost, and the instance that fails over freezes and wakes too late
    StaleExecutor,
    /// East US does not answer for 43 s; nothing may happen
    Blip,
}

impl Scenario {
    pub const ALL: [Self; 7] = [
        Self::RegionLoss,
        Self::RegionLossAlertOnly,
        Self::Planned,
        Self::Drill,
        Self::ReturningHalf,
        Self::StaleExecutor,
        Self::Blip,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::RegionLoss => "region-loss",
            Self::RegionLossAlertOnly => "region-loss-alert-only",
            Self::Planned => "planned",
            Self::Drill => "drill",
            Self::ReturningHalf => "returning-half",
            Self::StaleExecutor => "stale-executor",
            Self::Blip => "blip",
        }
    }

    pub(crate) fn script(self) -> &'static dyn Script {
        match self {
            Self::RegionLoss => &region_loss::RegionLoss,
            Self::RegionLossAlertOnly => &region_loss_alert_only::RegionLossAlertOnly,
            Self::Planned => &planned::Planned,
            Self::Drill => &drill::Drill,
            Self::ReturningHalf => &returning_half::ReturningHalf,
            Self::StaleExecutor => &stale_executor::StaleExecutor,
            Self::Blip => &blip::Blip,
        }
    }

    pub fn title(self) -> &'static str {
        self.script().title()
    }

    /// Where the app keeps its journals, if nobody says where; an error where it cannot.
    pub fn store(self, wanted: Option<StoreKind>) -> Result<StoreKind> {
        let needs_blob = self.script().needs_blob();
        if needs_blob && wanted == Some(StoreKind::Sqlite) {
            bail!(
                "{} needs `--store azurite`: a process that freezes while it writes to SQLite's file \
                 keeps it locked, and nobody could take over",
                self.name()
            );
        }
        let default = if needs_blob { StoreKind::Azurite } else { StoreKind::default() };
        Ok(wanted.unwrap_or(default))
    }

    /// How it should end.
    pub fn expected(self) -> Outcome {
        self.script().expected()
    }

    /// The guesses that its verdict rests on, in the words of `GET /control/fidelity`.
    pub fn hinges_on(self) -> Vec<&'static str> {
        self.script().hinges_on()
    }
}

/// The beginning of a scenario.
#[derive(Debug, Clone)]
pub struct Begun {
    /// All times of the report count from here.
    pub at: Timestamp,
    /// The run, when a person started it.
    pub run: Option<String>,
}

/// When a scenario is over.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending {
    /// So long after its run has ended, which must be within `within_s` of the beginning, and after
    /// all is done that belongs to the scenario.
    Run { within_s: i64, then_s: i64 },
    /// So long after its beginning.
    Quiet { after_s: i64 },
}

/// One scenario.
#[async_trait]
pub(crate) trait Script: Sync + Debug {
    fn title(&self) -> &'static str;

    /// Whether the app's watch is on.
    fn watch(&self) -> bool {
        true
    }

    /// Whether several instances must be able to work on the store whatever becomes of one.
    fn needs_blob(&self) -> bool {
        false
    }

    /// Changes the example plan where the scenario needs another.
    fn adapt_plan(&self, _plan: &mut Value) {}

    /// Does what the scenario is about.
    async fn begin(&self, rehearsal: &Rehearsal) -> Result<Begun>;

    /// Does what belongs to it while it plays.
    async fn meanwhile(&self, _rehearsal: &Rehearsal) -> Result<()> {
        Ok(())
    }

    fn ending(&self) -> Ending;

    fn expected(&self) -> Outcome;

    /// What nobody knows of Azure and the verdict rests on, in the words of the local Azure's list.
    fn hinges_on(&self) -> Vec<&'static str>;

    /// What must be true when it is over.
    fn checks(&self, evidence: &Evidence) -> Vec<Check>;
}

#[cfg(test)]
mod tests;
