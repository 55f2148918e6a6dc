//! What came of a story, and whether it may.

use std::collections::BTreeMap;

use recovery::event::Outcome;
use simulator::ledger::Report;

use super::{Mark, Play};
use crate::checks::{End, LAST_CHECKS};
use crate::journals::Journal;
use crate::rig::{Hit, Io};

/// What came of a story.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// How each of its runs ended, in order of their names.
    pub outcomes: Vec<Outcome>,
    /// Why a person is needed, if one is.
    pub needs_human: Option<String>,
    /// Simulated seconds that it took.
    pub seconds: i64,
    pub faults: BTreeMap<&'static str, u64>,
    /// How often a fault took place while a step was at work.
    pub coverage: BTreeMap<(&'static str, &'static str), u64>,
    pub failure: Option<Failure>,
    /// What came of it in the world, by the simulator's ledger.
    pub world: Option<Mark>,
    /// Every I/O of the apps, in order.
    pub ios: Vec<Io>,
    /// Whether every cut of the story has come to pass.
    pub all_cut: bool,
    /// Every I/O, and what was written, if it was asked for.
    pub log: Vec<String>,
}

/// A check that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub check: &'static str,
    pub at_s: i64,
    pub what: String,
}

impl Ending {
    /// What to count it under.
    pub fn name(&self) -> String {
        if self.outcomes.is_empty() {
            return "no run".to_owned();
        }
        let names = self.outcomes.iter().map(|outcome| format!("{outcome:?}"));
        names.collect::<Vec<_>>().join(" + ")
    }
}

/// The last checks, and the figures.
pub(super) async fn judged(mut play: Play<'_>) -> Ending {
    for journal in &mut play.journals {
        journal.refresh(&play.rig.store).await;
    }
    play.journals.sort_by(|a, b| a.name.cmp(&b.name));
    let outcomes: Vec<Outcome> =
        play.journals.iter().filter_map(|journal| Some(journal.ended.as_ref()?.0)).collect();
    let needs_human = play.journals.iter().find_map(|journal| {
        let (outcome, detail) = journal.ended.as_ref()?;
        let cause = || {
            let (troubles, asks) =
                (journal.troubles(), |it: &&String| it.contains(" NeedsHuman: "));
            let is_cause = |it: &&String| !it.contains(" Skipped: ");
            let first = troubles.iter().find(asks).or_else(|| troubles.iter().find(is_cause));
            first.cloned()
        };
        (*outcome == Outcome::NeedsHuman).then(|| cause().unwrap_or_else(|| detail.clone()))
    });
    let ledger = play.rig.ledger();
    if play.failure.is_none()
        && let Some((check, what)) = broken(&play, &ledger)
    {
        play.fail(check, what);
    }
    let hits = play.rig.weather.hits();
    let mut faults = BTreeMap::new();
    for hit in &hits {
        *faults.entry(hit.kind.name()).or_default() += 1;
    }
    let mut log = play.rig.log.lines();
    if !log.is_empty() {
        for journal in &play.journals {
            let records = journal.records.iter();
            log.extend(records.map(|record| serde_json::to_string(record).unwrap()));
        }
        log.push(serde_json::to_string(&ledger).unwrap());
    }
    Ending {
        outcomes,
        needs_human,
        seconds: play.elapsed().as_secs(),
        faults,
        coverage: coverage(&play, &hits),
        world: Some(Mark::of(&play.rig, &ledger).await),
        ios: play.rig.cuts.seen(),
        all_cut: play.rig.cuts.all_made(),
        failure: play.failure,
        log,
    }
}

/// The first of the last checks that does not hold.
fn broken(play: &Play<'_>, ledger: &Report) -> Option<(&'static str, String)> {
    let by_hand = &play.events.by_hand;
    let end = End {
        story: play.story,
        ledger,
        enabled_endpoints: play.rig.azure.lock().glance().enabled_endpoints,
        promotions: &by_hand.not_asked_for(&ledger.promotions),
        journals: &play.journals,
        overdue: play.overdue.as_deref(),
        is_promoted_by_hand: by_hand.has_promoted(),
        is_over_by_itself: play.is_over_by_itself(),
    };
    LAST_CHECKS.iter().find_map(|check| Some((check.name, (check.holds)(&end).err()?)))
}

fn coverage(play: &Play<'_>, hits: &[Hit]) -> BTreeMap<(&'static str, &'static str), u64> {
    let spans: Vec<_> = play.journals.iter().flat_map(Journal::spans).collect();
    let mut coverage = BTreeMap::new();
    for hit in hits {
        for (step, from, to) in &spans {
            if *from <= hit.at && hit.at <= *to {
                *coverage.entry((hit.kind.name(), step.name())).or_default() += 1;
            }
        }
    }
    coverage
}
