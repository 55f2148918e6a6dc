//! Azure Monitor: alert rules on the workload, their delays, and Event Grid's health events.
//!
//! Metric rules remember: they fire once, and resolve after three good evaluations in a row. A rule
//! that is true in the normal state (the standby's endpoint is Degraded, its backends are
//! unhealthy) fired long before the world began. Activity log rules (Resource Health, Service
//! Health) remember nothing: each event is one `Fired`.

mod delivery;
mod health;
mod log_search;
mod payloads;

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::durations::Wait;
use crate::fidelity::Fidelity;
use crate::regions::Region;
use crate::tutorial::{Options, SUBSCRIPTION};
use crate::world::{self, World};
use crate::{application_gateway, traffic_manager};

use crate::traffic_manager::{FAILOVER_ENDPOINT, PRIMARY_ENDPOINT};

use delivery::{Deliveries, Parcel};
use payloads::{Essentials, Metric};

/// What is known of alerts.
pub(crate) const FIDELITY: &[Fidelity] = &[
    Fidelity::documented("the common alert schema's bodies", "common alert schema: samples"),
    Fidelity::documented(
        "a metric alert comes 2 to 7 minutes after the failure",
        "platform metrics arrive within a minute, rules are evaluated every minute; the sum is arithmetic",
    ),
    Fidelity::documented(
        "a metric alert resolves after three good evaluations",
        "metric alerts: the alert is resolved when the condition is not met for three checks",
    ),
    Fidelity::documented(
        "webhooks are tried again after 5, 20, 5, 40 and 5 s, then not for 15 minutes",
        "action groups: webhook retries",
    ),
    Fidelity::documented(
        "a disabled endpoint's state metric is 0",
        "Traffic Manager metrics: 1 is up; a disabled endpoint is not up",
    ),
    Fidelity::guess(
        "a gateway of a dead region sends no metric, and its rule keeps its state",
        "no text says what a rule does without data of a dead region",
    ),
    Fidelity::documented(
        "a log search alert comes 2 to 10 minutes after its row",
        "log data ingestion time in Azure Monitor",
    ),
    Fidelity::guess("health events come 10 to 60 s after the event", "no figure is published"),
    Fidelity::guess(
        "Resource Health tells of what has lasted a minute, Service Health of an outage of five minutes",
        "no figure is published",
    ),
    Fidelity::guess(
        "a machine has no health before it has run once",
        "nothing says what is told of a machine that is being made",
    ),
];

const SAMPLING: SignedDuration = SignedDuration::from_secs(5);
const EVALUATION: SignedDuration = SignedDuration::from_mins(1);
const GATEWAY_WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// A window, an evaluation and an ingestion.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(8);
const GOOD_EVALUATIONS_TO_RESOLVE: u8 = 3;
const RULES_GROUP: &str = "traffic-westus";
const ENDPOINTS: [&str; 2] = [PRIMARY_ENDPOINT, FAILOVER_ENDPOINT];

#[derive(Debug, Clone)]
pub(crate) struct State {
    receiver: Option<String>,
    health_events: HealthEvents,
    rules: Vec<Rule>,
    deliveries: Deliveries,
    health: health::Watched,
    probe_log: log_search::ProbeLog,
}

/// In which form the receiver gets Event Grid's health events, if at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HealthEvents {
    #[default]
    Off,
    CloudEvents,
    EventGrid,
}

#[derive(Debug, Clone)]
pub(crate) enum Due {
    /// Platform metrics are measured.
    Sample,
    /// Metric rules are evaluated.
    Evaluate,
    /// A delivery's time has come.
    Deliver(u64),
    /// Something got into the activity log or to Event Grid.
    Health(health::Event),
    /// A query found a row.
    LogSearch(log_search::Found),
}

/// A metric rule.
#[derive(Debug, Clone)]
struct Rule {
    name: String,
    watches: Watches,
    /// Since when every sample was bad; None while the last was good.
    bad_since: Option<Timestamp>,
    /// When samples were bad, as far back as a window can reach.
    bad: VecDeque<Timestamp>,
    firing: Option<Firing>,
    good_evaluations: u8,
}

#[derive(Debug, Clone)]
enum Watches {
    /// An endpoint of the profile: state below 1 for a whole minute.
    Endpoint(&'static str),
    /// A region's gateway: any unhealthy host within 5 minutes.
    Gateway(Region),
}

#[derive(Debug, Clone)]
struct Firing {
    alert_id: String,
    fired_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Fired,
    Resolved,
}

impl Condition {
    fn name(self) -> &'static str {
        match self {
            Self::Fired => "Fired",
            Self::Resolved => "Resolved",
        }
    }
}

impl State {
    pub(crate) fn tutorial(options: &Options) -> Self {
        let rule = |name: &str, watches| Rule {
            name: name.to_owned(),
            watches,
            bad_since: None,
            bad: VecDeque::new(),
            firing: None,
            good_evaluations: 0,
        };
        let rules = vec![
            rule("tm-primary-down", Watches::Endpoint(PRIMARY_ENDPOINT)),
            rule("tm-failover-down", Watches::Endpoint(FAILOVER_ENDPOINT)),
            rule("agw-eastus-unhealthy", Watches::Gateway(Region::EastUs)),
            rule("agw-westus-unhealthy", Watches::Gateway(Region::WestUs)),
        ];
        Self {
            receiver: options.alert_url.clone(),
            health_events: HealthEvents::Off,
            rules,
            deliveries: Deliveries::default(),
            health: health::Watched::default(),
            probe_log: log_search::ProbeLog::default(),
        }
    }

    /// The names of the metric rules that are firing.
    pub(crate) fn firing(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().filter(|rule| rule.firing.is_some()).map(|rule| rule.name.as_str())
    }
}

pub(crate) fn start(world: &mut World) {
    for index in 0..world.monitor.rules.len() {
        if is_bad(world, index) == Some(true) {
            let alert_id = world.guid();
            let long_ago = world.now - SignedDuration::from_hours(24);
            let rule = &mut world.monitor.rules[index];
            rule.bad_since = Some(long_ago);
            rule.bad.extend([world.now - GATEWAY_WINDOW, world.now]);
            rule.firing = Some(Firing { alert_id, fired_at: long_ago });
        }
    }
    health::start(world);
    log_search::start(world);
    let phase = SignedDuration::from_millis(world.random.i64(0..EVALUATION.as_secs() * 1000));
    world.plan_in(SAMPLING, world::Due::Monitor(Due::Sample));
    world.plan_in(phase, world::Due::Monitor(Due::Evaluate));
}

pub(crate) fn on_due(world: &mut World, due: Due) {
    match due {
        Due::Sample => {
            world.plan_in(SAMPLING, world::Due::Monitor(Due::Sample));
            sample(world);
            health::sample(world);
            log_search::sample(world);
        }
        Due::Evaluate => {
            world.plan_in(EVALUATION, world::Due::Monitor(Due::Evaluate));
            for index in 0..world.monitor.rules.len() {
                evaluate(world, index);
            }
        }
        Due::Deliver(id) => delivery::depart(world, id),
        Due::Health(event) => health::on_event(world, event),
        Due::LogSearch(found) => log_search::on_found(world, found),
    }
}

/// Where alerts go from now on.
pub(crate) fn set_receiver(world: &mut World, url: Option<String>, health_events: HealthEvents) {
    world.monitor.receiver = url;
    world.monitor.health_events = health_events;
}

impl World {
    /// The shell tells how a delivery fared: the answer's status, or none when there was no answer
    /// within 10 s.
    pub fn delivered(&mut self, now: Timestamp, id: u64, status: Option<u16>) {
        self.advance(now);
        delivery::delivered(self, id, status);
    }
}

/// Whether the metric of a rule is bad now; None: it sends no data.
fn is_bad(world: &World, index: usize) -> Option<bool> {
    match &world.monitor.rules[index].watches {
        Watches::Endpoint(name) => Some(!endpoint_is_online(world, name)),
        Watches::Gateway(region) => unhealthy_hosts(world, *region).map(|hosts| hosts > 0),
    }
}

fn sample(world: &mut World) {
    for index in 0..world.monitor.rules.len() {
        let bad = is_bad(world, index);
        let now = world.now;
        let rule = &mut world.monitor.rules[index];
        match bad {
            Some(true) => {
                rule.bad_since.get_or_insert(now);
                rule.bad.push_back(now);
            }
            Some(false) => rule.bad_since = None,
            None => {}
        }
        while rule.bad.front().is_some_and(|at| *at < now - REMEMBERED) {
            rule.bad.pop_front();
        }
    }
}

fn evaluate(world: &mut World, index: usize) {
    let ingestion = world.sample(Wait::MetricIngestion);
    let visible = world.now - ingestion;
    // Metrics are kept by the minute: the last whole one that has arrived.
    let minute = visible.as_second().div_euclid(60) * 60;
    let window_end = Timestamp::from_second(minute).unwrap_or(visible);
    let rule = &world.monitor.rules[index];
    let is_true = match rule.watches {
        Watches::Endpoint(_) => {
            rule.bad_since.is_some_and(|since| since <= window_end - EVALUATION)
        }
        Watches::Gateway(region) => {
            if unhealthy_hosts(world, region).is_none() {
                return;
            }
            let window = window_end - GATEWAY_WINDOW..window_end;
            rule.bad.iter().any(|at| window.contains(at))
        }
    };
    let alert_id = world.guid();
    let now = world.now;
    let rule = &mut world.monitor.rules[index];
    if is_true {
        rule.good_evaluations = 0;
        if rule.firing.is_none() {
            let firing = Firing { alert_id, fired_at: now };
            rule.firing = Some(firing.clone());
            announce(world, index, Condition::Fired, &firing, window_end);
        }
        return;
    }
    rule.good_evaluations = rule.good_evaluations.saturating_add(1);
    if rule.good_evaluations >= GOOD_EVALUATIONS_TO_RESOLVE
        && let Some(firing) = rule.firing.take()
    {
        announce(world, index, Condition::Resolved, &firing, window_end);
    }
}

fn announce(
    world: &mut World,
    index: usize,
    condition: Condition,
    firing: &Firing,
    window_end: Timestamp,
) {
    let rule = &world.monitor.rules[index];
    let name = rule.name.clone();
    let origin = format!(
        "{SUBSCRIPTION}_{RULES_GROUP}_microsoft.insights_metricAlerts_{name}_{}",
        1_234_567_890 + index
    );
    let (target, severity) = match rule.watches {
        Watches::Endpoint(_) => (profile_id(), "Sev1"),
        Watches::Gateway(region) => (gateway_id(region), "Sev2"),
    };
    let essentials = Essentials {
        alert_id: &firing.alert_id,
        rule: &name,
        severity,
        signal: "Metric",
        service: "Platform",
        condition,
        target: &target,
        origin: &origin,
        fired_at: firing.fired_at,
        resolved_at: (condition == Condition::Resolved).then_some(world.now),
    };
    let metric = match rule.watches {
        Watches::Endpoint(endpoint) => Metric {
            namespace: "Microsoft.Network/trafficManagerProfiles",
            name: "ProbeAgentCurrentEndpointStateByProfileResourceId",
            operator: "LessThan",
            threshold: "1",
            aggregation: "Maximum",
            dimension: ("EndpointName", endpoint),
            value: if condition == Condition::Fired { 0.0 } else { 1.0 },
            window: ("PT1M", EVALUATION),
            window_end,
        },
        Watches::Gateway(region) => Metric {
            namespace: "Microsoft.Network/applicationGateways",
            name: "UnhealthyHostCount",
            operator: "GreaterThan",
            threshold: "0",
            aggregation: "Average",
            dimension: ("BackendSettingsPool", "managedServerPool~managedServerHttpSettings"),
            value: f64::from(unhealthy_hosts(world, region).unwrap_or(0)),
            window: ("PT5M", GATEWAY_WINDOW),
            window_end,
        },
    };
    let body = payloads::metric(&essentials, &metric);
    let condition = condition.name().to_owned();
    let delay = world.sample(Wait::ActionGroupDelivery);
    let parcel = Parcel { rule: name, condition, body, content_type: "application/json" };
    delivery::send(world, parcel, delay);
}

fn profile_id() -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/traffic-westus/providers/Microsoft.Network/trafficManagerProfiles/tmprofile-cafe"
    )
}

fn gateway_id(region: Region) -> String {
    let region = region.name();
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/was-cluster-{region}/providers/Microsoft.Network/applicationGateways/agw-{region}"
    )
}

fn endpoint_is_online(world: &World, name: &str) -> bool {
    traffic_manager::endpoint_state(world, name).is_some_and(|state| state == "Online")
}

/// None: the gateway sends no metric.
fn unhealthy_hosts(world: &World, region: Region) -> Option<u8> {
    application_gateway::unhealthy_hosts(world, region).filter(|_| world.regions.is_up(region))
}

#[cfg(test)]
mod tests;
