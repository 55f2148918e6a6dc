//! Service Bus: a namespace with three queues, sent to over REST, received from by the local
//! Functions host over a small protocol of its own that stands in for AMQP.
//!
//! The app only ever sends. Receiving, locks, delivery counts and dead-lettering are between the
//! broker and the host, so their wire form is ours to choose: `docs/functions-host.md` lists it.

mod broker;
mod message;
mod queue;
mod rest;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::control::{self, Effect};
use crate::door::{Answer, Request, Response};
use crate::fidelity::Fidelity;
use crate::world::World;
use crate::{identity, tutorial, world};
use queue::{Queue, Settings};

/// The audience of a token that may send.
const AUDIENCE: &str = "https://servicebus.azure.net";

/// What is modelled, and how well it is known.
pub(crate) const FIDELITY: &[Fidelity] = &[
    Fidelity::documented(
        "send: POST /{queue}/messages with BrokerProperties and a bearer token; 201, 400, 401, 403",
        "learn.microsoft.com/rest/api/servicebus/send-message-to-queue",
    ),
    Fidelity::documented(
        "a scheduled message takes its sequence number and enqueued time when it becomes active",
        "learn.microsoft.com/azure/service-bus-messaging/message-sequencing",
    ),
    Fidelity::documented(
        "a message without SessionId on a session queue is refused with 405",
        "Azure/azure-sdk-for-python issue 738",
    ),
    Fidelity::documented(
        "a session lock that expires counts as a delivery, a session that is closed does not",
        "learn.microsoft.com/azure/service-bus-messaging/message-sessions",
    ),
    Fidelity::documented(
        "a PartitionKey that differs from the SessionId is refused",
        "Azure/azure-sdk-for-net pull request 13811",
    ),
    Fidelity::documented(
        "a message that was delivered too often is dead-lettered, one whose time is over is gone",
        "learn.microsoft.com/azure/service-bus-messaging/service-bus-dead-letter-queues",
    ),
    Fidelity::guess(
        "of the free sessions the one is next whose first message has waited longest",
        "the documentation says: the next available one",
    ),
    Fidelity::guess(
        "an unknown queue answers 404",
        "the reference page says 410; 404 has been seen in support threads",
    ),
    Fidelity::guess(
        "duplicate detection remembers a scheduled message from the moment it was sent",
        "nothing says otherwise",
    ),
    Fidelity::guess(
        "the lock of a receiver that died is held until it expires",
        "the longest wait is assumed",
    ),
];

/// The namespace.
#[derive(Debug, Clone)]
pub(crate) struct State {
    queues: BTreeMap<&'static str, Queue>,
}

/// A queue changes by itself: a scheduled message is due, a lock or a message expires.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    queue: &'static str,
}

impl State {
    /// The queues that the app's templates create.
    pub(crate) fn tutorial(_options: &tutorial::Options) -> Self {
        Self::with_duplicate_window(SignedDuration::from_mins(10))
    }

    fn with_duplicate_window(window: SignedDuration) -> Self {
        let settings = |name, sessions| Settings {
            name,
            sessions,
            duplicate_window: sessions.then_some(window),
            lock: SignedDuration::from_secs(60),
            max_deliveries: 10,
            time_to_live: SignedDuration::from_hours(14 * 24),
        };
        let queues =
            [settings("signals", true), settings("wakes", true), settings("poison", false)]
                .into_iter()
                .map(|settings| (settings.name, Queue::new(settings)))
                .collect();
        Self { queues }
    }

    /// A queue by name, without regard to case, with everything that is due done.
    fn queue(&mut self, now: Timestamp, name: &str) -> Option<&mut Queue> {
        let (_, queue) =
            self.queues.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        queue.advance(now);
        Some(queue)
    }

    /// Whether a receiver of this queue could be given anything, now or when a lock ends.
    pub(crate) fn has_messages(&self, name: &str) -> bool {
        self.queues.get(name).is_some_and(|queue| queue.active().next().is_some())
    }

    fn advance(&mut self, now: Timestamp) {
        for queue in self.queues.values_mut() {
            queue.advance(now);
        }
    }

    /// When each queue next changes by itself.
    fn due(&self) -> Vec<(Timestamp, Due)> {
        self.queues
            .iter()
            .filter_map(|(name, queue)| Some((queue.next_due()?, Due { queue: name })))
            .collect()
    }
}

pub(crate) fn on_due(world: &mut World, due: Due) {
    let now = world.now;
    world.bus.queue(now, due.queue);
    replan(world);
}

/// The REST endpoint of the namespace.
pub(crate) fn send(world: &mut World, request: &Request) -> Answer {
    let effect = control::fault_for(world, request).map(|fault| fault.effect);
    match effect {
        Some(Effect::Status(status)) => {
            return rest::refusal(status, "The service is not available.").into();
        }
        Some(Effect::LostRequest) => return Answer::Reset,
        Some(Effect::Hang) => return Answer::Hang,
        Some(Effect::LostAnswer | Effect::Delay(_)) | None => {}
    }
    let response = if may_send(request) {
        let now = world.now;
        rest::send(&mut world.bus, now, request)
    } else {
        rest::refusal(401, "A bearer token for the audience of Service Bus is required.")
            .with_header("www-authenticate", "Bearer realm=\"servicebus\"")
    };
    replan(world);
    match effect {
        Some(Effect::LostAnswer) => Answer::Reset,
        Some(Effect::Delay(after)) => Answer::Reply { after, response },
        _ => response.into(),
    }
}

/// The receiving side, for the local Functions host and for tests.
pub(crate) fn receive(world: &mut World, request: &Request) -> Response {
    let now = world.now;
    let response = broker::handle(&mut world.bus, now, request);
    replan(world);
    response
}

/// How many messages are where, for the control API.
pub(crate) fn summary(world: &World) -> Value {
    let queues = world.bus.queues.iter();
    Value::Object(queues.map(|(name, queue)| ((*name).to_owned(), queue.summary())).collect())
}

fn may_send(request: &Request) -> bool {
    identity::bearer(request)
        .and_then(identity::audience)
        .is_some_and(|audience| audience.trim_end_matches('/') == AUDIENCE)
}

/// Puts the next change of every queue on the agenda. An entry that came too early does nothing.
fn replan(world: &mut World) {
    for (at, due) in world.bus.due() {
        let planned = world.bus.queues.get_mut(due.queue).is_some_and(|queue| queue.plan(at));
        if planned {
            world.agenda.plan(at, world::Due::Bus(due));
        }
    }
}
