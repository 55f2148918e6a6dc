//! How Site Recovery behaves in a story, where that differs from vault to vault or nobody knows it:
//! what Farshore does must be right in either case.

use std::collections::BTreeSet;

use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// By the names of the local Azure's control API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SiteRecovery {
    /// Machines that do not come up with the recovery plan, but when their item is tried by itself.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub fail_items: BTreeSet<String>,
    /// What its state does not allow is taken, and its job fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusing: Option<Refusing>,
    /// Where a job says that it succeeded for some machines only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<Partially>,
    /// It attaches the prepared public addresses by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_public_ips: Option<bool>,
    /// Entries in one page of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusing {
    InJob,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partially {
    Description,
}

const MACHINES: [&str; 5] = ["dmgr1", "managed1", "managed2", "managed3", "ihs1"];
/// In so many stories it behaves in an unusual way.
const PERCENT: u8 = 40;

impl SiteRecovery {
    pub(super) fn of(random: &mut Rng) -> Self {
        if random.u8(..100) >= PERCENT {
            return Self::default();
        }
        let fails = if random.bool() { random.usize(1..=2) } else { 0 };
        let fail_items = random.choose_multiple(MACHINES, fails);
        Self {
            fail_items: fail_items.into_iter().map(str::to_owned).collect(),
            refusing: random.bool().then_some(Refusing::InJob),
            partial: random.bool().then_some(Partially::Description),
            recovery_public_ips: (random.u8(..4) == 0).then_some(true),
            page_size: random.bool().then(|| random.u8(1..=3)),
        }
    }

    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
