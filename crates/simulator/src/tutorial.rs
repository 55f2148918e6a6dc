//! The tutorial's application: two regions, healthy, with East US as the primary.

use jiff::Timestamp;

use crate::agenda::Agenda;
use crate::durations::Durations;
use crate::ledger::{self, Ledger};
use crate::operations::{Operations, Snapshots};
use crate::regions::Regions;
use crate::world::World;
use crate::{
    application_gateway, azure_monitor, control, network_interface, recovery_plan, service_bus,
    sql_failover_group, traffic_manager, user, virtual_machine, workload,
};

/// The tutorial's subscription.
pub(crate) const SUBSCRIPTION: &str = "00000000-0000-4000-8000-000000000001";
/// The Entra tenant.
pub(crate) const TENANT: &str = "00000000-0000-4000-8000-00000000000a";

/// The tutorial's resource groups; each is named after the region of what is in it.
pub(crate) const RESOURCE_GROUPS: &[&str] =
    &["was-cluster-eastus", "was-cluster-westus", "sql-eastus", "sql-westus", "traffic-westus"];

/// What a world can be told at its start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Same seed and same requests: same bytes.
    pub seed: u64,
    /// When simulated time begins.
    pub started_at: Timestamp,
    /// What Traffic Manager's endpoints point to.
    pub entry: EntryForm,
    /// Where action groups send alerts: the app's `/api/alerts`. None: alerts go nowhere.
    pub alert_url: Option<String>,
}

/// What stands in front of the application servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EntryForm {
    #[default]
    ApplicationGateway,
    IbmHttpServer,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            started_at: "2026-11-22T10:00:00Z".parse().expect("a constant that is a timestamp"),
            entry: EntryForm::default(),
            alert_url: None,
        }
    }
}

pub(crate) fn build(options: &Options) -> World {
    let mut world = World {
        now: options.started_at,
        random: fastrand::Rng::with_seed(options.seed),
        agenda: Agenda::default(),
        regions: Regions::default(),
        snapshots: Snapshots::default(),
        durations: Durations::tutorial(),
        faults: control::Faults::default(),
        operations: Operations::default(),
        sql: sql_failover_group::State::tutorial(options),
        recovery: recovery_plan::State::tutorial(options),
        machines: virtual_machine::State::tutorial(options),
        network: network_interface::State::tutorial(options),
        gateways: application_gateway::State::tutorial(options),
        traffic: traffic_manager::State::tutorial(options),
        workload: workload::State::tutorial(options),
        monitor: azure_monitor::State::tutorial(options),
        user: user::State::tutorial(options),
        bus: service_bus::State::tutorial(options),
        ledger: Ledger::default(),
        outbox: Vec::new(),
    };
    recovery_plan::start(&mut world);
    virtual_machine::start(&mut world);
    application_gateway::start(&mut world);
    traffic_manager::start(&mut world);
    workload::start(&mut world);
    azure_monitor::start(&mut world);
    user::start(&mut world);
    ledger::begin(&mut world);
    world
}
