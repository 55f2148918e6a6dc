//! Placeholder that only compiles; its owner replaces it.
use jiff::SignedDuration;

use crate::door::{Request, Response};
use crate::world::World;

#[derive(Debug, Clone, Default)]
pub(crate) struct Faults;

#[derive(Debug, Clone)]
pub(crate) struct Due;

#[derive(Debug, Clone)]
pub(crate) enum Effect {
    Status(u16),
    LostAnswer,
    LostRequest,
    Hang,
    Delay(SignedDuration),
}

#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) effect: Effect,
}

pub(crate) fn fault_for(_world: &mut World, _request: &Request) -> Option<Fault> {
    None
}

pub(crate) fn on_due(_world: &mut World, _due: Due) {}

pub(crate) fn handle(_world: &mut World, _request: &Request) -> Response {
    Response::empty(404)
}
