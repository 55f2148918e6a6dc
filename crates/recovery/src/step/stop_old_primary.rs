//! Stops the machines of the lost region, as far as anybody there listens. Never on the critical
//! path: the durable fence is the disabled endpoint and the database's role.

use super::{Assessment, Context, act, satisfied, wait};
use crate::ResourceId;
use crate::effect::Effect;
use crate::look::Look;
use crate::view::{Power, View};

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    match Context::machines(sources(context)) {
        Some(look) => vec![look],
        None => vec![context.recovery_plan()],
    }
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let Some(look) = Context::machines(sources(context)) else {
        return wait("the source machines are not known");
    };
    let Some(View::Machines(seen)) = context.fresh(&look) else {
        return wait("the source machines have not answered");
    };
    let running: Vec<_> =
        seen.machines.iter().filter(|machine| machine.power == Power::Running).collect();
    if running.is_empty() {
        let unsure = seen
            .machines
            .iter()
            .any(|machine| matches!(machine.power, Power::Changing | Power::Unknown));
        return if unsure { wait("some machines change") } else { satisfied("none runs") };
    }
    act(running.iter().map(|machine| Effect::StopMachine { machine: machine.id.clone() }).collect())
}

fn sources(context: &Context<'_>) -> Vec<ResourceId> {
    context
        .known_plan()
        .map(|plan| plan.items.iter().filter_map(|item| item.source_machine.clone()).collect())
        .unwrap_or_default()
}
