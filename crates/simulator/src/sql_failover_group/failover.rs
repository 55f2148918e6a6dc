//! Failing over, and what a returning server does.

use jiff::Timestamp;

use super::arm::operation;
use super::{FIDELITY, Replication, Role, fidelity, view};
use crate::door::Response;
use crate::durations::Wait;
use crate::operations::{ArmRequest, Ends, Failure, complete, start};
use crate::regions::Region;
use crate::workload;
use crate::world::{self, World};

/// The two ways to fail over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// With full synchronisation; needs both regions.
    Planned,
    /// Without asking the old primary.
    Forced,
}

/// A failover on its way.
#[derive(Debug, Clone)]
pub(super) struct Running {
    operation: String,
    sort: Sort,
    to: Region,
    accepted_at: Timestamp,
}

/// Something that happens by itself.
#[derive(Debug, Clone)]
pub(crate) enum Due {
    /// The last seconds of a planned failover: nobody takes writes.
    Freeze(String),
    Switch(String),
    GiveUp(String),
    /// A failover that was refused through its async status.
    Refuse(String),
    /// The old primary's view follows.
    Show(Region, u64),
    /// A returned old primary stops taking writes.
    Fence(Region, u64),
    Rejoin(Region, u64),
    CaughtUp(u64),
}

/// Begins a failover to the region's server, or says why not.
pub(super) fn request(
    world: &mut World,
    request: &ArmRequest<'_>,
    to: Region,
    sort: Sort,
) -> Response {
    if world.sql.server(to).role == Role::Primary {
        return Response::error(
            400,
            "FailoverGroupFailoverRequestOnPrimary",
            "The failover request should be initiated on the secondary server of failover group.",
        );
    }
    let name = match sort {
        Sort::Planned => "FailoverFailoverGroup",
        Sort::Forced => "ForceFailoverFailoverGroup",
    };
    let spec = operation(world, to, name, Ends::WhenTold);
    if world.sql.failover.is_some() {
        // Seen both ways: at once, and accepted first.
        if world.random.bool() {
            let busy = busy();
            return Response::error(409, &busy.code, &busy.message);
        }
        let (operation, response) = start(world, request, spec);
        note_in_vain(world, sort);
        let after = world.sample(Wait::SqlRefusal);
        world.plan_in(after, world::Due::Sql(Due::Refuse(operation)));
        return response;
    }
    if world.sql.server(to).replication == Replication::Suspended {
        return Response::error(
            409,
            "GeoReplicationCannotBecomePrimaryDuringUndo",
            "The geo-replication secondary cannot become primary, because it is not physically consistent yet. Please retry later.",
        );
    }
    let (operation, response) = start(world, request, spec);
    let accepted_at = world.now;
    match sort {
        Sort::Forced => {
            let takes = world.sample(Wait::SqlForcedFailover);
            world.plan_in(takes, world::Due::Sql(Due::Switch(operation.clone())));
        }
        Sort::Planned if world.regions.is_up(to.other()) => {
            let takes = world.sample(Wait::SqlPlannedFailover);
            let frozen = world.sample(Wait::SqlRoleSwitch).min(takes);
            world.plan_in(takes - frozen, world::Due::Sql(Due::Freeze(operation.clone())));
            world.plan_in(takes, world::Due::Sql(Due::Switch(operation.clone())));
        }
        Sort::Planned => plan_to_give_up(world, operation.clone()),
    }
    world.sql.failover = Some(Running { operation, sort, to, accepted_at });
    response
}

pub(crate) fn on_due(world: &mut World, due: Due) {
    fidelity::of(&due).assert_listed(FIDELITY);
    match due {
        Due::Freeze(operation) => {
            if let Some(running) = running(world, &operation) {
                world.sql.server_mut(running.to.other()).is_fenced = true;
            }
        }
        Due::Switch(operation) => {
            if let Some(running) = running(world, &operation) {
                switch(world, &running);
            }
        }
        Due::GiveUp(operation) => {
            if let Some(running) = running(world, &operation) {
                let message = "User invoked planned failover, and it timed out while trying to contact the partner management service.";
                end(world, &running, Failure::new("PlannedFailoverTimedOut", message));
            }
        }
        Due::Refuse(operation) => complete(world, &operation, Err(busy())),
        Due::Show(region, generation) if generation == world.sql.generation => {
            let server = world.sql.server_mut(region);
            server.shown = server.role;
        }
        Due::Fence(region, generation) if is_returning(world, region, generation) => {
            world.sql.server_mut(region).is_fenced = true;
        }
        Due::Rejoin(region, generation) if is_returning(world, region, generation) => {
            rejoin(world, region);
        }
        Due::CaughtUp(generation) if is_whole(world, generation) => {
            world.sql.east.replication = Replication::CatchUp;
            world.sql.west.replication = Replication::CatchUp;
        }
        Due::Show(..) | Due::Fence(..) | Due::Rejoin(..) | Due::CaughtUp(_) => {}
    }
}

/// A region was lost or came back.
pub(crate) fn on_region_changed(world: &mut World, region: Region) {
    if !world.regions.is_up(region) {
        // What was planned is obsolete; it is picked up when the region returns.
        world.sql.generation += 1;
        return;
    }
    for server in Region::BOTH {
        if is_replaced(world, server) {
            plan_to_rejoin(world, server);
        } else {
            let server = world.sql.server_mut(server);
            server.shown = server.role;
        }
    }
    let is_suspended = |server| world.sql.server(server).replication == Replication::Suspended;
    if Region::BOTH.into_iter().any(is_suspended) {
        plan_to_catch_up(world);
    }
}

fn switch(world: &mut World, running: &Running) {
    let (to, from) = (running.to, running.to.other());
    if !world.regions.is_up(to) {
        fidelity::INTERRUPTED.assert_listed(FIDELITY);
        let message = "The operation on the resource could not be completed because it was interrupted by another operation on the same resource.";
        end(world, running, Failure::new("OperationInterrupted", message));
        return;
    }
    let is_from_up = world.regions.is_up(from);
    if running.sort == Sort::Planned && !is_from_up {
        plan_to_give_up(world, running.operation.clone());
        return;
    }
    let is_lossless = running.sort == Sort::Planned;
    world.sql.generation += 1;
    world.sql.listener = to;
    let promoted = world.sql.server_mut(to);
    promoted.role = Role::Primary;
    promoted.shown = Role::Primary;
    promoted.is_fenced = false;
    if !is_lossless {
        promoted.replication = Replication::Suspended;
    }
    if is_from_up {
        demote(world, from, is_lossless);
    }
    let what = if is_lossless { "sql planned" } else { "sql forced" };
    world.ledger.note_wait(what, running.accepted_at, world.now);
    workload::on_promoted(world, to, is_lossless);
    if is_from_up && !is_lossless {
        workload::on_rejoined(world, from);
    }
    world.sql.failover = None;
    let body = view::group(world, to);
    complete(world, &running.operation, Ok(Some(body)));
}

/// The old primary is reachable and becomes a secondary at once; its view follows.
fn demote(world: &mut World, region: Region, is_lossless: bool) {
    let server = world.sql.server_mut(region);
    server.role = Role::Secondary;
    server.is_fenced = false;
    let generation = world.sql.generation;
    let follows = world.sample(Wait::SqlViewLag);
    world.plan_in(follows, world::Due::Sql(Due::Show(region, generation)));
    if !is_lossless {
        world.sql.server_mut(region).replication = Replication::Suspended;
        plan_to_catch_up(world);
    }
}

/// It learns after a while that it was replaced, if the new primary is there to tell.
fn plan_to_rejoin(world: &mut World, region: Region) {
    let generation = world.sql.generation;
    world.sql.server_mut(region).is_fenced = false;
    let fence = world.sample(Wait::SqlUnfenced);
    let rejoin = world.sample(Wait::SqlRejoin).max(fence);
    world.plan_in(fence, world::Due::Sql(Due::Fence(region, generation)));
    world.plan_in(rejoin, world::Due::Sql(Due::Rejoin(region, generation)));
}

/// A returned old primary is a secondary now and has thrown away what was not replicated.
fn rejoin(world: &mut World, region: Region) {
    let server = world.sql.server_mut(region);
    server.role = Role::Secondary;
    server.shown = Role::Secondary;
    server.replication = Replication::Suspended;
    server.is_fenced = false;
    workload::on_rejoined(world, region);
    plan_to_catch_up(world);
}

fn end(world: &mut World, running: &Running, failure: Failure) {
    world.sql.server_mut(running.to.other()).is_fenced = false;
    world.sql.failover = None;
    note_in_vain(world, running.sort);
    complete(world, &running.operation, Err(failure));
}

fn note_in_vain(world: &mut World, sort: Sort) {
    if sort == Sort::Forced {
        world.ledger.forced_in_vain += 1;
    }
}

fn plan_to_give_up(world: &mut World, operation: String) {
    let after = world.sample(Wait::SqlPlannedGiveUp);
    world.plan_in(after, world::Due::Sql(Due::GiveUp(operation)));
}

fn plan_to_catch_up(world: &mut World) {
    let after = world.sample(Wait::SqlCatchUp);
    let generation = world.sql.generation;
    world.plan_in(after, world::Due::Sql(Due::CaughtUp(generation)));
}

/// The failover that this operation still is.
fn running(world: &World, operation: &str) -> Option<Running> {
    world.sql.failover.clone().filter(|running| running.operation == operation)
}

/// Whether the region's server is still the returned old primary that this was planned for.
fn is_returning(world: &World, region: Region, generation: u64) -> bool {
    generation == world.sql.generation && is_replaced(world, region)
}

/// Whether there is one primary and one secondary, both alive, as when this was planned.
fn is_whole(world: &World, generation: u64) -> bool {
    generation == world.sql.generation
        && world.sql.east.role != world.sql.west.role
        && Region::BOTH.into_iter().all(|region| world.regions.is_up(region))
}

/// Whether a living server believes to be Primary although the other, living too, was promoted.
fn is_replaced(world: &World, region: Region) -> bool {
    world.sql.listener != region
        && world.sql.server(region).role == Role::Primary
        && Region::BOTH.into_iter().all(|region| world.regions.is_up(region))
}

fn busy() -> Failure {
    Failure::new(
        "FailoverGroupBusy",
        format!(
            "The Failover Group '{}' is busy with another operation and cannot perform 'failover' operation. Please try again later.",
            super::GROUP
        ),
    )
}
