//! A log search rule on Traffic Manager's probe log: one row for each endpoint that becomes Degraded.
//! It comes even for a trouble that is long over, and it remembers nothing.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::delivery::{self, Parcel};
use super::payloads::{self, Essentials};
use super::{Condition, ENDPOINTS};
use crate::durations::Wait;
use crate::traffic_manager;
use crate::tutorial::SUBSCRIPTION;
use crate::world::{self, World};

const RULE: &str = "probe-failures";
/// Half of the 5 minutes that the query looks at.
const HALF_WINDOW: SignedDuration = SignedDuration::from_secs(150);

/// The endpoints that are Degraded.
#[derive(Debug, Clone, Default)]
pub(super) struct ProbeLog(BTreeSet<&'static str>);

/// A row is found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    endpoint: &'static str,
    logged_at: Timestamp,
}

pub(super) fn start(world: &mut World) {
    world.monitor.probe_log = ProbeLog(degraded(world));
}

/// Logs what became Degraded since the last look.
pub(super) fn sample(world: &mut World) {
    let now_degraded = degraded(world);
    let new: Vec<_> = now_degraded.difference(&world.monitor.probe_log.0).copied().collect();
    world.monitor.probe_log = ProbeLog(now_degraded);
    for endpoint in new {
        let delay = world.sample(Wait::LogSearchDelay);
        let found = Found { endpoint, logged_at: world.now };
        world.plan_in(delay, world::Due::Monitor(super::Due::LogSearch(found)));
    }
}

/// Tells the receiver.
pub(super) fn on_found(world: &mut World, found: Found) {
    let alert_id = world.guid();
    let origin = world.guid();
    let target = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/traffic-westus/providers/Microsoft.OperationalInsights/workspaces/law-westus"
    );
    let essentials = Essentials {
        alert_id: &alert_id,
        rule: RULE,
        severity: "Sev2",
        signal: "Log",
        service: "Log Alerts V2",
        condition: Condition::Fired,
        target: &target,
        origin: &origin,
        fired_at: world.now,
        resolved_at: None,
    };
    let window = (found.logged_at - HALF_WINDOW, found.logged_at + HALF_WINDOW);
    let body = payloads::log_search(&essentials, found.endpoint, window);
    let delay = world.sample(Wait::ActionGroupDelivery);
    let parcel = Parcel {
        rule: RULE.to_owned(),
        condition: "Fired".to_owned(),
        body,
        content_type: "application/json",
    };
    delivery::send(world, parcel, delay);
}

fn degraded(world: &World) -> BTreeSet<&'static str> {
    let is_degraded =
        |name: &&str| traffic_manager::endpoint_state(world, name) == Some("Degraded");
    ENDPOINTS.into_iter().filter(is_degraded).collect()
}
