//! The brain: what follows from a run's state at a moment ([`decide`]), what is to be done now
//! ([`due`]) and when to think again ([`next_due`]). Commands are a function of state and time and
//! are never stored, so recovery after a crash is the ordinary path.

mod graph;

use jiff::Timestamp;

use crate::effect::{Effect, Operation};
use crate::event::{Event, Outcome, StepOutcome};
use crate::limits::{
    FRESH_S, LOOK_INTERVAL_S, SEND_WITHIN_S, SLOW_LOOK_INTERVAL_S, WAKE_MAX_S, seconds,
};
use crate::look::Look;
use crate::protocol::{Permit, baseline, permit, witnesses};
use crate::run::{Attempt, AttemptState, Looked, Run, StepRun};
use crate::runbook::{Importance, StepKind, StepSpec};
use crate::step::{self, Context, Verdict};
use crate::view::View;

/// Something to do now. Looks change nothing; a send changes the world.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Command {
    /// Look, and ask about these operations while at it; fetch what an earlier look has asked for.
    Look { look: Look, operations: Vec<Pending>, asked: Option<Operation> },
    /// Send the request whose intent is in the journal.
    Send { step: StepKind, attempt: u32, effect: Effect, send_before: Timestamp },
}

/// An accepted operation whose end has not been seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pending {
    pub step: StepKind,
    pub attempt: u32,
    pub operation: Operation,
}

/// What follows now. The caller applies the events and asks again until nothing follows.
pub fn decide(run: &Run, now: Timestamp) -> Vec<Event> {
    if run.ended.is_some() {
        return Vec::new();
    }
    let mut events = Vec::new();
    for spec in &run.start.runbook.steps {
        let Some(step) = run.step(spec.kind) else { continue };
        if step.has_ended() {
            continue;
        }
        if step.is_active() {
            advance(run, spec, step, now, &mut events);
        } else if let Some(event) = graph::begin(run, spec) {
            events.push(event);
        }
        if !events.is_empty() {
            // One step at a time: what follows for the others may depend on it.
            return events;
        }
    }
    graph::end(run, now).into_iter().collect()
}

/// An active step: has it succeeded, may it act, is it late?
fn advance(run: &Run, spec: &StepSpec, step: &StepRun, now: Timestamp, events: &mut Vec<Event>) {
    let kind = spec.kind;
    let context = Context { run, now, kind };
    let due_by = due_by(run, spec, step);
    let late = due_by.is_some_and(|due_by| now >= due_by);
    // A decision this old is not carried out any more, but what was put up is taken down.
    let may_act = !late || (graph::puts_back(run, kind) && step.attempts.is_empty());
    let assessment = step::assess(kind, &context);
    for milestone in assessment.reached {
        if !step.reached.contains(&milestone) {
            events.push(Event::MilestoneReached { step: kind, milestone });
        }
    }
    let ended =
        |outcome: StepOutcome, detail: String| Event::StepEnded { step: kind, outcome, detail };
    match assessment.verdict {
        Verdict::Satisfied(evidence) => {
            events.push(ended(StepOutcome::Succeeded, evidence));
            return;
        }
        Verdict::Degraded(evidence) => {
            events.push(ended(StepOutcome::Degraded, evidence));
            return;
        }
        Verdict::Impossible(why) => {
            events.push(ended(StepOutcome::Failed, why));
            return;
        }
        Verdict::Act(effects) if may_act => act(run, spec, step, effects, now, events),
        Verdict::Wait(_) | Verdict::Act(_) => {}
    }
    if !events.is_empty() {
        return;
    }
    // What is under way is seen to its end even in a retreat: only then can it be put back.
    let under_way = step.attempts.iter().any(|attempt| {
        attempt.is_under_way() || (attempt.is_unresolved() && attempt.may_still_arrive(now))
    });
    if graph::is_abandoned(run, kind) && !under_way {
        events.push(ended(StepOutcome::Skipped, "the run retreats".to_owned()));
        return;
    }
    let Some(since) = step.active_since() else { return };
    let age = now.duration_since(since);
    // After a time in which nobody worked, a step may have been reached unseen: look first.
    let seen = step::looks(kind, &context).iter().all(|look| run.looked.contains_key(look));
    // While the kill switch is on a step cannot do what it is late with.
    if late && seen && !run.halted {
        let unresolved = step.attempts.iter().any(Attempt::is_unresolved);
        let outcome = if unresolved { StepOutcome::NeedsHuman } else { StepOutcome::TimedOut };
        let why = why_waiting(run, kind, now);
        events.push(ended(outcome, format!("not reached in {} s: {why}", spec.deadline_s)));
    } else if !step.overdue && spec.patience_s.is_some_and(|patience| age >= seconds(patience)) {
        events.push(Event::StepOverdue { step: kind });
    }
}

/// When an active step is late. What puts things back has its whole time from when it could begin:
/// the kill switch may have held it up for hours.
fn due_by(run: &Run, spec: &StepSpec, step: &StepRun) -> Option<Timestamp> {
    let first = step.attempts.first().filter(|_| graph::puts_back(run, spec.kind));
    let since = first.map_or(step.active_since()?, |first| first.intended_at);
    Some(since + seconds(spec.deadline_s))
}

fn act(
    run: &Run,
    spec: &StepSpec,
    step: &StepRun,
    effects: Vec<Effect>,
    now: Timestamp,
    events: &mut Vec<Event>,
) {
    if graph::is_abandoned(run, spec.kind) {
        return;
    }
    let mut number = u32::try_from(step.attempts.len()).unwrap_or(u32::MAX);
    // Telling people is no change, and is wanted most when somebody has stopped everything.
    let allowed = |effect: &Effect| !run.halted || !effect.changes_something();
    for effect in effects.into_iter().filter(allowed) {
        match permit(run, step, &effect, now) {
            Permit::Intend => {
                number = number.saturating_add(1);
                events.push(Event::Intended {
                    step: spec.kind,
                    attempt: number,
                    baseline: baseline(run, &effect),
                    effect,
                    send_before: now + seconds(SEND_WITHIN_S),
                });
            }
            Permit::Until(_) | Permit::Pending => {}
            Permit::NeedsHuman(why) => {
                events.push(Event::StepEnded {
                    step: spec.kind,
                    outcome: StepOutcome::NeedsHuman,
                    detail: why,
                });
                return;
            }
        }
    }
}

/// What an active step is waiting for, for people: by what was last seen, however long ago.
pub fn why_waiting(run: &Run, kind: StepKind, now: Timestamp) -> String {
    let mut known = run.clone();
    for look in run.sights.keys() {
        known.note_look(look, Looked { asked: now, answered: now });
    }
    match step::assess(kind, &Context { run: &known, now, kind }).verdict {
        Verdict::Satisfied(text)
        | Verdict::Degraded(text)
        | Verdict::Impossible(text)
        | Verdict::Wait(text) => text,
        Verdict::Act(effects) => effects.iter().map(Effect::subject).collect::<Vec<_>>().join(", "),
    }
}

/// What is to be done now.
pub fn due(run: &Run, now: Timestamp) -> Vec<Command> {
    if run.ended.is_some() {
        return Vec::new();
    }
    let mut commands = Vec::new();
    for (kind, step) in active(run) {
        for attempt in &step.attempts {
            let ours = attempt.epoch == run.epoch && run.epoch > 0;
            if ours && attempt.state == AttemptState::Intended {
                commands.push(Command::Send {
                    step: kind,
                    attempt: attempt.number,
                    effect: attempt.effect.clone(),
                    send_before: attempt.send_before,
                });
            }
        }
        for look in step::looks(kind, &Context { run, now, kind }) {
            if look_due(run, &look) <= now {
                let operations = pending(run, &look);
                let asked = asked(run, &look);
                commands.push(Command::Look { look, operations, asked });
            }
        }
    }
    commands.sort();
    commands.dedup();
    commands
}

/// When there may be something to do again.
pub fn next_due(run: &Run, now: Timestamp) -> Option<Timestamp> {
    if run.ended.is_some() {
        return None;
    }
    let mut times = vec![now + seconds(WAKE_MAX_S)];
    for (kind, step) in active(run) {
        let spec = run.start.runbook.step(kind);
        for look in step::looks(kind, &Context { run, now, kind }) {
            times.push(look_due(run, &look));
        }
        if let (Some(since), Some(spec)) = (step.active_since(), spec) {
            times.extend(due_by(run, spec, step));
            if let Some(patience) = spec.patience_s.filter(|_| !step.overdue) {
                times.push(since + seconds(patience));
            }
        }
        for attempt in &step.attempts {
            match attempt.state {
                AttemptState::Intended | AttemptState::Unresolved { .. } => {
                    times.push(attempt.quiet_from());
                    times.extend(attempt.shown_from());
                }
                AttemptState::Refused { retry_at, .. } => times.push(retry_at),
                AttemptState::Accepted { .. } | AttemptState::NotSent => {}
            }
        }
    }
    times.into_iter().filter(|at| *at > now).min()
}

fn active(run: &Run) -> impl Iterator<Item = (StepKind, &StepRun)> {
    run.start.runbook.steps.iter().filter_map(|spec| {
        let step = run.step(spec.kind)?;
        step.is_active().then_some((spec.kind, step))
    })
}

/// A look is due at once if this turn has not made it, then at its pace: what does not answer is
/// asked less often than what does.
fn look_due(run: &Run, look: &Look) -> Timestamp {
    let Some(looked) = run.looked.get(look) else { return Timestamp::MIN };
    // What has just been changed, or can now be known, is looked at straight away.
    let awaited = run
        .attempts()
        .filter(|(_, attempt)| witnesses(run, &attempt.effect).contains(look))
        .flat_map(|(_, attempt)| attempt.accepted_at().into_iter().chain(attempt.shown_from()))
        .filter(|moment| *moment > looked.asked)
        .map(|moment| moment.max(looked.answered));
    let pace = if run.last(look).is_some() { LOOK_INTERVAL_S } else { SLOW_LOOK_INTERVAL_S };
    let in_turn = looked.answered + seconds(pace.min(FRESH_S));
    awaited.fold(in_turn, Timestamp::min)
}

fn asked(run: &Run, look: &Look) -> Option<Operation> {
    match run.last(look)? {
        View::GatewayHealth(health) => health.asked.clone(),
        _ => None,
    }
}

fn pending(run: &Run, look: &Look) -> Vec<Pending> {
    run.attempts()
        .filter(|(_, attempt)| attempt.effect.shown_by().as_ref() == Some(look))
        .filter_map(|(step, attempt)| {
            let operation = attempt.open_operation()?.clone();
            Some(Pending { step, attempt: attempt.number, operation })
        })
        .collect()
}

/// Whether the run leaves things as they were before it.
pub(crate) fn is_retreating(run: &Run) -> bool {
    graph::is_retreating(run)
}

/// How the run would end if it ended now.
pub fn verdict(run: &Run) -> (Outcome, String) {
    graph::verdict(run)
}

/// Whether an unmet step of this importance spoils the goal.
fn spoils(importance: Importance, outcome: StepOutcome) -> bool {
    importance == Importance::Required && !outcome.is_good()
}
