//! The shortest time in which the waits of this world could have been got over.
//!
//! A failover is a graph of waits that nobody can shorten; the best controller starts each as soon
//! as what it depends on is over. This is that graph, from the first request that changed something
//! to the user's first good answer with the promoted data:
//!
//! ```text
//! region lost:                                    planned:
//!   traffic: propagation, user's name expires       traffic: the same
//!   SQL: forced failover                            recovery plan: checks, shutdown
//!   recovery plan: [clean-up of a drill,] checks,     ├ SQL: planned failover
//!     failover of all machines, boot group 1,         └ failover of all machines, boot groups …
//!     boot group 2 up to a member's machine
//!     └ machine boots, member starts
//! ```
//!
//! - Traffic, SQL and the recovery plan begin together. Withdrawing the old endpoint leads users to
//!   the standby's, Degraded or not, long before it answers: so neither the name's time to live nor
//!   Traffic Manager's own probing is on the path unless everything else was faster.
//! - A planned SQL failover waits for the plan's shutdown (else writes are lost), and then runs
//!   beside the failover of the machines.
//! - Inside one job of Site Recovery there is nothing to gain; a phase counts up to the moment at
//!   which the machine in question ran.
//! - A member answers when it has started *and* the database is promoted. The gateway serves with
//!   the first backend that its probe finds, so the fastest member with its own wait for the probe
//!   counts, not the slowest: a controller is not excused by a slow third one.
//! - With IBM HTTP Server as the entry, its machine (boot group 3), its start, and the update of its
//!   interface (possible once that exists) count instead of the gateway's probe.
//! - A drill is its two jobs, one after the other.
//!
//! Waits of requests themselves, of polls, of jobs that failed and were repeated are not on the path:
//! they are the controller's. So `rto − detection − critical path` is what the controller took.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde::Serialize;

use crate::ledger::{Attempt, Ledger, NotedWait, seconds};
use crate::tutorial::EntryForm;
use crate::world::World;

const FAILOVER: &str = "Site Recovery Failover: ";
const FIRST_PHASE: &str = "Prerequisites check for the recovery plan";
const SHUTDOWN: &str = "All groups shutdown";
const PHASES: [&str; 5] =
    [FIRST_PHASE, SHUTDOWN, "Recovery plan failover", "Group ", "Finalizing the recovery plan"];
const CLEAN_UP: &str = "Site Recovery Test failover cleanup: ";
const TEST: &str = "Site Recovery Test failover: ";

/// The longest path and its length in seconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CriticalPath {
    pub seconds: f64,
    pub path: Vec<Leg>,
}

/// One wait on the path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leg {
    pub what: String,
    pub seconds: f64,
}

/// Waits one after the other.
#[derive(Debug, Clone, Default)]
struct Chain(Vec<Leg>);

impl Chain {
    fn length(&self) -> f64 {
        self.0.iter().map(|leg| leg.seconds).sum()
    }

    fn then(mut self, what: impl Into<String>, seconds: f64) -> Self {
        if seconds > 0.0 {
            self.0.push(Leg { what: what.into(), seconds });
        }
        self
    }

    fn then_wait(self, wait: &NotedWait) -> Self {
        self.then(&wait.what, seconds(wait.from, wait.to))
    }

    /// Through all of these; where some run side by side, the time counts once.
    fn through<'a>(mut self, waits: impl Iterator<Item = &'a NotedWait>) -> Self {
        let mut waits: Vec<_> = waits.collect();
        waits.sort_by_key(|wait| wait.from);
        let mut over = Timestamp::MIN;
        for wait in waits {
            if wait.to > over {
                self = self.then(&wait.what, seconds(wait.from.max(over), wait.to));
                over = wait.to;
            }
        }
        self
    }

    /// Both must be over: the longer one counts.
    fn and(self, other: Self) -> Self {
        if other.length() > self.length() { other } else { self }
    }

    fn by_length(left: &Self, right: &Self) -> Ordering {
        left.length().total_cmp(&right.length())
    }
}

/// The critical path of what happened so far: of a failover if the user was served by a promoted
/// database, else of a drill, else empty.
pub(crate) fn of(world: &World) -> CriticalPath {
    compute(&world.ledger, world.workload.entry_form())
}

/// The first request that could change something, after the loss if there was one.
pub(crate) fn begun_at(ledger: &Ledger) -> Option<Timestamp> {
    let loss = ledger.outages.iter().rfind(|outage| outage.was_primary).map(|outage| outage.from);
    let after = |at: Timestamp| loss.is_none_or(|loss| at >= loss);
    ledger.mutating.iter().map(|request| request.at).find(|at| after(*at))
}

/// The user's first good answer from a database that was promoted since `begun_at`.
pub(crate) fn first_good_since(ledger: &Ledger, begun_at: Timestamp) -> Option<&Attempt> {
    ledger.answers.iter().find(|attempt| {
        attempt.good
            && ledger.promotions.iter().any(|promotion| {
                Some(promotion.region) == attempt.database
                    && promotion.at >= begun_at
                    && promotion.at <= attempt.at
            })
    })
}

fn compute(ledger: &Ledger, entry: EntryForm) -> CriticalPath {
    let Some(begun_at) = begun_at(ledger) else { return CriticalPath::default() };
    let chain = match first_good_since(ledger, begun_at) {
        Some(answer) => failover(ledger, entry, begun_at, answer),
        None => drill(ledger, begun_at),
    };
    CriticalPath { seconds: chain.length(), path: chain.0 }
}

fn failover(ledger: &Ledger, entry: EntryForm, begun_at: Timestamp, answer: &Attempt) -> Chain {
    // What starts in a region that has come back has served nobody.
    let elsewhere = answer.served_by.map(|site| format!(" {}", site.other().name()));
    let is_elsewhere =
        |what: &str| elsewhere.as_ref().is_some_and(|region| what.ends_with(region.as_str()));
    let waits: Vec<&NotedWait> = ledger
        .waits
        .iter()
        .filter(|wait| wait.from >= begun_at && wait.from <= answer.at)
        .filter(|wait| !is_elsewhere(&wait.what))
        .collect();
    let find = |name: String| waits.iter().find(move |wait| wait.what == name);
    let database = database(&waits);
    let members = waits.iter().filter_map(|boot| {
        let machine = boot.what.strip_prefix("machine boot ")?;
        let start = find(format!("member start {machine}"))?;
        let started = recovery_plan(&waits, boot.from).then_wait(boot).then_wait(start);
        let answers = started.and(database.clone());
        Some(match entry {
            EntryForm::IbmHttpServer => answers,
            EntryForm::ApplicationGateway => {
                answers.then_wait(find(format!("gateway probe {machine}"))?)
            }
        })
    });
    let member = members.min_by(Chain::by_length).unwrap_or_else(|| database.clone());
    let served = match entry {
        EntryForm::ApplicationGateway => member,
        EntryForm::IbmHttpServer => member.and(http_server(&waits)),
    };
    let traffic = traffic(ledger, begun_at, answer);
    let ready_at = ready_at(ledger, &waits, begun_at, answer);
    let next_try = seconds(ready_at, answer.at).clamp(0.0, 1.0);
    served.and(traffic).then("the user's next try", next_try)
}

/// From the beginning to the moment at which a machine ran: the plan's phases up to then, with the
/// clean-up of a drill before them.
fn recovery_plan(waits: &[&NotedWait], ran_at: Timestamp) -> Chain {
    let first = format!("{FAILOVER}{FIRST_PHASE}");
    let job = waits.iter().rfind(|wait| wait.what == first && wait.from <= ran_at);
    let Some(job) = job else { return Chain::default() };
    let clean_up =
        waits.iter().copied().filter(|wait| wait.what.starts_with(CLEAN_UP) && wait.to <= job.from);
    let clean_up = Chain::default().through(clean_up);
    let phases = phases(waits).filter(|wait| wait.from >= job.from && wait.from < ran_at);
    phases.fold(clean_up, |chain, wait| {
        let what = wait.what.trim_start_matches("Site Recovery ");
        chain.then(what, seconds(wait.from, wait.to.min(ran_at)))
    })
}

/// The phases of the plan's failover jobs; those of single items go by other names.
fn phases<'a>(waits: &'a [&NotedWait]) -> impl Iterator<Item = &'a NotedWait> {
    waits.iter().copied().filter(|wait| {
        wait.what
            .strip_prefix(FAILOVER)
            .is_some_and(|phase| PHASES.iter().any(|known| phase.starts_with(known)))
    })
}

/// Until the database is promoted.
fn database(waits: &[&NotedWait]) -> Chain {
    let forced = waits.iter().rfind(|wait| wait.what == "sql forced");
    if let Some(forced) = forced {
        return Chain::default().then_wait(forced);
    }
    let Some(planned) = waits.iter().rfind(|wait| wait.what == "sql planned") else {
        return Chain::default();
    };
    let shutdown =
        waits.iter().rfind(|wait| wait.what.starts_with(&format!("{FAILOVER}{SHUTDOWN}")));
    shutdown
        .map_or_else(Chain::default, |shutdown| recovery_plan(waits, shutdown.to))
        .then_wait(planned)
}

/// Until IBM HTTP Server answers at its public address.
fn http_server(waits: &[&NotedWait]) -> Chain {
    let find = |name: &str| waits.iter().find(|wait| wait.what.starts_with(name));
    let Some(boot) = find("machine boot ihs") else { return Chain::default() };
    let start = find("http server start ihs");
    let ready = recovery_plan(waits, boot.from).then_wait(boot);
    let ready = start.map_or_else(|| ready.clone(), |start| ready.clone().then_wait(start));
    let update = find("interface update ihs");
    let phase = phases(waits).filter(|wait| wait.from < boot.from).last();
    match (update, phase) {
        (Some(update), Some(phase)) => {
            ready.and(recovery_plan(waits, phase.from).then_wait(update))
        }
        _ => ready,
    }
}

/// From what made Traffic Manager send the user elsewhere until the user went there.
fn traffic(ledger: &Ledger, begun_at: Timestamp, answer: &Attempt) -> Chain {
    let moved = ledger
        .moves
        .iter()
        .rfind(|moved| moved.at <= answer.at && Some(moved.address) == answer.address);
    let Some(moved) = moved.filter(|moved| moved.at > begun_at) else { return Chain::default() };
    let change = ledger
        .waits
        .iter()
        .rfind(|wait| wait.what.starts_with("traffic propagation") && wait.to <= moved.at);
    let Some(change) = change else { return Chain::default() };
    Chain::default().then_wait(change).then("the user's name expires", seconds(change.to, moved.at))
}

/// When the last thing that the user's good answer needed was there.
fn ready_at(
    ledger: &Ledger,
    waits: &[&NotedWait],
    begun_at: Timestamp,
    answer: &Attempt,
) -> Timestamp {
    let last_wait = waits
        .iter()
        .filter(|wait| {
            ["gateway probe", "sql ", "http server start", "interface update"]
                .iter()
                .any(|name| wait.what.starts_with(name))
        })
        .map(|wait| wait.to);
    let moves = ledger.moves.iter().map(|moved| moved.at);
    last_wait.chain(moves).filter(|at| *at <= answer.at).max().unwrap_or(begun_at)
}

/// Both jobs of a drill.
fn drill(ledger: &Ledger, begun_at: Timestamp) -> Chain {
    let jobs = ledger
        .waits
        .iter()
        .filter(|wait| wait.from >= begun_at)
        .filter(|wait| wait.what.starts_with(TEST) || wait.what.starts_with(CLEAN_UP));
    Chain::default().through(jobs)
}

#[cfg(test)]
mod tests;
