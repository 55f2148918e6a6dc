//! Azure SQL failover groups.

use std::net::Ipv4Addr;

use crate::door::{Answer, TcpAnswer};
use crate::operations::ArmRequest;
use crate::regions::Region;
use crate::tutorial::Options;
use crate::world::World;

#[derive(Debug, Clone)]
pub(crate) struct State;

#[derive(Debug, Clone)]
pub(crate) struct Due;

impl State {
    pub(crate) fn tutorial(_options: &Options) -> Self {
        Self
    }
}

pub(crate) fn start(_world: &mut World) {}

pub(crate) fn on_due(_world: &mut World, _due: Due) {}

pub(crate) fn handle(_world: &mut World, _request: &ArmRequest<'_>) -> Option<Answer> {
    None
}

pub(crate) fn resolve(_world: &World, _name: &str) -> Option<(Vec<Ipv4Addr>, u32)> {
    None
}

pub(crate) fn connect(_world: &World, _address: Ipv4Addr) -> TcpAnswer {
    TcpAnswer::Hang
}

/// The regions whose server takes writes now: more than one while an old primary that has just
/// come back does not know yet that it was replaced.
pub(crate) fn takes_writes(_world: &World, _region: Region) -> bool {
    false
}
