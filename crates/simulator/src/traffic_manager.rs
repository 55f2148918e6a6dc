//! Traffic Manager: one profile, two endpoints, real probing rules.
//!
//! Every enabled endpoint is probed each interval. A success makes it Online at once; it is Degraded
//! after more failures in a row than are tolerated. Name servers learn of every change a moment
//! later (`Wait::TrafficManagerPropagation`); what they know decides what a name leads to.

mod arm;
mod names;
mod probing;
#[cfg(test)]
mod tests;
mod view;

use crate::fidelity::Fidelity;
use crate::regions::Region;
use crate::tutorial::{EntryForm, Options};
use crate::world::World;

pub(crate) use arm::handle;
pub(crate) use names::{resolve, served_endpoint};
pub(crate) use probing::{Due, on_due, start};

/// The profile's name; its fully qualified one is `tmprofile-cafe.trafficmanager.net`.
pub(crate) const PROFILE: &str = "tmprofile-cafe";
/// The resource group of the profile.
pub(crate) const GROUP: &str = "traffic-westus";
/// The endpoint of East US, priority 1.
pub(crate) const PRIMARY_ENDPOINT: &str = "myPrimaryEndpoint";
/// The endpoint of West US, priority 2.
pub(crate) const FAILOVER_ENDPOINT: &str = "myFailoverEndpoint";

/// What is known of Traffic Manager.
pub(crate) const FIDELITY: &[Fidelity] = &[
    Fidelity::recorded(
        "Bodies of profile and endpoints, with the stray NestedProfile and a PUT of an endpoint answering 201",
        "azure-cli test_network_traffic_manager",
    ),
    Fidelity::documented(
        "An endpoint is Degraded after more consecutive failures than tolerated, Online after one success",
        "traffic manager: endpoint monitoring",
    ),
    Fidelity::documented(
        "With interval 10, timeout 5 and 3 tolerated failures that takes 30 to 45 s",
        "arithmetic from the monitoring rules",
    ),
    Fidelity::documented(
        "Priority routing; if all enabled endpoints are Degraded, all count as healthy; CheckingEndpoint is served",
        "traffic manager: endpoint monitoring",
    ),
    Fidelity::documented(
        "Disabled endpoints are neither probed nor served; alwaysServe is served without probes",
        "traffic manager: endpoint monitoring; API description 2022-04-01",
    ),
    Fidelity::documented(
        "PATCH of a profile with endpoints is refused; the endpoint type in a path is the short one",
        "azure-sdk issues on trafficmanager",
    ),
    Fidelity::documented(
        "The profile's status from its endpoints'",
        "traffic manager: endpoint monitoring",
    ),
    Fidelity::guess("One prober; real ones are many and disagree for a moment", "not modelled"),
    Fidelity::guess(
        "Name servers know of a change after 1 to 5 s, all at once",
        "no figure is published",
    ),
    Fidelity::guess(
        "An endpoint that is enabled again is probed as soon as name servers would know of it",
        "no figure is published",
    ),
    Fidelity::guess(
        "Without any enabled endpoint the name does not exist",
        "the documentation says no answer",
    ),
];

/// The profile.
#[derive(Debug, Clone)]
pub(crate) struct State {
    is_enabled: bool,
    ttl: u32,
    monitor: Monitor,
    endpoints: Vec<Endpoint>,
    /// What the name servers answer with.
    published: Published,
    /// What they answer with as soon as they have learned it.
    latest: Published,
    /// Counts the lives of all endpoints.
    lives: u64,
    tags: serde_json::Value,
}

/// How endpoints are probed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Monitor {
    protocol: String,
    port: u16,
    path: String,
    interval_s: i64,
    timeout_s: i64,
    tolerated: u32,
    /// Empty: 200 only.
    expected: Vec<(u16, u16)>,
}

#[derive(Debug, Clone)]
struct Endpoint {
    name: String,
    kind: EndpointKind,
    target: String,
    target_resource_id: Option<String>,
    is_enabled: bool,
    always_serve: bool,
    priority: i64,
    weight: i64,
    status: Status,
    failures: u32,
    /// Tells probes that were planned for an earlier life of the endpoint from its own.
    life: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EndpointKind {
    Azure,
    External,
}

/// `endpointMonitorStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    CheckingEndpoint,
    Online,
    Degraded,
    Disabled,
    Inactive,
    Unmonitored,
}

/// What name servers know.
#[derive(Debug, Clone, Default)]
struct Published {
    /// A name server never goes back to an older one.
    version: u64,
    /// Target, priority, and whether the endpoint counts as healthy; enabled endpoints only.
    endpoints: Vec<(String, i64, bool)>,
    ttl: u32,
}

impl State {
    /// The profile of the tutorial: East is Online; West is Degraded, as a standby without running
    /// machines is.
    pub(crate) fn tutorial(options: &Options) -> Self {
        let endpoint = |name: &str, region: Region, priority, status| {
            let role = match options.entry {
                EntryForm::ApplicationGateway => "agw",
                EntryForm::IbmHttpServer => "ihs",
            };
            Endpoint {
                name: name.into(),
                kind: EndpointKind::Azure,
                target: format!("{role}-cafe.{}.cloudapp.azure.com", region.name()),
                target_resource_id: Some(format!(
                    "/subscriptions/{}/resourceGroups/was-cluster-{region}/providers/Microsoft.Network/publicIPAddresses/{role}-public-ip-{region}",
                    crate::tutorial::SUBSCRIPTION,
                    region = region.name(),
                )),
                is_enabled: true,
                always_serve: false,
                priority,
                weight: 1,
                status,
                failures: 0,
                life: 0,
            }
        };
        let mut state = Self {
            is_enabled: true,
            ttl: 10,
            monitor: Monitor {
                protocol: "HTTP".into(),
                port: 80,
                path: "/websphere-cafe/".into(),
                interval_s: 10,
                timeout_s: 5,
                tolerated: 3,
                expected: Vec::new(),
            },
            endpoints: vec![
                endpoint(PRIMARY_ENDPOINT, Region::EastUs, 1, Status::Online),
                endpoint(FAILOVER_ENDPOINT, Region::WestUs, 2, Status::Degraded),
            ],
            published: Published::default(),
            latest: Published::default(),
            lives: 0,
            tags: serde_json::json!({}),
        };
        state.latest = state.to_publish();
        state.published = state.latest.clone();
        state
    }

    fn endpoint(&self, name: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.name.eq_ignore_ascii_case(name))
    }

    fn endpoint_mut(&mut self, name: &str) -> Option<&mut Endpoint> {
        self.endpoints.iter_mut().find(|endpoint| endpoint.name.eq_ignore_ascii_case(name))
    }

    /// What name servers would know if they knew all at once.
    fn to_publish(&self) -> Published {
        let served =
            self.endpoints.iter().filter(|endpoint| self.is_enabled && endpoint.is_enabled);
        Published {
            version: 0,
            endpoints: served
                .map(|endpoint| {
                    let is_healthy = endpoint.status != Status::Degraded;
                    (endpoint.target.clone(), endpoint.priority, is_healthy)
                })
                .collect(),
            ttl: self.ttl,
        }
    }
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::CheckingEndpoint => "CheckingEndpoint",
            Self::Online => "Online",
            Self::Degraded => "Degraded",
            Self::Disabled => "Disabled",
            Self::Inactive => "Inactive",
            Self::Unmonitored => "Unmonitored",
        }
    }
}

/// `endpointMonitorStatus` of an endpoint.
pub(crate) fn endpoint_state(world: &World, name: &str) -> Option<&'static str> {
    world.traffic.endpoint(name).map(|endpoint| endpoint.status.name())
}

/// How many endpoints are not disabled.
pub(crate) fn enabled_endpoints(world: &World) -> usize {
    world.traffic.endpoints.iter().filter(|endpoint| endpoint.is_enabled).count()
}
