//! What the workload needs to know of the machines and networks it stands on.

use std::net::Ipv4Addr;

use jiff::Timestamp;

use crate::application_gateway;
use crate::network_interface;
use crate::regions::Region;
use crate::sql_failover_group;
use crate::virtual_machine::{self, Purpose, Role};
use crate::world::World;

/// A running machine of production; the copies of a drill are in a network of their own.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) region: Region,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) since: Timestamp,
    pub(super) private_ip: Ipv4Addr,
}

/// What a public address leads to.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    Gateway { region: Region },
    Machine { region: Region, name: String },
}

/// Production's machines that have power.
pub(super) fn running_machines(world: &World) -> Vec<Machine> {
    virtual_machine::machines(world)
        .filter(|machine| machine.purpose == Purpose::Production)
        .filter_map(|machine| {
            Some(Machine {
                region: machine.region,
                name: machine.name.clone(),
                role: machine.role,
                since: machine.running_since?,
                private_ip: machine.private_ip,
            })
        })
        .collect()
}

/// Whether a machine has power.
pub(super) fn runs(world: &World, region: Region, name: &str) -> bool {
    running_machines(world).iter().any(|machine| machine.region == region && machine.name == name)
}

pub(super) fn entry(world: &World, address: Ipv4Addr) -> Option<Entry> {
    if let Some(region) = application_gateway::gateway_at(world, address) {
        return Some(Entry::Gateway { region });
    }
    let id = network_interface::attached(world, address)?;
    let machine = virtual_machine::find(world, &id)?;
    Some(Entry::Machine { region: machine.region, name: machine.name.clone() })
}

/// The public addresses of a site at which the café could be.
pub(super) fn entries(site: Region) -> [Ipv4Addr; 2] {
    match site {
        Region::EastUs => [Ipv4Addr::new(203, 0, 113, 10), Ipv4Addr::new(203, 0, 113, 20)],
        Region::WestUs => [Ipv4Addr::new(198, 51, 100, 10), Ipv4Addr::new(198, 51, 100, 20)],
    }
}

/// The region whose network a private address is in.
pub(super) fn region_of_private(address: Ipv4Addr) -> Option<Region> {
    match address.octets() {
        [10, 0, ..] => Some(Region::EastUs),
        [10, 1, ..] => Some(Region::WestUs),
        _ => None,
    }
}

pub(super) fn is_primary(world: &World, region: Region) -> bool {
    sql_failover_group::role(world, region) == sql_failover_group::Role::Primary
}
