//! A person with a browser: follows the profile's name and orders coffee all the time.
//!
//! Every second it writes a coffee and reads the list, whatever became of the try before; a site
//! that does not answer is a failed try. Its resolver keeps an address for its time to live and no
//! longer. What it saw is in the ledger.

use std::net::Ipv4Addr;

use jiff::{SignedDuration, Timestamp};

use crate::ledger::{AcknowledgedWrite, Attempt, Move};
use crate::regions::Region;
use crate::traffic_manager;
use crate::tutorial::Options;
use crate::workload;
use crate::world::{self, World};

/// The name that users know.
pub(crate) const PROFILE: &str = "tmprofile-cafe.trafficmanager.net";

const PERIOD: SignedDuration = SignedDuration::from_secs(1);

#[derive(Debug, Clone)]
pub(crate) struct State {
    running: bool,
    cached: Option<(Ipv4Addr, Timestamp)>,
    tries: u64,
}

/// The next try.
#[derive(Debug, Clone)]
pub(crate) struct Due;

impl State {
    pub(crate) fn tutorial(_options: &Options) -> Self {
        Self { running: true, cached: None, tries: 0 }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running
    }

    pub(crate) fn run(&mut self, running: bool) {
        self.running = running;
    }
}

pub(crate) fn start(world: &mut World) {
    let phase = SignedDuration::from_millis(world.random.i64(0..1000));
    world.plan_in(phase, world::Due::User(Due));
}

pub(crate) fn on_due(world: &mut World, _due: Due) {
    world.plan_in(PERIOD, world::Due::User(Due));
    count_writable(world);
    if world.user.running {
        let attempt = attempt(world);
        world.ledger.answers.push(attempt);
    }
}

/// Asks, once a second, which sites would take a write, and into which database.
fn count_writable(world: &mut World) {
    let takes = Region::BOTH.map(|site| workload::would_write_to(world, site));
    let now = world.now;
    for (site, database) in Region::BOTH.into_iter().zip(takes) {
        if let Some(database) = database {
            world.ledger.note_servable(site, database, now, PERIOD);
        }
    }
    if let [Some(first), Some(second)] = takes {
        world.ledger.both_sites_writable_s += PERIOD.as_secs_f64();
        if first != second {
            world.ledger.dual_writable_s += PERIOD.as_secs_f64();
        }
    }
}

fn attempt(world: &mut World) -> Attempt {
    world.user.tries += 1;
    let name = format!("order {}", world.user.tries);
    let at = world.now;
    let failed = |address, problem: String| Attempt {
        at,
        address,
        good: false,
        served_by: None,
        database: None,
        problem: Some(problem),
        wrote: None,
    };
    let Some(address) = resolve(world) else {
        return failed(None, "no name".to_owned());
    };
    let wrote = match workload::order(world, address, &name, 2.5) {
        Ok((id, region)) => Some(AcknowledgedWrite { at, id, name: name.clone(), region }),
        Err(problem) => {
            let mut attempt = failed(Some(address), format!("POST {problem}"));
            if let Ok(read) = workload::look(world, address) {
                attempt.served_by = Some(read.site);
                attempt.database = Some(read.database);
            }
            return attempt;
        }
    };
    match workload::look(world, address) {
        Ok(read) => {
            let there = workload::has_coffee(world, read.database, &name);
            Attempt {
                at,
                address: Some(address),
                good: there,
                served_by: Some(read.site),
                database: Some(read.database),
                problem: (!there).then(|| "GET without the coffee just ordered".to_owned()),
                wrote,
            }
        }
        Err(problem) => Attempt { wrote, ..failed(Some(address), format!("GET {problem}")) },
    }
}

fn resolve(world: &mut World) -> Option<Ipv4Addr> {
    if let Some((address, until)) = world.user.cached
        && world.now < until
    {
        return Some(address);
    }
    let (addresses, ttl) = traffic_manager::resolve(world, PROFILE)?;
    let address = *addresses.first()?;
    let before = world.user.cached.map(|(address, _)| address);
    world.user.cached = Some((address, world.now + SignedDuration::from_secs(i64::from(ttl))));
    if before != Some(address) {
        world.ledger.moves.push(Move { at: world.now, address });
    }
    Some(address)
}
