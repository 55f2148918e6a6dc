//! The two places of a plan. A *place* is fixed when the plan is written; a *role* (primary,
//! secondary) is what a database server has now. Most fail-back bugs live in mixing them up.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::{Plan, SitePlan};

/// One of the two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Preferred,
    Standby,
}

impl Place {
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Preferred => Self::Standby,
            Self::Standby => Self::Preferred,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Preferred => "preferred",
            Self::Standby => "standby",
        })
    }
}

impl Plan {
    /// What the plan says about a place.
    pub fn site(&self, place: Place) -> &SitePlan {
        match place {
            Place::Preferred => &self.preferred,
            Place::Standby => &self.standby,
        }
    }
}
