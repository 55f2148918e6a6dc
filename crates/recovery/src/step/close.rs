//! Sees whether the database is still where the run has brought it, and tells whoever the plan names
//! how it went.

use super::{Assessment, Context, act, satisfied, wait};
use crate::effect::Effect;
use crate::limits::{LOOK_LIMIT_S, SEND_LIMIT_S, seconds};
use crate::look::Look;
use crate::run::{Attempt, StepRun};

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    database(context).into_iter().collect()
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    if something_is_unseen(context) {
        return wait("the outcome of a request has not been seen");
    }
    if let Some(look) = database(context) {
        let has_looked = context.run.looked.contains_key(&look);
        // One answer is none: a read may fail, or be older than the promotion.
        let is_sure = context.run.is_promoted() || context.is_settled(&look);
        if !has_looked || !is_sure {
            return wait("whether the database is still primary there is not known");
        }
    }
    let Some(notify) = &context.plan().notify else {
        return satisfied("the plan names nobody to tell");
    };
    if context.attempts().iter().any(Attempt::is_accepted) {
        return satisfied("the notification was accepted");
    }
    let outcome = Some(crate::decide::verdict(context.run).0);
    act(vec![Effect::Notify { webhook: notify.webhook.clone(), outcome }])
}

/// The database of a run that has promoted it.
fn database(context: &Context<'_>) -> Option<Look> {
    context.run.has_promoted().then(|| context.failover_group(context.runbook().to))
}

/// What is out beside the run when it closes is given the time of an answer and a look, so that the
/// report says what became of it.
fn something_is_unseen(context: &Context<'_>) -> bool {
    let Some(since) = context.run.step(context.kind).and_then(StepRun::active_since) else {
        return false;
    };
    let patience = seconds(SEND_LIMIT_S + LOOK_LIMIT_S);
    let active = context.run.steps.values().filter(|step| step.is_active());
    let mut attempts = active.flat_map(|step| &step.attempts);
    context.now.duration_since(since) < patience
        && attempts.any(|attempt| {
            attempt.effect.shown_by().is_some_and(|look| !context.shows(&look, [attempt]))
        })
}
