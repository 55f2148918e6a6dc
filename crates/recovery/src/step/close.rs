//! Tells whoever the plan names how it went.

use super::{Assessment, Context, act, satisfied};
use crate::effect::Effect;
use crate::look::Look;
use crate::run::Attempt;

pub(super) fn looks(_context: &Context<'_>) -> Vec<Look> {
    Vec::new()
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let Some(notify) = &context.plan().notify else {
        return satisfied("the plan names nobody to tell");
    };
    if context.attempts().iter().any(Attempt::is_accepted) {
        return satisfied("the notification was accepted");
    }
    act(vec![Effect::Notify { webhook: notify.webhook.clone() }])
}
