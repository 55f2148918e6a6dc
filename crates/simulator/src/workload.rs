//! The workload: `WebSphere` on the machines of a region, on that workload's database.
//!
//! Deployment manager, members and IBM HTTP Server start some time after their machine runs.
//! Members serve without the deployment manager, and need the database through the listener's
//! name: a member keeps its connection to the server it last used while that server takes writes,
//! and goes where the listener leads otherwise. So a site whose database comes back without knowing
//! that it was replaced writes into it, as it would in Azure.

mod database;
mod neighbours;
mod processes;
mod web;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use jiff::SignedDuration;

use crate::application_gateway;
use crate::control::{self, Effect};
use crate::door::{Answer, Request, Response, TcpAnswer};
use crate::durations::Wait;
use crate::fidelity::Fidelity;
use crate::ledger::Outage;
use crate::regions::{Health, Region};
use crate::sql_failover_group;
use crate::tutorial::{EntryForm, Options};
use crate::virtual_machine::Role;
use crate::world::{self, World};

pub(crate) use database::{names_ahead, names_in_primary, on_promoted, on_rejoined};
pub(crate) use processes::member_answers;

use database::{Coffee, Databases};
use neighbours::Entry;
use processes::Processes;

/// What is known of the workload.
pub(crate) const FIDELITY: &[Fidelity] = &[
    Fidelity::documented(
        "members serve without the deployment manager",
        "IBM WebSphere Network Deployment documentation: the deployment manager is no part of the request path",
    ),
    Fidelity::documented(
        "an acknowledged write is in the other region a little later; a forced failover loses what is not",
        "Azure SQL active geo-replication: asynchronous replication",
    ),
    Fidelity::guess(
        "a write on its way when a region is lost does not arrive; it is sent again when both are up",
        "asynchronous replication is documented, its behaviour in an outage is not",
    ),
    Fidelity::documented(
        "a returning old primary discards what only it has",
        "Azure SQL failover groups: unreplicated transactions are lost after a forced failover",
    ),
    Fidelity::documented(
        "an application gateway without a healthy backend answers 502",
        "application gateway: bad gateway errors",
    ),
    Fidelity::guess(
        "members keep their connection to the server they last used while it takes writes",
        "connection pools are not asked to check the listener's name",
    ),
    Fidelity::guess(
        "processes survive a short loss of the network and start anew after a longer outage",
        "a region loss is taken to be a loss of power",
    ),
];

#[derive(Debug, Clone)]
pub(crate) struct State {
    databases: Databases,
    /// Which server a site's members are connected to.
    connected: BTreeMap<Region, Region>,
    processes: Processes,
    /// A region that loses its network only: its processes survive.
    network_only: Option<Region>,
    entry: EntryForm,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Due {
    /// Rows arrive in the secondary.
    Replicated { generation: u32, upto: usize },
    /// Machines are looked at: have some started or stopped?
    Watch,
}

/// What a Traffic Manager probe meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProbeAnswer {
    Status(u16),
    NoAnswer,
}

/// A list that was read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read {
    pub(crate) site: Region,
    pub(crate) database: Region,
}

/// How far a request to a public address gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// No answer to the SYN.
    Nobody,
    /// A machine without a listener on the port.
    Refused,
    /// Something in front of the members answers in their place.
    Error(u16),
    /// A running member of this region.
    Member(Region),
}

impl State {
    pub(crate) fn tutorial(options: &Options) -> Self {
        let coffee = |id, name: &str, price| Coffee { id, name: name.to_owned(), price };
        let rows = [
            coffee(1, "farshore-sentinel", 0.0),
            coffee(2, "Coffee 1", 10.0),
            coffee(3, "Coffee 2", 20.0),
        ];
        Self {
            databases: Databases::new(&rows, options.started_at),
            connected: BTreeMap::new(),
            processes: Processes::default(),
            network_only: None,
            entry: options.entry,
        }
    }

    /// What stands in front of the members for users.
    pub(crate) fn entry_form(&self) -> EntryForm {
        self.entry
    }

    /// The coming outage of this region is one of its network only.
    pub(crate) fn spare_processes(&mut self, region: Region) {
        self.network_only = Some(region);
    }
}

pub(crate) fn start(world: &mut World) {
    processes::start(world);
    world.plan_in(processes::PERIOD, world::Due::Workload(Due::Watch));
}

pub(crate) fn on_due(world: &mut World, due: Due) {
    match due {
        Due::Replicated { generation, upto } => database::on_arrival(world, generation, upto),
        Due::Watch => {
            world.plan_in(processes::PERIOD, world::Due::Workload(Due::Watch));
            processes::watch(world);
        }
    }
}

/// A region died or came back.
pub(crate) fn on_region_changed(world: &mut World, region: Region, health: Health) {
    let now = world.now;
    if health == Health::Down {
        let was_primary = world.workload.databases.primary() == region;
        let not_replicated = if was_primary { names_ahead(world, region) } else { Vec::new() };
        let outage = Outage { region, from: now, to: None, was_primary, not_replicated };
        world.ledger.outages.push(outage);
    } else if let Some(outage) =
        world.ledger.outages.iter_mut().rfind(|outage| outage.region == region)
    {
        outage.to = Some(now);
    }
    if health == Health::Up {
        // At once: what ran before the outage must not serve until somebody looks.
        processes::watch(world);
    }
    database::on_region_changed(world);
}

/// What a probe of the café's page meets at a public address.
pub(crate) fn probe(world: &World, address: Ipv4Addr) -> ProbeAnswer {
    match reach(world, address) {
        Reach::Nobody | Reach::Refused => ProbeAnswer::NoAnswer,
        Reach::Error(status) => ProbeAnswer::Status(status),
        Reach::Member(site) if readable(world, site).is_some() => ProbeAnswer::Status(200),
        Reach::Member(_) => ProbeAnswer::Status(500),
    }
}

/// Answers an HTTP request to a public address.
pub(crate) fn browse(world: &mut World, address: Ipv4Addr, request: &Request) -> Answer {
    let mut after = world.sample(Wait::WorkloadAnswer);
    match control::fault_for(world, request).map(|fault| fault.effect) {
        Some(Effect::Status(status)) => return Response::empty(status).into(),
        Some(Effect::Hang) => return Answer::Hang,
        Some(Effect::LostRequest) => return Answer::Reset,
        Some(Effect::LostAnswer) => {
            reply(world, address, request, after);
            return Answer::Reset;
        }
        Some(Effect::Delay(delay)) => after += delay,
        None => {}
    }
    reply(world, address, request, after)
}

/// What a TCP connection to a public address meets.
pub(crate) fn connect(world: &World, address: Ipv4Addr, port: u16) -> TcpAnswer {
    let entry = neighbours::entry(world, address);
    match port {
        80 => match reach(world, address) {
            Reach::Nobody => TcpAnswer::Hang,
            Reach::Refused => TcpAnswer::Refuse,
            Reach::Error(_) | Reach::Member(_) => TcpAnswer::Accept,
        },
        // The deployment manager's console; the network security group lets nothing else in.
        9060 | 9043 => match entry {
            Some(Entry::Machine { region, name }) if world.regions.is_up(region) => {
                match processes::of(world, region, &name) {
                    Some(Role::Dmgr) => TcpAnswer::Accept,
                    _ => TcpAnswer::Refuse,
                }
            }
            _ => TcpAnswer::Hang,
        },
        _ => TcpAnswer::Hang,
    }
}

/// Which region's database would take a write at this site now, had a client one for it.
pub(crate) fn would_write_to(world: &World, site: Region) -> Option<Region> {
    let served = neighbours::entries(site)
        .into_iter()
        .any(|address| reach(world, address) == Reach::Member(site));
    if served { writable(world, site) } else { None }
}

/// Orders a coffee at a public address: its id and the region whose database has it.
pub(crate) fn order(
    world: &mut World,
    address: Ipv4Addr,
    name: &str,
    price: f64,
) -> Result<(u64, Region), String> {
    let site = member_at(world, address)?;
    let database = writable(world, site).ok_or_else(|| "503".to_owned())?;
    world.workload.connected.insert(site, database);
    Ok((database::insert(world, database, name, price).id, database))
}

/// Reads the list at a public address.
pub(crate) fn look(world: &mut World, address: Ipv4Addr) -> Result<Read, String> {
    let site = member_at(world, address)?;
    let database = readable(world, site).ok_or_else(|| "500".to_owned())?;
    world.workload.connected.insert(site, database);
    Ok(Read { site, database })
}

/// Whether a region's database has a coffee of this name among its latest.
pub(crate) fn has_coffee(world: &World, database: Region, name: &str) -> bool {
    world.workload.databases.rows(database).iter().rev().take(100).any(|row| row.name == name)
}

/// How many rows a region's database has.
pub(crate) fn rows(world: &World, region: Region) -> usize {
    world.workload.databases.rows(region).len()
}

/// The machines of a region whose process is ready.
pub(crate) fn processes(world: &World, region: Region) -> Vec<String> {
    processes::ready(world, region)
}

/// The public address of a region's gateway.
pub(crate) fn gateway_address(region: Region) -> Ipv4Addr {
    neighbours::entries(region)[0]
}

fn member_at(world: &World, address: Ipv4Addr) -> Result<Region, String> {
    match reach(world, address) {
        Reach::Nobody => Err("timeout".to_owned()),
        Reach::Refused => Err("refused".to_owned()),
        Reach::Error(status) => Err(status.to_string()),
        Reach::Member(site) => Ok(site),
    }
}

fn reply(world: &mut World, address: Ipv4Addr, request: &Request, after: SignedDuration) -> Answer {
    match reach(world, address) {
        Reach::Nobody => Answer::Hang,
        Reach::Refused => Answer::Reset,
        Reach::Error(status) => {
            Answer::Reply { after, response: web::text(status, "no server is available") }
        }
        Reach::Member(site) => Answer::Reply { after, response: web::answer(world, site, request) },
    }
}

fn reach(world: &World, address: Ipv4Addr) -> Reach {
    match neighbours::entry(world, address) {
        Some(Entry::Gateway { region }) => {
            if !world.regions.is_up(region) {
                return Reach::Nobody;
            }
            let served = application_gateway::healthy_backends(world, region)
                .into_iter()
                .any(|backend| processes::member_runs(world, backend));
            if served { Reach::Member(region) } else { Reach::Error(502) }
        }
        Some(Entry::Machine { region, name }) => {
            if !world.regions.is_up(region) || !neighbours::runs(world, region, &name) {
                return Reach::Nobody;
            }
            match processes::of(world, region, &name) {
                Some(Role::Ihs) if processes::any_member(world, region) => Reach::Member(region),
                Some(Role::Ihs) => Reach::Error(503),
                _ => Reach::Refused,
            }
        }
        None => Reach::Nobody,
    }
}

/// The region whose database takes this site's writes.
fn writable(world: &World, site: Region) -> Option<Region> {
    let takes = |region: &Region| {
        world.regions.is_up(*region) && sql_failover_group::takes_writes(world, *region)
    };
    let connected = world.workload.connected.get(&site).copied();
    connected.filter(takes).or_else(|| Some(world.workload.databases.primary()).filter(takes))
}

/// The region whose database answers this site's queries: the one that takes its writes, or a
/// primary that does not take them just now.
fn readable(world: &World, site: Region) -> Option<Region> {
    writable(world, site).or_else(|| {
        Some(world.workload.databases.primary())
            .filter(|region| world.regions.is_up(*region) && neighbours::is_primary(world, *region))
    })
}

#[cfg(test)]
mod tests;
