//! Probes, and what they do to an endpoint's status.

use jiff::SignedDuration;

use super::{Endpoint, Published, Status};
use crate::durations::Wait;
use crate::network_interface;
use crate::workload::{self, ProbeAnswer};
use crate::world::{self, World};

/// Something that happens by itself.
#[derive(Debug, Clone)]
pub(crate) enum Due {
    /// The next probe of an endpoint, in this life of it.
    Probe { name: String, life: u64 },
    /// A probe got no answer in time.
    TimedOut { name: String, life: u64 },
    /// The name servers have learned this.
    Publish(Box<Learned>),
}

/// What name servers learn, and which endpoint's change it was.
#[derive(Debug, Clone)]
pub(crate) struct Learned(Published);

/// The probes of the two endpoints begin somewhere within the first interval.
pub(crate) fn start(world: &mut World) {
    let interval = world.traffic.monitor.interval_s * 1000;
    let endpoints: Vec<_> = world
        .traffic
        .endpoints
        .iter()
        .map(|endpoint| (endpoint.name.clone(), endpoint.life))
        .collect();
    for (name, life) in endpoints {
        let phase = SignedDuration::from_millis(world.random.i64(0..interval));
        world.plan_in(phase, world::Due::Traffic(Due::Probe { name, life }));
    }
}

pub(crate) fn on_due(world: &mut World, due: Due) {
    match due {
        Due::Probe { name, life } => probe(world, name, life),
        Due::TimedOut { name, life } => {
            if is_alive(world, &name, life) {
                failed(world, &name);
            }
        }
        Due::Publish(learned) => {
            if learned.0.version > world.traffic.published.version {
                world.traffic.published = learned.0;
            }
        }
    }
}

/// An endpoint was made, switched or given another target: it is checked anew, if it is probed.
pub(super) fn begin(world: &mut World, name: &str) {
    let is_profile_enabled = world.traffic.is_enabled;
    world.traffic.lives += 1;
    let life = world.traffic.lives;
    let Some(endpoint) = world.traffic.endpoint_mut(name) else { return };
    endpoint.life = life;
    endpoint.failures = 0;
    endpoint.status = match (is_profile_enabled, endpoint.is_enabled, endpoint.always_serve) {
        (false, _, _) => Status::Inactive,
        (true, false, _) => Status::Disabled,
        (true, true, true) => Status::Unmonitored,
        (true, true, false) => Status::CheckingEndpoint,
    };
    if endpoint.status == Status::CheckingEndpoint {
        let name = endpoint.name.clone();
        // A probe goes out soon, not at once: the probers learn of the change like the name servers.
        let after = world.sample(Wait::TrafficManagerPropagation);
        world.plan_in(after, world::Due::Traffic(Due::Probe { name, life }));
    }
}

/// Lets the name servers know, a moment later, if what they should answer has changed.
pub(super) fn publish(world: &mut World, because_of: &str) {
    let mut learned = world.traffic.to_publish();
    let latest = &mut world.traffic.latest;
    if (&learned.endpoints, learned.ttl) == (&latest.endpoints, latest.ttl) {
        return;
    }
    learned.version = latest.version + 1;
    latest.clone_from(&learned);
    let after = world.sample(Wait::TrafficManagerPropagation);
    let (from, to) = (world.now, world.now + after);
    world.ledger.note_wait(format!("traffic propagation {because_of}"), from, to);
    world.plan_in(after, world::Due::Traffic(Due::Publish(Box::new(Learned(learned)))));
}

fn probe(world: &mut World, name: String, life: u64) {
    if !is_alive(world, &name, life) {
        return;
    }
    let monitor = world.traffic.monitor.clone();
    let interval = SignedDuration::from_secs(monitor.interval_s);
    let next = Due::Probe { name: name.clone(), life };
    world.plan_in(interval, world::Due::Traffic(next));
    let target = world.traffic.endpoint(&name).map(|endpoint| endpoint.target.clone());
    let address = target
        .and_then(|target| address(world, &target))
        .and_then(|addresses| addresses.first().copied());
    let answer = match address {
        Some(address) => workload::probe(world, address),
        None => ProbeAnswer::NoAnswer,
    };
    match answer {
        ProbeAnswer::Status(status) if is_expected(&monitor.expected, status) => {
            succeeded(world, &name);
        }
        ProbeAnswer::Status(_) => failed(world, &name),
        ProbeAnswer::NoAnswer => {
            let timeout = SignedDuration::from_secs(monitor.timeout_s);
            world.plan_in(timeout, world::Due::Traffic(Due::TimedOut { name, life }));
        }
    }
}

fn address(world: &World, target: &str) -> Option<Vec<std::net::Ipv4Addr>> {
    match target.parse() {
        Ok(address) => Some(vec![address]),
        Err(_) => network_interface::resolve(world, target).map(|(addresses, _)| addresses),
    }
}

fn is_expected(ranges: &[(u16, u16)], status: u16) -> bool {
    if ranges.is_empty() {
        return status == 200;
    }
    ranges.iter().any(|(least, most)| (*least..=*most).contains(&status))
}

fn succeeded(world: &mut World, name: &str) {
    change(world, name, |endpoint, _| {
        endpoint.failures = 0;
        endpoint.status = Status::Online;
    });
}

/// One more failure than tolerated, all in a row, makes an endpoint Degraded.
fn failed(world: &mut World, name: &str) {
    change(world, name, |endpoint, tolerated| {
        endpoint.failures = endpoint.failures.saturating_add(1);
        if endpoint.failures > tolerated {
            endpoint.status = Status::Degraded;
        }
    });
}

fn change(world: &mut World, name: &str, change: impl Fn(&mut Endpoint, u32)) {
    let tolerated = world.traffic.monitor.tolerated;
    let Some(endpoint) = world.traffic.endpoint_mut(name) else { return };
    let before = endpoint.status;
    change(endpoint, tolerated);
    if endpoint.status != before {
        publish(world, name);
    }
}

fn is_alive(world: &World, name: &str, life: u64) -> bool {
    world.traffic.endpoint(name).is_some_and(|endpoint| {
        endpoint.life == life
            && matches!(
                endpoint.status,
                Status::CheckingEndpoint | Status::Online | Status::Degraded
            )
    })
}
