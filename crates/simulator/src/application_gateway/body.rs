//! Application gateways on the wire (network 2024-01-01).

use serde_json::{Value, json};

use super::{Gateway, Health, Server};
use crate::door::Response;
use crate::resource_id::ResourceId;
use crate::tutorial::SUBSCRIPTION;

const POOL: &str = "managedServerPool";
const SETTINGS: &str = "managedServerHttpSettings";
const PROBE: &str = "managedServerProbe";
const FRONTEND: &str = "appGwPublicFrontendIp";

/// The body of `GET applicationGateways/{name}`.
pub(super) fn gateway(gateway: &Gateway) -> Value {
    let id = gateway.id();
    let region = gateway.region.name();
    let network = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/was-cluster-{region}/providers/Microsoft.Network"
    );
    let part = |kind: &str, name: &str, properties: Value| {
        let mut properties = properties;
        properties["provisioningState"] = json!("Succeeded");
        json!([{
            "name": name,
            "id": format!("{id}/{kind}/{name}"),
            "etag": etag(gateway),
            "properties": properties,
            "type": format!("Microsoft.Network/applicationGateways/{kind}"),
        }])
    };
    let to = |kind: &str, name: &str| json!({"id": format!("{id}/{kind}/{name}")});
    let addresses: Vec<Value> = gateway
        .servers
        .iter()
        .map(|server| json!({"ipAddress": server.address.to_string()}))
        .collect();
    json!({
        "name": gateway.name(),
        "id": id.as_str(),
        "etag": etag(gateway),
        "type": "Microsoft.Network/applicationGateways",
        "location": region,
        "properties": {
            "provisioningState": "Succeeded",
            "sku": {"name": "Standard_v2", "tier": "Standard_v2", "capacity": 2},
            "operationalState": "Running",
            "gatewayIPConfigurations": part("gatewayIPConfigurations", "appGatewayIpConfig", json!({
                "subnet": {"id": format!("{network}/virtualNetworks/vnet-was-{region}/subnets/subnet-agw")},
            })),
            "frontendIPConfigurations": part("frontendIPConfigurations", FRONTEND, json!({
                "privateIPAllocationMethod": "Dynamic",
                "publicIPAddress": {"id": format!("{network}/publicIPAddresses/agw-public-ip-{region}")},
            })),
            "frontendPorts": part("frontendPorts", "port_80", json!({"port": 80})),
            "backendAddressPools": part("backendAddressPools", POOL, json!({
                "backendAddresses": addresses,
            })),
            "backendHttpSettingsCollection": part("backendHttpSettingsCollection", SETTINGS, json!({
                "port": 9080,
                "protocol": "Http",
                "cookieBasedAffinity": "Enabled",
                "requestTimeout": 20,
                "probe": to("probes", PROBE),
            })),
            "httpListeners": part("httpListeners", "httpListener", json!({
                "frontendIPConfiguration": to("frontendIPConfigurations", FRONTEND),
                "frontendPort": to("frontendPorts", "port_80"),
                "protocol": "Http",
                "requireServerNameIndication": false,
            })),
            "requestRoutingRules": part("requestRoutingRules", "routingRule", json!({
                "ruleType": "Basic",
                "priority": 100,
                "httpListener": to("httpListeners", "httpListener"),
                "backendAddressPool": to("backendAddressPools", POOL),
                "backendHttpSettings": to("backendHttpSettingsCollection", SETTINGS),
            })),
            "probes": part("probes", PROBE, json!({
                "protocol": "Http",
                "path": "/websphere-cafe/",
                "interval": 10,
                "timeout": 5,
                "unhealthyThreshold": 3,
                "pickHostNameFromBackendHttpSettings": false,
                "host": "127.0.0.1",
                "match": {"statusCodes": ["200-399"]},
            })),
        },
    })
}

/// The result of `backendhealth`.
pub(super) fn health(gateway: &Gateway) -> Value {
    let id = gateway.id();
    json!({
        "backendAddressPools": [{
            "backendAddressPool": {"id": format!("{id}/backendAddressPools/{POOL}")},
            "backendHttpSettingsCollection": [settings(gateway)],
        }],
    })
}

/// The result of `getBackendHealthOnDemand`.
pub(super) fn on_demand(gateway: &Gateway) -> Value {
    let id = gateway.id();
    json!({
        "backendAddressPool": {"id": format!("{id}/backendAddressPools/{POOL}")},
        "backendHealthHttpSettings": settings(gateway),
    })
}

pub(super) fn not_found(id: &ResourceId) -> Response {
    let group = id.as_str().split('/').nth(4).unwrap_or_default();
    let message = format!(
        "The Resource 'Microsoft.Network/applicationGateways/{}' under resource group '{group}' \
         was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        id.name()
    );
    Response::error(404, "ResourceNotFound", &message)
}

fn settings(gateway: &Gateway) -> Value {
    let id = gateway.id();
    json!({
        "backendHttpSettings": {"id": format!("{id}/backendHttpSettingsCollection/{SETTINGS}")},
        "servers": gateway.servers.iter().map(server).collect::<Vec<_>>(),
    })
}

fn server(server: &Server) -> Value {
    let (health, log) = match server.health {
        Health::Unknown => ("Unknown", "The backend health status is not known yet."),
        Health::Healthy => ("Healthy", "Success. Received 200 status code"),
        Health::Unhealthy => (
            "Unhealthy",
            "Time taken by the backend to respond to application gateway's health probe is more \
             than the timeout threshold in the probe setting.",
        ),
    };
    json!({"address": server.address.to_string(), "health": health, "healthProbeLog": log})
}

pub(super) fn etag(gateway: &Gateway) -> String {
    let (version, address) = (gateway.version, u32::from(gateway.address));
    format!("W/\"6a1b2c3d-4e5f-4071-8293-{version:04x}{address:08x}\"")
}
