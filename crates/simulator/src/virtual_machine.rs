//! Virtual machines: whether they run, and what ARM says of them.

mod body;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::door::{Answer, Response};
use crate::durations::Wait;
use crate::fidelity::Fidelity;
use crate::network_interface;
use crate::operations::{self, ArmRequest, Ends, Spec, Style};
use crate::regions::Region;
use crate::resource_id::ResourceId;
use crate::tutorial::{Options, SUBSCRIPTION};
use crate::world::{self, World};

/// What is known of virtual machines.
pub(crate) const FIDELITY: &[Fidelity] = &[
    Fidelity::recorded(
        "start, deallocate and powerOff answer 202 with Azure-AsyncOperation and Location",
        "azure-cli vm recordings",
    ),
    Fidelity::documented(
        "PowerState/… among the statuses, absent while the machine is created",
        "compute 2024-07-01; virtual machine states",
    ),
    Fidelity::guess(
        "a later power operation takes over from one that runs",
        "the service answers one of them with OperationPreempted",
    ),
    Fidelity::guess(
        "a power operation that finds the machine as wanted is over at once",
        "no recording of one",
    ),
    Fidelity::guess(
        "machines of a region that returns start again by themselves",
        "usual after a host failure",
    ),
];

/// All machines.
#[derive(Debug, Clone)]
pub(crate) struct State {
    machines: BTreeMap<ResourceId, Machine>,
}

/// A virtual machine.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) id: ResourceId,
    pub(crate) name: String,
    pub(crate) region: Region,
    pub(crate) purpose: Purpose,
    pub(crate) role: Role,
    /// What ARM says; in a dead region nothing runs whatever it says.
    pub(crate) power: Power,
    /// Since when it has had power: its system boots from then on. `None` in a dead region.
    pub(crate) running_since: Option<Timestamp>,
    pub(crate) private_ip: Ipv4Addr,
    pub(crate) interface: ResourceId,
    created_at: Timestamp,
    /// Counts power operations, so that an overtaken one ends without effect.
    operations: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Production,
    Drill,
}

/// What runs on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Dmgr,
    Member,
    Ihs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Power {
    /// Being created: no power state yet.
    Creating,
    Starting,
    Running,
    Stopping,
    Stopped,
    Deallocating,
    Deallocated,
}

/// A power operation ends.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    machine: ResourceId,
    power: Power,
    operation: u64,
}

/// A machine to be made.
#[derive(Debug, Clone)]
pub(crate) struct NewMachine {
    pub(crate) id: ResourceId,
    pub(crate) region: Region,
    pub(crate) purpose: Purpose,
    pub(crate) role: Role,
    pub(crate) private_ip: Ipv4Addr,
    pub(crate) interface: ResourceId,
}

impl State {
    pub(crate) fn tutorial(options: &Options) -> Self {
        let region = Region::EastUs;
        let machines = TUTORIAL.iter().map(|(name, role, host)| {
            let id = body::resource(region, "Microsoft.Compute/virtualMachines", name);
            let interface = format!("{name}-nic");
            let machine = Machine {
                id: id.clone(),
                name: (*name).to_owned(),
                region,
                purpose: Purpose::Production,
                role: *role,
                power: Power::Running,
                running_since: Some(options.started_at - jiff::SignedDuration::from_hours(24)),
                private_ip: Ipv4Addr::new(10, 0, 0, *host),
                interface: body::resource(
                    region,
                    "Microsoft.Network/networkInterfaces",
                    &interface,
                ),
                created_at: options.started_at - jiff::SignedDuration::from_hours(480),
                operations: 0,
            };
            (id, machine)
        });
        Self { machines: machines.collect() }
    }
}

/// The tutorial's machines: name, role and the last part of the private address.
pub(crate) const TUTORIAL: &[(&str, Role, u8)] = &[
    ("dmgr1", Role::Dmgr, 4),
    ("managed1", Role::Member, 5),
    ("managed2", Role::Member, 6),
    ("managed3", Role::Member, 7),
    ("ihs1", Role::Ihs, 8),
];

pub(crate) fn start(_world: &mut World) {}

/// All machines, of drills too.
pub(crate) fn machines(world: &World) -> impl Iterator<Item = &Machine> {
    world.machines.machines.values()
}

/// One machine.
pub(crate) fn find<'w>(world: &'w World, id: &ResourceId) -> Option<&'w Machine> {
    world.machines.machines.get(id)
}

/// Makes a machine that has no power yet. Nothing, when it is there already.
pub(crate) fn create(world: &mut World, new: NewMachine) {
    let machine = Machine {
        name: new.id.name().to_owned(),
        id: new.id.clone(),
        region: new.region,
        purpose: new.purpose,
        role: new.role,
        power: Power::Creating,
        running_since: None,
        private_ip: new.private_ip,
        interface: new.interface,
        created_at: world.now,
        operations: 0,
    };
    world.machines.machines.entry(new.id).or_insert(machine);
}

/// Deletes a machine and its interface.
pub(crate) fn delete(world: &mut World, id: &ResourceId) {
    if let Some(machine) = world.machines.machines.remove(id) {
        network_interface::delete(world, &machine.interface);
    }
}

/// The machine has power.
pub(crate) fn power_on(world: &mut World, id: &ResourceId) {
    set_power(world, id, Power::Running);
}

/// The machine begins to shut down.
pub(crate) fn begin_stop(world: &mut World, id: &ResourceId) {
    if find(world, id).is_some_and(|machine| machine.power != Power::Deallocated) {
        set_power(world, id, Power::Deallocating);
    }
}

/// The machine is shut down and deallocated.
pub(crate) fn stop(world: &mut World, id: &ResourceId) {
    set_power(world, id, Power::Deallocated);
}

/// To be called when a region has died or come back.
pub(crate) fn region_changed(world: &mut World, region: Region) {
    let running = world.regions.is_up(region).then_some(world.now);
    for machine in world.machines.machines.values_mut().filter(|machine| machine.region == region) {
        machine.running_since = running.filter(|_| machine.power == Power::Running);
    }
}

pub(crate) fn on_due(world: &mut World, due: Due) {
    let Due { machine, power, operation } = due;
    let overtaken = find(world, &machine).is_none_or(|found| found.operations != operation);
    if !overtaken {
        set_power(world, &machine, power);
    }
}

/// Answers what is asked of virtual machines; `None` when it is not about them.
pub(crate) fn handle(world: &mut World, request: &ArmRequest<'_>) -> Option<Answer> {
    const ALL: &str = "/subscriptions/*/providers/Microsoft.Compute/virtualMachines";
    const GROUP: &str =
        "/subscriptions/*/resourceGroups/*/providers/Microsoft.Compute/virtualMachines";
    if let Some([subscription]) = request.capture("GET", ALL) {
        return Some(list(world, subscription, None).into());
    }
    if let Some([subscription, group]) = request.capture("GET", GROUP) {
        return Some(list(world, subscription, Some(group)).into());
    }
    let action = |tail: &str| format!("{GROUP}/*{tail}");
    let one = |captured: [&str; 3]| {
        let [subscription, group, name] = captured;
        let path = "providers/Microsoft.Compute/virtualMachines";
        ResourceId::new(format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/{path}/{name}"
        ))
    };
    if let Some(captured) = request.capture("GET", &action("")) {
        let view = request.request.query("$expand");
        let view = view.is_some_and(|wanted| wanted.eq_ignore_ascii_case("instanceView"));
        return Some(show(world, &one(captured), |machine| body::machine(machine, view)).into());
    }
    if let Some(captured) = request.capture("GET", &action("/instanceView")) {
        return Some(show(world, &one(captured), body::instance_view).into());
    }
    let powers = [
        ("/start", Wait::MachineStart, Power::Starting, Power::Running),
        ("/powerOff", Wait::MachinePowerOff, Power::Stopping, Power::Stopped),
        ("/deallocate", Wait::MachineDeallocate, Power::Deallocating, Power::Deallocated),
    ];
    for (tail, wait, at_once, at_end) in powers {
        if let Some(captured) = request.capture("POST", &action(tail)) {
            let id = one(captured);
            return Some(change_power(world, request, &id, wait, at_once, at_end).into());
        }
    }
    None
}

fn set_power(world: &mut World, id: &ResourceId, power: Power) {
    let now = world.now;
    let Some(machine) = world.machines.machines.get_mut(id) else { return };
    let up = world.regions.is_up(machine.region);
    match power {
        Power::Running => {
            if machine.running_since.is_none() {
                machine.running_since = up.then_some(now);
            }
        }
        _ => machine.running_since = None,
    }
    machine.power = power;
}

fn change_power(
    world: &mut World,
    request: &ArmRequest<'_>,
    id: &ResourceId,
    wait: Wait,
    at_once: Power,
    at_end: Power,
) -> Response {
    let Some(machine) = world.machines.machines.get_mut(id) else { return body::not_found(id) };
    machine.operations += 1;
    let (operation, region) = (machine.operations, machine.region);
    // What is already as wanted stays so, and the operation is over at once.
    let done = machine.power == at_end;
    let wait = if done {
        jiff::SignedDuration::ZERO
    } else {
        set_power(world, id, at_once);
        let wait = world.sample(wait);
        let due = Due { machine: id.clone(), power: at_end, operation };
        world.plan_in(wait, world::Due::Machine(due));
        wait
    };
    let path = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/locations/{}",
        region.name()
    );
    // The service has one path for both, told apart by `monitor=true`.
    let spec = Spec {
        status_path: format!("{path}/operations"),
        result_path: format!("{path}/operationResults"),
        style: Style::Both,
        retry_after: 10,
        accepted: (202, None),
        region,
        ends: Ends::At(world.now + wait, Ok(None)),
    };
    operations::start(world, request, spec).1
}

fn show(world: &World, id: &ResourceId, body: impl Fn(&Machine) -> Value) -> Response {
    find(world, id)
        .map_or_else(|| body::not_found(id), |machine| Response::json(200, &body(machine)))
}

fn list(world: &World, subscription: &str, group: Option<&str>) -> Response {
    let mut prefix = format!("/subscriptions/{subscription}/");
    if let Some(group) = group {
        prefix = format!("{prefix}resourceGroups/{group}/");
    }
    let prefix = prefix.to_lowercase();
    let machines = machines(world)
        .filter(|machine| machine.id.as_str().to_lowercase().starts_with(&prefix))
        .map(|machine| body::machine(machine, false));
    Response::json(200, &json!({"value": machines.collect::<Vec<_>>()}))
}
