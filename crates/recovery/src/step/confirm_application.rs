//! The application answers in the new place, with the right data.

use super::{Assessment, Context, satisfied, wait};
use crate::look::Look;
use crate::view::View;

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    match context.application(context.to(), true) {
        Some(look) => vec![look],
        None => vec![context.traffic_profile()],
    }
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let Some(look) = context.application(context.to(), true) else {
        return wait("the endpoint's host name is not known yet");
    };
    match context.fresh(&look) {
        Some(View::Application(seen)) => match (seen.serves, seen.right_data) {
            (true, Some(true)) => satisfied(format!("{}, with the right data", seen.detail)),
            (true, None) => satisfied(format!("{}; the plan names no data to check", seen.detail)),
            (true, Some(false)) => wait(format!("{}, but not with the right data", seen.detail)),
            (false, _) => wait(seen.detail.clone()),
        },
        _ => wait("the application has not answered"),
    }
}
