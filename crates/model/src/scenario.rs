//! What is explored: a runbook, a world, and how much may go wrong. Everything is explored within
//! these bounds and nothing beyond them.

mod broken;
mod list;

use recovery::limits::{GRACE_S, SEND_LIMIT_S};
use recovery::runbook::{Goal, StepKind};

pub use self::broken::Broken;
use crate::law::Law;
use crate::plan::{DRILL, FAILOVER, FORCED, PLANNED, PROMOTION};

#[derive(Debug, Clone)]
pub struct Scenario {
    pub name: &'static str,
    pub(crate) goal: Goal,
    pub(crate) steps: &'static [StepKind],
    pub region: Region,
    /// So many processes at most are at it at once.
    pub workers: usize,
    /// The second process's clock is so far ahead.
    pub skew_s: i64,
    /// From the check right before the wire to the latest arrival.
    pub delay_s: i64,
    /// From the acceptance of a promotion until it takes effect.
    pub promotion_s: i64,
    /// So many promotions are refused by a read-only lock before somebody lifts it.
    pub locked: u8,
    pub budget: Budget,
    /// The guard that is taken away.
    pub broken: Option<Broken>,
    pub laws: Vec<Law>,
}

/// How often each thing may go wrong, or somebody may act, on one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Budget {
    /// A process freezes: after it, it wakes at any later time or never.
    pub freezes: u8,
    /// A request has no answer: it arrives at any time within the delay, or never.
    pub lost: u8,
    /// A look has no answer.
    pub blind: u8,
    /// An append has no answer: the record is there or it is not.
    pub unconfirmed: u8,
    /// Somebody promotes the standby's database in the portal.
    pub by_hand: u8,
    /// Somebody fails back in the portal, the region having come back.
    pub fail_backs: u8,
    pub aborts: u8,
    /// Somebody turns the kill switch on; it may be turned off again at any time.
    pub halts: u8,
    /// A turn begins although nobody asked for it.
    pub intruders: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    Lost,
    /// A person forces a failover out of a place that lives.
    Alive,
}

impl Scenario {
    /// The promotion alone, out of a lost region.
    pub fn promotion() -> Self {
        Self {
            name: "promotion",
            goal: FORCED,
            steps: PROMOTION,
            region: Region::Lost,
            workers: 2,
            skew_s: 0,
            delay_s: SEND_LIMIT_S + GRACE_S,
            promotion_s: 8,
            locked: 0,
            budget: Budget::default(),
            broken: None,
            laws: Law::ALL.to_vec(),
        }
    }

    /// From the decision to the users.
    pub fn failover() -> Self {
        Self { name: "failover", steps: FAILOVER, ..Self::promotion() }
    }

    /// A person leads the database away from a place that lives, without losing a write.
    pub fn planned_promotion() -> Self {
        Self {
            name: "planned promotion",
            goal: PLANNED,
            region: Region::Alive,
            ..Self::promotion()
        }
    }

    /// The same from the decision to the users.
    pub fn planned_failover() -> Self {
        Self { name: "planned failover", steps: FAILOVER, ..Self::planned_promotion() }
    }

    pub fn drill() -> Self {
        Self {
            name: "drill",
            goal: Goal::Drill,
            steps: DRILL,
            region: Region::Alive,
            ..Self::promotion()
        }
    }

    #[must_use]
    pub fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    #[must_use]
    pub fn with(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }

    /// Without that guard, and only in search of that law's breach.
    #[must_use]
    pub fn without(self, broken: Broken, law: Law) -> Self {
        Self { broken: Some(broken), ..self.in_search_of(law) }
    }

    /// Breaches of other laws end nothing.
    #[must_use]
    pub fn in_search_of(self, law: Law) -> Self {
        Self { laws: vec![law], ..self }
    }

    /// The lease only avoids that two work for nothing: without it everything must hold.
    #[must_use]
    pub fn with_lying_leases(self) -> Self {
        Self { broken: Some(Broken::LeaseLies), ..self }
    }
}

impl std::fmt::Display for Budget {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let all = [
            (self.freezes, "frozen"),
            (self.lost, "unanswered"),
            (self.blind, "blind"),
            (self.unconfirmed, "unconfirmed"),
            (self.by_hand, "by hand"),
            (self.fail_backs, "failed back"),
            (self.aborts, "abort"),
            (self.halts, "halt"),
            (self.intruders, "uncalled"),
        ];
        let some = all.iter().filter(|(count, _)| *count > 0);
        let words: Vec<_> = some.map(|(count, what)| format!("{count} {what}")).collect();
        formatter.write_str(&words.join(", "))
    }
}
