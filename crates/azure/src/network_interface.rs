//! Network interfaces and the public IP addresses attached to them.

use serde_json::{Value, json};

use crate::json::Read;
use crate::{Error, Kind, Method, Request, ResourceId, Response, operation};

pub const API_VERSION: &str = "2024-01-01";

/// A network interface. It keeps the whole body, because writing it replaces the whole resource:
/// what is left out (subnet, security group, pools, DNS) would be removed.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkInterface {
    pub id: ResourceId,
    /// In the body, not in a header (recorded).
    pub etag: Option<String>,
    pub provisioning_state: Option<String>,
    pub virtual_machine: Option<ResourceId>,
    pub ip_configurations: Vec<IpConfiguration>,
    body: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpConfiguration {
    pub name: String,
    pub primary: bool,
    pub private_address: Option<String>,
    pub public_ip: Option<ResourceId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicIp {
    pub id: ResourceId,
    pub address: Option<String>,
    /// The IP configuration that has it; none when it is free.
    pub attached_to: Option<ResourceId>,
    pub fqdn: Option<String>,
    pub provisioning_state: Option<String>,
}

pub fn get(interface: &ResourceId) -> Request {
    Request::get(interface.as_str(), API_VERSION, "Microsoft.Network/networkInterfaces/read")
}

/// Attaches a public IP to an IP configuration (the primary one when none is named), if the
/// interface is still as it was read; `None` when there is no such configuration. A PATCH could
/// only set tags.
pub fn attach_public_ip(
    interface: &NetworkInterface,
    configuration: Option<&str>,
    public_ip: &ResourceId,
) -> Option<Request> {
    let index = interface.position(configuration)?;
    let mut body = interface.body.clone();
    let properties = body
        .pointer_mut(&format!("/properties/ipConfigurations/{index}"))?
        .as_object_mut()?
        .entry("properties")
        .or_insert_with(|| json!({}));
    properties.as_object_mut()?.insert("publicIPAddress".into(), json!({"id": public_ip}));
    let mut request = Request::new(
        Method::Put,
        interface.id.as_str(),
        API_VERSION,
        "Microsoft.Network/networkInterfaces/write",
        Kind::Reversible,
    )
    .with_body(body);
    request.if_match.clone_from(&interface.etag);
    Some(request)
}

/// Asks how a write stands, at its `Azure-AsyncOperation` address.
pub fn poll(url: &str) -> Request {
    operation::poll(url, "Microsoft.Network/locations/operations/read")
}

pub fn get_public_ip(public_ip: &ResourceId) -> Request {
    Request::get(public_ip.as_str(), API_VERSION, "Microsoft.Network/publicIPAddresses/read")
}

pub fn parse(response: &Response) -> Result<NetworkInterface, Error> {
    const WHAT: &str = "network interface";
    let body = response.json(WHAT)?;
    Ok(NetworkInterface {
        id: body.need_id("/id", WHAT)?,
        etag: body.string("/etag"),
        provisioning_state: body.string("/properties/provisioningState"),
        virtual_machine: body.id("/properties/virtualMachine/id"),
        ip_configurations: body
            .list("/properties/ipConfigurations")
            .iter()
            .map(|configuration| IpConfiguration {
                name: configuration.string("/name").unwrap_or_default(),
                primary: configuration.pointer("/properties/primary") == Some(&Value::Bool(true)),
                private_address: configuration.string("/properties/privateIPAddress"),
                public_ip: configuration.id("/properties/publicIPAddress/id"),
            })
            .collect(),
        body,
    })
}

pub fn parse_public_ip(response: &Response) -> Result<PublicIp, Error> {
    const WHAT: &str = "public IP address";
    let body = response.json(WHAT)?;
    Ok(PublicIp {
        id: body.need_id("/id", WHAT)?,
        address: body.string("/properties/ipAddress"),
        attached_to: body.id("/properties/ipConfiguration/id"),
        fqdn: body.string("/properties/dnsSettings/fqdn"),
        provisioning_state: body.string("/properties/provisioningState"),
    })
}

impl NetworkInterface {
    /// The named IP configuration, or the primary one, or the only one.
    pub fn ip_configuration(&self, name: Option<&str>) -> Option<&IpConfiguration> {
        self.ip_configurations.get(self.position(name)?)
    }

    fn position(&self, name: Option<&str>) -> Option<usize> {
        let mut all = self.ip_configurations.iter();
        if let Some(name) = name {
            return all.position(|one| one.name.eq_ignore_ascii_case(name));
        }
        all.position(|one| one.primary).or_else(|| (self.ip_configurations.len() == 1).then_some(0))
    }
}

impl PublicIp {
    /// The network interface that has it.
    pub fn interface(&self) -> Option<ResourceId> {
        self.attached_to.as_ref()?.upto("networkInterfaces")
    }
}
