//! Every fact that a run's journal may hold. Past tense; append-only in meaning: an event that has
//! been released is read for ever.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::effect::{Effect, Operation, OperationState};
use crate::look::Look;
use crate::plan::Plan;
use crate::runbook::{Milestone, Runbook, StepKind};
use crate::view::View;

/// One immutable record of a journal: what one turn learned and decided at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    pub at: Timestamp,
    pub events: Vec<Event>,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    RunStarted(Box<Start>),
    /// Another turn works on the run. Its sequence number is the fence: whoever held the run
    /// before finds its next append taken.
    HolderChanged {
        epoch: u64,
        holder: String,
    },
    /// A look saw something other than the last one of its kind.
    Saw {
        look: Look,
        sight: Sight,
    },
    StepStarted {
        step: StepKind,
    },
    /// Others stop waiting for the step; it goes on.
    StepOverdue {
        step: StepKind,
    },
    MilestoneReached {
        step: StepKind,
        milestone: Milestone,
    },
    StepEnded {
        step: StepKind,
        outcome: StepOutcome,
        detail: String,
    },
    /// The request is going to be sent, once, before `send_before`.
    Intended {
        step: StepKind,
        attempt: u32,
        effect: Effect,
        send_before: Timestamp,
        baseline: Vec<String>,
    },
    Accepted {
        step: StepKind,
        attempt: u32,
        operation: Option<Operation>,
    },
    /// A definite no: nothing was started.
    Refused {
        step: StepKind,
        attempt: u32,
        code: String,
        message: String,
        retry_after_s: Option<i64>,
    },
    /// The answer never came, or says nothing: it may or may not have taken effect.
    Unresolved {
        step: StepKind,
        attempt: u32,
        reason: String,
    },
    /// It certainly did not leave this machine.
    NotSent {
        step: StepKind,
        attempt: u32,
        reason: String,
    },
    OperationSeen {
        step: StepKind,
        attempt: u32,
        state: OperationState,
    },
    AbortRequested {
        by: String,
        reason: String,
    },
    AbortRefused {
        by: String,
        why: String,
    },
    /// A person gives the old place of a planned move up: what is left of it is forced.
    ForceRequested {
        by: String,
        reason: String,
    },
    RunEnded {
        outcome: Outcome,
        detail: String,
    },
}

/// Why and with what a run began.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Start {
    pub run: String,
    pub plan: Plan,
    pub runbook: Runbook,
    /// The incident that it belongs to; a drill belongs to none.
    pub incident: Option<u64>,
    /// Who or what began it.
    pub by: String,
    pub reason: String,
}

/// What a look saw, or why it saw nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    Seen(View),
    Unknown(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    Succeeded,
    /// Reached, but less well than it should be.
    Degraded,
    /// Was not needed, or could not begin because of another step.
    Skipped,
    Failed,
    TimedOut,
    NeedsHuman,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Recovered,
    Degraded,
    Drilled,
    Aborted,
    NeedsHuman,
    Failed,
}

impl StepOutcome {
    /// Whether what waits for the step's success may go on.
    pub fn is_good(self) -> bool {
        match self {
            Self::Succeeded | Self::Degraded => true,
            Self::Skipped | Self::Failed | Self::TimedOut | Self::NeedsHuman => false,
        }
    }
}
