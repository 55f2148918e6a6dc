//! A story: what happens to the world, and what goes wrong meanwhile. It is data.

pub mod cells;
mod generate;
mod shrink;
mod site_recovery;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, Kind};
use crate::rig::Cut;

pub use shrink::shrunken;
pub use site_recovery::SiteRecovery;

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
    #[serde(default, skip_serializing_if = "SiteRecovery::is_usual")]
    pub site_recovery: SiteRecovery,
    /// It goes on when all its runs have ended: until everything that happens at a moment has
    /// happened, and long enough for another incident.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lingers: bool,
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
        Self {
            seed,
            scenario,
            apps: 1,
            backend: Backend::default(),
            site_recovery: SiteRecovery::default(),
            lingers: false,
            faults: Vec::new(),
            cuts: Vec::new(),
        }
    }

    /// The story that a seed tells.
    pub fn of(seed: u64) -> Self {
        generate::story(seed)
    }

    /// The same, but that nothing is taken away for good.
    #[must_use]
    pub fn gently(mut self) -> Self {
        self.faults.retain(|fault| fault.kind.only_delays());
        self.site_recovery = SiteRecovery::default();
        self
    }

    /// Whether anything goes wrong in it beside what its scenario says.
    pub fn is_disturbed(&self) -> bool {
        !self.faults.is_empty() || self.is_hurt()
    }

    /// Whether something goes wrong that may cost more than time.
    pub fn is_hurt(&self) -> bool {
        self.faults.iter().any(|fault| !fault.kind.only_delays())
            || !self.cuts.is_empty()
            || !self.site_recovery.is_usual()
    }

    /// Whether somebody works in the portal.
    pub fn is_by_hand(&self) -> bool {
        self.faults.iter().any(|fault| fault.kind.is_by_hand())
    }

    /// Whether a person has a planned failover forced.
    pub fn is_forced(&self) -> bool {
        self.faults.iter().any(|fault| fault.kind == Kind::Force)
    }

    /// Whether the lost region comes back.
    pub fn has_region_back(&self) -> bool {
        self.faults.iter().any(|fault| fault.kind == Kind::RegionBack)
    }

    /// From then on nothing goes wrong but what is aimed at steps.
    pub fn calm_from_s(&self) -> u32 {
        let last = self.timed().map(Fault::until_s).max().unwrap_or(0);
        let event = match self.scenario {
            Scenario::Blip { s } => u32::from(s),
            other => other.lost_after_s(),
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

    /// How long after the story's event the region is lost, if it is.
    pub(crate) fn lost_after_s(self) -> u32 {
        match self {
            Self::RegionLossInPlanned { after_s } | Self::RegionLossInDrill { after_s } => {
                after_s.into()
            }
            Self::RegionLoss
            | Self::RegionLossAlertsOnly
            | Self::Planned
            | Self::Drill
            | Self::Blip { .. }
            | Self::Nothing => 0,
        }
    }

    pub fn is_planned(self) -> bool {
        matches!(self, Self::Planned | Self::RegionLossInPlanned { .. })
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
            "seed {}: {:?} at {EVENT_S} s, {} app(s) on {:?}{}",
            self.seed,
            self.scenario,
            self.apps,
            self.backend,
            if self.lingers { ", and what comes after" } else { "" }
        )?;
        if !self.site_recovery.is_usual() {
            writeln!(f, "  {:?}", self.site_recovery)?;
        }
        for fault in &self.faults {
            writeln!(f, "  {fault}")?;
        }
        for cut in &self.cuts {
            writeln!(f, "  I/O {}: {}", cut.io, cut.way.name())?;
        }
        Ok(())
    }
}
