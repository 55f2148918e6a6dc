//! A state of everything, and what can happen in it.

mod laws;
mod moves;
mod people;
mod perform;
mod requests;
mod time;

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use recovery::Place;
use recovery::effect::Effect;
use recovery::event::{Sight, Start};
use recovery::look::Look;
use recovery::runbook::{Goal, StepKind};

use crate::azure::Azure;
use crate::journal::Store;
use crate::law::Breaches;
use crate::plan;
use crate::scenario::{Budget, Scenario};
use crate::shared::Shared;
use crate::worker::Worker;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// Seconds since the run was started.
    pub(crate) now: i64,
    /// Answers from the wire since then; each is later than what was before it.
    ticks: i64,
    pub(crate) slots: Vec<Option<Shared<Worker>>>,
    pub(crate) store: Store,
    pub(crate) azure: Azure,
    pub(crate) wire: Vec<Post>,
    /// When the next message about the run is due.
    wake: Option<i64>,
    /// What each look saw first and when, if that is what looks are answered with.
    remembered: BTreeMap<Look, (Timestamp, Sight)>,
    turns: u32,
    left: Budget,
    /// Requests that left and of which no sender knows what became.
    unknown: BTreeMap<(u64, StepKind, u32), u8>,
    pub(crate) breaches: Breaches,
}

/// A request on its way that nobody will be told of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Post {
    step: StepKind,
    attempt: u32,
    effect: Effect,
    epoch: u64,
    latest: i64,
}

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Move {
    /// A message arrives: a turn begins.
    Begin(usize),
    /// A turn begins that nobody needs.
    Intrude(usize),
    /// A process does the next thing and hears the answer.
    Run(usize),
    FreezeBefore(usize),
    /// The next thing is done, and the process freezes before it hears the answer.
    FreezeAfter(usize),
    Thaw(usize),
    /// A frozen process never wakes.
    Die(usize),
    /// The next request has no answer.
    Lose(usize),
    /// The next look has no answer.
    Blind(usize),
    /// The next record is written, and its writer is not told.
    Unconfirmed(usize),
    /// The next record is not written, and its writer cannot tell.
    Unwritten(usize),
    Arrive(usize),
    Drop(usize),
    PromoteByHand,
    FailBack,
    Abort,
    Halt,
    Resume,
    /// Nothing happens until something is due.
    Pass,
}

pub(crate) fn stamp(second: i64) -> Timestamp {
    start_of_time() + SignedDuration::from_secs(second)
}

/// The first whole second that is not earlier.
pub(crate) fn second(at: Timestamp) -> i64 {
    let since = at.duration_since(start_of_time());
    since.as_secs() + i64::from(since.subsec_nanos() > 0)
}

fn start_of_time() -> Timestamp {
    // 2026-11-22T10:00:00Z
    Timestamp::constant(1_795_341_600, 0)
}

impl State {
    pub(crate) fn first(scenario: &Scenario) -> Self {
        let runbook = plan::runbook(scenario);
        let store = Store::begin(Start {
            run: "websphere-cafe-incident-1".to_owned(),
            plan: plan::plan(),
            incident: (scenario.goal != Goal::Drill).then_some(1),
            runbook,
            by: "the model".to_owned(),
            reason: "to see what can happen".to_owned(),
        });
        Self {
            now: 0,
            ticks: 0,
            slots: vec![None; scenario.workers],
            store,
            azure: Azure::new(scenario),
            wire: Vec::new(),
            wake: Some(0),
            remembered: BTreeMap::new(),
            turns: 0,
            left: scenario.budget,
            unknown: BTreeMap::new(),
            breaches: Breaches::new(),
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.store.journal.run.ended.is_some()
    }

    /// What the process of that place reads on its clock.
    fn clock(&self, scenario: &Scenario, slot: usize) -> Timestamp {
        let ticks = SignedDuration::from_millis(self.ticks);
        stamp(self.now + skew(scenario, slot)) + ticks
    }

    fn workers(&self) -> impl Iterator<Item = &Worker> {
        self.slots.iter().flatten().map(|worker| &**worker)
    }

    pub(crate) fn is_anybody_working(&self) -> bool {
        self.workers().any(|worker| worker.is_working(self.now))
    }

    pub(crate) fn is_anybody_frozen(&self) -> bool {
        self.workers().any(|worker| worker.frozen)
    }
}

/// The second process is ahead, the others have the right time.
fn skew(scenario: &Scenario, slot: usize) -> i64 {
    if slot == 1 { scenario.skew_s } else { 0 }
}

/// The side that a run leads away from.
const HOME: Place = Place::Preferred;

impl fmt::Display for Move {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin(slot) => write!(formatter, "process {slot} begins a turn"),
            Self::Intrude(slot) => write!(formatter, "process {slot} begins a turn uncalled"),
            Self::Run(slot) => write!(formatter, "process {slot}"),
            Self::FreezeBefore(slot) => write!(formatter, "process {slot} freezes before"),
            Self::FreezeAfter(slot) => write!(formatter, "process {slot} freezes after"),
            Self::Thaw(slot) => write!(formatter, "process {slot} wakes before"),
            Self::Die(slot) => write!(formatter, "process {slot} dies"),
            Self::Lose(slot) => write!(formatter, "process {slot}, without an answer:"),
            Self::Blind(slot) => write!(formatter, "process {slot}, in vain:"),
            Self::Unconfirmed(slot) => write!(formatter, "process {slot}, without being told:"),
            Self::Unwritten(slot) => write!(formatter, "process {slot}, without effect:"),
            Self::Arrive(post) => write!(formatter, "request {post} on the wire arrives"),
            Self::Drop(post) => write!(formatter, "request {post} on the wire is lost"),
            Self::PromoteByHand => formatter.write_str("somebody promotes the database by hand"),
            Self::FailBack => formatter.write_str("the region is back and somebody fails back"),
            Self::Abort => formatter.write_str("somebody asks to abort"),
            Self::Halt => formatter.write_str("somebody turns the kill switch on"),
            Self::Resume => formatter.write_str("somebody turns the kill switch off"),
            Self::Pass => formatter.write_str("time passes"),
        }
    }
}
