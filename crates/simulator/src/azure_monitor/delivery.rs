//! Bringing alerts to their receiver, by the rules of action groups.
//!
//! doc: action groups, webhook: 408, 429, 503, 504 or no answer within 10 s are tried again after
//! 5, 20, 5, 40 and 5 s; then no action group calls the receiver for 15 minutes.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::door::Outgoing;
use crate::ledger::{AlertOutcome, NotedAlert};
use crate::world::{self, World};

const RETRIES: [i64; 5] = [5, 20, 5, 40, 5];
const SILENCE: SignedDuration = SignedDuration::from_mins(15);

/// What is on its way.
#[derive(Debug, Clone, Default)]
pub(super) struct Deliveries {
    waiting: BTreeMap<u64, Delivery>,
    last_id: u64,
    silent_until: Option<Timestamp>,
}

#[derive(Debug, Clone)]
struct Delivery {
    body: Value,
    content_type: &'static str,
    failures: usize,
    /// Its place in the ledger.
    noted: usize,
}

/// What to deliver, and what to call it in the ledger.
pub(super) struct Parcel {
    pub(super) rule: String,
    pub(super) condition: String,
    pub(super) body: Value,
    pub(super) content_type: &'static str,
}

/// Sends something after a delay.
pub(super) fn send(world: &mut World, parcel: Parcel, delay: SignedDuration) {
    let Parcel { rule, condition, body, content_type } = parcel;
    let noted = world.ledger.alerts.len();
    world.ledger.alerts.push(NotedAlert {
        at: world.now,
        rule,
        condition,
        attempts: Vec::new(),
        outcome: AlertOutcome::Pending,
    });
    let deliveries = &mut world.monitor.deliveries;
    deliveries.last_id += 1;
    let id = deliveries.last_id;
    deliveries.waiting.insert(id, Delivery { body, content_type, failures: 0, noted });
    world.plan_in(delay, world::Due::Monitor(super::Due::Deliver(id)));
}

/// A delivery's time has come: it leaves the world, if there is somebody to take it.
pub(super) fn depart(world: &mut World, id: u64) {
    let monitor = &world.monitor;
    let Some(delivery) = monitor.deliveries.waiting.get(&id) else { return };
    let silent = monitor.deliveries.silent_until.is_some_and(|until| world.now < until);
    match &monitor.receiver {
        Some(url) if !silent => {
            world.outbox.push(Outgoing {
                id,
                url: url.clone(),
                content_type: delivery.content_type,
                body: delivery.body.clone(),
            });
        }
        _ => close(world, id, AlertOutcome::NotSent),
    }
}

/// What became of an attempt; `None` is a receiver that did not answer in time.
pub(super) fn delivered(world: &mut World, id: u64, status: Option<u16>) {
    let deliveries = &mut world.monitor.deliveries;
    let Some(delivery) = deliveries.waiting.get_mut(&id) else { return };
    world.ledger.alerts[delivery.noted].attempts.push(status);
    match status {
        Some(200..=299) => close(world, id, AlertOutcome::Delivered),
        None | Some(408 | 429 | 503 | 504) => {
            let retry = RETRIES.get(delivery.failures).copied();
            delivery.failures += 1;
            if let Some(seconds) = retry {
                let due = world::Due::Monitor(super::Due::Deliver(id));
                world.plan_in(SignedDuration::from_secs(seconds), due);
            } else {
                deliveries.silent_until = Some(world.now + SILENCE);
                close(world, id, AlertOutcome::GivenUp);
            }
        }
        Some(_) => close(world, id, AlertOutcome::GivenUp),
    }
}

fn close(world: &mut World, id: u64, outcome: AlertOutcome) {
    if let Some(delivery) = world.monitor.deliveries.waiting.remove(&id) {
        world.ledger.alerts[delivery.noted].outcome = outcome;
    }
}
