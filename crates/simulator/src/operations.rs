//! Azure Resource Manager: its front door and its long-running operations.
//!
//! A resource module answers with `handle(world, &ArmRequest) -> Option<Answer>` (`None`: not one of
//! mine). A change that takes time is begun with [`start`], which gives the 202 to send back, and
//! ended by its [`Spec`] or by [`complete`]; polls are answered here.

mod dead_region;
mod front_door;
mod kind;
mod long_running;
mod request;
mod subscriptions;
#[cfg(test)]
mod tests;
mod throttle;
mod versions;

pub(crate) use dead_region::Snapshots;
pub(crate) use front_door::{FIDELITY, front_door};
pub(crate) use long_running::{
    Due, Ends, Failure, Operations, Spec, Style, complete, on_due, signed_url, start,
};
pub(crate) use request::ArmRequest;
