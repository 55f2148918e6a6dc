//! Sees everything once, in parallel. What does not answer is unknown and blocks nothing by itself.

use super::{Assessment, Context, satisfied, wait};
use crate::look::Look;
use crate::place::Place;

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    let runbook = context.runbook();
    vec![
        context.failover_group(Place::Preferred),
        context.failover_group(Place::Standby),
        context.sql_port(runbook.from),
        context.recovery_plan(),
        context.traffic_profile(),
    ]
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let looks = looks(context);
    let unseen = looks.iter().filter(|look| !context.has_looked(look)).count();
    if unseen > 0 {
        return wait(format!("{unseen} of {} looks have not ended", looks.len()));
    }
    let unknown: Vec<_> =
        looks.iter().filter(|look| context.run.last(look).is_none()).map(Look::subject).collect();
    if unknown.is_empty() {
        satisfied("everything answered")
    } else {
        satisfied(format!("unknown: {}", unknown.join(", ")))
    }
}
