//! Placeholder that only compiles; its owner replaces it.
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

/// What a Traffic Manager probe meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProbeAnswer {
    Status(u16),
    NoAnswer,
}

pub(crate) fn probe(_world: &World, _address: std::net::Ipv4Addr) -> ProbeAnswer {
    ProbeAnswer::NoAnswer
}

pub(crate) fn on_promoted(_world: &mut World, _region: crate::regions::Region, _lossless: bool) {}

pub(crate) fn on_rejoined(_world: &mut World, _region: crate::regions::Region) {}

pub(crate) fn browse(_world: &mut World, _address: std::net::Ipv4Addr, _request: &crate::door::Request) -> crate::door::Answer {
    crate::door::Answer::Hang
}

pub(crate) fn connect(_world: &World, _address: std::net::Ipv4Addr, _port: u16) -> crate::door::TcpAnswer {
    crate::door::TcpAnswer::Hang
}
