//! What was seen from outside: the figures of a rehearsal come from here, never from the app.
//!
//! The modules note bare facts as they happen (`Ledger::note_request`, `Ledger::note_wait` …);
//! [`Report`] makes figures of them.

mod production;
mod report;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::regions::Region;
use crate::world::World;

pub use report::{Answers, Downtime, Effects, LostWrites, Report, Span};

pub(crate) use report::seconds;

/// Everything that was noted.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    pub(crate) mutating: Vec<NotedRequest>,
    pub(crate) calls: Calls,
    pub(crate) waits: Vec<NotedWait>,
    pub(crate) notifications: Vec<Notification>,
    pub(crate) alerts: Vec<NotedAlert>,
    pub(crate) outages: Vec<Outage>,
    pub(crate) promotions: Vec<Promotion>,
    pub(crate) forced_in_vain: usize,
    pub(crate) discarded: Vec<Discarded>,
    pub(crate) answers: Vec<Attempt>,
    pub(crate) moves: Vec<Move>,
    pub(crate) dual_writable_s: f64,
    pub(crate) both_sites_writable_s: f64,
    pub(crate) servable: Vec<Servable>,
    pub(crate) production_before: Option<Value>,
    pub(crate) started_at: Option<Timestamp>,
}

/// What a request can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Read,
    Reversible,
    Destructive,
}

/// How many requests ARM got.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Calls {
    pub total: u64,
    pub reads: u64,
    pub reversible: u64,
    pub destructive: u64,
    /// By status; `none` is a request that got no answer.
    pub by_status: BTreeMap<String, u64>,
}

/// A request that could change something, also when it was refused.
#[derive(Debug, Clone, Serialize)]
pub struct NotedRequest {
    pub at: Timestamp,
    pub method: String,
    pub path: String,
    /// None: the request was lost or hung. An answer lost on its way back has its status here.
    pub status: Option<u16>,
    pub kind: Kind,
}

/// Something that took time in the world, however fast its controller is.
///
/// The critical path knows them by the beginning of their names; what it was is behind that:
/// `sql forced`, `sql planned`, `Site Recovery <job>: <phase>`, `machine boot <machine>`,
/// `member start <machine>`, `http server start <machine>`, `gateway probe <machine>`,
/// `interface update <interface>`, `traffic propagation <reason>`.
#[derive(Debug, Clone, Serialize)]
pub struct NotedWait {
    pub what: String,
    pub from: Timestamp,
    pub to: Timestamp,
}

/// What arrived at the plan's notification webhook.
#[derive(Debug, Clone, Serialize)]
pub struct Notification {
    pub at: Timestamp,
    pub body: Value,
}

/// An alert or health event that left the world, or tried to.
#[derive(Debug, Clone, Serialize)]
pub struct NotedAlert {
    pub at: Timestamp,
    pub rule: String,
    pub condition: String,
    /// The status of each attempt to deliver it; none is a receiver that did not answer.
    pub attempts: Vec<Option<u16>>,
    pub outcome: AlertOutcome,
}

/// What became of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertOutcome {
    /// On its way, or waiting for another attempt.
    Pending,
    Delivered,
    /// Refused, or all attempts failed.
    GivenUp,
    /// The action group keeps silent after failures, or nobody has given a receiver.
    NotSent,
}

/// A region that was dead for a time.
#[derive(Debug, Clone, Serialize)]
pub struct Outage {
    pub region: Region,
    pub from: Timestamp,
    pub to: Option<Timestamp>,
    /// It was the primary: its database took the writes.
    pub was_primary: bool,
    /// The names of the writes that the other region did not have then.
    #[serde(skip)]
    pub not_replicated: Vec<String>,
}

/// A failover of the failover group that took effect.
#[derive(Debug, Clone, Serialize)]
pub struct Promotion {
    pub at: Timestamp,
    pub region: Region,
    pub lossless: bool,
    /// Writes of the old primary that the new one does not have.
    pub left_behind: usize,
}

/// Writes that a returning old primary threw away.
#[derive(Debug, Clone, Serialize)]
pub struct Discarded {
    pub at: Timestamp,
    pub region: Region,
    pub writes: usize,
}

/// One try of the user: a write, then a read.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    pub at: Timestamp,
    pub address: Option<std::net::Ipv4Addr>,
    pub good: bool,
    /// The site that answered.
    pub served_by: Option<Region>,
    /// The region whose database was read.
    pub database: Option<Region>,
    /// What went wrong: `timeout`, `no name`, `POST 503` …
    pub problem: Option<String>,
    /// The acknowledged write.
    pub wrote: Option<AcknowledgedWrite>,
}

/// A write whose 201 the user has seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcknowledgedWrite {
    pub at: Timestamp,
    pub id: u64,
    pub name: String,
    /// The region whose database took it.
    pub region: Region,
}

/// A time in which a site would have served whoever came to an address of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Servable {
    pub site: Region,
    /// The region whose database would have taken the writes.
    pub database: Region,
    pub from: Timestamp,
    /// The last look that found it so.
    pub to: Timestamp,
}

/// The profile's name began to lead the user to another address.
#[derive(Debug, Clone, Serialize)]
pub struct Move {
    pub at: Timestamp,
    pub address: std::net::Ipv4Addr,
}

/// Remembers what production is like, and when everything began.
pub(crate) fn begin(world: &mut World) {
    world.ledger.started_at = Some(world.now);
    world.ledger.production_before = Some(production::fingerprint(world));
}

impl World {
    /// The figures up to now.
    pub fn report(&self) -> Report {
        Report::of(self)
    }
}

impl Ledger {
    /// A request arrived at ARM.
    pub(crate) fn note_request(
        &mut self,
        at: Timestamp,
        method: &str,
        path: &str,
        status: Option<u16>,
        kind: Kind,
    ) {
        self.calls.total += 1;
        match kind {
            Kind::Read => self.calls.reads += 1,
            Kind::Reversible => self.calls.reversible += 1,
            Kind::Destructive => self.calls.destructive += 1,
        }
        let status_name = status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        *self.calls.by_status.entry(status_name).or_default() += 1;
        if kind != Kind::Read {
            let (method, path) = (method.to_owned(), path.to_owned());
            self.mutating.push(NotedRequest { at, method, path, status, kind });
        }
    }

    /// Something in the world takes from `from` to `to`; see [`NotedWait`] for names.
    pub(crate) fn note_wait(&mut self, what: impl Into<String>, from: Timestamp, to: Timestamp) {
        self.waits.push(NotedWait { what: what.into(), from, to });
    }

    /// A site would serve now as it would have at the look before, unless that was longer ago.
    pub(crate) fn note_servable(
        &mut self,
        site: Region,
        database: Region,
        now: Timestamp,
        since_last_look: SignedDuration,
    ) {
        let goes_on = |span: &&mut Servable| {
            span.database == database && now.duration_since(span.to) <= since_last_look
        };
        let last = self.servable.iter_mut().rfind(|span| span.site == site);
        match last.filter(goes_on) {
            Some(span) => span.to = now,
            None => self.servable.push(Servable { site, database, from: now, to: now }),
        }
    }

    /// The plan's webhook was called.
    pub(crate) fn note_notification(&mut self, at: Timestamp, body: Value) {
        self.notifications.push(Notification { at, body });
    }

    /// The requests that could change something, in order of arrival.
    pub fn mutating(&self) -> &[NotedRequest] {
        &self.mutating
    }

    /// How many requests ARM got.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// What took time.
    pub fn waits(&self) -> &[NotedWait] {
        &self.waits
    }

    /// What arrived at the webhook.
    pub fn notifications(&self) -> &[Notification] {
        &self.notifications
    }

    /// The failovers of the failover group that took effect.
    pub fn promotions(&self) -> &[Promotion] {
        &self.promotions
    }

    /// How many forced failovers of the failover group were accepted and came to nothing.
    pub fn forced_in_vain(&self) -> usize {
        self.forced_in_vain
    }

    /// Every try of the user.
    pub fn attempts(&self) -> &[Attempt] {
        &self.answers
    }

    /// The alerts that left the world, or tried to.
    pub fn alerts(&self) -> &[NotedAlert] {
        &self.alerts
    }
}

#[cfg(test)]
mod tests;
