//! Puts the traffic back when a run retreats before anything was sent that has no way back.

use super::{Assessment, Context, act, satisfied, wait};
use crate::effect::Effect;
use crate::look::Look;
use crate::run::Attempt;
use crate::runbook::StepKind;

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    vec![context.traffic_profile()]
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let withdrawals =
        context.run.step(StepKind::WithdrawTraffic).map_or(&[][..], |step| &step.attempts);
    if !withdrawals.iter().any(Attempt::may_have_been_sent) {
        return satisfied("the traffic was not withdrawn by this run");
    }
    if withdrawals.iter().any(|attempt| attempt.may_still_arrive(context.now)) {
        return wait("a withdrawal without an answer may still arrive");
    }
    if !context.shows(&context.traffic_profile(), withdrawals) {
        return wait("the traffic profile has not been looked at since the withdrawal");
    }
    let Some(profile) = context.fresh_profile() else {
        return wait("the traffic profile has not answered");
    };
    let old = &context.from().traffic_endpoint;
    match profile.endpoint(old) {
        None => satisfied("the profile has no such endpoint"),
        Some(endpoint) if endpoint.enabled => satisfied("the endpoint is enabled again"),
        Some(_) => act(vec![Effect::SetEndpoint {
            profile: context.plan().traffic_manager_profile.clone(),
            endpoint: old.clone(),
            enabled: true,
        }]),
    }
}
