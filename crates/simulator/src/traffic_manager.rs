//! Traffic Manager.

use std::net::Ipv4Addr;

use crate::door::Answer;
use crate::operations::ArmRequest;
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
