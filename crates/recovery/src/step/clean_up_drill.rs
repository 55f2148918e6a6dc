//! Removes the machines of a test failover. A standing drill blocks a real failover of the same
//! machines, and a drill of our own is taken down whatever became of it.

use super::{Assessment, Context, act, satisfied, wait};
use crate::effect::Effect;
use crate::look::Look;
use crate::run::Attempt;
use crate::runbook::StepKind;
use crate::view::{DrillState, JobState, Offer};

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    vec![context.recovery_plan()]
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let put_up = put_up(context);
    if context.runbook().is_drill() && !put_up.iter().any(Attempt::may_have_been_sent) {
        return satisfied("this drill has put nothing up");
    }
    let Some(plan) = context.fresh_plan() else {
        return wait("the recovery plan has not answered");
    };
    let standing = plan.items.iter().any(|item| item.drill != DrillState::None);
    if !standing && !context.shows(&context.recovery_plan(), put_up) {
        return wait("test machines that were asked for may still appear");
    }
    if !standing {
        return satisfied("no test machines stand");
    }
    if let Some(scenario) = &plan.scenario
        && scenario.state == JobState::Running
    {
        return wait(format!("{:?} is under way", scenario.kind));
    }
    let offered = plan.offers.contains(&Offer::TestFailoverCleanUp)
        || plan.items.iter().any(|item| item.offers.contains(&Offer::TestFailoverCleanUp));
    if !offered {
        return wait("the test machines change, a clean-up is not offered");
    }
    let site_recovery = &context.plan().site_recovery;
    act(vec![Effect::CleanUpTestFailOver {
        vault: site_recovery.vault.clone(),
        recovery_plan: site_recovery.recovery_plan.clone(),
        comments: format!("Farshore run {}", context.run.start.run),
    }])
}

/// A drill takes down what it may have put up itself. Test machines of somebody else's are theirs.
fn put_up<'a>(context: &Context<'a>) -> &'a [Attempt] {
    context.run.step(StepKind::TestFailOver).map_or(&[], |step| &step.attempts)
}
