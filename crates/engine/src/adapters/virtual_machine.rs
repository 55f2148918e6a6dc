//! Virtual machines: whether they run, and stopping them.

use azure::{Error, Request, virtual_machine as vm};
use futures::future::join_all;
use jiff::SignedDuration;
use recovery::ResourceId;
use recovery::view::{Machine, Machines, Power, View};

use super::{arm_id, send_within};
use crate::outside::Outside;

pub(super) async fn observe(
    outside: &Outside,
    machines: &[ResourceId],
    limit: SignedDuration,
) -> Result<View, String> {
    let looks = machines.iter().map(|machine| one(outside, machine, limit));
    let machines = join_all(looks).await.into_iter().collect::<Result<_, _>>()?;
    Ok(View::Machines(Machines { machines }))
}

async fn one(
    outside: &Outside,
    machine: &ResourceId,
    limit: SignedDuration,
) -> Result<Machine, String> {
    let response = send_within(outside, &vm::get(&arm_id(machine)?), limit).await?;
    let power = match vm::parse(&response) {
        Ok(seen) => power(seen.power.as_ref()),
        Err(Error::NotFound { .. }) => Power::Missing,
        Err(error) => return Err(error.to_string()),
    };
    Ok(Machine { id: machine.clone(), power })
}

pub(super) fn stop(machine: &ResourceId) -> Result<Request, String> {
    Ok(vm::deallocate(&arm_id(machine)?))
}

fn power(power: Option<&vm::Power>) -> Power {
    match power {
        Some(vm::Power::Running) => Power::Running,
        Some(vm::Power::Starting | vm::Power::Stopping | vm::Power::Deallocating) => {
            Power::Changing
        }
        Some(vm::Power::Stopped | vm::Power::Deallocated) => Power::Stopped,
        Some(vm::Power::Other(_)) | None => Power::Unknown,
    }
}
