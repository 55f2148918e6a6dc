//! The new place's door works: enough healthy backends behind the gateway, or the web server's own
//! address. An empty pool is not healthy.

use super::{Assessment, Context, degraded, satisfied, wait};
use crate::look::Look;
use crate::plan::Entry;
use crate::runbook::Milestone;
use crate::view::View;

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    match &context.to().entry {
        Entry::ApplicationGateway { gateway, .. } => {
            vec![Look::GatewayHealth { gateway: gateway.clone() }]
        }
        Entry::IbmHttpServer {} => match context.application(context.to(), false) {
            Some(look) => vec![look],
            None => vec![context.traffic_profile()],
        },
    }
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    match &context.to().entry {
        Entry::ApplicationGateway { gateway, min_healthy } => {
            let look = Look::GatewayHealth { gateway: gateway.clone() };
            let answer = match context.fresh(&look) {
                Some(View::GatewayHealth(health)) if health.asked.is_none() => health.backends,
                _ => None,
            };
            let Some(backends) = answer else {
                return wait("the gateway has not answered");
            };
            let count = format!("{} of {} backends are healthy", backends.healthy, backends.all);
            if backends.healthy == 0 || backends.healthy < *min_healthy {
                return wait(format!("{count}, {min_healthy} are needed"));
            }
            let late = context.run.step(context.kind).is_some_and(|step| step.overdue);
            let judged = match backends.all - backends.healthy {
                0 => satisfied(count),
                // The others may only be slower; after the step's patience it counts as less.
                _ if !late => wait(format!("{count}, which is enough; the rest is awaited")),
                _ => degraded(count),
            };
            judged.with(Milestone::Enough)
        }
        Entry::IbmHttpServer {} => {
            let Some(look) = context.application(context.to(), false) else {
                return wait("the endpoint's host name is not known yet");
            };
            match context.fresh(&look) {
                Some(View::Application(seen)) if seen.serves => {
                    satisfied(seen.detail.clone()).with(Milestone::Enough)
                }
                Some(View::Application(seen)) => wait(seen.detail.clone()),
                _ => wait("the web server has not answered"),
            }
        }
    }
}
