//! Takes the old primary's endpoint out of the profile, or it would take users back the moment it
//! answers a probe again. Never the last enabled endpoint.

use super::{Assessment, Context, act, satisfied, wait};
use crate::effect::Effect;
use crate::look::Look;

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    vec![context.traffic_profile()]
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let Some(profile) = context.fresh_profile() else {
        return wait("the traffic profile has not answered");
    };
    let old = &context.from().traffic_endpoint;
    match profile.endpoint(old) {
        None => satisfied("the profile has no such endpoint"),
        Some(endpoint) if !endpoint.enabled => satisfied("the endpoint is disabled"),
        Some(_) => {
            let another = profile
                .endpoints
                .iter()
                .any(|endpoint| endpoint.enabled && endpoint.id == context.to().traffic_endpoint);
            if !another {
                return wait("the other endpoint is not enabled: this one would be the last");
            }
            act(vec![Effect::SetEndpoint {
                profile: context.plan().traffic_manager_profile.clone(),
                endpoint: old.clone(),
                enabled: false,
            }])
        }
    }
}
