//! Entra ID and the managed identity endpoints.

use crate::door::{Request, Response};
use crate::world::World;

pub(crate) fn managed_identity(_world: &mut World, _request: &Request) -> Response {
    Response::empty(404)
}

pub(crate) fn entra(_world: &mut World, _request: &Request) -> Response {
    Response::empty(404)
}
