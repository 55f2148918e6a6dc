//! Changing an interface.

use std::net::Ipv4Addr;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Interface, body};
use crate::door::Response;
use crate::durations::Wait;
use crate::operations::{self, ArmRequest, Ends, Spec, Style};
use crate::resource_id::ResourceId;
use crate::tutorial::SUBSCRIPTION;
use crate::world::World;

/// The properties that a PUT may carry beside the ip configurations.
const WRITABLE: [&str; 7] = [
    "networkSecurityGroup",
    "dnsSettings",
    "enableAcceleratedNetworking",
    "enableIPForwarding",
    "disableTcpStateTracking",
    "auxiliaryMode",
    "auxiliarySku",
];

struct Refusal(u16, &'static str, String);

/// `PUT networkInterfaces/{name}`: the whole interface.
pub(super) fn put(world: &mut World, request: &ArmRequest<'_>, id: &ResourceId) -> Response {
    match wanted(world, request, id) {
        Err(Refusal(status, code, message)) => Response::error(status, code, &message),
        Ok(interface) => {
            let had = world.network.interfaces.get(id).map(|had| had.public_address.clone());
            let is_new = had != Some(interface.public_address.clone());
            release(world, id);
            if let Some(public) =
                interface.public_address.as_ref().and_then(|id| world.network.addresses.get_mut(id))
            {
                public.holder = Some(interface.configuration());
            }
            world.network.interfaces.insert(id.clone(), interface);
            accepted(world, request, id, is_new)
        }
    }
}

/// `PATCH networkInterfaces/{name}`: tags only.
pub(super) fn patch(world: &mut World, request: &ArmRequest<'_>, id: &ResourceId) -> Response {
    let now = world.now;
    let Some(interface) = world.network.interfaces.get_mut(id) else {
        return body::not_found("networkInterfaces", id);
    };
    let input = request.body().unwrap_or_default();
    let fields = input.as_object().map(|fields| fields.keys().collect::<Vec<_>>());
    if fields.is_none_or(|fields| fields != ["tags"]) {
        let message = "Only tags can be updated by PATCH.";
        return Response::error(400, "InvalidRequestContent", message);
    }
    interface.tags = input["tags"].clone();
    interface.etag += 1;
    Response::json(200, &body::interface(interface, now))
}

/// What the interface will be; or why not.
fn wanted(world: &World, request: &ArmRequest<'_>, id: &ResourceId) -> Result<Interface, Refusal> {
    let Some(current) = world.network.interfaces.get(id) else {
        let message = format!("The interface '{}' can't be created here.", id.name());
        return Err(Refusal(403, "RequestDisallowedByPolicy", message));
    };
    let etag = body::etag(current, world.now);
    if let Some(wanted) = request.request.header("if-match")
        && wanted != "*"
        && wanted != etag
    {
        let message = format!(
            "Precondition failed. Specified version {wanted} of {id} has been modified. Current version {etag}."
        );
        return Err(Refusal(412, "PreconditionFailed", message));
    }
    if current.is_updating(world.now) {
        let message =
            format!("Operation on {id} was canceled and superseded by another operation.");
        return Err(Refusal(429, "RetryableErrorDueToAnotherOperation", message));
    }
    let bad = |code, message: &str| Refusal(400, code, message.to_owned());
    let input = request.body();
    let input = input.ok_or_else(|| bad("InvalidRequestContent", "The body is not JSON."))?;
    let location = input["location"].as_str().unwrap_or_default();
    let location = location.replace(' ', "").to_lowercase();
    if location != current.region.name() {
        let message = format!("The location of {id} can't be changed to '{location}'.");
        return Err(Refusal(409, "InvalidResourceLocation", message));
    }
    let properties = &input["properties"];
    let Some([configuration]) = properties["ipConfigurations"].as_array().map(Vec::as_slice) else {
        return Err(bad(
            "NetworkInterfaceMustHaveOneIpConfiguration",
            "One ip configuration is wanted.",
        ));
    };
    if configuration["name"].as_str() != Some("ipconfig1") {
        return Err(bad(
            "IpConfigurationNotFound",
            "The ip configuration 'ipconfig1' can't be removed.",
        ));
    }
    let mut interface = current.clone();
    configure(world, &mut interface, &configuration["properties"])?;
    interface.others.clear();
    for key in WRITABLE {
        if !properties[key].is_null() {
            interface.others.insert(key.to_owned(), properties[key].clone());
        }
    }
    interface.tags = if input["tags"].is_null() { json!({}) } else { input["tags"].clone() };
    interface.etag += 1;
    Ok(interface)
}

fn configure(world: &World, interface: &mut Interface, input: &Value) -> Result<(), Refusal> {
    let bad = |code, message: String| Refusal(400, code, message);
    let subnet = input["subnet"]["id"].as_str();
    let Some(subnet) = subnet.filter(|id| id.eq_ignore_ascii_case(&interface.subnet)) else {
        let message = format!("The subnet of {} can't be left out or changed.", interface.id);
        return Err(bad("InvalidResourceReference", message));
    };
    subnet.clone_into(&mut interface.subnet);
    let method = input["privateIPAllocationMethod"].as_str().unwrap_or("Dynamic");
    interface.is_static = method.eq_ignore_ascii_case("Static");
    if let (true, Some(address)) = (interface.is_static, input["privateIPAddress"].as_str()) {
        let address: Option<Ipv4Addr> = address.parse().ok();
        let within =
            |address: &Ipv4Addr| address.octets()[..3] == interface.private_ip.octets()[..3];
        let Some(address) = address.filter(within) else {
            let message = format!("The address of {} isn't in its subnet.", interface.id);
            return Err(bad("PrivateIPAddressNotInSubnet", message));
        };
        interface.private_ip = address;
    }
    let public = &input["publicIPAddress"];
    interface.public_address = None;
    if public.is_null() {
        return Ok(());
    }
    let id = ResourceId::new(public["id"].as_str().unwrap_or_default());
    let Some(found) = world.network.addresses.get(&id) else {
        let message = format!("Resource {id} referenced by {} was not found.", interface.id);
        return Err(bad("InvalidResourceReference", message));
    };
    if found.region != interface.region {
        let message = format!("Resource {id} is not in the region of {}.", interface.id);
        return Err(bad("InvalidResourceReference", message));
    }
    if let Some(holder) =
        found.holder.as_ref().filter(|holder| **holder != interface.configuration())
    {
        let message = format!(
            "Resource {} is referencing public IP address {id} that is already allocated to resource {holder}.",
            interface.configuration()
        );
        return Err(bad("PublicIPAddressInUse", message));
    }
    interface.public_address = Some(found.id.clone());
    Ok(())
}

/// Frees the public address that the interface has now.
fn release(world: &mut World, id: &ResourceId) {
    let held = world.network.interfaces.get(id).and_then(|held| held.public_address.clone());
    if let Some(public) = held.and_then(|id| world.network.addresses.get_mut(&id)) {
        public.holder = None;
    }
}

/// 200 with the interface, and where to see the end of the operation.
fn accepted(
    world: &mut World,
    request: &ArmRequest<'_>,
    id: &ResourceId,
    has_new_address: bool,
) -> Response {
    let wait = world.sample(Wait::InterfaceUpdate).max(SignedDuration::from_millis(1));
    let until = world.now + wait;
    let Some(interface) = world.network.interfaces.get_mut(id) else {
        return body::not_found("networkInterfaces", id);
    };
    interface.updating_until = Some(until);
    if has_new_address {
        interface.reachable_from = Some(until);
    }
    world.ledger.note_wait(format!("interface update {}", id.name()), world.now, until);
    let region = interface.region;
    let shown = body::interface(interface, world.now);
    let path = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/locations/{}",
        region.name()
    );
    let spec = Spec {
        status_path: format!("{path}/operations"),
        result_path: format!("{path}/operationResults"),
        style: Style::AsyncOperation,
        retry_after: 10,
        accepted: (200, Some(shown)),
        region,
        ends: Ends::At(until, Ok(None)),
    };
    operations::start(world, request, spec).1
}
