//! A story: what happens to the world, and what goes wrong meanwhile. It is data.

mod generate;
mod shrink;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, Kind};

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
    pub faults: Vec<Fault>,
}

/// What happens to the workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    RegionLoss,
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
    /// The story that a seed tells.
    pub fn of(seed: u64) -> Self {
        generate::story(seed)
    }

    /// From then on nothing goes wrong.
    pub fn calm_from_s(&self) -> u32 {
        let last = self.faults.iter().map(Fault::until_s).max().unwrap_or(0);
        let event = match self.scenario {
            Scenario::RegionLossInPlanned { after_s } | Scenario::RegionLossInDrill { after_s } => {
                u32::from(after_s)
            }
            Scenario::Blip { s } => u32::from(s),
            Scenario::RegionLoss | Scenario::Planned | Scenario::Drill | Scenario::Nothing => 0,
        };
        last.max(EVENT_S + event)
    }

    /// What happens at moments, in order.
    pub fn events(&self) -> Vec<(u32, Kind)> {
        let events = self.faults.iter().filter(|fault| fault.kind.is_event());
        let mut events: Vec<_> = events.map(|fault| (fault.from_s, fault.kind)).collect();
        events.sort_by_key(|(at, _)| *at);
        events
    }
}

impl Scenario {
    pub fn name(self) -> &'static str {
        match self {
            Self::RegionLoss => "region loss",
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
        matches!(
            self,
            Self::RegionLoss | Self::RegionLossInPlanned { .. } | Self::RegionLossInDrill { .. }
        )
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "seed {}: {:?} at {EVENT_S} s, {} app(s)",
            self.seed, self.scenario, self.apps
        )?;
        for fault in &self.faults {
            writeln!(f, "  {fault}")?;
        }
        Ok(())
    }
}
