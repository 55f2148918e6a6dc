//! The requests of Traffic Manager. All of them answer at once: there are no operations to poll.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Endpoint, EndpointKind, GROUP, Monitor, PROFILE, Status, probing, view};
use crate::door::{Answer, Response};
use crate::operations::ArmRequest;
use crate::world::World;

/// Answers requests for the profile and its endpoints.
pub(crate) fn handle(world: &mut World, request: &ArmRequest<'_>) -> Option<Answer> {
    let (namespace, kind) = request.provider()?;
    if !namespace.eq_ignore_ascii_case("Microsoft.Network")
        || !kind.eq_ignore_ascii_case("trafficManagerProfiles")
    {
        return None;
    }
    let mut response = answer(world, request).unwrap_or_else(|refusal| refusal);
    response.body = view::escape_slashes(&response.body);
    Some(response.into())
}

fn answer(world: &mut World, request: &ArmRequest<'_>) -> Result<Response, Response> {
    const PATH: &str =
        "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/trafficManagerProfiles";
    let by_subscription = "/subscriptions/*/providers/Microsoft.Network/trafficManagerProfiles";
    if request.capture::<1>("GET", by_subscription).is_some() {
        return Ok(list(&[view::profile(&world.traffic)]));
    }
    if let Some([_, group]) = request.capture("GET", PATH) {
        let is_here = group.eq_ignore_ascii_case(GROUP);
        let profile = is_here.then(|| view::profile(&world.traffic));
        return Ok(list(profile.as_slice()));
    }
    if let Some([_, group, name]) = request.capture_path(&format!("{PATH}/*")) {
        check_profile(group, name).map_err(|_| unknown_profile(group, name))?;
        return on_profile(world, request);
    }
    if let Some([_, group, profile, kind, name]) = request.capture_path(&format!("{PATH}/*/*/*")) {
        check_profile(group, profile)?;
        let Some(kind) = EndpointKind::of_segment(kind) else {
            return Err(bad(&format!(
                "The endpoint type '{kind}' is not supported. Supported types are azureEndpoints, externalEndpoints and nestedEndpoints."
            )));
        };
        return on_endpoint(world, request, kind, name);
    }
    // The full type in the path (`…/Microsoft.Network/trafficManagerProfiles/azureEndpoints/name`).
    Err(bad("The request URL is not valid: the endpoint type must be the short one."))
}

fn on_profile(world: &mut World, request: &ArmRequest<'_>) -> Result<Response, Response> {
    match request.method {
        "GET" => Ok(Response::json(200, &view::profile(&world.traffic))),
        "PATCH" | "PUT" => {
            let body = body(request)?;
            let properties = &body["properties"];
            let is_patch = request.method == "PATCH";
            if is_patch && !properties["endpoints"].is_null() {
                return Err(bad(
                    "Endpoints can't be updated with the PATCH of a profile. Please use PUT or the PATCH of the endpoint.",
                ));
            }
            set_profile(world, &body, is_patch)?;
            Ok(Response::json(200, &view::profile(&world.traffic)))
        }
        _ => Err(not_allowed(request)),
    }
}

fn on_endpoint(
    world: &mut World,
    request: &ArmRequest<'_>,
    kind: EndpointKind,
    name: &str,
) -> Result<Response, Response> {
    let found = world.traffic.endpoint(name).filter(|endpoint| endpoint.kind == kind).cloned();
    match (request.method, found) {
        ("GET", Some(endpoint)) => Ok(Response::json(200, &view::endpoint(&endpoint))),
        ("PATCH", Some(endpoint)) => {
            let changed = read_endpoint(endpoint, &body(request)?["properties"])?;
            put_endpoint(world, changed)?;
            Ok(Response::json(200, &view::endpoint(&endpoint_of(world, name)?)))
        }
        // Recorded: 201 also when it was there already.
        ("PUT", found) => {
            if found.is_none() && world.traffic.endpoint(name).is_some() {
                return Err(bad("An endpoint of that name and another type exists already."));
            }
            let endpoint = read_endpoint(
                blank(world, kind, name, found.as_ref()),
                &body(request)?["properties"],
            )?;
            if endpoint.target.is_empty() {
                return Err(bad(
                    "The 'target' or 'targetResourceId' property of the endpoint is required.",
                ));
            }
            put_endpoint(world, endpoint)?;
            Ok(Response::json(201, &view::endpoint(&endpoint_of(world, name)?)))
        }
        ("DELETE", Some(endpoint)) => {
            world.traffic.endpoints.retain(|it| it.name != endpoint.name);
            probing::publish(world, name);
            Ok(Response::empty(200))
        }
        ("DELETE", None) => Ok(Response::empty(204)),
        ("GET" | "PATCH", None) => Err(missing("endpoints", name)),
        _ => Err(not_allowed(request)),
    }
}

/// A PUT starts from nothing but the name; a weight and a priority are given when none come.
fn blank(world: &World, kind: EndpointKind, name: &str, found: Option<&Endpoint>) -> Endpoint {
    let highest = world.traffic.endpoints.iter().map(|endpoint| endpoint.priority).max();
    Endpoint {
        name: found.map_or(name, |found| &found.name).to_owned(),
        kind,
        target: String::new(),
        target_resource_id: None,
        is_enabled: true,
        always_serve: false,
        priority: found.map_or(highest.unwrap_or(0) + 1, |found| found.priority),
        weight: 1,
        status: Status::CheckingEndpoint,
        failures: 0,
        life: 0,
    }
}

/// The endpoint with what the properties say; read-only ones are ignored.
fn read_endpoint(mut endpoint: Endpoint, properties: &Value) -> Result<Endpoint, Response> {
    let switch = |name: &str| match properties[name].as_str() {
        None if properties[name].is_null() => Ok(None),
        Some("Enabled") => Ok(Some(true)),
        Some("Disabled") => Ok(Some(false)),
        _ => Err(bad(&format!("The '{name}' property must be Enabled or Disabled."))),
    };
    endpoint.is_enabled = switch("endpointStatus")?.unwrap_or(endpoint.is_enabled);
    endpoint.always_serve = switch("alwaysServe")?.unwrap_or(endpoint.always_serve);
    endpoint.priority = number(properties, "priority", 1..=1000)?.unwrap_or(endpoint.priority);
    endpoint.weight = number(properties, "weight", 1..=1000)?.unwrap_or(endpoint.weight);
    if let Some(id) = properties["targetResourceId"].as_str() {
        endpoint.target = fully_qualified(id).ok_or_else(|| {
            bad("The 'targetResourceId' must be a public IP address with a DNS name.")
        })?;
        endpoint.target_resource_id = Some(id.to_owned());
    } else if let Some(target) = properties["target"].as_str() {
        target.clone_into(&mut endpoint.target);
    }
    Ok(endpoint)
}

/// The tutorial's public addresses have labels by one rule: `agw-public-ip-westus` is
/// `agw-cafe.westus.cloudapp.azure.com`.
fn fully_qualified(public_address: &str) -> Option<String> {
    let name = public_address.rsplit('/').next()?.to_ascii_lowercase();
    let (role, region) = name.split_once("-public-ip-")?;
    Some(format!("{role}-cafe.{region}.cloudapp.azure.com"))
}

fn put_endpoint(world: &mut World, endpoint: Endpoint) -> Result<(), Response> {
    let others = world.traffic.endpoints.iter().filter(|other| other.name != endpoint.name);
    check_priorities(others.chain([&endpoint]))?;
    store_endpoint(world, endpoint);
    Ok(())
}

fn check_priorities<'e>(endpoints: impl Iterator<Item = &'e Endpoint>) -> Result<(), Response> {
    let mut seen = BTreeSet::new();
    for endpoint in endpoints {
        if !seen.insert(endpoint.priority) {
            return Err(bad("No two endpoints of a profile can share the same priority."));
        }
    }
    Ok(())
}

/// Puts the endpoint in its place. Probing goes on when nothing that it depends on has changed.
fn store_endpoint(world: &mut World, mut endpoint: Endpoint) {
    let probed =
        |endpoint: &Endpoint| (endpoint.target.clone(), endpoint.is_enabled, endpoint.always_serve);
    let name = endpoint.name.clone();
    let mut is_new = true;
    if let Some(before) = world.traffic.endpoint_mut(&name) {
        if probed(before) == probed(&endpoint) {
            is_new = false;
            endpoint.status = before.status;
            endpoint.failures = before.failures;
            endpoint.life = before.life;
        }
        *before = endpoint;
    } else {
        world.traffic.endpoints.push(endpoint);
    }
    if is_new {
        probing::begin(world, &name);
    }
    probing::publish(world, &name);
}

fn set_profile(world: &mut World, body: &Value, is_patch: bool) -> Result<(), Response> {
    let properties = &body["properties"];
    match properties["trafficRoutingMethod"].as_str() {
        None | Some("Priority") => {}
        Some(_) => return Err(bad("The local Azure plays the Priority routing method only.")),
    }
    let is_enabled = match properties["profileStatus"].as_str() {
        None => world.traffic.is_enabled || !is_patch,
        Some("Enabled") => true,
        Some("Disabled") => false,
        Some(_) => return Err(bad("The 'profileStatus' property must be Enabled or Disabled.")),
    };
    let ttl = number(&properties["dnsConfig"], "ttl", 0..=2_147_483_647)?;
    let monitor = read_monitor(&world.traffic.monitor, &properties["monitorConfig"])?;
    let mut endpoints = Vec::new();
    if let Some(listed) = properties["endpoints"].as_array() {
        for item in listed {
            endpoints.push(read_listed(world, item)?);
        }
        check_priorities(endpoints.iter())?;
    }
    let is_switched = is_enabled != world.traffic.is_enabled;
    world.traffic.is_enabled = is_enabled;
    world.traffic.monitor = monitor;
    if let Some(ttl) = ttl.and_then(|ttl| u32::try_from(ttl).ok()) {
        world.traffic.ttl = ttl;
    }
    if body["tags"].is_object() {
        world.traffic.tags = body["tags"].clone();
    }
    if !is_patch {
        let kept = |name: &str| endpoints.iter().any(|it| it.name.eq_ignore_ascii_case(name));
        world.traffic.endpoints.retain(|endpoint| kept(&endpoint.name));
        for endpoint in endpoints {
            store_endpoint(world, endpoint);
        }
    }
    if is_switched {
        let names: Vec<String> =
            world.traffic.endpoints.iter().map(|endpoint| endpoint.name.clone()).collect();
        for name in names {
            probing::begin(world, &name);
        }
    }
    probing::publish(world, PROFILE);
    Ok(())
}

fn read_listed(world: &World, item: &Value) -> Result<Endpoint, Response> {
    let name = item["name"].as_str().unwrap_or_default();
    let kind = item["type"].as_str().and_then(|kind| kind.rsplit('/').next());
    let Some(kind) = kind.and_then(EndpointKind::of_segment) else {
        return Err(bad("The 'type' property of an endpoint is not valid."));
    };
    if name.is_empty() {
        return Err(bad("The 'name' property of an endpoint is required."));
    }
    read_endpoint(blank(world, kind, name, world.traffic.endpoint(name)), &item["properties"])
}

fn read_monitor(before: &Monitor, config: &Value) -> Result<Monitor, Response> {
    let mut monitor = before.clone();
    if let Some(protocol) = config["protocol"].as_str() {
        protocol.clone_into(&mut monitor.protocol);
    }
    if let Some(path) = config["path"].as_str() {
        path.clone_into(&mut monitor.path);
    }
    if let Some(port) = number(config, "port", 1..=65535)? {
        monitor.port = u16::try_from(port).unwrap_or(monitor.port);
    }
    if let Some(interval) = number(config, "intervalInSeconds", 10..=30)? {
        if interval != 10 && interval != 30 {
            return Err(bad("The 'intervalInSeconds' must be 10 or 30."));
        }
        monitor.interval_s = interval;
    }
    // Doc: 5 to 9 s with an interval of 10, 5 to 10 s with one of 30.
    let longest = if monitor.interval_s == 10 { 9 } else { 10 };
    monitor.timeout_s =
        number(config, "timeoutInSeconds", 5..=longest)?.unwrap_or(monitor.timeout_s);
    if let Some(tolerated) = number(config, "toleratedNumberOfFailures", 0..=9)? {
        monitor.tolerated = u32::try_from(tolerated).unwrap_or(monitor.tolerated);
    }
    if let Some(ranges) = config["expectedStatusCodeRanges"].as_array() {
        let bound = |range: &Value, name: &str| {
            range[name].as_u64().and_then(|status| u16::try_from(status).ok())
        };
        monitor.expected = ranges
            .iter()
            .filter_map(|range| Some((bound(range, "min")?, bound(range, "max")?)))
            .collect();
    }
    Ok(monitor)
}

fn number(
    of: &Value,
    name: &str,
    within: std::ops::RangeInclusive<i64>,
) -> Result<Option<i64>, Response> {
    if of[name].is_null() {
        return Ok(None);
    }
    match of[name].as_i64() {
        Some(number) if within.contains(&number) => Ok(Some(number)),
        _ => Err(bad(&format!(
            "The '{name}' property must be a number from {} to {}.",
            within.start(),
            within.end()
        ))),
    }
}

fn endpoint_of(world: &World, name: &str) -> Result<Endpoint, Response> {
    world.traffic.endpoint(name).cloned().ok_or_else(|| missing("endpoints", name))
}

fn check_profile(group: &str, name: &str) -> Result<(), Response> {
    if group.eq_ignore_ascii_case(GROUP) && name.eq_ignore_ascii_case(PROFILE) {
        return Ok(());
    }
    Err(missing("profiles", name))
}

fn body(request: &ArmRequest<'_>) -> Result<Value, Response> {
    request.body().filter(Value::is_object).ok_or_else(|| {
        Response::error(
            400,
            "InvalidRequestContent",
            "The request content was invalid and could not be deserialized.",
        )
    })
}

fn list(value: &[Value]) -> Response {
    Response::json(200, &json!({"value": value}))
}

fn bad(message: &str) -> Response {
    Response::error(400, "BadRequest", message)
}

fn missing(kind: &str, name: &str) -> Response {
    Response::error(404, "NotFound", &format!("The resource '{name}' of '{kind}' was not found."))
}

/// The front door knows the profiles itself and does not ask the provider for one that is not there.
fn unknown_profile(group: &str, name: &str) -> Response {
    Response::error(
        404,
        "ResourceNotFound",
        &format!(
            "The Resource 'Microsoft.Network/trafficManagerProfiles/{name}' under resource group '{group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        ),
    )
    .with_header("x-ms-failure-cause", "gateway")
}

fn not_allowed(request: &ArmRequest<'_>) -> Response {
    Response::error(
        405,
        "MethodNotAllowed",
        &format!("The local Azure does not play {} here.", request.method),
    )
}
