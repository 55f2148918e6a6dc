//! Figures made of what was noted.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::production;
use super::{
    AcknowledgedWrite, Attempt, Calls, Discarded, Kind, Ledger, NotedAlert, NotedRequest,
    NotedWait, Notification, Outage, Promotion, Servable,
};
use crate::critical_path::{self, CriticalPath};
use crate::regions::Region;
use crate::workload;
use crate::world::World;

/// The figures of a world up to now, in simulated seconds.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub started_at: Option<Timestamp>,
    pub now: Timestamp,
    /// The latest outage of the region whose database took the writes.
    pub loss: Option<Outage>,
    pub outages: Vec<Outage>,
    pub answers: Answers,
    pub downtime: Vec<Downtime>,
    pub downtime_s: f64,
    /// From the loss to the first request that could change something.
    pub detection_s: Option<f64>,
    /// From the loss to the first good answer, through the profile's name, from a database
    /// promoted since.
    pub rto_s: Option<f64>,
    pub first_good_after_loss: Option<Attempt>,
    pub critical_path: CriticalPath,
    /// From the first request that could change something to the first good answer from a database
    /// promoted since, with or without a loss.
    pub switch_s: Option<f64>,
    /// `switch − critical path` (after a loss: `rto − detection − critical path`): what the
    /// controller itself took.
    pub overhead_s: Option<f64>,
    pub acknowledged_writes: usize,
    pub lost_writes: LostWrites,
    /// From the first acknowledged write that was lost to the loss of its region; 0 if none was.
    pub rpo_s: f64,
    pub dual_writable_s: f64,
    /// Seconds in which both sites took writes, into one database or into two.
    pub both_sites_writable_s: f64,
    /// When a site would have served whoever came to an address of its own, looked at once a second.
    pub servable: Vec<Servable>,
    pub azure_calls: Calls,
    pub mutating_requests: Vec<NotedRequest>,
    pub destructive_requests: Vec<NotedRequest>,
    pub effects: Effects,
    pub promotions: Vec<Promotion>,
    pub discarded: Vec<Discarded>,
    pub alerts: Vec<NotedAlert>,
    pub notifications: Vec<Notification>,
    pub waits: Vec<NotedWait>,
    pub production: Production,
}

/// What was brought about, as opposed to asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Effects {
    pub sql_forced: usize,
    pub sql_planned: usize,
    pub recovery_plan_failovers: usize,
    pub recovery_plan_test_failovers: usize,
    pub recovery_plan_test_cleanups: usize,
    pub recovery_plan_commits: usize,
}

/// Production at the start and now.
#[derive(Debug, Clone, Serialize)]
pub struct Production {
    pub unchanged: bool,
    /// `{what, before, now}` each.
    pub changes: Vec<Value>,
}

/// The user's tries.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Answers {
    pub good: usize,
    pub failed: usize,
    pub spans: Vec<Span>,
    pub last: Option<Attempt>,
}

/// Tries with the same result, one after the other.
#[derive(Debug, Clone, Serialize)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
    pub tries: usize,
    pub good: bool,
    pub served_by: Option<Region>,
    pub database: Option<Region>,
    pub problem: Option<String>,
}

/// From the first failed try to the next good one.
#[derive(Debug, Clone, Serialize)]
pub struct Downtime {
    pub from: Timestamp,
    /// None: it still lasts.
    pub to: Option<Timestamp>,
    pub seconds: f64,
}

/// Acknowledged writes that the primary's database does not have.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LostWrites {
    pub total: usize,
    /// Not yet in the other region when their own was lost: nobody could have saved them.
    pub not_replicated_at_the_loss: Vec<AcknowledgedWrite>,
    /// Lost by what was done afterwards.
    pub other: Vec<AcknowledgedWrite>,
}

impl Report {
    pub(crate) fn of(world: &World) -> Self {
        let ledger = &world.ledger;
        let loss = ledger.outages.iter().rfind(|outage| outage.was_primary).cloned();
        let first_good_after_loss = loss
            .as_ref()
            .and_then(|loss| critical_path::first_good_since(ledger, loss.from).cloned());
        let switch_s = critical_path::begun_at(ledger).and_then(|begun_at| {
            let answer = critical_path::first_good_since(ledger, begun_at)?;
            Some(seconds(begun_at, answer.at))
        });
        let detection_s = loss.as_ref().and_then(|loss| {
            let first = ledger.mutating.iter().find(|request| request.at >= loss.from)?;
            Some(seconds(loss.from, first.at))
        });
        let rto_s = loss
            .as_ref()
            .zip(first_good_after_loss.as_ref())
            .map(|(loss, answer)| seconds(loss.from, answer.at));
        let critical_path = critical_path::of(world);
        let downtime = downtime(world);
        let lost_writes = lost_writes(world);
        let production_now = production::fingerprint(world);
        let changes = ledger
            .production_before
            .as_ref()
            .map_or_else(Vec::new, |before| production::changes(before, &production_now));
        Self {
            started_at: ledger.started_at,
            now: world.now,
            outages: ledger.outages.clone(),
            answers: answers(ledger),
            downtime_s: downtime.iter().map(|part| part.seconds).sum(),
            downtime,
            overhead_s: switch_s.map(|switch| switch - critical_path.seconds),
            switch_s,
            detection_s,
            rto_s,
            first_good_after_loss,
            critical_path,
            acknowledged_writes: acknowledged(ledger).count(),
            rpo_s: rpo(ledger, &lost_writes),
            lost_writes,
            dual_writable_s: ledger.dual_writable_s,
            both_sites_writable_s: ledger.both_sites_writable_s,
            servable: ledger.servable.clone(),
            azure_calls: ledger.calls.clone(),
            mutating_requests: ledger.mutating.clone(),
            destructive_requests: destructive(ledger),
            effects: effects(world),
            promotions: ledger.promotions.clone(),
            discarded: ledger.discarded.clone(),
            alerts: ledger.alerts.clone(),
            notifications: ledger.notifications.clone(),
            waits: ledger.waits.clone(),
            production: Production { unchanged: changes.is_empty(), changes },
            loss,
        }
    }
}

/// The seconds between two moments.
pub(crate) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

fn acknowledged(ledger: &Ledger) -> impl Iterator<Item = &AcknowledgedWrite> {
    ledger.answers.iter().filter_map(|attempt| attempt.wrote.as_ref())
}

fn destructive(ledger: &Ledger) -> Vec<NotedRequest> {
    let destructive = |request: &&NotedRequest| request.kind == Kind::Destructive;
    ledger.mutating.iter().filter(destructive).cloned().collect()
}

fn answers(ledger: &Ledger) -> Answers {
    let mut answers = Answers { last: ledger.answers.last().cloned(), ..Answers::default() };
    for attempt in &ledger.answers {
        if attempt.good {
            answers.good += 1;
        } else {
            answers.failed += 1;
        }
        let same = |span: &&mut Span| {
            span.good == attempt.good
                && span.served_by == attempt.served_by
                && span.database == attempt.database
                && span.problem == attempt.problem
        };
        if let Some(span) = answers.spans.last_mut().filter(same) {
            span.to = attempt.at;
            span.tries += 1;
        } else {
            answers.spans.push(Span {
                from: attempt.at,
                to: attempt.at,
                tries: 1,
                good: attempt.good,
                served_by: attempt.served_by,
                database: attempt.database,
                problem: attempt.problem.clone(),
            });
        }
    }
    answers
}

fn downtime(world: &World) -> Vec<Downtime> {
    let mut parts: Vec<Downtime> = Vec::new();
    let mut since = None;
    for attempt in &world.ledger.answers {
        match (attempt.good, since) {
            (false, None) => since = Some(attempt.at),
            (true, Some(from)) => {
                let to = Some(attempt.at);
                parts.push(Downtime { from, to, seconds: seconds(from, attempt.at) });
                since = None;
            }
            _ => {}
        }
    }
    if let Some(from) = since {
        parts.push(Downtime { from, to: None, seconds: seconds(from, world.now) });
    }
    parts
}

fn lost_writes(world: &World) -> LostWrites {
    let ledger = &world.ledger;
    let kept = workload::names_in_primary(world);
    let mut lost = LostWrites::default();
    for write in acknowledged(ledger).filter(|write| !kept.contains(write.name.as_str())) {
        let unavoidable = ledger.outages.iter().any(|outage| {
            outage.region == write.region && outage.not_replicated.contains(&write.name)
        });
        if unavoidable {
            lost.not_replicated_at_the_loss.push(write.clone());
        } else {
            lost.other.push(write.clone());
        }
    }
    lost.total = lost.not_replicated_at_the_loss.len() + lost.other.len();
    lost
}

/// Recovery point: how far before its loss the lost region's data ends for those who wrote it.
fn rpo(ledger: &Ledger, lost: &LostWrites) -> f64 {
    let writes = lost.not_replicated_at_the_loss.iter().chain(&lost.other);
    writes
        .map(|write| {
            let end = ledger
                .outages
                .iter()
                .map(|outage| (outage.region, outage.from))
                .chain(
                    ledger
                        .promotions
                        .iter()
                        .map(|promotion| (promotion.region.other(), promotion.at)),
                )
                .filter(|(region, at)| *region == write.region && *at >= write.at)
                .map(|(_, at)| at)
                .min();
            end.map_or(0.0, |end| seconds(write.at, end))
        })
        .fold(0.0, f64::max)
}

fn effects(world: &World) -> Effects {
    let ledger = &world.ledger;
    let promoted = |lossless| ledger.promotions.iter().filter(|it| it.lossless == lossless).count();
    let accepted = |action: &str| {
        let is = |request: &&NotedRequest| {
            let path = request.path.to_ascii_lowercase();
            let path = path.split('?').next().unwrap_or_default();
            request.status.is_some_and(|status| status < 300)
                && path.contains("/replicationrecoveryplans/")
                && path.ends_with(action)
        };
        ledger.mutating.iter().filter(is).count()
    };
    Effects {
        sql_forced: promoted(false),
        sql_planned: promoted(true),
        recovery_plan_failovers: accepted("/unplannedfailover"),
        recovery_plan_test_failovers: accepted("/testfailover"),
        recovery_plan_test_cleanups: accepted("/testfailovercleanup"),
        recovery_plan_commits: accepted("/failovercommit"),
    }
}
