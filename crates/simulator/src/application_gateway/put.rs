//! Changing a gateway: which servers are in its pool.

use std::net::Ipv4Addr;

use serde_json::Value;

use super::{Due, Gateway, Health, Server, body};
use crate::door::Response;
use crate::durations::Wait;
use crate::operations::{self, ArmRequest, Ends, Spec, Style};
use crate::regions::Region;
use crate::tutorial::SUBSCRIPTION;
use crate::world::{self, World};

/// `PUT applicationGateways/{name}`: it takes effect when its operation ends.
pub(super) fn put(world: &mut World, request: &ArmRequest<'_>, gateway: &Gateway) -> Response {
    let etag = body::etag(gateway);
    if let Some(wanted) = request.request.header("if-match")
        && wanted != "*"
        && wanted != etag
    {
        let message = format!("Precondition failed. Current version {etag}.");
        return Response::error(412, "PreconditionFailed", &message);
    }
    let Some(servers) = servers(&request.body().unwrap_or_default()) else {
        let message =
            "The backend address pool 'managedServerPool' needs addresses of the form 10.1.0.5.";
        return Response::error(400, "InvalidRequestFormat", message);
    };
    let region = gateway.region;
    let wait = world.sample(Wait::GatewayUpdate);
    world.plan_in(wait, world::Due::Gateway(Due::Configured(region, servers)));
    let mut shown = body::gateway(gateway);
    shown["properties"]["provisioningState"] = Value::from("Updating");
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
        ends: Ends::At(world.now + wait, Ok(None)),
    };
    operations::start(world, request, spec).1
}

/// The new pool: servers that stay keep their health, new ones have none yet.
pub(super) fn configured(world: &mut World, region: Region, servers: &[Ipv4Addr]) {
    let Some(gateway) = world.gateways.gateway(region) else { return };
    let server = |address: &Ipv4Addr| {
        let known = gateway.servers.iter().find(|server| server.address == *address).cloned();
        known.unwrap_or(Server { address: *address, health: Health::Unknown, failures: 0 })
    };
    gateway.servers = servers.iter().map(server).collect();
    gateway.version = gateway.version.wrapping_add(1);
}

fn servers(input: &Value) -> Option<Vec<Ipv4Addr>> {
    let pool = &input["properties"]["backendAddressPools"][0];
    let addresses = pool["properties"]["backendAddresses"].as_array()?;
    addresses.iter().map(|address| address["ipAddress"].as_str()?.parse().ok()).collect()
}
