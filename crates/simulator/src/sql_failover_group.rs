//! Azure SQL: two servers, one failover group, one database.
//!
//! Each server has its own idea of its role; normally they agree. After a forced failover of West
//! while East is dead, East still believes to be Primary. When its region returns it takes writes
//! for `Wait::SqlUnfenced` more: that is how seconds in which both regions take writes arise.
//! Then it stops, and after `Wait::SqlRejoin` it is a Secondary that has thrown away what the new
//! primary never got.

mod arm;
mod failover;
mod fidelity;
#[cfg(test)]
mod tests;
mod view;

use std::net::Ipv4Addr;

use crate::door::TcpAnswer;
use crate::regions::Region;
use crate::tutorial::Options;
use crate::world::World;

pub(crate) use arm::handle;
pub(crate) use failover::{Due, on_due, on_region_changed};
pub(crate) use fidelity::FIDELITY;

/// The name of the failover group, and of its listener.
pub(crate) const GROUP: &str = "failovergroup-cafe";
/// The one database.
pub(crate) const DATABASE: &str = "mySampleDatabase";
/// The listener's time to live in seconds (doc: 30).
const LISTENER_TTL: u32 = 30;

/// Both servers and what is going on between them.
#[derive(Debug, Clone)]
pub(crate) struct State {
    east: Server,
    west: Server,
    /// Where the listener leads: the server that was promoted last.
    listener: Region,
    policy: Policy,
    failover: Option<failover::Running>,
    /// Counts what makes planned rejoining and catching up obsolete.
    generation: u64,
}

/// One server's idea of the group.
#[derive(Debug, Clone)]
struct Server {
    role: Role,
    /// What its view shows: it may follow the role a little later.
    shown: Role,
    replication: Replication,
    /// It knows, or has been made, not to take writes.
    is_fenced: bool,
}

/// A role in the failover group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Primary,
    Secondary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Replication {
    CatchUp,
    Suspended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policy {
    Manual,
    Automatic { grace_minutes: i64 },
}

impl State {
    pub(crate) fn tutorial(_options: &Options) -> Self {
        Self {
            east: Server::new(Role::Primary),
            west: Server::new(Role::Secondary),
            listener: Region::EastUs,
            policy: Policy::Manual,
            failover: None,
            generation: 0,
        }
    }

    fn server(&self, region: Region) -> &Server {
        match region {
            Region::EastUs => &self.east,
            Region::WestUs => &self.west,
        }
    }

    fn server_mut(&mut self, region: Region) -> &mut Server {
        match region {
            Region::EastUs => &mut self.east,
            Region::WestUs => &mut self.west,
        }
    }
}

impl Server {
    fn new(role: Role) -> Self {
        Self { role, shown: role, replication: Replication::CatchUp, is_fenced: false }
    }
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Primary => "Primary",
            Self::Secondary => "Secondary",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Primary => Self::Secondary,
            Self::Secondary => Self::Primary,
        }
    }
}

/// The role that the region's server has now, by its own idea.
pub(crate) fn role(world: &World, region: Region) -> Role {
    world.sql.server(region).role
}

/// Whether the region's server takes writes now. Both may, see the module's text.
pub(crate) fn takes_writes(world: &World, region: Region) -> bool {
    let server = world.sql.server(region);
    world.regions.is_up(region) && server.role == Role::Primary && !server.is_fenced
}

/// The servers' names and the group's listeners.
pub(crate) fn resolve(world: &World, name: &str) -> Option<(Vec<Ipv4Addr>, u32)> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let label = name.strip_suffix(".database.windows.net")?;
    let listener = world.sql.listener;
    let region = if label == GROUP {
        listener
    } else if label.strip_suffix(".secondary") == Some(GROUP) {
        listener.other()
    } else {
        Region::BOTH.into_iter().find(|region| view::server_name(*region) == label)?
    };
    Some((vec![address(region)], LISTENER_TTL))
}

/// Whether a server's port accepts connections: while its region is up.
pub(crate) fn connect(world: &World, to: Ipv4Addr) -> TcpAnswer {
    match Region::BOTH.into_iter().find(|region| address(*region) == to) {
        Some(region) if world.regions.is_up(region) => TcpAnswer::Accept,
        _ => TcpAnswer::Hang,
    }
}

fn address(region: Region) -> Ipv4Addr {
    match region {
        Region::EastUs => Ipv4Addr::new(203, 0, 113, 50),
        Region::WestUs => Ipv4Addr::new(198, 51, 100, 50),
    }
}
