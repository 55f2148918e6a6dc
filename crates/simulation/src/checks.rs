//! What must be true at every step, and in `ending` what when all is over. Each check is a function
//! of what the simulator's ledger and the store hold, never of what the app says of itself.

mod effects;
mod ending;
mod journals;
mod news;
mod people;
mod world;

use jiff::{SignedDuration, Timestamp};
use simulator::Glance;
use simulator::ledger::{NotedRequest, Promotion};

use crate::journals::Journal;
use crate::rig::Sent;
use crate::story::Story;

pub use ending::{End, LAST_CHECKS, LastCheck};
pub use news::people_are_told;

/// A clock of a story is off by at most this, and a record has the clock's time.
const CLOCK_OFF: SignedDuration = SignedDuration::from_secs(3);

/// All that can be seen at a moment. A check depends on nothing else, so when nothing of this has
/// changed, nothing has to be checked again.
#[derive(Debug)]
pub struct Scene<'a> {
    pub story: &'a Story,
    pub glance: Glance,
    /// What arrived at Resource Manager from the apps and could change something.
    pub arrived: &'a [NotedRequest],
    /// What the apps sent, with the answers that they saw.
    pub sent: &'a [Sent],
    /// All failovers of the database that took effect, whoever asked for them.
    pub moves: &'a [Promotion],
    /// Those of them that the apps asked for.
    pub promotions: &'a [Promotion],
    /// How many forced failovers of the database were accepted and came to nothing.
    pub forced_in_vain: usize,
    pub journals: &'a [Journal],
    /// From when to when the kill switch was on.
    pub halts: &'a [(Timestamp, Timestamp)],
}

/// What is broken, or nothing.
pub type Verdict = Result<(), String>;

/// A named rule.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    pub name: &'static str,
    pub holds: fn(&Scene<'_>) -> Verdict,
}

/// All of them.
pub const CHECKS: &[Check] = &[
    check("at-most-one-forced-failover-takes-effect", effects::at_most_one_forced_failover),
    check("no-failover-back-and-forth", effects::no_failover_back_and_forth),
    check("no-promotion-of-a-primary", effects::no_promotion_of_a_primary),
    check("nothing-is-accepted-twice", effects::nothing_is_accepted_twice),
    check("no-repeat-before-it-is-quiet", effects::no_repeat_before_it_is_quiet),
    check("planned-never-becomes-forced", effects::planned_never_becomes_forced),
    check("drill-touches-no-production", world::drill_touches_no_production),
    check("no-action-on-a-blip", world::no_action_on_a_blip),
    check("never-the-last-enabled-endpoint", world::never_the_last_enabled_endpoint),
    check("never-two-writable", world::never_two_writable),
    check("journal-replays", journals::journal_replays),
    check("nothing-without-a-journaled-intent", journals::nothing_without_intent),
    check("nothing-goes-on-after-an-abort", people::nothing_goes_on_after_an_abort),
    check("nothing-is-sent-while-halted", people::nothing_is_sent_while_halted),
];

const fn check(name: &'static str, holds: fn(&Scene<'_>) -> Verdict) -> Check {
    Check { name, holds }
}

#[cfg(test)]
mod tests;
