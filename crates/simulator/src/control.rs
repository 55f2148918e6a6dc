//! The control API: regions, faults, the user, the ledger. `docs/simulator.md` describes it.
//!
//! It is for tests and rehearsals; the app never sees it.

mod faults;
mod view;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::azure_monitor::{self, HealthEvents};
use crate::door::{Request, Response};
use crate::durations::Wait;
use crate::recovery_plan;
use crate::regions::{Health, Region};
use crate::world::{self, World};

pub(crate) use faults::{Effect, Faults, fault_for};
pub(crate) use view::{PROFILE, VAULT, arm};

/// A blip ends, unless the region was set otherwise since.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    region: Region,
    blip: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionBody {
    health: Health,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BlipBody {
    region: Region,
    seconds: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiverBody {
    url: Option<String>,
    #[serde(default)]
    health_events: HealthEvents,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserBody {
    running: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WaitBody {
    least_s: f64,
    most_s: f64,
}

pub(crate) fn on_due(world: &mut World, due: Due) {
    if world.faults.blips == due.blip {
        world.set_region(due.region, Health::Up);
    }
}

/// Answers a request to the control API.
pub(crate) fn handle(world: &mut World, request: &Request) -> Response {
    let path = request.path().trim_matches('/').to_owned();
    let segments: Vec<&str> = path.split('/').collect();
    let done = match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["control", "state"]) => Ok(view::state(world)),
        ("GET", ["control", "ledger"]) => {
            serde_json::to_value(world.report()).map_err(|error| error.to_string())
        }
        ("GET", ["control", "attempts"]) => {
            serde_json::to_value(world.ledger.attempts()).map_err(|error| error.to_string())
        }
        ("GET", ["control", "fidelity"]) => Ok(view::fidelity(world)),
        ("GET", ["control", "options"]) => Ok(view::options(world)),
        ("POST", ["control", "options"]) => set_options(world, request),
        ("POST", ["control", "regions", region]) => set_region(world, request, region),
        ("POST", ["control", "blip"]) => blip(world, request),
        ("GET", ["control", "faults"]) => Ok(json!(world.faults.rules())),
        ("POST", ["control", "faults"]) => request
            .json()
            .ok_or_else(|| "the body is not JSON".to_owned())
            .and_then(|body| world.faults.set(body))
            .map(|ids| json!({"ids": ids})),
        ("DELETE", ["control", "faults"]) => {
            world.faults.clear();
            Ok(json!([]))
        }
        ("DELETE", ["control", "faults", id]) => match id.parse() {
            Ok(id) if world.faults.remove(id) => Ok(json!(world.faults.rules())),
            _ => return Response::error(404, "NotFound", "no such fault"),
        },
        ("PUT", ["control", "alert-receiver"]) => body::<ReceiverBody>(request).map(|wanted| {
            azure_monitor::set_receiver(world, wanted.url, wanted.health_events);
            json!({})
        }),
        ("POST", ["control", "user"]) => body::<UserBody>(request).map(|wanted| {
            world.user.run(wanted.running);
            json!({"running": world.user.is_running()})
        }),
        _ => return Response::error(404, "NotFound", "see docs/simulator.md"),
    };
    match done {
        Ok(body) => Response::json(200, &body),
        Err(problem) => Response::error(400, "BadRequest", &problem),
    }
}

fn body<T: DeserializeOwned>(request: &Request) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| error.to_string())
}

fn set_region(world: &mut World, request: &Request, name: &str) -> Result<Value, String> {
    let region = serde_json::from_value::<Region>(json!(name.to_ascii_lowercase()))
        .map_err(|error| error.to_string())?;
    let wanted: RegionBody = body(request)?;
    world.faults.blips += 1;
    world.set_region(region, wanted.health);
    Ok(json!({"region": region, "health": wanted.health, "at": world.now}))
}

/// The region's network is gone for a while; machines and processes go on.
fn blip(world: &mut World, request: &Request) -> Result<Value, String> {
    let wanted: BlipBody = body(request)?;
    if !(0.0..=86_400.0).contains(&wanted.seconds) {
        return Err("seconds must be from 0 to 86400".to_owned());
    }
    if !world.regions.is_up(wanted.region) {
        return Err("the region is down already".to_owned());
    }
    let length = SignedDuration::try_from_secs_f64(wanted.seconds).unwrap_or_default();
    world.workload.spare_processes(wanted.region);
    world.set_region(wanted.region, Health::Down);
    world.faults.blips += 1;
    let due = Due { region: wanted.region, blip: world.faults.blips };
    world.plan_in(length, world::Due::Fault(due));
    Ok(json!({"region": wanted.region, "from": world.now, "to": world.now + length}))
}

/// `{"waits": {"asr_failover": {"least_s": 1, "most_s": 2}}, "site_recovery": {…}}`.
fn set_options(world: &mut World, request: &Request) -> Result<Value, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[serde(default)]
        waits: BTreeMap<Wait, WaitBody>,
        site_recovery: Option<recovery_plan::Behaviour>,
    }
    let wanted: Body = body(request)?;
    for (wait, range) in &wanted.waits {
        if !(0.0..=1e6).contains(&range.least_s) || !(range.least_s..=1e6).contains(&range.most_s) {
            return Err(format!("{wait:?}: least_s must be at least 0 and at most most_s"));
        }
    }
    for (wait, range) in wanted.waits {
        let seconds = |value| SignedDuration::try_from_secs_f64(value).unwrap_or_default();
        world.durations.set(wait, seconds(range.least_s), seconds(range.most_s));
    }
    if let Some(behaviour) = wanted.site_recovery {
        recovery_plan::set_behaviour(world, behaviour);
    }
    Ok(view::options(world))
}

#[cfg(test)]
mod tests;
