//! What runs on the machines: deployment manager, members, IBM HTTP Server.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use jiff::{SignedDuration, Timestamp};

use super::neighbours::{self, Machine};
use super::readable;
use crate::durations::Wait;
use crate::regions::Region;
use crate::virtual_machine::Role;
use crate::world::World;

/// How often machines are looked at.
pub(super) const PERIOD: SignedDuration = SignedDuration::from_secs(1);

/// The processes on all running machines, by region and machine.
#[derive(Debug, Clone, Default)]
pub(super) struct Processes(BTreeMap<(Region, String), Process>);

#[derive(Debug, Clone)]
struct Process {
    role: Role,
    /// Since when its machine runs: another time is another boot.
    machine_since: Timestamp,
    ready_at: Timestamp,
}

/// At the start of the world everything that should run has run for a long time.
pub(super) fn start(world: &mut World) {
    for machine in neighbours::running_machines(world) {
        let ready_at = world.now;
        note(world, &machine, ready_at);
    }
}

/// Starts what is to start on machines that run now, and forgets what ran on the others. In a dead
/// region nothing can be seen; what came of it shows when it is back.
pub(super) fn watch(world: &mut World) {
    let machines = neighbours::running_machines(world);
    let up = Region::BOTH.map(|region| world.regions.is_up(region));
    let gone = |region: Region, name: &str| {
        let [east, west] = up;
        let up = if region == Region::EastUs { east } else { west };
        up && !machines.iter().any(|machine| machine.region == region && machine.name == name)
    };
    world.workload.processes.0.retain(|(region, name), _| !gone(*region, name));
    let spared = world.workload.network_only.filter(|region| world.regions.is_up(*region));
    for machine in &machines {
        let key = (machine.region, machine.name.clone());
        let known = world.workload.processes.0.get_mut(&key);
        match known {
            Some(process) if process.machine_since == machine.since => {}
            Some(process) if spared == Some(machine.region) => {
                process.machine_since = machine.since;
            }
            _ => boot(world, machine),
        }
    }
    if spared.is_some() {
        world.workload.network_only = None;
    }
}

/// The role of a machine whose process is ready.
pub(super) fn of(world: &World, region: Region, name: &str) -> Option<Role> {
    let process = world.workload.processes.0.get(&(region, name.to_owned()))?;
    (process.ready_at <= world.now).then_some(process.role)
}

/// The machines of a region whose process is ready.
pub(super) fn ready(world: &World, region: Region) -> Vec<String> {
    let all = world.workload.processes.0.iter();
    all.filter(|(key, process)| key.0 == region && process.ready_at <= world.now)
        .map(|(key, _)| key.1.clone())
        .collect()
}

/// Whether any member of a region is ready.
pub(super) fn any_member(world: &World, region: Region) -> bool {
    world.workload.processes.0.iter().any(|(key, process)| {
        key.0 == region && process.role == Role::Member && process.ready_at <= world.now
    })
}

/// Whether the member at a private address is ready, with a database or without.
pub(super) fn member_runs(world: &World, private_ip: Ipv4Addr) -> bool {
    neighbours::running_machines(world).into_iter().any(|machine| {
        machine.private_ip == private_ip
            && world.regions.is_up(machine.region)
            && of(world, machine.region, &machine.name) == Some(Role::Member)
    })
}

/// Whether a gateway's probe of the café's page at a private address is answered with 200.
pub(crate) fn member_answers(world: &World, private_ip: Ipv4Addr) -> bool {
    let region = neighbours::region_of_private(private_ip);
    member_runs(world, private_ip) && region.is_some_and(|region| readable(world, region).is_some())
}

fn boot(world: &mut World, machine: &Machine) {
    let (wait, what) = match machine.role {
        Role::Dmgr => (Wait::DeploymentManagerStart, "deployment manager"),
        Role::Member => (Wait::MemberStart, "member"),
        Role::Ihs => (Wait::HttpServerStart, "http server"),
    };
    let booted_at = machine.since + world.sample(Wait::MachineBoot);
    let ready_at = booted_at + world.sample(wait);
    let name = format!("{} {}", machine.name, machine.region.name());
    world.ledger.note_wait(format!("machine boot {name}"), machine.since, booted_at);
    world.ledger.note_wait(format!("{what} start {name}"), booted_at, ready_at);
    note(world, machine, ready_at);
}

fn note(world: &mut World, machine: &Machine, ready_at: Timestamp) {
    let process = Process { role: machine.role, machine_since: machine.since, ready_at };
    world.workload.processes.0.insert((machine.region, machine.name.clone()), process);
}
