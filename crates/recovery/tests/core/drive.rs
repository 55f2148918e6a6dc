//! Drives turns over one run against the world, in pure time: performs what they ask, delivers
//! what comes of it, and lets things go wrong as the script says.

mod perform;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use recovery::decide::{decide, due};
use recovery::effect::Manner;
use recovery::event::{Event, Outcome, Record, Start, StepOutcome};
use recovery::look::Look;
use recovery::plan::NotifyPlan;
use recovery::report::{Report, report};
use recovery::request::Request;
use recovery::run::Run;
use recovery::runbook::{self, Milestone, Runbook, StepKind};
use recovery::turn::{Action, Finish, Input, Turn};
use recovery::{Place, Plan};

use crate::script::Script;
use crate::store::Store;
use crate::world::World;

/// Nothing lasts longer than this.
const PATIENCE: SignedDuration = SignedDuration::from_hours(5);
const SWEEP_S: i64 = 30;

pub(crate) fn start_of_time() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

pub(crate) fn cafe() -> Plan {
    Plan::parse(include_str!("../../../../plans/websphere-cafe.json")).unwrap()
}

pub(crate) fn cafe_ihs() -> Plan {
    Plan::parse(include_str!("../../../../plans/websphere-cafe-ihs.json")).unwrap()
}

pub(crate) struct Bench {
    pub(crate) now: Timestamp,
    pub(crate) world: World,
    pub(crate) store: Store,
    pub(crate) script: Script,
    queue: BTreeMap<(Timestamp, u64), Due>,
    workers: BTreeMap<u64, Worker>,
    next_wake: Option<Timestamp>,
    counter: u64,
    /// Actions performed so far.
    pub(crate) performed: usize,
    /// How turns ended.
    pub(crate) finishes: Vec<Finish>,
    /// Requests that left, as a count; most of them arrive.
    pub(crate) sent: usize,
    /// What happens right before the lease is renewed for a request with this text.
    ambush: Option<(&'static str, Happening)>,
    /// A wake is not replaced by an earlier one.
    pub(crate) every_wake_wakes: bool,
    /// No turn begins, and none goes on, while all processes are down.
    down: std::ops::Range<i64>,
}

type Happening = Box<dyn FnOnce(&mut Bench)>;

struct Worker {
    turn: Turn,
    holder: String,
}

/// What happens next.
enum Due {
    Begin,
    Wake,
    Sweep,
    Input { worker: u64, input: Input },
    Looked { worker: u64, action: Action },
    Leave { worker: u64, action: Action, fate: crate::script::Fate },
    Arrive { worker: Option<u64>, action: Action },
    Happen(Happening),
}

impl Bench {
    pub(crate) fn new(world: World, runbook: Runbook) -> Self {
        let now = world.now;
        let start = Start {
            run: "websphere-cafe-incident-1".to_owned(),
            plan: world.plan.clone(),
            incident: (!runbook.is_drill()).then_some(1),
            runbook,
            by: "a test".to_owned(),
            reason: "to see what happens".to_owned(),
        };
        let mut store = Store::default();
        let events = vec![Event::RunStarted(Box::new(start))];
        assert!(store.append(0, "a test", &Record { at: now, events }));
        let mut bench = Self {
            now,
            world,
            store,
            script: Script::default(),
            queue: BTreeMap::new(),
            workers: BTreeMap::new(),
            next_wake: None,
            counter: 0,
            performed: 0,
            finishes: Vec::new(),
            sent: 0,
            ambush: None,
            every_wake_wakes: false,
            down: 0..0,
        };
        bench.after(0, Due::Begin);
        bench.after(SWEEP_S, Due::Sweep);
        bench
    }

    /// The region is lost, and a forced failover begins.
    pub(crate) fn region_lost() -> Self {
        let world = World::lost(cafe(), start_of_time());
        Self::new(world, runbook::failover(Manner::Forced, Place::Preferred))
    }

    /// The region is lost, and the plan names somebody to tell.
    pub(crate) fn telling() -> Self {
        let mut plan = cafe();
        plan.notify = Some(NotifyPlan { webhook: "https://hooks.example.com/oncall".to_owned() });
        let world = World::lost(plan, start_of_time());
        Self::new(world, runbook::failover(Manner::Forced, Place::Preferred))
    }

    /// A forced failover although the old place lives.
    pub(crate) fn forced_while_alive() -> Self {
        let world = World::new(cafe(), start_of_time());
        Self::new(world, runbook::failover(Manner::Forced, Place::Preferred))
    }

    pub(crate) fn planned() -> Self {
        let world = World::new(cafe(), start_of_time());
        Self::new(world, runbook::failover(Manner::Planned, Place::Preferred))
    }

    pub(crate) fn drill() -> Self {
        let world = World::new(cafe(), start_of_time());
        Self::new(world, runbook::drill(Place::Preferred))
    }

    /// Something that happens at a second of the scenario.
    pub(crate) fn at(&mut self, second: i64, what: impl FnOnce(&mut Self) + 'static) {
        self.after(second, Due::Happen(Box::new(what)));
    }

    /// Something that happens between the first such intent and its sending.
    pub(crate) fn before_sending(
        &mut self,
        subject: &'static str,
        what: impl FnOnce(&mut Self) + 'static,
    ) {
        self.ambush = Some((subject, Box::new(what)));
    }

    /// All processes are down from one second to another.
    pub(crate) fn nobody_works(&mut self, from_s: i64, until_s: i64) {
        self.down = from_s..until_s;
        self.at(from_s, |bench| bench.workers.clear());
    }

    pub(crate) fn ask_to_abort(&mut self) {
        let (by, reason) = ("ann".to_owned(), "a false alarm".to_owned());
        self.store.inbox.push(Request::Abort { by, reason });
    }

    /// Another turn begins now, whoever is at it.
    pub(crate) fn begin_turn(&mut self) {
        self.after(0, Due::Begin);
    }

    /// Until the run has ended and nobody works on it any more.
    pub(crate) fn run_to_end(&mut self) -> (Outcome, String) {
        let limit = self.now + PATIENCE;
        while self.ended().is_none() || !self.workers.is_empty() {
            assert!(self.now < limit, "the run does not end:\n{}", self.timeline());
            self.tick();
        }
        let run = self.replayed();
        assert_eq!(run, *self.store.run(), "replayed at once or bit by bit, it is the same");
        assert!(due(&run, self.now).is_empty(), "an ended run wants nothing");
        assert!(decide(&run, self.now).is_empty(), "nothing follows from an ended run");
        self.ended().unwrap()
    }

    /// Until a second of the scenario.
    pub(crate) fn run_until(&mut self, second: i64) {
        let until = start_of_time() + SignedDuration::from_secs(second);
        while self.queue.first_key_value().is_some_and(|((at, _), _)| *at <= until) {
            self.tick();
        }
    }

    pub(crate) fn ended(&self) -> Option<(Outcome, String)> {
        let (outcome, _, detail) = self.store.run().ended.clone()?;
        Some((outcome, detail))
    }

    pub(crate) fn replayed(&self) -> Run {
        Run::replay(self.store.records()).unwrap()
    }

    pub(crate) fn report(&self) -> Report {
        report(self.store.records(), self.now).unwrap()
    }

    pub(crate) fn timeline(&self) -> String {
        crate::timeline::of(self.store.records())
    }

    /// Every event of the journal with its second.
    pub(crate) fn events(&self) -> Vec<(i64, Event)> {
        let second = |at: Timestamp| at.duration_since(start_of_time()).as_secs();
        self.store
            .records()
            .iter()
            .flat_map(|record| record.events.iter().map(|event| (record.at, event.clone())))
            .map(|(at, event)| (second(at), event))
            .collect()
    }

    /// The seconds at which requests of a step were intended.
    pub(crate) fn intents(&self, kind: StepKind) -> Vec<i64> {
        self.events()
            .into_iter()
            .filter_map(|(second, event)| match event {
                Event::Intended { step, .. } if step == kind => Some(second),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn outcome_of(&self, kind: StepKind) -> Option<StepOutcome> {
        self.replayed().step(kind)?.outcome()
    }

    /// The second at which a step ended.
    pub(crate) fn ended_at(&self, kind: StepKind) -> i64 {
        self.second_of(|event| matches!(event, Event::StepEnded { step, .. } if *step == kind))
    }

    /// The second at which a step came so far.
    pub(crate) fn reached_at(&self, kind: StepKind, what: Milestone) -> i64 {
        self.second_of(|event| *event == Event::MilestoneReached { step: kind, milestone: what })
    }

    fn second_of(&self, fits: impl Fn(&Event) -> bool) -> i64 {
        let found = self.events().into_iter().find(|(_, event)| fits(event));
        found.expect("it happened").0
    }

    /// The epochs in the order in which they were written.
    pub(crate) fn epochs(&self) -> Vec<u64> {
        self.events()
            .into_iter()
            .filter_map(|(_, event)| match event {
                Event::HolderChanged { epoch, .. } => Some(epoch),
                _ => None,
            })
            .collect()
    }

    /// The looks that saw something new, by subject.
    pub(crate) fn seen_looks(&self) -> BTreeSet<String> {
        self.events()
            .into_iter()
            .filter_map(|(_, event)| match event {
                Event::Saw { look, .. } => Some(Look::subject(&look)),
                _ => None,
            })
            .collect()
    }

    fn after(&mut self, seconds: i64, due: Due) {
        self.after_ms(seconds * 1000, due);
    }

    fn after_ms(&mut self, milliseconds: i64, due: Due) {
        self.counter += 1;
        let at = self.now + SignedDuration::from_millis(milliseconds);
        self.queue.insert((at, self.counter), due);
    }

    fn tick(&mut self) {
        let ((at, _), due) = self.queue.pop_first().expect("the sweep always comes again");
        self.now = at;
        self.world.advance(at);
        self.happen(due);
    }

    fn second(&self) -> i64 {
        self.now.duration_since(start_of_time()).as_secs()
    }
}
