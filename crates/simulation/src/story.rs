//! A story: what happens to the world, and what goes wrong meanwhile. It is data.

pub mod cells;
mod generate;
mod shrink;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, Kind};
use crate::rig::Cut;

pub use shrink::shrunken;

/// When the story's event happens; before it, all is calm but for its faults.
pub const EVENT_S: u32 = 60;

/// What a run is made to live through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// Also the world's: how long things take in it.
    pub seed: u64,
    pub scenario: Scenario,
    /// How many apps work on the store at once.
    pub apps: u8,
    #[serde(default, skip_serializing_if = "Backend::is_default")]
    pub backend: Backend,
    pub faults: Vec<Fault>,
    /// What happens at the n-th I/O of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
}

/// Where the apps keep everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    #[default]
    Sqlite,
    Blob,
}

impl Backend {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What happens to the workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    RegionLoss,
    /// The same without the app's own watch: only alerts tell.
    RegionLossAlertsOnly,
    /// A person moves the workload, and so many seconds later the region is lost.
    RegionLossInPlanned {
        after_s: u16,
    },
    RegionLossInDrill {
        after_s: u16,
    },
    Planned,
    Drill,
    /// The region's network is gone for so many seconds.
    Blip {
        s: u16,
    },
    Nothing,
}

impl Story {
    /// Nothing goes wrong in it but what its scenario says.
    pub fn undisturbed(seed: u64, scenario: Scenario) -> Self {
        let (apps, backend) = (1, Backend::default());
        Self { seed, scenario, apps, backend, faults: Vec::new(), cuts: Vec::new() }
    }

    /// The story that a seed tells.
    pub fn of(seed: u64) -> Self {
        generate::story(seed)
    }

    /// Whether anything goes wrong in it beside what its scenario says.
    pub fn is_disturbed(&self) -> bool {
        !self.faults.is_empty() || !self.cuts.is_empty()
    }

    /// From then on nothing goes wrong but what is aimed at steps.
    pub fn calm_from_s(&self) -> u32 {
        let last = self.timed().map(Fault::until_s).max().unwrap_or(0);
        let event = match self.scenario {
            Scenario::RegionLossInPlanned { after_s } | Scenario::RegionLossInDrill { after_s } => {
                u32::from(after_s)
            }
            Scenario::Blip { s } => u32::from(s),
            Scenario::RegionLoss
            | Scenario::RegionLossAlertsOnly
            | Scenario::Planned
            | Scenario::Drill
            | Scenario::Nothing => 0,
        };
        last.max(EVENT_S + event)
    }

    /// What does not wait for a step.
    fn timed(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().filter(|fault| fault.at.is_none())
    }

    /// What happens at moments of the story, in order.
    pub fn events(&self) -> Vec<(u32, Kind)> {
        let events = self.timed().filter(|fault| fault.kind.is_event());
        let mut events: Vec<_> = events.map(|fault| (fault.from_s, fault.kind)).collect();
        events.sort_by_key(|(at, _)| *at);
        events
    }
}

impl Scenario {
    pub fn name(self) -> &'static str {
        match self {
            Self::RegionLoss => "region loss",
            Self::RegionLossAlertsOnly => "region loss, alerts only",
            Self::RegionLossInPlanned { .. } => "region loss in planned",
            Self::RegionLossInDrill { .. } => "region loss in drill",
            Self::Planned => "planned",
            Self::Drill => "drill",
            Self::Blip { .. } => "blip",
            Self::Nothing => "nothing",
        }
    }

    /// Whether nothing at all must be done.
    pub fn is_calm(self) -> bool {
        matches!(self, Self::Blip { .. } | Self::Nothing)
    }

    /// A part of the name of the run that a person asks for in it.
    pub(crate) fn run_asked_for(self) -> &'static str {
        match self {
            Self::Drill | Self::RegionLossInDrill { .. } => "-drill-",
            _ => "-incident-",
        }
    }

    pub fn loses_the_region(self) -> bool {
        match self {
            Self::RegionLoss
            | Self::RegionLossAlertsOnly
            | Self::RegionLossInPlanned { .. }
            | Self::RegionLossInDrill { .. } => true,
            Self::Planned | Self::Drill | Self::Blip { .. } | Self::Nothing => false,
        }
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "seed {}: {:?} at {EVENT_S} s, {} app(s) on {:?}",
            self.seed, self.scenario, self.apps, self.backend
        )?;
        for fault in &self.faults {
            writeln!(f, "  {fault}")?;
        }
        for cut in &self.cuts {
            writeln!(f, "  I/O {}: {}", cut.io, cut.way.name())?;
        }
        Ok(())
    }
}
