//! What must be true when a story is over.

use jiff::SignedDuration;
use recovery::event::Outcome;
use recovery::look::Look;
use recovery::run::Run;
use simulator::ledger::{Promotion, Report};
use simulator::regions::Region;

use super::news::{is_left_to_others, people_are_told};
use super::{CLOCK_OFF, Verdict};
use crate::fault::Kind;
use crate::journals::Journal;
use crate::play::LIVENESS_S;
use crate::story::{Scenario, Story};

/// All that can be seen when a story is over.
#[derive(Debug)]
pub struct End<'a> {
    pub story: &'a Story,
    pub ledger: &'a Report,
    pub enabled_endpoints: usize,
    /// The failovers of the database that the apps asked for.
    pub promotions: &'a [Promotion],
    pub journals: &'a [Journal],
    /// The runs that were open when the time was over in which all must end, if it was.
    pub overdue: Option<&'a [String]>,
    /// Whether somebody has failed the database over in the portal.
    pub is_promoted_by_hand: bool,
    /// Whether all was over before any failover began.
    pub is_over_by_itself: bool,
}

/// A named rule.
#[derive(Debug, Clone, Copy)]
pub struct LastCheck {
    pub name: &'static str,
    pub holds: fn(&End<'_>) -> Verdict,
}

/// All of them.
pub const LAST_CHECKS: &[LastCheck] = &[
    last("the-run-ends", the_run_ends),
    last("no-avoidable-loss", no_avoidable_loss),
    last("the-outcome-is-allowed", the_outcome_is_allowed),
    last("users-are-served", users_are_served),
    last("people-are-told", |end| people_are_told(&end.ledger.notifications, end.journals)),
    last("an-abort-leaves-things-as-they-were", an_abort_leaves_things_as_they_were),
    last("recovered-means-recovered", recovered_means_recovered),
    last("drill-leaves-production-as-it-was", drill_leaves_production_as_it_was),
];

const fn last(name: &'static str, holds: fn(&End<'_>) -> Verdict) -> LastCheck {
    LastCheck { name, holds }
}

impl End<'_> {
    /// Each run that has ended: whether it is a drill, and how.
    fn ended(&self) -> impl Iterator<Item = (bool, Outcome)> {
        let ended = |journal: &Journal| Some((journal.is_drill(), journal.ended.as_ref()?.0));
        self.journals.iter().filter_map(ended)
    }

    /// Whether the failover was, not the drill; and none has followed it.
    fn is_aborted(&self) -> bool {
        self.failovers().last() == Some(&Outcome::Aborted)
    }

    /// How the failovers ended, in the order in which they began.
    fn failovers(&self) -> Vec<Outcome> {
        self.ended().filter(|(is_drill, _)| !is_drill).map(|(_, outcome)| outcome).collect()
    }

    /// How many failovers were followed by another, as they may be after the cooldown: they have not
    /// moved the workload.
    fn followed(&self) -> usize {
        let failovers = self.failovers();
        let left_it = |it: &&Outcome| matches!(it, Outcome::Aborted | Outcome::NeedsHuman);
        let earlier = failovers.iter().rev().skip(1);
        if self.story.lingers { earlier.filter(left_it).count() } else { 0 }
    }
}

fn the_run_ends(end: &End<'_>) -> Verdict {
    match end.overdue {
        // Where only people do not know of it, another check says so.
        Some([]) if people_are_told(&end.ledger.notifications, end.journals).is_err() => Ok(()),
        Some(open) => Err(format!("{LIVENESS_S} s after the last fault, open runs: {open:?}")),
        None => Ok(()),
    }
}

/// Who forces what could have been planned takes the loss.
fn no_avoidable_loss(end: &End<'_>) -> Verdict {
    let writes = end.ledger.lost_writes.other.len();
    if writes > 0 && !end.story.is_by_hand() && !end.story.is_forced() {
        Err(format!("{writes} writes"))
    } else {
        Ok(())
    }
}

fn users_are_served(end: &End<'_>) -> Verdict {
    let needs_human = end.ended().any(|(_, outcome)| outcome == Outcome::NeedsHuman);
    match &end.ledger.answers.last {
        Some(last) if last.good || needs_human => Ok(()),
        // The region is lost, and a person did not want to leave it.
        _ if end.story.scenario.loses_the_region() && end.is_aborted() => Ok(()),
        // Somebody else has begun to move the workload, and is told that Farshore leaves it alone.
        _ if end.is_promoted_by_hand && is_left_to_others(&end.ledger.notifications) => Ok(()),
        last => Err(format!("the last answer: {last:?}")),
    }
}

/// Where the failover was aborted, nothing has moved and nothing is left of it.
fn an_abort_leaves_things_as_they_were(end: &End<'_>) -> Verdict {
    match (end.enabled_endpoints, end.promotions) {
        (2, []) => Ok(()),
        (enabled, promotions) if end.is_aborted() => {
            Err(format!("{enabled} endpoints are enabled, {promotions:?}"))
        }
        _ => Ok(()),
    }
}

/// A run that says that the workload runs in the standby place has moved the database there, or
/// found it there, and that is where users are served.
fn recovered_means_recovered(end: &End<'_>) -> Verdict {
    for journal in end.journals {
        let Some((Outcome::Recovered, said)) = &journal.ended else { continue };
        let said = format!("{}: {said}", journal.name);
        database_is_there(end, journal).map_err(|where_it_is| format!("{said}; {where_it_is}"))?;
        let served_by = end.ledger.answers.last.as_ref().and_then(|last| last.served_by);
        if served_by != Some(Region::WestUs) && !end.story.is_by_hand() {
            return Err(format!("{said}; users are served by {served_by:?}"));
        }
    }
    Ok(())
}

/// By the last failover before the run ended.
fn database_is_there(end: &End<'_>, journal: &Journal) -> Verdict {
    /// So long before its end a run has looked last: what somebody fails back since it cannot know.
    const MEANWHILE: SignedDuration = SignedDuration::from_secs(30);
    let at = journal.records.last().map_or(end.ledger.now, |record| record.at);
    let Some(moved) = end.ledger.promotions.iter().rfind(|it| it.at <= at + CLOCK_OFF) else {
        return Err("nothing was ever promoted".to_owned());
    };
    // Nor can a run whose last looks had no answer, which ends all the same.
    let saw_nothing = || {
        let look = |run: &Run| Look::failover_group(&run.start.plan, run.start.runbook.to);
        journal.run().is_some_and(|run| run.last(&look(&run)).is_none())
    };
    let is_unknown = || end.is_promoted_by_hand && (moved.at > at - MEANWHILE || saw_nothing());
    if moved.region == Region::WestUs || is_unknown() {
        Ok(())
    } else {
        Err(format!("the last was promoted in the east, at {}", moved.at))
    }
}

fn drill_leaves_production_as_it_was(end: &End<'_>) -> Verdict {
    let changes = &end.ledger.production.changes;
    if end.story.scenario == Scenario::Drill && !changes.is_empty() {
        return Err(format!("{changes:?}"));
    }
    Ok(())
}

/// A person is asked, and something ends with less than it should, only where more than time was
/// taken away beside what the scenario says.
fn the_outcome_is_allowed(end: &End<'_>) -> Verdict {
    let (story, scenario) = (end.story, end.story.scenario);
    let loss_in_drill = matches!(scenario, Scenario::RegionLossInDrill { .. });
    let may = |is_drill: bool, outcome: Outcome| match outcome {
        // Only a person forces a planned failover: one whose region is lost may have to ask.
        Outcome::NeedsHuman => {
            story.is_hurt() || matches!(scenario, Scenario::RegionLossInPlanned { .. })
        }
        Outcome::Recovered => !is_drill && scenario != Scenario::Drill,
        Outcome::Degraded => !is_drill && scenario != Scenario::Drill && story.is_hurt(),
        Outcome::Drilled => is_drill && (loss_in_drill || scenario == Scenario::Drill),
        Outcome::Failed => {
            is_drill && (loss_in_drill || scenario == Scenario::Drill) && story.is_hurt()
        }
        // A drill gives way to the failover; nobody but a person stops that one.
        Outcome::Aborted => {
            is_drill && loss_in_drill || story.faults.iter().any(|fault| fault.kind == Kind::Abort)
        }
    };
    let count = match scenario {
        Scenario::Blip { .. } | Scenario::Nothing => 0..=0,
        // What is over before anybody acts is none of Farshore's.
        _ if end.is_over_by_itself => 0..=1,
        // Where the drill could not begin before the loss, it does not begin any more.
        Scenario::RegionLossInDrill { .. } if story.is_disturbed() => 1..=2,
        Scenario::RegionLossInDrill { .. } => 2..=2,
        _ => 1..=1,
    };
    let ended: Vec<_> = end.ended().collect();
    if !count.contains(&(ended.len() - end.followed()))
        || !ended.iter().all(|(is_drill, it)| may(*is_drill, *it))
    {
        let outcomes: Vec<_> = ended.iter().map(|(_, outcome)| outcome).collect();
        return Err(format!("{scenario:?} ended as {outcomes:?}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
