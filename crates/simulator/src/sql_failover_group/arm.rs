//! The requests of `Microsoft.Sql`.

use serde_json::{Value, json};

use super::failover::{self, Sort};
use super::{DATABASE, GROUP, Policy, Role, view};
use crate::door::{Answer, Response};
use crate::operations::{ArmRequest, Ends, Spec, Style, start};
use crate::regions::Region;
use crate::world::World;

const SERVERS: &str = "/subscriptions/*/resourceGroups/*/providers/Microsoft.Sql/servers";

/// Answers requests for servers, databases, links and the failover group.
pub(crate) fn handle(world: &mut World, request: &ArmRequest<'_>) -> Option<Answer> {
    let (namespace, _) = request.provider()?;
    if !namespace.eq_ignore_ascii_case("Microsoft.Sql") {
        return None;
    }
    lists(world, request).or_else(|| on_server(world, request)).map(Answer::from)
}

fn lists(world: &World, request: &ArmRequest<'_>) -> Option<Response> {
    if let Some([_]) = request.capture("GET", "/subscriptions/*/providers/Microsoft.Sql/servers") {
        return Some(list(&Region::BOTH.map(view::server)));
    }
    if let Some([_, group]) = request.capture("GET", SERVERS) {
        let in_group = |region: &Region| view::resource_group(*region).eq_ignore_ascii_case(group);
        let found = Region::BOTH.into_iter().find(in_group).map(view::server);
        return Some(list(found.as_slice()));
    }
    let (region, rest) = server_of(request)?;
    if request.method != "GET" {
        return None;
    }
    match rest.as_slice() {
        ["failovergroups"] => Some(list(&[view::group(world, region)])),
        ["databases"] => Some(list(&[view::database(world, region)])),
        ["replicationlinks"] => Some(list(&[view::link(world, region)])),
        ["databases", name, "replicationlinks"] if name.eq_ignore_ascii_case(DATABASE) => {
            Some(list(&[view::link(world, region)]))
        }
        _ => None,
    }
}

fn on_server(world: &mut World, request: &ArmRequest<'_>) -> Option<Response> {
    let (region, rest) = server_of(request)?;
    let is_group = |name: &str| name.eq_ignore_ascii_case(GROUP);
    let is_database = |name: &str| name.eq_ignore_ascii_case(DATABASE);
    Some(match (request.method, rest.as_slice()) {
        ("GET", []) => Response::json(200, &view::server(region)),
        (_, ["failovergroups", name, ..]) if !is_group(name) => group_missing(request, name),
        ("GET", ["failovergroups", _]) => Response::json(200, &view::group(world, region)),
        ("POST", ["failovergroups", _, "failover"]) => {
            failover::request(world, request, region, Sort::Planned)
        }
        ("POST", ["failovergroups", _, "forcefailoverallowdataloss"]) => {
            failover::request(world, request, region, Sort::Forced)
        }
        ("PUT" | "PATCH", ["failovergroups", _]) => set_policy(world, request, region),
        ("DELETE", ["failovergroups", _]) => not_here(world, region).unwrap_or_else(|| {
            Response::error(
                405,
                "OperationNotSupported",
                "The local Azure does not delete its failover group.",
            )
        }),
        ("GET", ["databases", name]) if is_database(name) => {
            Response::json(200, &view::database(world, region))
        }
        ("GET", ["databases", name, "replicationlinks", link])
            if is_database(name) && link.eq_ignore_ascii_case(view::LINK) =>
        {
            Response::json(200, &view::link(world, region))
        }
        _ => return None,
    })
}

/// The server that the path names, and what follows its name, in lower case where it is Azure's.
fn server_of<'a>(request: &ArmRequest<'a>) -> Option<(Region, Vec<&'a str>)> {
    const DEPTH: usize = 8;
    let head = request.segments.get(..DEPTH)?;
    let region = Region::BOTH.into_iter().find(|region| {
        head[3].eq_ignore_ascii_case(&view::resource_group(*region))
            && head[7].eq_ignore_ascii_case(view::server_name(*region))
    })?;
    if !head[6].eq_ignore_ascii_case("servers") {
        return None;
    }
    let rest = request.segments[DEPTH..].iter().map(|segment| known(segment)).collect();
    Some((region, rest))
}

/// A segment of Azure's as the patterns here write it; a name stays as it is.
fn known(segment: &str) -> &str {
    const KNOWN: &[&str] = &[
        "failovergroups",
        "databases",
        "replicationlinks",
        "failover",
        "forcefailoverallowdataloss",
    ];
    KNOWN.iter().find(|known| known.eq_ignore_ascii_case(segment)).copied().unwrap_or(segment)
}

fn list(value: &[Value]) -> Response {
    Response::json(200, &json!({"value": value}))
}

/// A GET of a group that is not there is a plain 404; an action says so with a code of its own.
fn group_missing(request: &ArmRequest<'_>, name: &str) -> Response {
    if request.is_read() {
        return Response::error(
            404,
            "ResourceNotFound",
            &format!(
                "The requested resource of type 'Microsoft.Sql/servers/failoverGroups' with name '{name}' was not found."
            ),
        );
    }
    Response::error(
        400,
        "FailoverGroupDoesNotExist",
        &format!("Failover group '{name}' does not exist on a server."),
    )
}

/// Changes of the group are for the primary.
fn not_here(world: &World, region: Region) -> Option<Response> {
    (world.sql.server(region).role != Role::Primary).then(|| {
        Response::error(
            400,
            "FailoverGroupUpdateOrDeleteRequestOnSecondary",
            "Modifications to the failover group are not allowed on a secondary server. Execute the request on the primary server.",
        )
    })
}

/// The one change of a group that is played: its policy.
fn set_policy(world: &mut World, request: &ArmRequest<'_>, region: Region) -> Response {
    if let Some(refusal) = not_here(world, region) {
        return refusal;
    }
    let body = request.body().unwrap_or_default();
    let endpoint = &body["properties"]["readWriteEndpoint"];
    let grace = endpoint["failoverWithDataLossGracePeriodMinutes"].as_i64();
    let policy = match (endpoint["failoverPolicy"].as_str(), grace) {
        (Some("Manual"), None) => Policy::Manual,
        (Some("Manual"), Some(_)) => {
            return Response::error(
                400,
                "FailoverGroupCreateOrUpdateRequestInvalidReadWriteEndpointFieldsForManualPolicy",
                "Grace period value should not be provided when failover policy Manual is selected for the read-write endpoint. Please remove it from request.",
            );
        }
        (Some("Automatic"), Some(grace_minutes)) if grace_minutes >= 60 => {
            Policy::Automatic { grace_minutes }
        }
        (Some("Automatic"), Some(_)) => {
            return Response::error(
                400,
                "FailoverGroupCreateOrUpdateRequestLessThanMinimumGracePeriodValues",
                "Grace period value for the failover group must be greater than or equal to the '60' minutes minimum grace period",
            );
        }
        (Some("Automatic"), None) => {
            return Response::error(
                400,
                "FailoverGroupCreateOrUpdateRequestInvalidReadWriteEndpointFields",
                "The property failoverWithDataLossGracePeriodMinutes must be provided when failover policy Automatic is selected for the read-write endpoint.",
            );
        }
        _ => {
            return Response::error(
                400,
                "FailoverGroupCreateOrUpdateRequestInvalidReadWriteFailoverPolicy",
                "The failoverPolicy field for the read-write endpoint is required for create or update requests.",
            );
        }
    };
    world.sql.policy = policy;
    let body = view::group(world, region);
    let spec = operation(world, region, "UpsertFailoverGroup", Ends::At(world.now, Ok(Some(body))));
    start(world, request, spec).1
}

/// The long-running operation of a failover group, at the subscription's scope in this region.
pub(super) fn operation(world: &World, region: Region, name: &str, ends: Ends) -> Spec {
    let locations = format!(
        "/subscriptions/{}/providers/Microsoft.Sql/locations/{}",
        crate::tutorial::SUBSCRIPTION,
        region.name(),
    );
    Spec {
        status_path: format!("{locations}/failoverGroupAzureAsyncOperation"),
        result_path: format!("{locations}/failoverGroupOperationResults"),
        style: Style::Both,
        retry_after: 15,
        accepted: (202, Some(json!({"operation": name, "startTime": world.now.to_string()}))),
        region,
        ends,
    }
}
