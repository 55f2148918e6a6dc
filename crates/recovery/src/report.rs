//! A run as people and programs read it: a projection of the journal, nothing else.

use jiff::Timestamp;
use serde::Serialize;

use crate::decide::{verdict, why_waiting};
use crate::effect::OperationState;
use crate::event::{Outcome, Record, StepOutcome};
use crate::look::Look;
use crate::run::{Asked, Attempt, AttemptState, ReplayError, Run, StepRun, StepState};
use crate::runbook::{Goal, StepKind};
use crate::view::View;

/// What happened in a run so far.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub run: String,
    pub workload: String,
    pub goal: Goal,
    pub incident: Option<u64>,
    pub by: String,
    pub reason: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// How it ended; while it goes on, nothing.
    pub outcome: Option<Outcome>,
    /// Why it ended so, or how it would end now.
    pub detail: String,
    pub abort: Option<String>,
    /// Who gave the old place of a planned move up, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced: Option<String>,
    pub steps: Vec<StepReport>,
    /// Times at which the recovered machines' data stood, where Site Recovery tells.
    pub recovery_points: Vec<RecoveryPoint>,
    /// Turns that wrote.
    pub holders: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct StepReport {
    pub name: StepKind,
    pub state: StepProgress,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub outcome: Option<StepOutcome>,
    /// The evidence, or what is waited for.
    pub detail: String,
    pub overdue: bool,
    pub attempts: Vec<AttemptReport>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepProgress {
    Waiting,
    Active,
    Ended,
}

#[derive(Debug, Clone, Serialize)]
pub struct AttemptReport {
    pub what: String,
    /// The name under which it was to be sent; who sends it knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    pub intended_at: Timestamp,
    pub state: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct RecoveryPoint {
    pub machine: String,
    pub at: Timestamp,
}

/// Reads a journal.
pub fn report(records: &[Record], now: Timestamp) -> Result<Report, ReplayError> {
    Ok(of_run(&Run::replay(records)?, now))
}

/// Reads a run.
pub fn of_run(run: &Run, now: Timestamp) -> Report {
    let start = &run.start;
    let steps = start
        .runbook
        .steps
        .iter()
        .filter_map(|spec| Some(step(run, spec.kind, run.step(spec.kind)?, now)))
        .collect();
    let (outcome, ended_at, detail) = match &run.ended {
        Some((outcome, at, detail)) => (Some(*outcome), Some(*at), detail.clone()),
        None => (None, None, verdict(run).1),
    };
    Report {
        run: start.run.clone(),
        workload: start.plan.workload.to_string(),
        goal: start.runbook.goal,
        incident: start.incident,
        by: start.by.clone(),
        reason: start.reason.clone(),
        started_at: run.started_at,
        ended_at,
        outcome,
        detail,
        abort: run.abort.as_ref().map(said),
        forced: run.forced.as_ref().map(said),
        steps,
        recovery_points: recovery_points(run),
        holders: run.epoch,
    }
}

fn step(run: &Run, kind: StepKind, step: &StepRun, now: Timestamp) -> StepReport {
    let (state, started_at, ended_at, outcome, detail) = match &step.state {
        StepState::Waiting => (StepProgress::Waiting, None, None, None, String::new()),
        StepState::Active { since } => {
            (StepProgress::Active, Some(*since), None, None, why_waiting(run, kind, now))
        }
        StepState::Ended { since, at, outcome, detail } => {
            (StepProgress::Ended, *since, Some(*at), Some(*outcome), detail.clone())
        }
    };
    StepReport {
        name: kind,
        state,
        started_at,
        ended_at,
        outcome,
        detail,
        overdue: step.overdue,
        attempts: step.attempts.iter().map(attempt).collect(),
    }
}

fn attempt(attempt: &Attempt) -> AttemptReport {
    let state = match &attempt.state {
        AttemptState::Intended => "intended".to_owned(),
        AttemptState::Accepted { seen, .. } => match seen {
            None | Some(OperationState::Running) => "accepted".to_owned(),
            Some(OperationState::Succeeded) => "accepted, operation succeeded".to_owned(),
            Some(OperationState::Failed { code, message }) => {
                format!("accepted, operation failed: {code}: {message}")
            }
        },
        AttemptState::Refused { code, message, .. } => format!("refused: {code}: {message}"),
        AttemptState::Unresolved { reason } => format!("no answer: {reason}"),
        AttemptState::NotSent => "not sent".to_owned(),
    };
    AttemptReport {
        what: attempt.effect.subject(),
        request_id: None,
        intended_at: attempt.intended_at,
        state,
    }
}

fn said(asked: &Asked) -> String {
    format!("{}: {}", asked.by, asked.reason)
}

fn recovery_points(run: &Run) -> Vec<RecoveryPoint> {
    let look = Look::recovery_plan(&run.start.plan);
    let Some(View::RecoveryPlan(plan)) = run.last(&look) else { return Vec::new() };
    plan.items
        .iter()
        .filter_map(|item| {
            Some(RecoveryPoint { machine: item.name.clone(), at: item.recovery_point_at? })
        })
        .collect()
}
