//! Users are led to the new place: its endpoint is online and the profile's name leads there.

use super::{Assessment, Context, degraded, satisfied, wait};
use crate::event::StepOutcome;
use crate::look::Look;
use crate::run::StepRun;
use crate::runbook::StepKind;
use crate::view::{EndpointHealth, TrafficProfile, View};

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    let mut looks = vec![context.traffic_profile()];
    looks.extend(name(context));
    looks
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let Some(profile) = context.fresh_profile() else {
        return wait("the traffic profile has not answered");
    };
    let Some(endpoint) = profile.endpoint(&context.to().traffic_endpoint) else {
        return wait("the profile has no endpoint for the new place");
    };
    if !endpoint.enabled {
        return wait("the new place's endpoint is disabled");
    }
    if endpoint.health != EndpointHealth::Online {
        return wait(format!("the new place's endpoint is {:?}", endpoint.health));
    }
    match name(context).and_then(|look| context.fresh(&look)) {
        // The new place serves for as long as the old one does not answer a probe.
        Some(View::Name(seen)) if seen.leads_there && is_put_back(context, profile) => degraded(
            format!("{}; somebody has enabled the old place's endpoint again", seen.detail),
        ),
        Some(View::Name(seen)) if seen.leads_there => satisfied(seen.detail.clone()),
        Some(View::Name(seen)) => wait(seen.detail.clone()),
        _ => wait("the profile's name has not been resolved"),
    }
}

/// Whether the endpoint of the old place, once withdrawn, is enabled.
fn is_put_back(context: &Context<'_>, profile: &TrafficProfile) -> bool {
    let withdrawn = context.run.step(StepKind::WithdrawTraffic).and_then(StepRun::outcome);
    withdrawn.is_some_and(StepOutcome::is_good)
        && profile.endpoint(&context.from().traffic_endpoint).is_some_and(|old| old.enabled)
}

fn name(context: &Context<'_>) -> Option<Look> {
    let profile = context.known_profile()?;
    let endpoint = profile.endpoint(&context.to().traffic_endpoint)?;
    Some(Look::Name { name: profile.name.clone(), leads_to: endpoint.target.clone() })
}
