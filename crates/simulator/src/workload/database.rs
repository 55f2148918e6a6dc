//! The coffees in each region's database, and their asynchronous replication.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Due;
use crate::durations::Wait;
use crate::ledger::{Discarded, Promotion};
use crate::regions::Region;
use crate::world::{self, World};

/// A row of the `coffee` table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Coffee {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) price: f64,
}

/// Both databases. The secondary's rows are a prefix of the primary's, except where an old primary
/// has not yet learnt that it was replaced.
#[derive(Debug, Clone)]
pub(crate) struct Databases {
    east: Vec<Coffee>,
    west: Vec<Coffee>,
    primary: Region,
    /// After a forced failover, until the old primary has joined again.
    suspended: bool,
    /// What was on its way when this changed never arrives.
    generation: u32,
    last_arrival: Timestamp,
}

impl Databases {
    pub(super) fn new(rows: &[Coffee], started_at: Timestamp) -> Self {
        Self {
            east: rows.to_vec(),
            west: rows.to_vec(),
            primary: Region::EastUs,
            suspended: false,
            generation: 0,
            last_arrival: started_at,
        }
    }

    pub(crate) fn rows(&self, region: Region) -> &[Coffee] {
        match region {
            Region::EastUs => &self.east,
            Region::WestUs => &self.west,
        }
    }

    fn rows_mut(&mut self, region: Region) -> &mut Vec<Coffee> {
        match region {
            Region::EastUs => &mut self.east,
            Region::WestUs => &mut self.west,
        }
    }

    /// The region that was promoted last: where the listener's name leads.
    pub(crate) fn primary(&self) -> Region {
        self.primary
    }

    /// The rows of a region that the other does not have.
    fn ahead(&self, region: Region) -> &[Coffee] {
        let other: BTreeSet<&str> =
            self.rows(region.other()).iter().map(|row| row.name.as_str()).collect();
        let rows = self.rows(region);
        let same = rows.iter().take_while(|row| other.contains(row.name.as_str())).count();
        &rows[same..]
    }
}

/// The names of everything in the current primary's database.
pub(crate) fn names_in_primary(world: &World) -> BTreeSet<&str> {
    let databases = &world.workload.databases;
    databases.rows(databases.primary).iter().map(|row| row.name.as_str()).collect()
}

/// The names of the writes that `region` has and the other region does not.
pub(crate) fn names_ahead(world: &World, region: Region) -> Vec<String> {
    world.workload.databases.ahead(region).iter().map(|row| row.name.clone()).collect()
}

/// Commits a row in a region's database and sends it on its way to the other one.
pub(super) fn insert(world: &mut World, region: Region, name: &str, price: f64) -> Coffee {
    let rows = world.workload.databases.rows_mut(region);
    let id = rows.last().map_or(1, |row| row.id + 1);
    let coffee = Coffee { id, name: name.to_owned(), price };
    rows.push(coffee.clone());
    if region == world.workload.databases.primary {
        ship(world);
    }
    coffee
}

/// Sends what the primary has to the secondary, unless replication rests.
fn ship(world: &mut World) {
    let both_up = Region::BOTH.into_iter().all(|region| world.regions.is_up(region));
    if world.workload.databases.suspended || !both_up {
        return;
    }
    let lag = world.sample(Wait::SqlReplicationLag);
    let databases = &mut world.workload.databases;
    let at = (world.now + lag).max(databases.last_arrival);
    databases.last_arrival = at;
    let upto = databases.rows(databases.primary).len();
    let generation = databases.generation;
    world.agenda.plan(at, world::Due::Workload(Due::Replicated { generation, upto }));
}

/// Rows arrived in the secondary.
pub(super) fn on_arrival(world: &mut World, generation: u32, upto: usize) {
    let databases = &mut world.workload.databases;
    if databases.generation != generation {
        return;
    }
    let primary = databases.primary;
    let from = databases.rows(primary.other()).len();
    if from < upto {
        let arrived = databases.rows(primary)[from..upto].to_vec();
        databases.rows_mut(primary.other()).extend(arrived);
    }
}

/// The server of `region` became the primary. Lossless: the old primary had stopped taking writes
/// and everything was carried over first.
pub(crate) fn on_promoted(world: &mut World, region: Region, lossless: bool) {
    let databases = &mut world.workload.databases;
    databases.generation += 1;
    if lossless {
        let all = databases.rows(region.other()).to_vec();
        *databases.rows_mut(region) = all;
    }
    let left_behind = databases.ahead(region.other()).len();
    databases.suspended = !lossless;
    databases.primary = region;
    world.ledger.promotions.push(Promotion { at: world.now, region, lossless, left_behind });
}

/// The server of `region` joined again as secondary: what only it had is discarded.
pub(crate) fn on_rejoined(world: &mut World, region: Region) {
    let databases = &mut world.workload.databases;
    if region == databases.primary {
        return;
    }
    let writes = databases.ahead(region).len();
    databases.generation += 1;
    databases.suspended = false;
    let all = databases.rows(region.other()).to_vec();
    *databases.rows_mut(region) = all;
    world.ledger.discarded.push(Discarded { at: world.now, region, writes });
}

/// A region died or came back: what was on its way is gone, and is sent again when both are up.
pub(super) fn on_region_changed(world: &mut World) {
    world.workload.databases.generation += 1;
    world.workload.databases.last_arrival = world.now;
    ship(world);
}
