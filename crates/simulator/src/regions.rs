//! The two regions and how ill they are.

use serde::{Deserialize, Serialize};

/// A region of the tutorial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    EastUs,
    WestUs,
}

/// How a region behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    #[default]
    Up,
    /// Data plane dead: machines do not run, ports do not answer; control-plane calls to its
    /// resources hang, fail or serve stale answers (see `World::handle`).
    Down,
}

/// The health of both.
#[derive(Debug, Clone, Default)]
pub struct Regions {
    pub east: Health,
    pub west: Health,
}

impl Region {
    pub const BOTH: [Self; 2] = [Self::EastUs, Self::WestUs];

    /// `eastus`.
    pub fn name(self) -> &'static str {
        match self {
            Self::EastUs => "eastus",
            Self::WestUs => "westus",
        }
    }

    /// `East US`, as resource bodies of some providers show it.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::EastUs => "East US",
            Self::WestUs => "West US",
        }
    }

    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::EastUs => Self::WestUs,
            Self::WestUs => Self::EastUs,
        }
    }
}

impl Regions {
    pub fn is_up(&self, region: Region) -> bool {
        self.health(region) == Health::Up
    }

    pub fn health(&self, region: Region) -> Health {
        match region {
            Region::EastUs => self.east,
            Region::WestUs => self.west,
        }
    }

    pub fn set(&mut self, region: Region, health: Health) {
        match region {
            Region::EastUs => self.east = health,
            Region::WestUs => self.west = health,
        }
    }
}
