//! What every ARM request meets before and after the resource that it is for.

use super::long_running;
use super::request::ArmRequest;
use super::throttle::Sort;
use crate::door::{Answer, Request, Response};
use crate::fidelity::Fidelity;
use crate::regions::Region;
use crate::world::World;
use crate::{
    application_gateway, identity, network_interface, recovery_plan, sql_failover_group,
    traffic_manager, virtual_machine,
};

/// What is known of ARM's front door.
pub(crate) const FIDELITY: &[Fidelity] = &[];

/// Answers a request to `management.azure.com`.
pub(crate) fn front_door(world: &mut World, request: &Request) -> Answer {
    let arm = ArmRequest::new(request);
    dispatch(world, &arm)
}

/// The region whose resource provider answers for this path: resource groups of the tutorial are
/// named after their region and hold resources of that region; Traffic Manager is global.
pub(crate) fn region_of_path(world: &World, request: &ArmRequest<'_>) -> Option<Region> {
    if let Some(region) = long_running::region_of_poll(world, request) {
        return Some(region);
    }
    let (_, kind) = request.provider()?;
    if kind.eq_ignore_ascii_case("trafficManagerProfiles") {
        return None;
    }
    let group = request.resource_group()?.to_ascii_lowercase();
    Region::BOTH.into_iter().find(|region| group.ends_with(region.name()))
}

fn dispatch(world: &mut World, request: &ArmRequest<'_>) -> Answer {
    let answered = long_running::poll(world, request)
        .or_else(|| sql_failover_group::handle(world, request))
        .or_else(|| traffic_manager::handle(world, request))
        .or_else(|| recovery_plan::handle(world, request))
        .or_else(|| application_gateway::handle(world, request))
        .or_else(|| network_interface::handle(world, request))
        .or_else(|| virtual_machine::handle(world, request));
    answered.unwrap_or_else(|| {
        Response::error(404, "ResourceNotFound", "The Resource was not found.").into()
    })
}
