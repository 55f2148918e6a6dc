//! What the tasks of a job do to machines and items.

use std::net::Ipv4Addr;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::item::{Drill, Point, Protection};
use super::job::{Job, Order, Outcome, Problem, Target};
use super::names::resource;
use super::scenario::{Scenario, Stage, Work};
use super::{FIDELITY, engine, fidelity, settings};
use crate::durations::Wait;
use crate::network_interface::{self, NewInterface};
use crate::regions::Region;
use crate::resource_id::ResourceId;
use crate::virtual_machine::{self, NewMachine, Purpose};
use crate::world::World;

pub(super) const PRODUCTION_NETWORK: &str = "vnet-was-westus";
pub(super) const DRILL_NETWORK: &str = "vnet-drill-westus";
pub(super) const SUBNET: &str = "subnet-was";

/// The source machine of an item.
pub(super) fn source(world: &World, item: usize) -> ResourceId {
    let name = world.recovery.items[item].machine_name;
    ResourceId::new(resource(Region::EastUs, "Microsoft.Compute/virtualMachines", name))
}

/// Whether a plan's machine node has anything to do for this item.
pub(super) fn is_needed(world: &World, item: usize, stage: Stage) -> bool {
    let item = &world.recovery.items[item];
    match stage {
        Stage::ShutDown | Stage::FailOver => item.protection == Protection::Protected,
        Stage::Boot => item.disks_ready,
        Stage::TestFailOver => item.test_machine.is_none(),
        Stage::TestBoot => item.drill == Drill::Running && item.disks_ready,
        Stage::CleanUp => item.drill == Drill::Waiting,
        Stage::Commit => item.protection == Protection::CommitPending,
    }
}

/// Time on top of the work's own.
pub(super) fn extra(world: &mut World, work: Work, order: &Order) -> SignedDuration {
    match work {
        Work::StopSource if !world.regions.is_up(Region::EastUs) => {
            let usual = world.durations.typical(Wait::AsrShutdown);
            (world.sample(Wait::AsrShutdownGiveUp) - usual).max(SignedDuration::ZERO)
        }
        // What is still on its way is processed first; after a shutdown nothing is (recorded: a
        // failover to Latest after a shutdown takes no longer).
        Work::FailOver(_) if order.latest && !order.shut_down => world.sample(Wait::AsrBacklog),
        _ => SignedDuration::ZERO,
    }
}

pub(super) fn begin(world: &mut World, item: usize, work: Work, order: &Order) {
    match work {
        Work::StopSource if world.regions.is_up(Region::EastUs) => {
            let source = source(world, item);
            virtual_machine::begin_stop(world, &source);
        }
        Work::StartReplica(_) => create_replica(world, item),
        Work::TestFailOver(_) => world.recovery.items[item].drill = Drill::Running,
        Work::TestStart(_) => create_test_machine(world, item, order),
        _ => {}
    }
}

pub(super) fn end(world: &mut World, job: &Job, work: Work) -> Result<(), Problem> {
    fidelity::of_work(work).assert_listed(FIDELITY);
    if let Work::Remediate(_) = work {
        if let Some(failed) = &job.order.restarts {
            engine::run_again(world, failed);
        }
        return Ok(());
    }
    let Target::Item(item) = job.target else { return Ok(()) };
    let now = world.now;
    match work {
        Work::StopSource => stop_source(world, item)?,
        Work::FailOver(_) => {
            check_capacity(world, item, job)?;
            let point = recovery_point(world, item, &job.order);
            let item = &mut world.recovery.items[item];
            (item.point, item.disks_ready) = (Some(point), true);
        }
        Work::StartReplica(_) => {
            if let Some(machine) = world.recovery.items[item].recovered.clone() {
                virtual_machine::power_on(world, &machine);
            }
            let item = &mut world.recovery.items[item];
            item.protection = Protection::CommitPending;
            item.failed_over_at = Some(now);
            item.disks_ready = false;
        }
        Work::TestFailOver(_) => {
            check_capacity(world, item, job)?;
            world.recovery.items[item].disks_ready = true;
        }
        Work::TestStart(_) => {
            if let Some(machine) = world.recovery.items[item].test_machine.clone() {
                virtual_machine::power_on(world, &machine);
            }
            world.recovery.items[item].disks_ready = false;
        }
        Work::DeleteTestMachine(_) => {
            if let Some(machine) = world.recovery.items[item].test_machine.take() {
                virtual_machine::delete(world, &machine);
            }
            let item = &mut world.recovery.items[item];
            (item.drill, item.tested_at) = (Drill::None, Some(now));
        }
        Work::Commit(_) => world.recovery.items[item].protection = Protection::Committed,
        Work::ApplySettings(_) => settings::apply(&mut world.recovery.items[item], &job.order),
        Work::Formality(_) | Work::Prerequisites(_) | Work::Skipped | Work::Remediate(_) => {}
    }
    Ok(())
}

/// Takes the items of an action in hand.
pub(super) fn take(world: &mut World, target: Target, operation: &str) {
    let holder = Some(operation.to_owned());
    match target {
        Target::Plan => {
            world.recovery.plan.busy.clone_from(&holder);
            for item in &mut world.recovery.items {
                item.busy.clone_from(&holder);
            }
        }
        Target::Item(item) => world.recovery.items[item].busy = holder,
        Target::Vault => {}
    }
}

/// What failed is going to work the next time.
pub(super) fn allow(world: &mut World, target: Target, scenario: Scenario) {
    if !matches!(scenario, Scenario::UnplannedFailover | Scenario::TestFailover) {
        return;
    }
    match target {
        Target::Plan => world.recovery.behaviour.fail_items.clear(),
        Target::Item(item) => {
            let name = world.recovery.items[item].machine_name;
            world.recovery.behaviour.fail_items.remove(name);
        }
        Target::Vault => {}
    }
}

/// Lets go of the items at the end of an action: what the job says of each.
pub(super) fn release(
    world: &mut World,
    target: Target,
    scenario: Scenario,
    order: &Order,
) -> Vec<Value> {
    let items = match target {
        Target::Plan => 0..world.recovery.items.len(),
        Target::Item(item) => item..item + 1,
        Target::Vault => return Vec::new(),
    };
    if target == Target::Plan {
        world.recovery.plan.busy = None;
    }
    for item in &mut world.recovery.items[items.clone()] {
        (item.busy, item.disks_ready) = (None, false);
        if item.drill == Drill::Running {
            item.drill = if item.test_machine.is_some() { Drill::Waiting } else { Drill::None };
        }
        if item.drill == Drill::None {
            item.scenario = None;
        }
    }
    items.filter_map(|item| details(world, item, scenario, order)).collect()
}

/// How a plan's job went, by its items.
pub(super) fn outcome_of_plan(world: &World, scenario: Scenario) -> Outcome {
    let items = &world.recovery.items;
    let done = items.iter().filter(|item| match scenario {
        Scenario::UnplannedFailover => item.protection != Protection::Protected,
        Scenario::TestFailover => item.test_machine.is_some(),
        Scenario::TestFailoverCleanup => item.test_machine.is_none(),
        Scenario::CommitFailover => item.protection == Protection::Committed,
        Scenario::UpdateItem | Scenario::RefreshVaultHealth | Scenario::RestartJob => true,
    });
    match done.count() {
        0 => Outcome::Failed,
        count if count == items.len() => Outcome::Succeeded,
        // A commit is of what was failed over: what was not is not its failure.
        _ if scenario == Scenario::CommitFailover => Outcome::Succeeded,
        _ => Outcome::Partial,
    }
}

fn stop_source(world: &mut World, item: usize) -> Result<(), Problem> {
    if world.regions.is_up(Region::EastUs) {
        let source = source(world, item);
        virtual_machine::stop(world, &source);
        return Ok(());
    }
    fidelity::NOT_STOPPED.assert_listed(FIDELITY);
    let name = world.recovery.items[item].machine_name;
    Err(Problem::new(
        "150097",
        format!("The virtual machine '{name}' couldn't be shut down."),
        "The virtual machine or its region isn't reachable.",
        "Make sure that the virtual machine is shut down. The failover goes on.",
    ))
}

/// The failure that can be ordered for a machine: no capacity in the target region. In a plan it
/// stays until the item is tried by itself.
fn check_capacity(world: &mut World, item: usize, job: &Job) -> Result<(), Problem> {
    let name = world.recovery.items[item].machine_name;
    if job.parent.is_none() {
        fidelity::TRIED_AGAIN.assert_listed(FIDELITY);
        world.recovery.behaviour.fail_items.remove(name);
    }
    if !world.recovery.behaviour.fail_items.contains(name) {
        return Ok(());
    }
    fidelity::MACHINES_FAIL.assert_listed(FIDELITY);
    Err(Problem::new(
        "28031",
        format!(
            "The virtual machine '{name}' couldn't be created under the resource group 'was-cluster-westus'."
        ),
        "There isn't enough quota or capacity for the selected size in the target region.",
        "Try again, or select another size for the virtual machine.",
    ))
}

fn recovery_point(world: &mut World, item: usize, order: &Order) -> Point {
    let id = world.guid();
    let item = &world.recovery.items[item];
    let time = match (order.latest, world.regions.is_up(Region::EastUs)) {
        (true, true) => world.now - world.durations.typical(Wait::AsrFailover),
        (true, false) => item.replicated_at,
        (false, _) => item.replicated_at - item.lag,
    };
    Point { id, time }
}

fn create_replica(world: &mut World, item: usize) {
    let of = &world.recovery.items[item];
    let (name, role, host) = (of.machine_name, of.role, of.host);
    let machine = resource(Region::WestUs, "Microsoft.Compute/virtualMachines", name);
    let machine = ResourceId::new(machine);
    let interface = of.interface_name();
    let public_address = of.settings.public_address.clone();
    let interface = ResourceId::new(resource(
        Region::WestUs,
        "Microsoft.Network/networkInterfaces",
        &interface,
    ));
    let private_ip = Ipv4Addr::new(10, 1, 0, host);
    let subnet = subnet(PRODUCTION_NETWORK);
    network_interface::create(
        world,
        NewInterface {
            id: interface.clone(),
            region: Region::WestUs,
            machine: machine.clone(),
            private_ip,
            is_static: true,
            subnet,
            public_address: public_address.map(ResourceId::new),
        },
    );
    virtual_machine::create(
        world,
        NewMachine {
            id: machine.clone(),
            region: Region::WestUs,
            purpose: Purpose::Production,
            role,
            private_ip,
            interface,
        },
    );
    world.recovery.items[item].recovered = Some(machine);
}

fn create_test_machine(world: &mut World, item: usize, order: &Order) {
    let of = &world.recovery.items[item];
    let (name, role, host) = (format!("{}-test", of.machine_name), of.role, of.host);
    let machine =
        ResourceId::new(resource(Region::WestUs, "Microsoft.Compute/virtualMachines", &name));
    let interface = ResourceId::new(resource(
        Region::WestUs,
        "Microsoft.Network/networkInterfaces",
        &format!("{}-nic-asrtest", of.machine_name),
    ));
    let private_ip = Ipv4Addr::new(10, 2, 0, host);
    let network = order
        .network
        .as_deref()
        .map_or(DRILL_NETWORK, |id| id.rsplit('/').next().unwrap_or(DRILL_NETWORK));
    network_interface::create(
        world,
        NewInterface {
            id: interface.clone(),
            region: Region::WestUs,
            machine: machine.clone(),
            private_ip,
            is_static: false,
            subnet: subnet(network),
            public_address: None,
        },
    );
    virtual_machine::create(
        world,
        NewMachine {
            id: machine.clone(),
            region: Region::WestUs,
            purpose: Purpose::Drill,
            role,
            private_ip,
            interface,
        },
    );
    world.recovery.items[item].test_machine = Some(machine);
}

fn subnet(network: &str) -> String {
    let network = resource(Region::WestUs, "Microsoft.Network/virtualNetworks", network);
    format!("{network}/subnets/{SUBNET}")
}

/// `protectedItemDetails` of one item that made it.
fn details(world: &World, item: usize, scenario: Scenario, order: &Order) -> Option<Value> {
    let item = &world.recovery.items[item];
    let (name, friendly) = (item.machine_guid(), item.machine_name);
    match scenario {
        Scenario::UnplannedFailover => {
            let point = item.point.as_ref().filter(|_| item.protection != Protection::Protected)?;
            Some(json!({
                "name": name,
                "friendlyName": friendly,
                "testVmName": null,
                "testVmFriendlyName": null,
                "networkConnectionStatus": null,
                "networkFriendlyName": PRODUCTION_NETWORK,
                "subnet": SUBNET,
                "recoveryPointId": point.id,
                "recoveryPointTime": super::names::time(point.time),
            }))
        }
        Scenario::TestFailover => {
            let machine = item.test_machine.as_ref()?.name().to_owned();
            let network = order.network.as_deref().unwrap_or(DRILL_NETWORK);
            Some(json!({
                "name": name,
                "friendlyName": friendly,
                "testVmName": machine,
                "testVmFriendlyName": machine,
                "networkConnectionStatus": "Connected",
                "networkFriendlyName": network.rsplit('/').next(),
                "subnet": SUBNET,
            }))
        }
        _ => None,
    }
}
