//! Of what users and production see.

use super::{Scene, Verdict};
use crate::effects::Act;
use crate::story::Scenario;

pub(super) fn drill_touches_no_production(scene: &Scene<'_>) -> Verdict {
    if scene.story.scenario != Scenario::Drill {
        return Ok(());
    }
    let other = scene.arrived.iter().find(|request| {
        let act = Act::of_request(&request.method, &request.path);
        !matches!(act, Some(Act::TestFailOver | Act::CleanUp))
    });
    other.map_or(Ok(()), |request| Err(format!("{} {}", request.method, request.path)))
}

pub(super) fn no_action_on_a_blip(scene: &Scene<'_>) -> Verdict {
    match scene.arrived.first() {
        Some(request) if scene.story.scenario.is_calm() => {
            Err(format!("{} {}", request.method, request.path))
        }
        _ => Ok(()),
    }
}

pub(super) fn never_the_last_enabled_endpoint(scene: &Scene<'_>) -> Verdict {
    if scene.glance.enabled_endpoints == 0 {
        return Err("no endpoint of the profile is enabled".to_owned());
    }
    Ok(())
}

pub(super) fn never_two_writable(scene: &Scene<'_>) -> Verdict {
    let seconds = scene.glance.dual_writable_s;
    // Who promotes by hand has put up no fence.
    if seconds > 0.0 && !scene.story.is_by_hand() {
        return Err(format!("clients could write into two databases for {seconds} s"));
    }
    Ok(())
}
