//! What somebody reported: an alert or a health event, already parsed. A signal starts a look,
//! never a failover by itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ResourceId;
use crate::place::Place;
use crate::plan::{Entry, Plan, SitePlan};

/// One report from outside.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The reporter's own id; with `condition` it tells a repeat from news.
    pub id: String,
    pub source: Source,
    pub condition: Condition,
    /// The rule or event type that fired, for people.
    pub rule: String,
    /// The resources it is about.
    #[serde(default)]
    pub resources: Vec<ResourceId>,
    /// The regions it is about, where it names regions instead of resources.
    #[serde(default)]
    pub regions: Vec<String>,
    /// The Traffic Manager endpoint it is about, by name.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// When it fired, by the reporter's clock.
    pub fired_at: Timestamp,
    /// One line for people.
    pub summary: String,
}

/// Who reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    TrafficManager,
    ApplicationGateway,
    ResourceHealth,
    ServiceHealth,
    LogSearch,
    EventGrid,
    OtherMetric,
}

/// Whether the trouble began or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Fired,
    Resolved,
}

impl Signal {
    /// What tells this report from any other: the same alert fires once and resolves once.
    pub fn key(&self) -> String {
        let condition = match self.condition {
            Condition::Fired => "fired",
            Condition::Resolved => "resolved",
        };
        format!("{}:{condition}", self.id.to_ascii_lowercase())
    }

    /// Whether this report is about the plan's resources or regions at all.
    pub fn concerns(&self, plan: &Plan) -> bool {
        self.regions.iter().any(|region| {
            same_region(region, &plan.preferred.region) || same_region(region, &plan.standby.region)
        }) || self.resources.iter().any(|id| is_part_of(plan, id))
    }

    /// The site that the report is about, where that can be told.
    pub fn place(&self, plan: &Plan) -> Option<Place> {
        let about = |site: &SitePlan| {
            self.regions.iter().any(|region| same_region(region, &site.region))
                || self.resources.iter().any(|id| belongs_to(site, id))
                || self
                    .endpoint
                    .as_deref()
                    .is_some_and(|name| name.eq_ignore_ascii_case(site.traffic_endpoint.name()))
        };
        match (about(&plan.preferred), about(&plan.standby)) {
            (true, false) => Some(Place::Preferred),
            (false, true) => Some(Place::Standby),
            _ => None,
        }
    }
}

/// `East US` and `eastus` are the same region.
fn same_region(a: &str, b: &str) -> bool {
    let normal = |name: &str| {
        name.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase()
    };
    normal(a) == normal(b)
}

fn is_part_of(plan: &Plan, id: &ResourceId) -> bool {
    *id == plan.traffic_manager_profile
        || *id == plan.site_recovery.vault
        || belongs_to(&plan.preferred, id)
        || belongs_to(&plan.standby, id)
}

/// A resource belongs to a site if the plan names it, or if it lies in the resource group of one
/// that the plan names: the machines are never named, but their gateway or addresses are.
fn belongs_to(site: &SitePlan, id: &ResourceId) -> bool {
    if *id == site.traffic_endpoint {
        return true;
    }
    let gateway = match &site.entry {
        Entry::ApplicationGateway { gateway, .. } => Some(gateway),
        Entry::IbmHttpServer {} => None,
    };
    let addresses = site.public_ips.iter().map(|address| &address.public_ip);
    std::iter::once(&site.sql_server)
        .chain(gateway)
        .chain(addresses)
        .any(|known| known == id || same_group(known, id))
}

/// The subscription and the resource group are the first four segments of every id.
fn same_group(a: &ResourceId, b: &ResourceId) -> bool {
    let group = |id: &ResourceId| {
        id.as_str().split('/').take(5).collect::<Vec<_>>().join("/").to_ascii_lowercase()
    };
    a.as_str().split('/').count() > 5 && group(a) == group(b)
}
