//! A runbook: a plan compiled for one goal and one direction, with no choice left to make about
//! order. It is copied into the run when the run starts; a later change of the plan changes nothing.

mod compile;

use serde::{Deserialize, Serialize};

use crate::effect::Manner;
use crate::place::Place;

pub use self::compile::{drill, failover};

/// What a run is to achieve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// The workload runs in the other place.
    Failover(Manner),
    /// It is proven that it could; production stays untouched.
    Drill,
}

/// A graph of steps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Runbook {
    pub goal: Goal,
    pub from: Place,
    pub to: Place,
    /// In the order in which people read them; the edges alone say what waits for what.
    pub steps: Vec<StepSpec>,
}

/// One step: what it waits for and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StepSpec {
    pub kind: StepKind,
    pub after: Vec<Edge>,
    pub importance: Importance,
    /// After this long others stop waiting for it, while it goes on.
    pub patience_s: Option<i64>,
    /// After this long it is given up.
    pub deadline_s: i64,
}

/// The steps there are. Each has a file of its name under `step/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    Observe,
    GoNoGo,
    WithdrawTraffic,
    CleanUpDrill,
    PromoteSql,
    FailOverMachines,
    StopOldPrimary,
    AttachPublicIps,
    ConfirmEntry,
    ConfirmApplication,
    ConfirmTraffic,
    RestoreTraffic,
    TestFailOver,
    ValidateDrill,
    Close,
}

/// What its failure means for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Importance {
    /// The goal is missed: a person is needed.
    Required,
    /// The goal is reached, but less well.
    Degrades,
    /// Worth trying.
    BestEffort,
}

/// What must be so before a step begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// The other has succeeded.
    Success(StepKind),
    /// The other has ended, or others need not wait for it any longer.
    Settled(StepKind),
    /// The other has ended, however.
    Ended(StepKind),
    /// The other has come so far.
    Reached(StepKind, Milestone),
    /// The run is to leave things as they were: it was aborted, or it cannot reach its goal and has
    /// sent nothing yet that has no way back.
    Retreat,
}

/// A point inside a step that another step waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// The provider has taken the request, or the work was under way or done already.
    Accepted,
    /// The source machines no longer run, as far as the provider could stop them.
    SourceStopped,
    /// The provider's job has ended and at least one machine runs in the new place.
    FirstPass,
    /// As many backends serve as the plan demands; the rest is still awaited.
    Enough,
}

impl StepKind {
    /// The name in journals, reports and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::GoNoGo => "go_no_go",
            Self::WithdrawTraffic => "withdraw_traffic",
            Self::CleanUpDrill => "clean_up_drill",
            Self::PromoteSql => "promote_sql",
            Self::FailOverMachines => "fail_over_machines",
            Self::StopOldPrimary => "stop_old_primary",
            Self::AttachPublicIps => "attach_public_ips",
            Self::ConfirmEntry => "confirm_entry",
            Self::ConfirmApplication => "confirm_application",
            Self::ConfirmTraffic => "confirm_traffic",
            Self::RestoreTraffic => "restore_traffic",
            Self::TestFailOver => "test_fail_over",
            Self::ValidateDrill => "validate_drill",
            Self::Close => "close",
        }
    }
}

impl Runbook {
    pub fn step(&self, kind: StepKind) -> Option<&StepSpec> {
        self.steps.iter().find(|step| step.kind == kind)
    }

    pub fn is_drill(&self) -> bool {
        self.goal == Goal::Drill
    }
}
