//! Resource Health of the machines and Service Health of the regions: late, and without memory.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::delivery::{self, Parcel};
use super::payloads::{self, Essentials};
use super::{Condition, HealthEvents};
use crate::durations::Wait;
use crate::regions::Region;
use crate::tutorial::SUBSCRIPTION;
use crate::virtual_machine::{self, Power, Purpose};
use crate::world::{self, World};

/// Shorter troubles are not recorded.
const WORTH_TELLING: SignedDuration = SignedDuration::from_mins(1);
/// An outage shorter than this is never communicated.
const WORTH_COMMUNICATING: SignedDuration = SignedDuration::from_mins(5);

/// What was last known of machines and regions.
#[derive(Debug, Clone, Default)]
pub(super) struct Watched {
    machines: BTreeMap<String, Seen>,
    regions: BTreeMap<Region, Outage>,
}

#[derive(Debug, Clone)]
struct Seen {
    available: bool,
    /// The state that it differs in now, since when, and whether somebody stopped it.
    changing: Option<(Timestamp, bool)>,
}

#[derive(Debug, Clone)]
struct Outage {
    since: Timestamp,
    tracking: String,
    communicated: bool,
}

/// Something that got into the activity log or to Event Grid.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Machine { id: String, available: bool, by_user: bool, occurred_at: Timestamp },
    Availability { id: String, available: bool, occurred_at: Timestamp },
    Outage { region: Region, since: Timestamp },
    OutageOver { region: Region, since: Timestamp, over: Timestamp, tracking: String },
}

pub(super) fn start(world: &mut World) {
    for (id, available, _) in machines(world) {
        world.monitor.health.machines.insert(id, Seen { available, changing: None });
    }
}

/// Looks at all machines and regions.
pub(super) fn sample(world: &mut World) {
    for (id, available, stopped) in machines(world) {
        let now = world.now;
        let known = &mut world.monitor.health.machines;
        if !available && !known.contains_key(&id) {
            // A machine has no health before it ran for the first time.
            continue;
        }
        let seen = known.entry(id.clone()).or_insert(Seen { available, changing: None });
        if seen.available == available {
            seen.changing = None;
            continue;
        }
        let (since, by_user) = *seen.changing.get_or_insert((now, stopped));
        if now.duration_since(since) < WORTH_TELLING {
            continue;
        }
        seen.available = available;
        seen.changing = None;
        let delay = world.sample(Wait::ResourceHealthDelay);
        let event = Event::Machine { id: id.clone(), available, by_user, occurred_at: since };
        world.plan_in(delay, world::Due::Monitor(super::Due::Health(event)));
        let delay = SignedDuration::from_millis(world.random.i64(10_000..60_000));
        let event = Event::Availability { id, available, occurred_at: since };
        world.plan_in(delay, world::Due::Monitor(super::Due::Health(event)));
    }
    for region in Region::BOTH {
        sample_region(world, region);
    }
}

fn sample_region(world: &mut World, region: Region) {
    let up = world.regions.is_up(region);
    let known = world.monitor.health.regions.contains_key(&region);
    if !up && !known {
        let tracking = format!("{:04X}-1Z8", world.random.u16(..));
        let since = world.now;
        let outage = Outage { since, tracking, communicated: false };
        world.monitor.health.regions.insert(region, outage);
        let delay = world.sample(Wait::ServiceHealthDelay);
        let event = Event::Outage { region, since };
        world.plan_in(delay, world::Due::Monitor(super::Due::Health(event)));
    } else if up
        && known
        && let Some(outage) = world.monitor.health.regions.remove(&region)
        && outage.communicated
    {
        let Outage { since, tracking, .. } = outage;
        let delay = world.sample(Wait::ServiceHealthDelay);
        let event = Event::OutageOver { region, since, over: world.now, tracking };
        world.plan_in(delay, world::Due::Monitor(super::Due::Health(event)));
    }
}

/// Tells it to the receiver.
pub(super) fn on_event(world: &mut World, event: Event) {
    let alert_id = world.guid();
    let event_id = world.guid();
    let (rule, body, content_type) = match event {
        Event::Machine { id, available, by_user, occurred_at } => {
            let name = id.rsplit('/').next().unwrap_or_default();
            let rule = format!("rh-{name}");
            let origin = format!("{event_id}_{}", alert_id.replace('-', ""));
            let essentials = Essentials {
                alert_id: &alert_id,
                rule: &rule,
                severity: "Sev4",
                signal: "Activity Log",
                service: "Resource Health",
                condition: Condition::Fired,
                target: &id,
                origin: &origin,
                fired_at: world.now,
                resolved_at: None,
            };
            let body =
                payloads::resource_health(&essentials, available, by_user, occurred_at, &event_id);
            (rule, body, "application/json")
        }
        Event::Availability { id, available, occurred_at } => {
            let is_cloud_event = match world.monitor.health_events {
                HealthEvents::Off => return,
                HealthEvents::CloudEvents => true,
                HealthEvents::EventGrid => false,
            };
            let body =
                payloads::health_event(&id, available, occurred_at, &event_id, is_cloud_event);
            let content_type = if is_cloud_event {
                "application/cloudevents+json; charset=utf-8"
            } else {
                "application/json; charset=utf-8"
            };
            ("event grid: health resources".to_owned(), body, content_type)
        }
        Event::Outage { region, since } => {
            let lasted = world.now.duration_since(since);
            let Some(outage) = world.monitor.health.regions.get_mut(&region) else { return };
            if outage.since != since || lasted < WORTH_COMMUNICATING {
                return;
            }
            outage.communicated = true;
            let tracking = outage.tracking.clone();
            let ids = (alert_id.as_str(), event_id.as_str());
            let (rule, body) = notice(world, region, since, None, &tracking, ids);
            (rule, body, "application/json")
        }
        Event::OutageOver { region, since, over, tracking } => {
            let ids = (alert_id.as_str(), event_id.as_str());
            let (rule, body) = notice(world, region, since, Some(over), &tracking, ids);
            (rule, body, "application/json")
        }
    };
    let delay = world.sample(Wait::ActionGroupDelivery);
    let parcel = Parcel { rule, condition: "Fired".to_owned(), body, content_type };
    delivery::send(world, parcel, delay);
}

fn notice(
    world: &World,
    region: Region,
    since: Timestamp,
    over: Option<Timestamp>,
    tracking: &str,
    (alert_id, event_id): (&str, &str),
) -> (String, serde_json::Value) {
    let rule = format!("sh-{}", region.name());
    let target = format!("/subscriptions/{SUBSCRIPTION}");
    let essentials = Essentials {
        alert_id,
        rule: &rule,
        severity: "Sev4",
        signal: "Activity Log",
        service: "ServiceHealth",
        condition: Condition::Fired,
        target: &target,
        origin: event_id,
        fired_at: world.now,
        resolved_at: None,
    };
    let region = region.display_name();
    let body = payloads::service_health(&essentials, region, since, over, event_id, tracking);
    (rule, body)
}

/// Production's machines: id, whether available, whether somebody stopped it.
fn machines(world: &World) -> Vec<(String, bool, bool)> {
    virtual_machine::machines(world)
        .filter(|machine| machine.purpose == Purpose::Production)
        .map(|machine| {
            let up = world.regions.is_up(machine.region);
            let runs = up && machine.running_since.is_some();
            (machine.id.to_string(), runs, up && machine.power != Power::Running)
        })
        .collect()
}
