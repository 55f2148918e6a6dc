//! Application Gateway: whether its backends answer.

use serde_json::Value;

use crate::json::Read;
use crate::request::below;
use crate::{Error, Kind, Request, ResourceId, Response, operation};

pub const API_VERSION: &str = "2024-01-01";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationGateway {
    pub id: ResourceId,
    /// `Running`, `Stopped`, `Starting`, `Stopping`.
    pub operational_state: Option<String>,
    pub provisioning_state: Option<String>,
    pub pools: Vec<Pool>,
}

/// A pool as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    pub id: ResourceId,
    /// Addresses and host names.
    pub addresses: Vec<String>,
}

/// What the gateway's probes say, one entry per pool and settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BackendHealth {
    pub groups: Vec<BackendGroup>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendGroup {
    pub pool: Option<ResourceId>,
    pub settings: Option<ResourceId>,
    /// An empty pool has none, and is not healthy.
    pub servers: Vec<BackendServer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendServer {
    pub address: String,
    pub health: Health,
    pub log: Option<String>,
}

/// The specification says `Up` and `Down`, the live service `Healthy` and `Unhealthy`
/// (Azure/azure-sdk-for-java#1477); both are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    Healthy,
    Unhealthy,
    Partial,
    Draining,
    Unknown,
    Other(String),
}

pub fn get(gateway: &ResourceId) -> Request {
    Request::get(gateway.as_str(), API_VERSION, "Microsoft.Network/applicationGateways/read")
}

/// Asks for the backends' health: 202, and the result at its `Location`. A read, though a POST.
pub fn backend_health(gateway: &ResourceId) -> Request {
    Request::post(
        below(gateway, "backendhealth"),
        API_VERSION,
        "Microsoft.Network/applicationGateways/backendhealth/action",
        Kind::Read,
    )
}

/// Asks whether the health is there, at the `Location` that [`backend_health`] was given.
pub fn poll_backend_health(url: &str) -> Request {
    operation::poll(url, "Microsoft.Network/locations/operationResults/read")
}

pub fn parse(response: &Response) -> Result<ApplicationGateway, Error> {
    const WHAT: &str = "application gateway";
    let body = response.json(WHAT)?;
    Ok(ApplicationGateway {
        id: body.need_id("/id", WHAT)?,
        operational_state: body.string("/properties/operationalState"),
        provisioning_state: body.string("/properties/provisioningState"),
        pools: body
            .list("/properties/backendAddressPools")
            .iter()
            .filter_map(|pool| {
                let address = |entry: &Value| entry.string("/ipAddress").or(entry.string("/fqdn"));
                let addresses = pool.list("/properties/backendAddresses");
                Some(Pool {
                    id: pool.id("/id")?,
                    addresses: addresses.iter().filter_map(address).collect(),
                })
            })
            .collect(),
    })
}

/// Reads the answer of [`backend_health`] or [`poll_backend_health`]; `None` while it is not
/// there yet (202, with the body `null`).
pub fn parse_backend_health(response: &Response) -> Result<Option<BackendHealth>, Error> {
    if response.status == 202 {
        return Ok(None);
    }
    let body = response.json("backend health")?;
    if body.pointer("/backendAddressPools").and_then(Value::as_array).is_none() {
        return Err(Error::missing("backend health", "/backendAddressPools"));
    }
    let mut groups = Vec::new();
    for pool in body.list("/backendAddressPools") {
        for settings in pool.list("/backendHttpSettingsCollection") {
            groups.push(BackendGroup {
                pool: pool.id("/backendAddressPool/id"),
                settings: settings.id("/backendHttpSettings/id"),
                servers: settings
                    .list("/servers")
                    .iter()
                    .map(|server| BackendServer {
                        address: server.string("/address").unwrap_or_default(),
                        health: Health::read(server.text("/health").unwrap_or_default()),
                        log: server.string("/healthProbeLog"),
                    })
                    .collect(),
            });
        }
    }
    Ok(Some(BackendHealth { groups }))
}

impl BackendHealth {
    /// The servers of the pool of this name.
    pub fn servers<'a>(&'a self, pool: &'a str) -> impl Iterator<Item = &'a BackendServer> {
        let of_pool = move |group: &&BackendGroup| {
            group.pool.as_ref().is_some_and(|id| id.name().eq_ignore_ascii_case(pool))
        };
        self.groups.iter().filter(of_pool).flat_map(|group| &group.servers)
    }
}

impl Health {
    fn read(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "healthy" | "up" => Self::Healthy,
            "unhealthy" | "down" => Self::Unhealthy,
            "partial" => Self::Partial,
            "draining" => Self::Draining,
            "unknown" | "" => Self::Unknown,
            _ => Self::Other(word.to_owned()),
        }
    }
}
