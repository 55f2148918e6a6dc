//! The test machines run, and go on running for as long as the plan wants them held.

use super::{Assessment, Context, impossible, satisfied, wait};
use crate::ResourceId;
use crate::limits::seconds;
use crate::look::Look;
use crate::run::StepRun;
use crate::view::{Power, View};

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    match Context::machines(test_machines(context)) {
        Some(look) => vec![look],
        None => vec![context.recovery_plan()],
    }
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    if context.run.abort.is_some() {
        return impossible("the drill was aborted");
    }
    let machines = test_machines(context);
    let items = context.known_plan().map_or(0, |plan| plan.items.len());
    let Some(look) = Context::machines(machines.clone()) else {
        return wait("the test machines are not known");
    };
    if machines.len() < items {
        return impossible(format!("{} of {items} test machines exist", machines.len()));
    }
    let Some(View::Machines(seen)) = context.fresh(&look) else {
        return wait("the test machines have not answered");
    };
    let running = seen.machines.iter().filter(|machine| machine.power == Power::Running).count();
    let gone = seen.machines.iter().filter(|machine| machine.power == Power::Missing).count();
    if gone > 0 && context.is_settled(&look) {
        return impossible(format!("{gone} of {} test machines are gone", seen.machines.len()));
    }
    if running < seen.machines.len() {
        return wait(format!("{running} of {} test machines run", seen.machines.len()));
    }
    let hold = seconds(context.plan().drill.as_ref().map_or(0, |drill| drill.hold_s.into()));
    let since = context.run.step(context.kind).and_then(StepRun::active_since);
    match since {
        Some(since) if context.now.duration_since(since) < hold => {
            wait(format!("{running} test machines run and are held for {} s", hold.as_secs()))
        }
        _ => satisfied(format!("{running} test machines run")),
    }
}

fn test_machines(context: &Context<'_>) -> Vec<ResourceId> {
    context
        .known_plan()
        .map(|plan| plan.items.iter().filter_map(|item| item.drill_machine.clone()).collect())
        .unwrap_or_default()
}
