//! Runs the checker over a scenario and tells what it found.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use recovery::event::Event;
use recovery::turn::Action;
use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::calm::Calm;
use crate::law::Law;
use crate::scenario::Scenario;
use crate::system::{Move, State};

/// Later than this after the run's beginning the kill switch is not on.
const HALTED_S: i64 = 60;

/// What a check came to.
#[derive(Debug)]
pub struct Found {
    /// Every state within the bounds was seen.
    pub complete: bool,
    pub states: usize,
    pub transitions: usize,
    pub depth: usize,
    pub findings: Vec<Finding>,
}

/// A law that does not hold, and how that comes about.
#[derive(Debug)]
pub struct Finding {
    pub law: Law,
    pub story: String,
}

#[derive(Debug, Clone)]
struct System {
    scenario: Arc<Scenario>,
    calm: Arc<Calm>,
}

impl Model for System {
    type State = State;
    type Action = Move;

    fn init_states(&self) -> Vec<State> {
        vec![State::first(&self.scenario)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Move>) {
        state.moves(&self.scenario, actions);
    }

    fn next_state(&self, state: &State, next: Move) -> Option<State> {
        Some(state.after(&self.scenario, next))
    }

    /// While everything is stopped nothing ends: somebody lets it go on in time.
    fn within_boundary(&self, state: &State) -> bool {
        !state.store.halted || state.now <= HALTED_S
    }

    fn properties(&self) -> Vec<Property<Self>> {
        self.scenario.laws.iter().map(|law| property(*law)).collect()
    }
}

fn property(law: Law) -> Property<System> {
    macro_rules! kept {
        ($($law:ident)*) => {
            match law {
                $(Law::$law => |_: &System, state: &State| !state.breaches.contains(&Law::$law),)*
                Law::Ends => |system: &System, state: &State| {
                    system.calm.ends(&system.scenario, state)
                },
            }
        };
    }
    let condition: fn(&System, &State) -> bool = kept!(
        OneForcedFailover Journaled FenceFirst LookedBefore DrillApart DrillTidy
        PlannedStaysPlanned AbortObeyed AbortedAsBefore LastWord AtMostTwoUnknown Truthful Readable
    );
    Property::always(law.name(), condition)
}

impl Scenario {
    /// Explores everything within the bounds, or until the law that is looked for is broken.
    pub fn check(&self, threads: usize, limit: Option<Duration>) -> Found {
        let system = System { scenario: Arc::new(self.clone()), calm: Arc::new(Calm::default()) };
        let mut builder =
            system.clone().checker().threads(threads).finish_when(HasDiscoveries::AnyFailures);
        if let Some(limit) = limit {
            builder = builder.timeout(limit);
        }
        let checker = builder.spawn_bfs().join();
        let findings = self
            .laws
            .iter()
            .filter_map(|law| {
                let path = checker.discovery(law.name())?;
                Some(Finding { law: *law, story: story(&path.into_vec()) })
            })
            .collect();
        Found {
            complete: checker.is_done(),
            states: checker.unique_state_count(),
            transitions: checker.state_count(),
            depth: checker.max_depth(),
            findings,
        }
    }
}

/// The path to a breach, for people.
fn story(path: &[(State, Option<Move>)]) -> String {
    let mut story = String::new();
    for (index, (state, next)) in path.iter().enumerate() {
        let Some(next) = next else { continue };
        let what = doing(state, *next);
        writeln!(story, "{:>4} s  {next} {what}", state.now).expect("text takes text");
        let after = path.get(index + 1).map(|(after, _)| after);
        let written = after.filter(|after| after.store.journal.len() > state.store.journal.len());
        for event in written.and_then(|it| it.store.journal.last()).iter().flat_map(|it| &it.events)
        {
            if let Some(text) = told(event) {
                writeln!(story, "              {text}").expect("text takes text");
            }
        }
    }
    story
}

fn doing(state: &State, next: Move) -> String {
    let (Move::Run(slot)
    | Move::FreezeBefore(slot)
    | Move::FreezeAfter(slot)
    | Move::Lose(slot)
    | Move::Blind(slot)
    | Move::Unconfirmed(slot)
    | Move::Unwritten(slot)) = next
    else {
        return String::new();
    };
    let Some(worker) = &state.slots[slot] else { return String::new() };
    match worker.next(state.now) {
        None => "takes an answer in".to_owned(),
        Some(Action::AcquireLease) => "asks for the lease".to_owned(),
        Some(Action::RenewLease) => "renews the lease".to_owned(),
        Some(Action::Load) => "loads".to_owned(),
        Some(Action::Append { sequence, .. }) => format!("appends record {sequence}"),
        Some(Action::Look { look, .. }) => format!("looks at {}", look.subject()),
        Some(Action::Send { effect, attempt, .. }) => {
            format!("sends #{attempt}: {}", effect.subject())
        }
        Some(Action::ReleaseLease) => "releases the lease".to_owned(),
        Some(Action::WakeAt(_) | Action::Finish(_)) => "finishes".to_owned(),
    }
}

fn told(event: &Event) -> Option<String> {
    match event {
        Event::Intended { step, attempt, effect, .. } => {
            Some(format!("{} intends #{attempt}: {}", step.name(), effect.subject()))
        }
        Event::StepEnded { step, outcome, detail } => {
            Some(format!("{} {outcome:?}: {detail}", step.name()))
        }
        Event::Unresolved { step, attempt, .. } => {
            Some(format!("{} #{attempt} has no answer", step.name()))
        }
        Event::NotSent { step, attempt, reason } => {
            Some(format!("{} #{attempt} was not sent: {reason}", step.name()))
        }
        Event::Accepted { step, attempt, .. } => {
            Some(format!("{} #{attempt} is accepted", step.name()))
        }
        Event::Refused { step, attempt, code, .. } => {
            Some(format!("{} #{attempt} is refused: {code}", step.name()))
        }
        Event::AbortRequested { .. } => Some("the run is aborted".to_owned()),
        Event::RunEnded { outcome, .. } => Some(format!("the run ends: {outcome:?}")),
        _ => None,
    }
}
