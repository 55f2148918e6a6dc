//! A plan as small as the format allows, and runbooks made from the compiled ones by leaving steps
//! out: what waited for a step that is left out waits for what that step waited for.

use recovery::effect::Manner;
use recovery::runbook::{self, Edge, Goal, Runbook, StepKind, StepSpec};
use recovery::{Place, Plan};

use crate::scenario::{Broken, Scenario};

/// Shorter than in the runbooks, so that what waits in vain ends within the bounds. Longer than two
/// quiet times, so that nothing is cut off that the protocol would do.
const DEADLINE_S: i64 = 240;
const PATIENCE_S: i64 = 120;

pub(crate) fn plan() -> Plan {
    Plan::parse(include_str!("plan.json")).expect("the model's plan is one")
}

/// The compiled runbook of the scenario's goal with its steps only.
pub(crate) fn runbook(scenario: &Scenario) -> Runbook {
    let broken = |how| scenario.broken == Some(how);
    let steps: Vec<_> = scenario
        .steps
        .iter()
        .copied()
        .filter(|kind| *kind != StepKind::CleanUpDrill || !broken(Broken::NoCleanUp))
        .collect();
    let mut runbook = with_only(&steps, scenario.goal);
    if broken(Broken::NoFence) {
        let waits = |edge: &Edge| matches!(edge, Edge::Settled(StepKind::WithdrawTraffic));
        for spec in runbook.steps.iter_mut().filter(|spec| spec.kind == StepKind::PromoteSql) {
            spec.after.retain(|edge| !waits(edge));
        }
    }
    runbook
}

fn with_only(steps: &[StepKind], goal: Goal) -> Runbook {
    let whole = match goal {
        Goal::Failover(manner) => runbook::failover(manner, Place::Preferred),
        Goal::Drill => runbook::drill(Place::Preferred),
    };
    let kept = whole
        .steps
        .iter()
        .filter(|spec| steps.contains(&spec.kind))
        .map(|spec| StepSpec {
            after: spec.after.iter().flat_map(|edge| instead(&whole, steps, *edge)).collect(),
            deadline_s: spec.deadline_s.min(DEADLINE_S),
            patience_s: spec.patience_s.map(|patience| patience.min(PATIENCE_S)),
            ..spec.clone()
        })
        .collect();
    Runbook { steps: kept, ..whole }
}

/// The edge itself, or what the step that is left out waited for.
fn instead(whole: &Runbook, steps: &[StepKind], edge: Edge) -> Vec<Edge> {
    let left_out = match edge {
        Edge::Success(kind) | Edge::Settled(kind) | Edge::Ended(kind) | Edge::Reached(kind, _) => {
            whole.step(kind).filter(|_| !steps.contains(&kind))
        }
        Edge::Retreat => None,
    };
    let Some(spec) = left_out else { return vec![edge] };
    // Nobody waits for a retreat that nobody makes.
    let of_it = spec.after.iter().filter(|edge| **edge != Edge::Retreat);
    of_it.flat_map(|edge| instead(whole, steps, *edge)).collect()
}

/// The promotion alone: small enough for three workers.
pub(crate) const PROMOTION: &[StepKind] =
    &[StepKind::GoNoGo, StepKind::PromoteSql, StepKind::Close];

/// The way from the decision to the users, without what only looks.
pub(crate) const FAILOVER: &[StepKind] = &[
    StepKind::GoNoGo,
    StepKind::WithdrawTraffic,
    StepKind::PromoteSql,
    StepKind::FailOverMachines,
    StepKind::ConfirmTraffic,
    StepKind::RestoreTraffic,
    StepKind::Close,
];

pub(crate) const DRILL: &[StepKind] = &[
    StepKind::GoNoGo,
    StepKind::TestFailOver,
    StepKind::ValidateDrill,
    StepKind::CleanUpDrill,
    StepKind::Close,
];

pub(crate) const FORCED: Goal = Goal::Failover(Manner::Forced);
pub(crate) const PLANNED: Goal = Goal::Failover(Manner::Planned);
