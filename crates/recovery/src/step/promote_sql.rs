//! Makes the new place's SQL server the primary. The server is addressed only while it is observed
//! to be secondary: the same request to the wrong side would fail back.

use super::{Assessment, Context, act, satisfied, wait};
use crate::effect::{Effect, Manner};
use crate::limits::{PLANNED_PATIENCE_S, PORT_FRESH_S, seconds};
use crate::look::Look;
use crate::protocol::witnesses;
use crate::run::{Attempt, AttemptState};
use crate::runbook::Milestone;
use crate::view::{Replication, Role, View};

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    let mut looks = vec![context.failover_group(context.runbook().to)];
    // Where the move began as a planned one, nobody has looked there for a while.
    looks.extend(context.run.forced.is_some().then(|| old_port(context)));
    let open = context.attempts().iter().filter(|attempt| attempt.is_open());
    looks.extend(open.flat_map(|attempt| witnesses(context.run, &attempt.effect)));
    looks
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let Some(group) = context.fresh_group(context.runbook().to) else {
        return reached_so_far(context, wait("the SQL server has not answered"));
    };
    if group.role == Role::Primary {
        // After a forced promotion replication stays suspended until the old primary rejoins:
        // the role alone says that the promotion took effect.
        let replication = match group.replication {
            Replication::CatchUp => "replicating",
            _ => "not replicating yet",
        };
        return satisfied(format!("the server is primary, {replication}"))
            .with(Milestone::Accepted);
    }
    if context.run.forced.is_some() && !context.run.looked.contains_key(&old_port(context)) {
        return reached_so_far(context, wait("looking whether the old primary answers"));
    }
    let effect = Effect::PromoteDatabase {
        server: context.to().sql_server.clone(),
        group: context.plan().failover_group.clone(),
        manner: manner(context),
    };
    reached_so_far(context, act(vec![effect]))
}

fn old_port(context: &Context<'_>) -> Look {
    context.sql_port(context.runbook().from)
}

fn reached_so_far(context: &Context<'_>, assessment: Assessment) -> Assessment {
    if context.attempts().iter().any(Attempt::is_accepted) {
        assessment.with(Milestone::Accepted)
    } else {
        assessment
    }
}

/// Planned while there is reason to believe in the primary, forced when it has not worked.
fn manner(context: &Context<'_>) -> Manner {
    match context.manner() {
        Some(Manner::Planned) | None => Manner::Planned,
        Some(Manner::Forced) => {
            let planned = primary_answers(context) && !planned_has_failed(context);
            if planned && !forced_may_be_out(context) { Manner::Planned } else { Manner::Forced }
        }
    }
}

fn primary_answers(context: &Context<'_>) -> bool {
    let port = old_port(context);
    let recent = context.run.sights.get(&port).is_some_and(|seen| {
        context.now.duration_since(seen.at) <= seconds(PORT_FRESH_S + PLANNED_PATIENCE_S)
    });
    // The manner must not change between two looks of one attempt, so the sight is good for as
    // long as a planned attempt may take; the attempt itself begins within `PORT_FRESH_S`.
    let begun = !context.attempts().is_empty();
    // A sight is as old as the last look that confirmed it, in this turn at least.
    let fresh = context.run.sights.get(&port).is_some_and(|seen| {
        let confirmed =
            context.run.looked.get(&port).map_or(seen.at, |looked| seen.at.max(looked.answered));
        context.now.duration_since(confirmed) <= seconds(PORT_FRESH_S)
    });
    let accepts = matches!(context.run.last(&port), Some(View::SqlPort(port)) if port.accepts);
    accepts && (fresh || (begun && recent))
}

/// What was forced and may have taken effect is not followed by anything else.
fn forced_may_be_out(context: &Context<'_>) -> bool {
    context.attempts().iter().any(|attempt| {
        let forced =
            matches!(attempt.effect, Effect::PromoteDatabase { manner: Manner::Forced, .. });
        forced && attempt.may_have_been_sent() && !attempt.has_failed()
    })
}

fn planned_has_failed(context: &Context<'_>) -> bool {
    context.attempts().iter().any(|attempt| {
        let planned =
            matches!(attempt.effect, Effect::PromoteDatabase { manner: Manner::Planned, .. });
        let overdue = context.now.duration_since(attempt.intended_at) > seconds(PLANNED_PATIENCE_S);
        let refused = matches!(attempt.state, AttemptState::Refused { .. });
        planned && (overdue || refused || attempt.has_failed())
    })
}
