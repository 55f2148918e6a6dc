//! The three runbooks of the tutorial, as tables: what waits for what, and for how long.

use super::{Edge, Goal, Importance, Milestone, Runbook, StepKind, StepSpec};
use crate::effect::Manner;
use crate::place::Place;
use Edge::{Ended, Reached, Retreat, Settled, Success};
use Importance::{BestEffort, Degrades, Required};
use StepKind::{
    AttachPublicIps, CleanUpDrill, Close, ConfirmApplication, ConfirmEntry, ConfirmTraffic,
    FailOverMachines, GoNoGo, Observe, PromoteSql, RestoreTraffic, StopOldPrimary, TestFailOver,
    ValidateDrill, WithdrawTraffic,
};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

/// Moves the workload out of `from`.
pub fn failover(manner: Manner, from: Place) -> Runbook {
    let steps = match manner {
        Manner::Forced => forced(),
        Manner::Planned => planned(),
    };
    Runbook { goal: Goal::Failover(manner), from, to: from.other(), steps }
}

/// Tries the recovery plan out beside production.
pub fn drill(from: Place) -> Runbook {
    let steps = vec![
        step(Observe, &[], Required, None, MINUTE),
        step(GoNoGo, &[], Required, None, 5 * MINUTE),
        step(TestFailOver, &[Success(GoNoGo)], Required, None, HOUR),
        step(ValidateDrill, &[Success(TestFailOver)], Required, None, HOUR),
        // Whatever else happened, what a drill has put up is taken down.
        step(CleanUpDrill, &[Ended(TestFailOver), Ended(ValidateDrill)], Required, None, HOUR),
        step(Close, &[Ended(Observe), Ended(CleanUpDrill)], BestEffort, None, 2 * MINUTE),
    ];
    Runbook { goal: Goal::Drill, from, to: from.other(), steps }
}

/// The region is lost. Nothing here waits for it to answer.
fn forced() -> Vec<StepSpec> {
    let mut steps = vec![
        step(Observe, &[], Required, None, MINUTE),
        step(GoNoGo, &[], Required, None, 5 * MINUTE),
        step(WithdrawTraffic, &[Success(GoNoGo)], Degrades, Some(20), HOUR),
        step(CleanUpDrill, &[Success(GoNoGo)], Required, None, HOUR),
        step(
            PromoteSql,
            &[Success(GoNoGo), Ended(Observe), Settled(WithdrawTraffic)],
            Required,
            Some(5 * MINUTE),
            15 * MINUTE,
        ),
        step(
            FailOverMachines,
            &[Reached(PromoteSql, Milestone::Accepted), Success(CleanUpDrill)],
            Required,
            Some(45 * MINUTE),
            2 * HOUR,
        ),
        step(
            StopOldPrimary,
            &[Reached(PromoteSql, Milestone::Accepted)],
            BestEffort,
            Some(0),
            2 * HOUR,
        ),
    ];
    steps.extend(confirmations());
    steps
}

/// Both regions work. The machines stop before the database moves, so that no write is lost.
fn planned() -> Vec<StepSpec> {
    let mut steps = vec![
        step(Observe, &[], Required, None, MINUTE),
        step(GoNoGo, &[], Required, None, 5 * MINUTE),
        step(WithdrawTraffic, &[Success(GoNoGo)], Required, None, 5 * MINUTE),
        step(CleanUpDrill, &[Success(GoNoGo)], Required, None, HOUR),
        step(
            FailOverMachines,
            &[Ended(Observe), Success(WithdrawTraffic), Success(CleanUpDrill)],
            Required,
            Some(45 * MINUTE),
            2 * HOUR,
        ),
        step(
            PromoteSql,
            &[Reached(FailOverMachines, Milestone::SourceStopped)],
            Required,
            Some(5 * MINUTE),
            15 * MINUTE,
        ),
    ];
    steps.extend(confirmations());
    steps
}

/// What both failovers end with.
fn confirmations() -> Vec<StepSpec> {
    let first_pass = Reached(FailOverMachines, Milestone::FirstPass);
    vec![
        step(AttachPublicIps, &[first_pass], Degrades, Some(10 * MINUTE), HOUR),
        step(
            ConfirmEntry,
            &[first_pass, Success(PromoteSql)],
            Required,
            Some(10 * MINUTE),
            45 * MINUTE,
        ),
        step(
            ConfirmApplication,
            &[Reached(ConfirmEntry, Milestone::Enough)],
            Required,
            None,
            30 * MINUTE,
        ),
        step(ConfirmTraffic, &[Success(ConfirmApplication)], Required, None, 15 * MINUTE),
        step(RestoreTraffic, &[Retreat, Ended(WithdrawTraffic)], Required, None, 15 * MINUTE),
        step(
            Close,
            &[
                Ended(ConfirmEntry),
                Ended(ConfirmTraffic),
                Ended(RestoreTraffic),
                Settled(FailOverMachines),
                Settled(AttachPublicIps),
            ],
            BestEffort,
            None,
            2 * MINUTE,
        ),
    ]
}

fn step(
    kind: StepKind,
    after: &[Edge],
    importance: Importance,
    patience_s: Option<i64>,
    deadline_s: i64,
) -> StepSpec {
    StepSpec { kind, after: after.to_vec(), importance, patience_s, deadline_s }
}
