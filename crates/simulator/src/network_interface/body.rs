//! Interfaces and public addresses on the wire (network 2024-01-01).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Interface, PublicAddress};
use crate::door::Response;
use crate::resource_id::ResourceId;

/// The etag as bodies and `If-Match` write it.
pub(super) fn etag(interface: &Interface, now: Timestamp) -> String {
    // The end of an update is a change of its own.
    let version = interface.etag * 2 + u64::from(!interface.is_updating(now));
    format!("W/\"5d3c0e1f-8a2b-4c6d-9e7f-{version:012x}\"")
}

/// The body of `GET networkInterfaces/{name}`.
pub(super) fn interface(interface: &Interface, now: Timestamp) -> Value {
    let state = if interface.is_updating(now) { "Updating" } else { "Succeeded" };
    let etag = etag(interface, now);
    let mut configuration = json!({
        "provisioningState": state,
        "privateIPAddress": interface.private_ip.to_string(),
        "privateIPAllocationMethod": if interface.is_static { "Static" } else { "Dynamic" },
        "subnet": {"id": interface.subnet},
        "primary": true,
        "privateIPAddressVersion": "IPv4",
    });
    if let Some(public) = &interface.public_address {
        configuration["publicIPAddress"] = json!({"id": public.as_str()});
    }
    let mut properties = json!({
        "provisioningState": state,
        "resourceGuid": format!("9b1d4c7a-0000-4000-8000-{:012x}", u32::from(interface.private_ip)),
        "ipConfigurations": [{
            "name": "ipconfig1",
            "id": interface.configuration().as_str(),
            "etag": etag,
            "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
            "properties": configuration,
        }],
        "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
        "macAddress": format!("00-0D-3A-{:02X}-{:02X}-{:02X}",
            interface.private_ip.octets()[1],
            interface.private_ip.octets()[2],
            interface.private_ip.octets()[3]),
        "enableAcceleratedNetworking": false,
        "vnetEncryptionSupported": false,
        "enableIPForwarding": false,
        "primary": true,
        "hostedWorkloads": [],
        "tapConfigurations": [],
        "nicType": "Standard",
    });
    for (key, value) in &interface.others {
        properties[key] = value.clone();
    }
    if let Some(machine) = &interface.machine {
        properties["virtualMachine"] = json!({"id": machine.as_str()});
    }
    json!({
        "name": interface.id.name(),
        "id": interface.id.as_str(),
        "etag": etag,
        "type": "Microsoft.Network/networkInterfaces",
        "location": interface.region.name(),
        "tags": interface.tags,
        "properties": properties,
    })
}

/// The body of `GET publicIPAddresses/{name}`.
pub(super) fn public_address(public: &PublicAddress) -> Value {
    let mut properties = json!({
        "provisioningState": "Succeeded",
        "resourceGuid": format!("9b1d4c7a-0000-4000-8000-{:012x}", u32::from(public.address)),
        "ipAddress": public.address.to_string(),
        "publicIPAddressVersion": "IPv4",
        "publicIPAllocationMethod": "Static",
        "idleTimeoutInMinutes": 4,
        "dnsSettings": {"domainNameLabel": public.label, "fqdn": public.name()},
        "ipTags": [],
    });
    if let Some(holder) = &public.holder {
        properties["ipConfiguration"] = json!({"id": holder.as_str()});
    }
    json!({
        "name": public.id.name(),
        "id": public.id.as_str(),
        "etag": format!("W/\"1f0e9d8c-7b6a-4958-8473-{:012x}\"", u64::from(public.holder.is_some())),
        "type": "Microsoft.Network/publicIPAddresses",
        "location": public.region.name(),
        "sku": {"name": "Standard", "tier": "Regional"},
        "properties": properties,
    })
}

pub(super) fn not_found(kind: &str, id: &ResourceId) -> Response {
    let group = id.as_str().split('/').nth(4).unwrap_or_default();
    let message = format!(
        "The Resource 'Microsoft.Network/{kind}/{}' under resource group '{group}' was not found. \
         For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        id.name()
    );
    Response::error(404, "ResourceNotFound", &message)
}
