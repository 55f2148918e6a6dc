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

pub(crate) fn send(_world: &mut World, _request: &crate::door::Request) -> crate::door::Answer {
    crate::door::Answer::Hang
}

pub(crate) fn receive(_world: &mut World, _request: &crate::door::Request) -> crate::door::Response {
    crate::door::Response::empty(204)
}
