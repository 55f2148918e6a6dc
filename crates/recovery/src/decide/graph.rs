//! The graph: which step may begin, which never will, and how the run ends.

use jiff::Timestamp;

use super::{spoils, why_waiting};
use crate::event::{Event, Outcome, StepOutcome};
use crate::run::{Run, StepRun};
use crate::runbook::{Edge, Goal, Importance, Milestone, StepKind, StepSpec};

/// How an edge stands.
enum Standing {
    Met,
    Open,
    /// It can no longer be met; the text says why.
    Never(String),
}

/// Starts a waiting step whose edges are all met, or skips it if one never will be.
pub(super) fn begin(run: &Run, spec: &StepSpec) -> Option<Event> {
    let step = spec.kind;
    if is_abandoned(run, step) {
        return Some(skipped(step, "the run retreats".to_owned()));
    }
    let mut open = false;
    for edge in &spec.after {
        match standing(run, *edge) {
            Standing::Met => {}
            Standing::Open => open = true,
            Standing::Never(why) => return Some(skipped(step, why)),
        }
    }
    (!open).then_some(Event::StepStarted { step })
}

fn skipped(step: StepKind, detail: String) -> Event {
    Event::StepEnded { step, outcome: StepOutcome::Skipped, detail }
}

fn standing(run: &Run, edge: Edge) -> Standing {
    let (kind, met) = match edge {
        Edge::Retreat => return retreat_standing(run),
        Edge::Success(kind) => {
            let outcome = run.step(kind).and_then(StepRun::outcome);
            (kind, outcome.is_some_and(StepOutcome::is_good))
        }
        Edge::Settled(kind) => {
            let step = run.step(kind);
            (kind, step.is_none_or(|step| step.has_ended() || step.overdue))
        }
        Edge::Ended(kind) => (kind, run.step(kind).is_none_or(StepRun::has_ended)),
        // What is given up is not waited for: a lost region stops no machines.
        Edge::Reached(_, Milestone::SourceStopped) if run.forced.is_some() => return Standing::Met,
        Edge::Reached(kind, milestone) => {
            (kind, run.step(kind).is_some_and(|step| step.reached.contains(&milestone)))
        }
    };
    if met {
        Standing::Met
    } else if run.step(kind).is_none_or(StepRun::has_ended) {
        Standing::Never(format!("{} did not get there", kind.name()))
    } else {
        Standing::Open
    }
}

/// Whether the run is to leave things as they were. A promotion on its way may yet be refused, and
/// then there is a way back again: only the run's success settles that there is nothing to undo.
fn retreat_standing(run: &Run) -> Standing {
    if is_retreating(run) {
        Standing::Met
    } else if run.step(StepKind::ConfirmTraffic).is_some_and(StepRun::has_ended) {
        Standing::Never("from here only forward".to_owned())
    } else {
        Standing::Open
    }
}

/// Whether the run leaves things as they were before it.
pub(super) fn is_retreating(run: &Run) -> bool {
    retreats(run) && !run.is_past_no_return()
}

/// Aborted, or hopeless before anything was sent that has no way back.
fn retreats(run: &Run) -> bool {
    run.abort.is_some()
        || (!run.is_past_no_return()
            && required(run).any(|(_, outcome)| outcome.is_some_and(|o| !o.is_good())))
}

/// In a retreat nothing new is begun but what puts things back.
pub(super) fn is_abandoned(run: &Run, kind: StepKind) -> bool {
    if !is_retreating(run) {
        return false;
    }
    match kind {
        StepKind::RestoreTraffic | StepKind::Close => false,
        // Removing our own drill is a duty; removing somebody's only serves a failover.
        StepKind::CleanUpDrill => !run.start.runbook.is_drill(),
        StepKind::Observe
        | StepKind::GoNoGo
        | StepKind::WithdrawTraffic
        | StepKind::PromoteSql
        | StepKind::FailOverMachines
        | StepKind::StopOldPrimary
        | StepKind::AttachPublicIps
        | StepKind::ConfirmEntry
        | StepKind::ConfirmApplication
        | StepKind::ConfirmTraffic
        | StepKind::TestFailOver
        | StepKind::ValidateDrill => true,
    }
}

/// What the run owes: to leave things as they were before it.
pub(super) fn puts_back(run: &Run, kind: StepKind) -> bool {
    match kind {
        StepKind::RestoreTraffic => true,
        StepKind::CleanUpDrill => run.start.runbook.is_drill(),
        _ => false,
    }
}

/// The end: the last step is `Close`; what is still active then is left behind and says so.
pub(super) fn end(run: &Run, now: Timestamp) -> Option<Event> {
    let close = run.step(StepKind::Close)?;
    if !close.has_ended() {
        return None;
    }
    if let Some(spec) = run
        .start
        .runbook
        .steps
        .iter()
        .find(|spec| run.step(spec.kind).is_some_and(|step| !step.has_ended()))
    {
        let (step, outcome) = (spec.kind, StepOutcome::TimedOut);
        let why = why_waiting(run, step, now);
        let detail = format!("left undone when the run closed: {why}");
        return Some(Event::StepEnded { step, outcome, detail });
    }
    let (outcome, detail) = verdict(run);
    Some(Event::RunEnded { outcome, detail })
}

/// How the run ends, from how its steps ended.
pub(super) fn verdict(run: &Run) -> (Outcome, String) {
    let spoiled: Vec<_> = run
        .start
        .runbook
        .steps
        .iter()
        .filter_map(|spec| {
            let outcome = run.step(spec.kind)?.outcome()?;
            spoils(spec.importance, outcome).then_some((spec.kind, outcome))
        })
        .filter(|(kind, _)| *kind != StepKind::RestoreTraffic || retreats(run))
        .filter(|(kind, outcome)| !is_enough(run, *kind, *outcome))
        .collect();
    if run.abort.is_some() && !run.is_past_no_return() && restored(run) {
        let by = run.abort.as_ref().map_or("", |abort| abort.by.as_str());
        return (Outcome::Aborted, format!("aborted by {by}"));
    }
    if let Some((kind, outcome)) = root_cause(&spoiled) {
        let detail = format!("{} {}", kind.name(), words(outcome));
        let drill_left_nothing = run.start.runbook.goal == Goal::Drill && restored(run);
        let outcome = if drill_left_nothing { Outcome::Failed } else { Outcome::NeedsHuman };
        return (outcome, detail);
    }
    let weak: Vec<_> = run
        .start
        .runbook
        .steps
        .iter()
        .filter(|spec| {
            let outcome = run.step(spec.kind).and_then(StepRun::outcome);
            outcome == Some(StepOutcome::Degraded)
                || (spec.importance == Importance::Degrades
                    && outcome.is_some_and(|outcome| !outcome.is_good()))
                || outcome.is_some_and(|outcome| is_enough(run, spec.kind, outcome))
        })
        .map(|spec| spec.kind.name())
        .chain(run.is_taken_back().then_some("somebody has moved the database back"))
        .collect();
    match run.start.runbook.goal {
        Goal::Drill => (Outcome::Drilled, "the recovery plan works".to_owned()),
        Goal::Failover(_) if weak.is_empty() => {
            (Outcome::Recovered, format!("the workload runs in the {} place", run.start.runbook.to))
        }
        Goal::Failover(_) => (Outcome::Degraded, format!("with less: {}", weak.join(", "))),
    }
}

/// Not every machine came up, but users are served in the new place, with the right data.
fn is_enough(run: &Run, kind: StepKind, outcome: StepOutcome) -> bool {
    let served = run.step(StepKind::ConfirmTraffic).and_then(StepRun::outcome);
    kind == StepKind::FailOverMachines
        && outcome == StepOutcome::TimedOut
        && served.is_some_and(StepOutcome::is_good)
}

/// The step that spoiled it rather than one that was skipped because of it.
fn root_cause(spoiled: &[(StepKind, StepOutcome)]) -> Option<(StepKind, StepOutcome)> {
    spoiled
        .iter()
        .find(|(_, outcome)| *outcome != StepOutcome::Skipped)
        .or_else(|| spoiled.first())
        .copied()
}

fn words(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Succeeded => "succeeded",
        StepOutcome::Degraded => "was degraded",
        StepOutcome::Skipped => "was skipped",
        StepOutcome::Failed => "failed",
        StepOutcome::TimedOut => "timed out",
        StepOutcome::NeedsHuman => "needs a person",
    }
}

/// Whether what was put up or taken down is as it was before.
fn restored(run: &Run) -> bool {
    let kind = match run.start.runbook.goal {
        Goal::Drill => StepKind::CleanUpDrill,
        Goal::Failover(_) => StepKind::RestoreTraffic,
    };
    let Some((at, outcome)) = run.step(kind).and_then(StepRun::end) else { return false };
    // What a step lost and then reached all the same is resolved, and so is what was put back
    // after it could no longer arrive.
    let unresolved = run.steps.values().any(|step| {
        !step.outcome().is_some_and(StepOutcome::is_good)
            && step.attempts.iter().any(|lost| lost.is_unresolved() && lost.may_still_arrive(at))
    });
    outcome.is_good() && !unresolved
}

fn required(run: &Run) -> impl Iterator<Item = (StepKind, Option<StepOutcome>)> {
    run.start
        .runbook
        .steps
        .iter()
        .filter(|spec| spec.importance == Importance::Required)
        .filter(|spec| spec.kind != StepKind::RestoreTraffic)
        .map(|spec| (spec.kind, run.step(spec.kind).and_then(StepRun::outcome)))
}
