//! How a scenario ended, read off the world.

use serde::{Deserialize, Serialize};

use crate::Entry;
use crate::rehearsal::Evidence;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Recovered,
    Degraded,
    NoAction,
    Drilled,
    Aborted,
    NeedsHuman,
    Failed,
}

/// How many machines stand behind the gateway, and how many addresses are prepared.
const BACKENDS: usize = 3;
const ADDRESSES: [&str; 2] = ["address/dmgr-public-ip-westus", "address/ihs-public-ip-westus"];

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::Degraded => "degraded",
            Self::NoAction => "no_action",
            Self::Drilled => "drilled",
            Self::Aborted => "aborted",
            Self::NeedsHuman => "needs_human",
            Self::Failed => "failed",
        }
    }

    /// What ledger and world show. Whether an unfinished failover was stopped by a person, waits
    /// for one or failed, and whether there was a run that asked for nothing, is nothing that the
    /// world can show: there, and only there, the app's own word counts.
    pub fn of(evidence: &Evidence) -> Self {
        let figures = &evidence.ledger.figures;
        let effects = &figures.effects;
        if figures.mutating_since(evidence.begun.at).next().is_none() && evidence.run.is_none() {
            return Self::NoAction;
        }
        if effects.recovery_plan_test_failovers > 0
            && effects.recovery_plan_test_cleanups > 0
            && figures.production.unchanged
        {
            return Self::Drilled;
        }
        if served_by(evidence, "westus")
            && figures.promotions.iter().any(|it| it.region == "westus")
        {
            return if is_whole(evidence) { Self::Recovered } else { Self::Degraded };
        }
        match evidence.outcome_by_app() {
            Some("aborted") => Self::Aborted,
            Some("needs_human") => Self::NeedsHuman,
            _ => Self::Failed,
        }
    }
}

/// Whether the user's last try was good, in this region and on its database.
pub(crate) fn served_by(evidence: &Evidence, region: &str) -> bool {
    evidence.ledger.figures.answers.last.as_ref().is_some_and(|last| {
        last.good
            && last.served_by.as_deref() == Some(region)
            && last.database.as_deref() == Some(region)
    })
}

/// Whether everything that the standby site has is up.
fn is_whole(evidence: &Evidence) -> bool {
    attached_addresses(evidence) == ADDRESSES.len()
        && match evidence.entry {
            Entry::ApplicationGateway => evidence.state.healthy("westus") >= BACKENDS,
            Entry::IbmHttpServer => true,
        }
}

/// How many of the prepared addresses lead to an interface now.
pub(crate) fn attached_addresses(evidence: &Evidence) -> usize {
    let changes = &evidence.ledger.figures.production.changes;
    ADDRESSES
        .into_iter()
        .filter(|address| {
            changes.iter().any(|change| change.what == *address && !change.now.is_null())
        })
        .count()
}
