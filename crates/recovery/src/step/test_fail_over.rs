//! Brings the machines up in the drill network, beside production.

use super::{Assessment, Context, act, impossible, satisfied, wait};
use crate::effect::Effect;
use crate::look::Look;
use crate::run::Attempt;
use crate::view::{DrillState, ItemState, JobState, Offer, RecoveryPlan, ScenarioKind};

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    vec![context.recovery_plan()]
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let Some(plan) = context.fresh_plan() else {
        return wait("the recovery plan has not answered");
    };
    if let Some(why) = taken_over(context, plan) {
        return impossible(why);
    }
    if let Some(scenario) = &plan.scenario
        && scenario.state == JobState::Running
    {
        return wait(format!("{:?} is under way", scenario.kind));
    }
    let standing = plan.items.iter().filter(|item| item.drill == DrillState::Standing).count();
    if standing == plan.items.len() && standing > 0 {
        return satisfied(format!("{standing} test machines stand"));
    }
    if let Some(job) = plan.scenario_of(&ScenarioKind::TestFailover)
        && job.state.has_ended()
        && standing > 0
    {
        // The machines may show a moment later than the job.
        if !context.is_settled(&context.recovery_plan()) {
            return wait(format!("{standing} test machines stand, the job has ended"));
        }
        let problem = job.problem.as_deref().unwrap_or("no reason given");
        return impossible(format!(
            "only {standing} of {} test machines came up: {problem}",
            plan.items.len()
        ));
    }
    let Some(drill) = &context.plan().drill else {
        return impossible("the plan has no drill network");
    };
    let offered = plan.offers.contains(&Offer::TestFailover)
        && plan.items.iter().all(|item| item.offers.contains(&Offer::TestFailover));
    if !offered {
        return wait("a test failover is not offered now");
    }
    let site_recovery = &context.plan().site_recovery;
    act(vec![Effect::TestFailOver {
        vault: site_recovery.vault.clone(),
        recovery_plan: site_recovery.recovery_plan.clone(),
        network: drill.network.clone(),
        recovery_point: site_recovery.recovery_point,
    }])
}

/// A failover goes before a drill, and takes its test machines down: they are not put up again.
fn taken_over(context: &Context<'_>, plan: &RecoveryPlan) -> Option<&'static str> {
    if plan.items.iter().any(|item| matches!(item.state, ItemState::FailedOver { .. })) {
        return Some("the machines have been failed over");
    }
    let asked = context.attempts().iter().filter(|attempt| attempt.may_have_been_sent());
    let asked_at = asked.map(|attempt: &Attempt| attempt.intended_at).min()?;
    let scenario = plan.scenario.as_ref()?;
    let is_later = scenario.started_at.is_some_and(|started| started > asked_at);
    match scenario.kind {
        ScenarioKind::Failover if is_later => Some("a failover has begun"),
        ScenarioKind::TestFailoverCleanUp if is_later && scenario.state.has_ended() => {
            Some("somebody else has taken the test machines down")
        }
        _ => None,
    }
}
