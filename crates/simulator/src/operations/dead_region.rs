//! Control-plane calls for resources of a region that is down.
//!
//! Nobody has published what share of them hangs, fails or is answered from a cache, so each call
//! draws: a third of the reads are answered as the region was just before it was lost, the rest and
//! all writes hang, wait for the gateway's time-out or fail at once. No write takes effect.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::front_door::dispatch;
use super::long_running;
use super::request::ArmRequest;
use crate::door::{Answer, Response};
use crate::durations::Wait;
use crate::regions::Region;
use crate::world::World;

/// The world as it was when a region was lost, for stale answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshots(BTreeMap<Region, Box<World>>);

impl Snapshots {
    pub(crate) fn take(&mut self, region: Region, world: World) {
        self.0.insert(region, Box::new(world));
    }

    pub(crate) fn drop(&mut self, region: Region) {
        self.0.remove(&region);
    }
}

/// The region whose resource provider answers for this path: the tutorial's resource groups are
/// named after the region of what is in them. Traffic Manager is global, and lists over the whole
/// subscription come from ARM's own cache.
pub(super) fn region_of(world: &World, request: &ArmRequest<'_>) -> Option<Region> {
    if let Some(region) = long_running::region_of_poll(world, request) {
        return Some(region);
    }
    let is_global = request
        .provider()
        .is_some_and(|(_, kind)| kind.eq_ignore_ascii_case("trafficManagerProfiles"));
    let group = request.resource_group()?.to_ascii_lowercase();
    Region::BOTH.into_iter().find(|region| !is_global && group.ends_with(region.name()))
}

/// Answers a call for a resource of a region that is down.
pub(super) fn answer(world: &mut World, request: &ArmRequest<'_>, region: Region) -> Answer {
    let draw = world.random.u32(0..6);
    match draw {
        0 | 1 if request.is_read() => stale(world, request, region),
        0 | 2 | 3 => Answer::Hang,
        1 | 4 => timed_out(world, request),
        _ => gateway(504, "GatewayTimeout", "The gateway did not receive a response from the resource provider within the specified time period.").into(),
    }
}

/// What the region would have said just before it was lost.
fn stale(world: &mut World, request: &ArmRequest<'_>, region: Region) -> Answer {
    let Some(mut snapshot) = world.snapshots.0.remove(&region) else {
        return Answer::Hang;
    };
    let answer = dispatch(&mut snapshot, request);
    world.snapshots.0.insert(region, snapshot);
    answer
}

/// The body is recorded: SQL's 503 when the request ran into the gateway's time-out.
fn timed_out(world: &mut World, request: &ArmRequest<'_>) -> Answer {
    let after: SignedDuration = world.sample(Wait::ArmGatewayTimeout);
    let tracking = world.guid();
    let response = gateway(
        503,
        "ServerTimeout",
        &format!(
            "The request timed out. Diagnostic information: timestamp '{}', subscription id '{}', tracking id '{tracking}', request correlation id '{tracking}'.",
            world.now.strftime("%Y%m%dT%H%M%SZ"),
            request.subscription().unwrap_or_default(),
        ),
    );
    Answer::Reply { after, response }
}

fn gateway(status: u16, code: &str, message: &str) -> Response {
    Response::error(status, code, message).with_header("x-ms-failure-cause", "gateway")
}
