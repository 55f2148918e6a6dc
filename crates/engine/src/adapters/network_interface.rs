//! Network interfaces of machines, found through the machines, and public addresses.

use azure::{Request, network_interface as nic, virtual_machine as vm};
use futures::future::{join_all, try_join};
use jiff::SignedDuration;
use recovery::ResourceId;
use recovery::view::{Interface, Interfaces, PublicIp, View};

use super::{arm_id, our_id, read};
use crate::outside::Outside;

pub(super) async fn observe(
    outside: &Outside,
    machines: &[ResourceId],
    public_ips: &[ResourceId],
    limit: SignedDuration,
) -> Result<View, String> {
    let interfaces = async {
        let looks = machines.iter().map(|machine| interface(outside, machine, limit));
        join_all(looks).await.into_iter().collect::<Result<Vec<_>, _>>()
    };
    let addresses = async {
        let looks = public_ips.iter().map(|address| public_ip(outside, address, limit));
        join_all(looks).await.into_iter().collect::<Result<Vec<_>, _>>()
    };
    let (interfaces, public_ips) = try_join(interfaces, addresses).await?;
    let interfaces = interfaces.into_iter().flatten().collect();
    Ok(View::Interfaces(Interfaces { interfaces, public_ips }))
}

/// The machine's primary interface; none while the machine has none yet.
async fn interface(
    outside: &Outside,
    machine: &ResourceId,
    limit: SignedDuration,
) -> Result<Option<Interface>, String> {
    let response = read(outside, &vm::get(&arm_id(machine)?), limit).await?;
    let seen = vm::parse(&response).map_err(|error| error.to_string())?;
    let Some(id) = seen.primary_interface() else { return Ok(None) };
    let response = read(outside, &nic::get(id), limit).await?;
    let seen = nic::parse(&response).map_err(|error| error.to_string())?;
    let public_ip = seen.ip_configuration(None).and_then(|primary| primary.public_ip.as_ref());
    Ok(Some(Interface {
        id: our_id(&seen.id),
        machine: machine.clone(),
        public_ip: public_ip.map(our_id),
    }))
}

async fn public_ip(
    outside: &Outside,
    address: &ResourceId,
    limit: SignedDuration,
) -> Result<PublicIp, String> {
    let response = read(outside, &nic::get_public_ip(&arm_id(address)?), limit).await?;
    let seen = nic::parse_public_ip(&response).map_err(|error| error.to_string())?;
    Ok(PublicIp { id: address.clone(), held_by: seen.interface().as_ref().map(our_id) })
}

/// The request that attaches an address: the whole interface as it is now, with the address.
pub(super) async fn attach(
    outside: &Outside,
    interface: &ResourceId,
    public_ip: &ResourceId,
    limit: SignedDuration,
) -> Result<Request, String> {
    let response = read(outside, &nic::get(&arm_id(interface)?), limit).await?;
    let seen = nic::parse(&response).map_err(|error| error.to_string())?;
    nic::attach_public_ip(&seen, None, &arm_id(public_ip)?)
        .ok_or_else(|| "the interface has no primary configuration".to_owned())
}
