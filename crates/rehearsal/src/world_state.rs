//! The simulator's world at a glance: `GET /control/state`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::ledger::Attempt;

/// What a live view and the checks look at. Maps go by region (`eastus`, `westus`).
#[derive(Debug, Clone, Default, Deserialize)]
pub struct WorldState {
    pub now: Timestamp,
    pub regions: BTreeMap<String, String>,
    pub sql: BTreeMap<String, Sql>,
    pub traffic: Traffic,
    pub recovery: Recovery,
    pub machines: Vec<Machine>,
    pub gateways: BTreeMap<String, Gateway>,
    pub site: BTreeMap<String, Site>,
    pub user: User,
    pub alerts: Alerts,
    pub notifications: usize,
    pub calls: Calls,
    /// The queues by name.
    #[serde(default)]
    pub service_bus: BTreeMap<String, Queue>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Sql {
    pub role: String,
    pub takes_writes: bool,
    pub not_replicated: usize,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Traffic {
    pub endpoints: BTreeMap<String, Endpoint>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Endpoint {
    /// `Enabled` or `Disabled`.
    pub status: String,
    /// `Online`, `Degraded` …
    pub monitor: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Recovery {
    pub jobs: Vec<Job>,
}

/// A job of the recovery plan.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Job {
    pub name: String,
    #[serde(default)]
    pub scenario: Option<String>,
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub tasks: Vec<Task>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Task {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub state: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Machine {
    pub name: String,
    pub region: String,
    pub drill: bool,
    pub running: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Gateway {
    /// The backends that it finds healthy.
    pub healthy: Vec<Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Site {
    /// The region whose database would take a write from whoever came to the site's own address.
    pub takes_writes_into: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct User {
    pub last: Option<Attempt>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Alerts {
    pub firing: Vec<String>,
    pub sent: usize,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Calls {
    pub total: u64,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Queue {
    /// How many messages each receiver has completed.
    pub completed_by: BTreeMap<String, u64>,
    /// Deliveries of messages whose earlier delivery was not completed.
    pub delivered_again: u64,
}

/// The endpoint of the preferred place.
pub const PREFERRED_ENDPOINT: &str = "myPrimaryEndpoint";
/// The endpoint of the standby place.
pub const STANDBY_ENDPOINT: &str = "myFailoverEndpoint";

impl WorldState {
    pub fn endpoint(&self, name: &str) -> Option<&Endpoint> {
        self.traffic.endpoints.get(name)
    }

    /// Backends that the region's gateway finds healthy.
    pub fn healthy(&self, region: &str) -> usize {
        self.gateways.get(region).map_or(0, |gateway| gateway.healthy.len())
    }

    /// Production machines of a region that run.
    pub fn running(&self, region: &str) -> usize {
        let runs =
            |machine: &&Machine| machine.region == region && !machine.drill && machine.running;
        self.machines.iter().filter(runs).count()
    }

    /// Whether a region would serve whoever came to its own address.
    pub fn would_serve(&self, region: &str) -> bool {
        self.site.get(region).is_some_and(|site| site.takes_writes_into.is_some())
    }

    /// The region whose SQL server is the primary. A lost server goes on believing that it is.
    pub fn primary(&self) -> Option<&str> {
        let primaries = || self.sql.iter().filter(|(_, server)| server.role == "Primary");
        let primary = primaries().find(|(_, server)| server.takes_writes);
        primary.or_else(|| primaries().next()).map(|(region, _)| region.as_str())
    }

    /// Deliveries of messages, of whatever queue, whose earlier delivery was not completed.
    pub fn delivered_again(&self) -> u64 {
        self.service_bus.values().map(|queue| queue.delivered_again).sum()
    }

    pub fn user_is_served(&self) -> bool {
        self.user.last.as_ref().is_some_and(|last| last.good)
    }
}

/// `East US` for `eastus`.
pub fn region_name(region: &str) -> &str {
    match region {
        "eastus" => "East US",
        "westus" => "West US",
        other => other,
    }
}
