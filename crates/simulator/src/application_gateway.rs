//! Application gateways: they probe the members behind them and answer for those that serve.

mod body;
mod put;
#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::door::{Answer, Response};
use crate::durations::Wait;
use crate::fidelity::Fidelity;
use crate::operations::{self, ArmRequest, Ends, Spec, Style};
use crate::regions::Region;
use crate::resource_id::ResourceId;
use crate::tutorial::{Options, SUBSCRIPTION};
use crate::virtual_machine::{self, Purpose};
use crate::workload;
use crate::world::{self, World};

/// What is known of application gateways.
pub(crate) const FIDELITY: &[Fidelity] = &[
    Fidelity::recorded(
        "backendhealth answers 202 with body null and Location only; the result is there within 10 s",
        "azure-cli application gateway recordings",
    ),
    Fidelity::documented(
        "health is Healthy, Unhealthy or Unknown, although the API's description says Up and Down",
        "azure-sdk-for-java#1477",
    ),
    Fidelity::documented(
        "one good probe makes a server healthy, three bad ones in a row unhealthy",
        "application gateway probe overview",
    ),
    Fidelity::guess(
        "a PUT changes the servers of the pool and nothing else; new ones are Unknown until probed",
        "the real one takes the whole configuration and minutes",
    ),
    Fidelity::guess("the texts of healthProbeLog", "from memory of the portal"),
];

/// Every how often, and after how many bad answers in a row a server is unhealthy.
const INTERVAL: SignedDuration = SignedDuration::from_secs(10);
const TIMEOUT: SignedDuration = SignedDuration::from_secs(5);
const THRESHOLD: u32 = 3;

/// Both gateways.
#[derive(Debug, Clone)]
pub(crate) struct State {
    gateways: Vec<Gateway>,
}

#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    region: Region,
    address: Ipv4Addr,
    servers: Vec<Server>,
    /// Counts configurations, for the etag.
    version: u16,
}

/// A server of the pool.
#[derive(Debug, Clone)]
struct Server {
    address: Ipv4Addr,
    health: Health,
    failures: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    /// Not probed yet.
    Unknown,
    Healthy,
    Unhealthy,
}

#[derive(Debug, Clone)]
pub(crate) enum Due {
    /// The gateway of a region sends its probes.
    Probe(Region),
    /// Probes that were sent to these servers got no answer in time.
    Missed(Region, Vec<Ipv4Addr>),
    /// A new configuration takes effect.
    Configured(Region, Vec<Ipv4Addr>),
    /// The answer of a backend health call is made up.
    Answer { operation: String, region: Region, on_demand: bool },
}

impl State {
    pub(crate) fn tutorial(_options: &Options) -> Self {
        let gateways = Region::BOTH.into_iter().map(|region| {
            let (net, address, health) = match region {
                Region::EastUs => (0, Ipv4Addr::new(203, 0, 113, 10), Health::Healthy),
                Region::WestUs => (1, Ipv4Addr::new(198, 51, 100, 10), Health::Unhealthy),
            };
            let server =
                |host| Server { address: Ipv4Addr::new(10, net, 0, host), health, failures: 0 };
            Gateway { region, address, servers: (5..=7).map(server).collect(), version: 1 }
        });
        Self { gateways: gateways.collect() }
    }

    fn gateway(&mut self, region: Region) -> Option<&mut Gateway> {
        self.gateways.iter_mut().find(|gateway| gateway.region == region)
    }
}

impl Gateway {
    fn name(&self) -> String {
        format!("agw-{}", self.region.name())
    }

    fn id(&self) -> ResourceId {
        ResourceId::new(format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/was-cluster-{}/providers/Microsoft.Network/applicationGateways/{}",
            self.region.name(),
            self.name()
        ))
    }
}

pub(crate) fn start(world: &mut World) {
    for region in Region::BOTH {
        let phase = SignedDuration::from_millis(world.random.i64(0..10_000));
        world.plan_in(phase, world::Due::Gateway(Due::Probe(region)));
    }
}

/// The servers that the gateway of a region sends requests to.
pub(crate) fn healthy_backends(world: &World, region: Region) -> Vec<Ipv4Addr> {
    let gateway = world.gateways.gateways.iter().find(|gateway| gateway.region == region);
    let servers = gateway.into_iter().flat_map(|gateway| &gateway.servers);
    servers.filter(|server| server.health == Health::Healthy).map(|server| server.address).collect()
}

/// How many servers of a region's gateway are unhealthy, as its metric says.
pub(crate) fn unhealthy_hosts(world: &World, region: Region) -> Option<u8> {
    let gateway = world.gateways.gateways.iter().find(|gateway| gateway.region == region)?;
    let unhealthy = gateway.servers.iter().filter(|server| server.health == Health::Unhealthy);
    u8::try_from(unhealthy.count()).ok()
}

/// The region whose gateway has this public address.
pub(crate) fn gateway_at(world: &World, address: Ipv4Addr) -> Option<Region> {
    let gateway = world.gateways.gateways.iter().find(|gateway| gateway.address == address)?;
    Some(gateway.region)
}

pub(crate) fn on_due(world: &mut World, due: Due) {
    match due {
        Due::Probe(region) => probe(world, region),
        Due::Missed(region, servers) => missed(world, region, &servers),
        Due::Configured(region, servers) => put::configured(world, region, &servers),
        Due::Answer { operation, region, on_demand } => {
            let answer = world.gateways.gateway(region).map(|gateway| {
                if on_demand { body::on_demand(gateway) } else { body::health(gateway) }
            });
            operations::complete(world, &operation, Ok(answer));
        }
    }
}

/// Answers what is asked of application gateways; `None` when it is not about them.
pub(crate) fn handle(world: &mut World, request: &ArmRequest<'_>) -> Option<Answer> {
    const ALL: &str = "/subscriptions/*/providers/Microsoft.Network/applicationGateways";
    const GROUP: &str =
        "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/applicationGateways";
    if let Some([subscription]) = request.capture("GET", ALL) {
        return Some(list(world, &format!("/subscriptions/{subscription}/")).into());
    }
    if let Some([subscription, group]) = request.capture("GET", GROUP) {
        let prefix = format!("/subscriptions/{subscription}/resourceGroups/{group}/");
        return Some(list(world, &prefix).into());
    }
    let find = |world: &World, [subscription, group, name]: [&str; 3]| {
        let id = ResourceId::new(format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/applicationGateways/{name}"
        ));
        let found = world.gateways.gateways.iter().find(|gateway| gateway.id() == id);
        found.cloned().ok_or_else(|| body::not_found(&id))
    };
    if let Some(captured) = request.capture("GET", &format!("{GROUP}/*")) {
        let found = find(world, captured);
        let response = found.map(|gateway| Response::json(200, &body::gateway(&gateway)));
        return Some(response.unwrap_or_else(|missing| missing).into());
    }
    if let Some(captured) = request.capture("PUT", &format!("{GROUP}/*")) {
        let response = match find(world, captured) {
            Ok(gateway) => put::put(world, request, &gateway),
            Err(missing) => missing,
        };
        return Some(response.into());
    }
    for (action, on_demand) in [("backendhealth", false), ("getBackendHealthOnDemand", true)] {
        if let Some(captured) = request.capture("POST", &format!("{GROUP}/*/{action}")) {
            let response = match find(world, captured) {
                Ok(gateway) => ask_health(world, request, gateway.region, on_demand),
                Err(missing) => missing,
            };
            return Some(response.into());
        }
    }
    None
}

/// Every server is asked for the application's page; a server that does not answer is known to
/// have failed at the time-out.
fn probe(world: &mut World, region: Region) {
    world.plan_in(INTERVAL, world::Due::Gateway(Due::Probe(region)));
    if !world.regions.is_up(region) {
        return;
    }
    let Some(gateway) = world.gateways.gateway(region) else { return };
    let servers: Vec<Ipv4Addr> = gateway.servers.iter().map(|server| server.address).collect();
    let (good, bad): (Vec<_>, Vec<_>) =
        servers.into_iter().partition(|server| workload::member_answers(world, *server));
    let Some(gateway) = world.gateways.gateway(region) else { return };
    let mut found = Vec::new();
    for server in gateway.servers.iter_mut().filter(|server| good.contains(&server.address)) {
        if server.health != Health::Healthy {
            found.push(server.address);
        }
        (server.health, server.failures) = (Health::Healthy, 0);
    }
    for server in found {
        note_found(world, server);
    }
    if !bad.is_empty() {
        world.plan_in(TIMEOUT, world::Due::Gateway(Due::Missed(region, bad)));
    }
}

fn missed(world: &mut World, region: Region, servers: &[Ipv4Addr]) {
    let Some(gateway) = world.gateways.gateway(region) else { return };
    for server in gateway.servers.iter_mut().filter(|server| servers.contains(&server.address)) {
        server.failures += 1;
        if server.failures >= THRESHOLD {
            server.health = Health::Unhealthy;
        }
    }
}

/// Tells the ledger how long a server that could answer waited for the probe: since it started, or
/// its database was promoted, and no longer than since the probe before.
fn note_found(world: &mut World, server: Ipv4Addr) {
    let before = world.now - INTERVAL;
    let machine = virtual_machine::machines(world)
        .find(|machine| machine.private_ip == server && machine.purpose == Purpose::Production)
        .map_or_else(
            || server.to_string(),
            |machine| format!("{} {}", machine.name, machine.region.name()),
        );
    let start = format!("member start {machine}");
    let since = world
        .ledger
        .waits()
        .iter()
        .filter(|wait| wait.what.starts_with("sql ") || wait.what == start)
        .map(|wait| wait.to)
        .filter(|at| *at <= world.now)
        .fold(before, Timestamp::max);
    world.ledger.note_wait(format!("gateway probe {machine}"), since, world.now);
}

/// 202 with the body `null` and a `Location`; what the result says is how things are at its end.
fn ask_health(
    world: &mut World,
    request: &ArmRequest<'_>,
    region: Region,
    on_demand: bool,
) -> Response {
    let path = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/locations/{}",
        region.name()
    );
    let spec = Spec {
        status_path: format!("{path}/operations"),
        result_path: format!("{path}/operationResults"),
        style: Style::Location,
        retry_after: 10,
        accepted: (202, Some(Value::Null)),
        region,
        ends: Ends::WhenTold,
    };
    let (operation, response) = operations::start(world, request, spec);
    let wait = world.sample(Wait::GatewayBackendHealth);
    world.plan_in(wait, world::Due::Gateway(Due::Answer { operation, region, on_demand }));
    response
}

fn list(world: &World, prefix: &str) -> Response {
    let prefix = prefix.to_lowercase();
    let gateways = world.gateways.gateways.iter();
    let gateways =
        gateways.filter(|gateway| gateway.id().as_str().to_lowercase().starts_with(&prefix));
    Response::json(200, &json!({"value": gateways.map(body::gateway).collect::<Vec<_>>()}))
}
