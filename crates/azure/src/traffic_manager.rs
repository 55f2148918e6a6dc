//! Azure Traffic Manager profiles and their endpoints.

use serde_json::{Value, json};

use crate::json::Read;
use crate::{Error, Kind, Method, Request, ResourceId, Response};

pub const API_VERSION: &str = "2022-04-01";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub id: ResourceId,
    pub enabled: bool,
    /// `Priority`, `Weighted`, …
    pub routing: Option<String>,
    pub fqdn: Option<String>,
    pub ttl_seconds: Option<u32>,
    pub monitor: Monitor,
    pub endpoints: Vec<Endpoint>,
}

/// How the profile probes its endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitor {
    /// `Online`, `Degraded`, `CheckingEndpoints`, `Disabled`, `Inactive`.
    pub status: Option<String>,
    pub protocol: Option<String>,
    pub port: Option<u32>,
    pub path: Option<String>,
    pub interval_seconds: Option<u32>,
    pub timeout_seconds: Option<u32>,
    pub tolerated_failures: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub id: ResourceId,
    pub name: String,
    pub enabled: bool,
    pub monitor_status: MonitorStatus,
    /// Served without being probed.
    pub always_serve: bool,
    pub target: Option<String>,
    pub target_resource: Option<ResourceId>,
    pub priority: Option<u32>,
}

/// What the profile's probes say of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MonitorStatus {
    /// Not yet known; such an endpoint is served.
    CheckingEndpoint,
    Online,
    Degraded,
    /// The endpoint is disabled.
    Disabled,
    /// The profile is disabled.
    Inactive,
    Stopped,
    /// Always served.
    Unmonitored,
    Other(String),
}

pub fn get(profile: &ResourceId) -> Request {
    Request::get(profile.as_str(), API_VERSION, "Microsoft.Network/trafficManagerProfiles/read")
}

/// Enables or disables an endpoint and touches nothing else. `endpoint` is
/// `…/trafficManagerProfiles/p/azureEndpoints/e`: the short type; the full one in the path gets
/// a 400.
pub fn set_endpoint_status(endpoint: &ResourceId, enabled: bool) -> Request {
    let action = match kind_of(endpoint).as_str() {
        "externalendpoints" => "Microsoft.Network/trafficManagerProfiles/externalEndpoints/write",
        "nestedendpoints" => "Microsoft.Network/trafficManagerProfiles/nestedEndpoints/write",
        _ => "Microsoft.Network/trafficManagerProfiles/azureEndpoints/write",
    };
    let status = if enabled { "Enabled" } else { "Disabled" };
    Request::new(Method::Patch, endpoint.as_str(), API_VERSION, action, Kind::Reversible)
        .with_body(json!({"properties": {"endpointStatus": status}}))
}

pub fn parse(response: &Response) -> Result<Profile, Error> {
    const WHAT: &str = "Traffic Manager profile";
    let body = response.json(WHAT)?;
    let number = |pointer: &str| number(&body, pointer);
    Ok(Profile {
        id: body.need_id("/id", WHAT)?,
        enabled: is_enabled(&body, "/properties/profileStatus"),
        routing: body.string("/properties/trafficRoutingMethod"),
        fqdn: body.string("/properties/dnsConfig/fqdn"),
        ttl_seconds: number("/properties/dnsConfig/ttl"),
        monitor: Monitor {
            status: body.string("/properties/monitorConfig/profileMonitorStatus"),
            protocol: body.string("/properties/monitorConfig/protocol"),
            port: number("/properties/monitorConfig/port"),
            path: body.string("/properties/monitorConfig/path"),
            interval_seconds: number("/properties/monitorConfig/intervalInSeconds"),
            timeout_seconds: number("/properties/monitorConfig/timeoutInSeconds"),
            tolerated_failures: number("/properties/monitorConfig/toleratedNumberOfFailures"),
        },
        endpoints: body
            .list("/properties/endpoints")
            .iter()
            .map(Endpoint::read)
            .collect::<Result<_, _>>()?,
    })
}

/// Reads the answer of [`set_endpoint_status`].
pub fn parse_endpoint(response: &Response) -> Result<Endpoint, Error> {
    Endpoint::read(&response.json("Traffic Manager endpoint")?)
}

impl Profile {
    /// The endpoint of this id; ids are compared without regard to case.
    pub fn endpoint(&self, id: &ResourceId) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.id == *id)
    }
}

impl Endpoint {
    fn read(value: &Value) -> Result<Self, Error> {
        const WHAT: &str = "Traffic Manager endpoint";
        Ok(Self {
            id: value.need_id("/id", WHAT)?,
            name: value.need("/name", WHAT)?,
            enabled: is_enabled(value, "/properties/endpointStatus"),
            monitor_status: MonitorStatus::read(
                value.text("/properties/endpointMonitorStatus").unwrap_or_default(),
            ),
            always_serve: is_enabled(value, "/properties/alwaysServe"),
            target: value.string("/properties/target"),
            target_resource: value.id("/properties/targetResourceId"),
            priority: number(value, "/properties/priority"),
        })
    }
}

impl MonitorStatus {
    fn read(word: &str) -> Self {
        match word {
            "CheckingEndpoint" => Self::CheckingEndpoint,
            "Online" => Self::Online,
            "Degraded" => Self::Degraded,
            "Disabled" => Self::Disabled,
            "Inactive" => Self::Inactive,
            "Stopped" => Self::Stopped,
            "Unmonitored" => Self::Unmonitored,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// The segment before the endpoint's name, in lower case.
fn kind_of(endpoint: &ResourceId) -> String {
    endpoint.as_str().rsplit('/').nth(1).unwrap_or_default().to_ascii_lowercase()
}

fn is_enabled(value: &Value, pointer: &str) -> bool {
    value.text(pointer).is_some_and(|word| word.eq_ignore_ascii_case("enabled"))
}

fn number(value: &Value, pointer: &str) -> Option<u32> {
    value.pointer(pointer)?.as_u64()?.try_into().ok()
}
