//! Fails the machines over through the recovery plan. The plan's own list of allowed operations is
//! too coarse to guard a repeat; the items are the guard.

use super::{Assessment, Context, act, satisfied, wait};
use crate::effect::{Effect, Manner};
use crate::look::Look;
use crate::plan::RecoveryPoint;
use crate::run::Attempt;
use crate::runbook::Milestone;
use crate::view::{ItemState, JobState, Offer, ProtectedItem, RecoveryPlan, ScenarioKind};

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    vec![context.recovery_plan()]
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let assessment = match context.fresh_plan() {
        None => wait("the recovery plan has not answered"),
        Some(plan) => judge(context, plan),
    };
    milestones(context, assessment)
}

fn judge(context: &Context<'_>, plan: &RecoveryPlan) -> Assessment {
    if plan.items.is_empty() {
        return wait("the recovery plan shows no machines");
    }
    if let Some(scenario) = &plan.scenario {
        match scenario.state {
            JobState::Running => return wait(format!("{:?} is under way", scenario.kind)),
            JobState::Suspended if scenario.kind == ScenarioKind::Failover => {
                return wait("the recovery plan waits for a person: a manual action");
            }
            _ => {}
        }
    }
    let left: Vec<_> = plan.items.iter().filter(|item| !item.is_failed_over()).collect();
    if left.is_empty() {
        return satisfied(format!("{} machines run in the new place", plan.items.len()));
    }
    if left.len() < plan.items.len() {
        return retry_items(context, &left);
    }
    let offered = plan.offers.contains(&Offer::Failover)
        && plan.items.iter().any(|item| item.offers.contains(&Offer::Failover));
    if !offered {
        return wait("the recovery plan does not offer a failover now");
    }
    act(vec![whole_plan(context)])
}

fn whole_plan(context: &Context<'_>) -> Effect {
    let site_recovery = &context.plan().site_recovery;
    let planned = context.manner() == Some(Manner::Planned);
    Effect::FailOver {
        vault: site_recovery.vault.clone(),
        recovery_plan: site_recovery.recovery_plan.clone(),
        stop_source: planned,
        recovery_point: if planned { RecoveryPoint::Latest } else { site_recovery.recovery_point },
    }
}

/// Some machines came up and some did not: those are tried again one by one.
fn retry_items(context: &Context<'_>, left: &[&ProtectedItem]) -> Assessment {
    let site_recovery = &context.plan().site_recovery;
    let retry: Vec<_> = left
        .iter()
        .filter(|item| item.state == ItemState::Protected && item.offers.contains(&Offer::Failover))
        .map(|item| Effect::FailOverItem {
            vault: site_recovery.vault.clone(),
            recovery_plan: site_recovery.recovery_plan.clone(),
            item: item.id.clone(),
        })
        .collect();
    if retry.is_empty() {
        let names: Vec<_> = left.iter().map(|item| item.name.as_str()).collect();
        return wait(format!("cannot be failed over now: {}", names.join(", ")));
    }
    act(retry)
}

fn milestones(context: &Context<'_>, mut assessment: Assessment) -> Assessment {
    let Some(plan) = context.fresh_plan() else { return assessment };
    let moved = plan.items.iter().any(ProtectedItem::is_failed_over);
    let failover = plan.scenario_of(&ScenarioKind::Failover);
    let ours = context.attempts().iter().any(Attempt::is_accepted);
    let running = failover.is_some_and(|job| !job.state.has_ended());
    if moved || ours || running {
        assessment = assessment.with(Milestone::Accepted);
    }
    if (moved && !running) || failover.is_some_and(|job| running && job.source_stopped) {
        assessment = assessment.with(Milestone::SourceStopped);
    }
    if moved && !running {
        assessment = assessment.with(Milestone::FirstPass);
    }
    assessment
}
