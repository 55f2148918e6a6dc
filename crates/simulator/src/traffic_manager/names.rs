//! What the profile's name leads to.

use std::net::Ipv4Addr;

use super::PROFILE;
use crate::network_interface;
use crate::regions::Region;
use crate::world::World;

/// The profile's name, as the name servers answer it now.
pub(crate) fn resolve(world: &World, name: &str) -> Option<(Vec<Ipv4Addr>, u32)> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if name.strip_suffix(".trafficmanager.net") != Some(PROFILE) {
        return None;
    }
    let target = target(world)?;
    let addresses = match target.parse() {
        Ok(address) => vec![address],
        Err(_) => network_interface::resolve(world, target)?.0,
    };
    Some((addresses, world.traffic.published.ttl))
}

/// The region that the profile's name leads to now.
pub(crate) fn served_endpoint(world: &World) -> Option<Region> {
    let target = target(world)?;
    Region::BOTH.into_iter().find(|region| target.contains(&format!(".{}.", region.name())))
}

/// The most preferred healthy endpoint; when none is healthy, the most preferred of all.
fn target(world: &World) -> Option<&str> {
    let endpoints = &world.traffic.published.endpoints;
    let is_any_healthy = endpoints.iter().any(|(_, _, is_healthy)| *is_healthy);
    endpoints
        .iter()
        .filter(|(_, _, is_healthy)| *is_healthy || !is_any_healthy)
        .min_by_key(|(_, priority, _)| *priority)
        .map(|(target, _, _)| target.as_str())
}
