//! Decides whether to begin, from what the place that is to take over says. A dead region has no
//! say; a planned move also needs the old primary's word, and a drill a workload that is at rest.

use super::{Assessment, Context, impossible, satisfied, wait};
use crate::effect::Manner;
use crate::look::Look;
use crate::runbook::Goal;
use crate::view::{DrillState, ItemState, JobState, Offer, RecoveryPlan, Replication, Role, View};

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    let runbook = context.runbook();
    match runbook.goal {
        Goal::Drill => vec![context.recovery_plan()],
        Goal::Failover(Manner::Forced) => vec![
            context.failover_group(runbook.to),
            // Not waited for, but kept fresh: it decides between planned and forced.
            context.sql_port(runbook.from),
            context.recovery_plan(),
            context.traffic_profile(),
        ],
        Goal::Failover(Manner::Planned) => vec![
            context.failover_group(runbook.from),
            context.failover_group(runbook.to),
            context.sql_port(runbook.from),
            context.recovery_plan(),
            context.traffic_profile(),
        ],
    }
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    match context.manner() {
        None => drill(context),
        Some(manner) => failover(context, manner),
    }
}

fn failover(context: &Context<'_>, manner: Manner) -> Assessment {
    let runbook = context.runbook();
    let Some(group) = context.fresh_group(runbook.to) else {
        return wait("the SQL server that is to take over has not answered");
    };
    let pending = [context.recovery_plan(), context.traffic_profile()]
        .iter()
        .any(|look| !context.has_looked(look));
    if pending {
        return wait("looking at the recovery plan and the traffic");
    }
    if let Some(plan) = context.fresh_plan()
        && plan.items.iter().all(|item| matches!(item.state, ItemState::Unprotected(_)))
    {
        return impossible("no machine of the recovery plan can be failed over");
    }
    if group.role == Role::Secondary
        && matches!(group.replication, Replication::Seeding | Replication::Pending)
    {
        return impossible("the secondary database is not seeded: it would lack data");
    }
    if manner == Manner::Planned {
        return planned(context);
    }
    satisfied(match group.role {
        Role::Primary => "the database is primary in the new place already",
        Role::Secondary => "the secondary answers and can be promoted",
    })
}

/// A planned move loses nothing, so everything must answer.
fn planned(context: &Context<'_>) -> Assessment {
    let from = context.runbook().from;
    let Some(group) = context.fresh_group(from) else {
        return wait("the primary SQL server has not answered");
    };
    if context.fresh_plan().is_none() || context.fresh_profile().is_none() {
        return wait("the recovery plan or the traffic profile has not answered");
    }
    match context.fresh(&context.sql_port(from)) {
        Some(View::SqlPort(port)) if port.accepts => {}
        Some(_) => return wait("the primary's SQL port does not accept connections"),
        None => return wait("the primary's SQL port has not answered"),
    }
    match (group.role, &group.replication) {
        (Role::Primary, Replication::CatchUp) => satisfied("both sides answer and replicate"),
        (Role::Primary, other) => wait(format!("replication is {other:?}, not caught up")),
        (Role::Secondary, _) => satisfied("the database has moved already"),
    }
}

fn drill(context: &Context<'_>) -> Assessment {
    let Some(plan) = context.fresh_plan() else {
        return wait("the recovery plan has not answered");
    };
    match unfit_for_drill(plan) {
        Some(why) => impossible(why),
        None => satisfied(format!("{} machines are protected and at rest", plan.items.len())),
    }
}

fn unfit_for_drill(plan: &RecoveryPlan) -> Option<String> {
    if plan.items.is_empty() {
        return Some("the recovery plan has no machines".to_owned());
    }
    if let Some(scenario) = &plan.scenario
        && scenario.state == JobState::Running
    {
        return Some(format!("the recovery plan is busy with {:?}", scenario.kind));
    }
    for item in &plan.items {
        if item.drill != DrillState::None {
            return Some(format!("an earlier drill of {} has not been cleaned up", item.name));
        }
        if item.state != ItemState::Protected {
            return Some(format!("{} is not protected: {:?}", item.name, item.state));
        }
        if !item.offers.contains(&Offer::TestFailover) {
            return Some(format!("{} does not offer a test failover now", item.name));
        }
    }
    None
}
