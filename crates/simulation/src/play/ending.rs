//! What came of a story, and whether it may.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use recovery::event::Outcome;
use simulator::ledger::{Effects, Promotion};
use simulator::regions::Region;

use super::Play;
use crate::checks::CLOCK_OFF;
use crate::fault::Kind;
use crate::journals::Journal;
use crate::rig::{Hit, Io};
use crate::story::Scenario;

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

/// What a story leaves behind in the world.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub effects: Effects,
    /// Acknowledged writes that are gone, though they need not be.
    pub avoidable_losses: usize,
    pub served_by: Option<Region>,
    pub production_unchanged: bool,
}

/// A check that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub check: &'static str,
    pub at_s: i64,
    pub what: String,
}

impl Ending {
    pub(super) fn panicked(what: String) -> Self {
        let failure = Some(Failure { check: "nothing-panics", at_s: 0, what });
        Self { failure, ..Self::default() }
    }

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
            let troubles = journal.troubles();
            troubles.into_iter().find(|trouble| !trouble.contains(" Skipped: "))
        };
        (*outcome == Outcome::NeedsHuman).then(|| cause().unwrap_or_else(|| detail.clone()))
    });
    if play.failure.is_none() {
        for (check, verdict) in at_the_end(&play, &outcomes) {
            if let Err(what) = verdict {
                play.fail(check, what);
            }
        }
    }
    let hits = play.rig.weather.hits();
    let mut faults = BTreeMap::new();
    for hit in &hits {
        *faults.entry(hit.kind.name()).or_default() += 1;
    }
    let ledger = play.rig.ledger();
    let mark = Mark {
        effects: ledger.effects,
        avoidable_losses: ledger.lost_writes.other.len(),
        served_by: ledger.answers.last.filter(|last| last.good).and_then(|last| last.served_by),
        production_unchanged: ledger.production.unchanged,
    };
    let mut log = play.rig.log.lines();
    if !log.is_empty() {
        for journal in &play.journals {
            let records = journal.records.iter();
            log.extend(records.map(|record| serde_json::to_string(record).unwrap()));
        }
        log.push(serde_json::to_string(&play.rig.ledger()).unwrap());
    }
    Ending {
        outcomes,
        needs_human,
        seconds: play.elapsed().as_secs(),
        faults,
        coverage: coverage(&play, &hits),
        world: Some(mark),
        ios: play.rig.cuts.seen(),
        all_cut: play.rig.cuts.all_made(),
        failure: play.failure,
        log,
    }
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

type Verdicts = Vec<(&'static str, Result<(), String>)>;

fn at_the_end(play: &Play<'_>, outcomes: &[Outcome]) -> Verdicts {
    let ledger = play.rig.ledger();
    let needs_human = outcomes.contains(&Outcome::NeedsHuman);
    let writes = ledger.lost_writes.other.len();
    let by_hand = play.story.is_by_hand();
    let no_loss = if writes > 0 && !by_hand { Err(format!("{writes} writes")) } else { Ok(()) };
    let served = match &ledger.answers.last {
        Some(last) if last.good || needs_human => Ok(()),
        // The region is lost, and a person did not want to leave it.
        _ if play.story.scenario.loses_the_region() && is_aborted(play) => Ok(()),
        // Somebody else has begun to move the workload, and is told that Farshore leaves it alone.
        _ if play.is_left_to_others() => Ok(()),
        last => Err(format!("the last answer: {last:?}")),
    };
    let mut verdicts = vec![
        ("no-avoidable-loss", no_loss),
        ("the-outcome-is-allowed", allowed(play)),
        ("users-are-served", served),
        ("people-are-told", play.people_are_told()),
    ];
    verdicts.push(("an-abort-leaves-things-as-they-were", as_they_were(play)));
    verdicts.push(("recovered-means-recovered", is_where_it_says(play)));
    if play.story.scenario == Scenario::Drill {
        let changes = &ledger.production.changes;
        let unchanged = if changes.is_empty() { Ok(()) } else { Err(format!("{changes:?}")) };
        verdicts.push(("drill-leaves-production-as-it-was", unchanged));
    }
    verdicts
}

/// Whether the failover was, not the drill.
fn is_aborted(play: &Play<'_>) -> bool {
    play.journals.iter().any(|journal| {
        let ended = journal.ended.as_ref().map(|(outcome, _)| *outcome);
        !is_drill(journal) && ended == Some(Outcome::Aborted)
    })
}

fn is_drill(journal: &Journal) -> bool {
    journal.name.contains("-drill-")
}

/// Where the failover was aborted, nothing has moved and nothing is left of it.
fn as_they_were(play: &Play<'_>) -> Result<(), String> {
    if !is_aborted(play) {
        return Ok(());
    }
    let world = play.rig.azure.lock();
    let promotions = play.events.by_hand.not_asked_for(world.ledger().promotions());
    match (world.glance().enabled_endpoints, promotions.as_slice()) {
        (2, []) => Ok(()),
        (enabled, promotions) => Err(format!("{enabled} endpoints are enabled, {promotions:?}")),
    }
}

/// A run that says that the workload runs in the standby place has looked there, at most so long
/// before: what somebody fails back in that moment it cannot know.
fn is_where_it_says(play: &Play<'_>) -> Result<(), String> {
    const MEANWHILE: SignedDuration = SignedDuration::from_secs(30);
    let world = play.rig.azure.lock();
    for journal in &play.journals {
        let Some((Outcome::Recovered, said)) = &journal.ended else { continue };
        // Nor, for want of an answer, anything at all.
        if !journal.run().is_some_and(|run| run.is_promoted()) {
            continue;
        }
        let Some(at) = journal.records.last().map(|record| record.at) else { continue };
        let last = world.ledger().promotions().iter().rfind(|it| it.at <= at + CLOCK_OFF);
        let is_known = |it: &&Promotion| it.region == Region::EastUs && it.at <= at - MEANWHILE;
        if let Some(moved) = last.filter(is_known) {
            return Err(format!("{}: {said}; promoted in the east at {}", journal.name, moved.at));
        }
    }
    Ok(())
}

fn allowed(play: &Play<'_>) -> Result<(), String> {
    let story = play.story;
    let loss_in_drill = matches!(story.scenario, Scenario::RegionLossInDrill { .. });
    let may = |is_drill: bool, outcome: Outcome| match outcome {
        Outcome::NeedsHuman => story.is_disturbed() || story.scenario.loses_the_region(),
        Outcome::Recovered | Outcome::Degraded => !is_drill && story.scenario != Scenario::Drill,
        Outcome::Drilled | Outcome::Failed => {
            is_drill && (loss_in_drill || story.scenario == Scenario::Drill)
        }
        // A drill gives way to the failover; nobody but a person stops that one.
        Outcome::Aborted => {
            is_drill && loss_in_drill || story.faults.iter().any(|fault| fault.kind == Kind::Abort)
        }
    };
    let ended: Vec<_> = play
        .journals
        .iter()
        .filter_map(|journal| Some((is_drill(journal), journal.ended.as_ref()?.0)))
        .collect();
    let count = match story.scenario {
        Scenario::Blip { .. } | Scenario::Nothing => 0..=0,
        // What is over before anybody acts is none of Farshore's.
        _ if play.is_over_by_itself() => 0..=1,
        // Where the drill could not begin before the loss, it does not begin any more.
        Scenario::RegionLossInDrill { .. } if story.is_disturbed() => 1..=2,
        Scenario::RegionLossInDrill { .. } => 2..=2,
        _ => 1..=1,
    };
    if !count.contains(&ended.len()) || !ended.iter().all(|(is_drill, it)| may(*is_drill, *it)) {
        let outcomes: Vec<_> = ended.iter().map(|(_, outcome)| outcome).collect();
        return Err(format!("{:?} ended as {outcomes:?}", story.scenario));
    }
    Ok(())
}
