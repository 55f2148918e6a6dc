//! Brings the machines up in the drill network, beside production.

use super::{Assessment, Context, act, impossible, satisfied, wait};
use crate::effect::Effect;
use crate::look::Look;
use crate::view::{DrillState, JobState, Offer, ScenarioKind};

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    vec![context.recovery_plan()]
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let Some(plan) = context.fresh_plan() else {
        return wait("the recovery plan has not answered");
    };
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
