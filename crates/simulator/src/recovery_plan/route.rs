//! Which request is whose.

use serde_json::{Value, json};

use super::job::{Job, Target};
use super::{actions, item_body, job_body, names, plan, refusals, vault};
use crate::door::{Answer, Response};
use crate::operations::ArmRequest;
use crate::regions::Region;
use crate::tutorial::SUBSCRIPTION;
use crate::world::World;

/// Answers what is asked of the vault; `None` when it is another provider's.
pub(crate) fn handle(world: &mut World, request: &ArmRequest<'_>) -> Option<Answer> {
    let [_, subscription, _, group, _, provider, kind, vault, rest @ ..] = &request.segments[..]
    else {
        return None;
    };
    if !provider.eq_ignore_ascii_case("Microsoft.RecoveryServices")
        || !kind.eq_ignore_ascii_case("vaults")
    {
        return None;
    }
    let ours = subscription.eq_ignore_ascii_case(SUBSCRIPTION)
        && group.eq_ignore_ascii_case(names::VAULT_GROUP)
        && vault.eq_ignore_ascii_case(names::VAULT_NAME);
    if !ours {
        let message = format!(
            "The Resource 'Microsoft.RecoveryServices/vaults/{vault}' under resource group \
             '{group}' was not found."
        );
        return Some(Response::error(404, "ResourceNotFound", &message).into());
    }
    let rest: Vec<String> = rest.iter().map(|segment| segment.to_lowercase()).collect();
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    Some(route(world, request, &rest).into())
}

fn route(world: &mut World, request: &ArmRequest<'_>, path: &[&str]) -> Response {
    match (request.method, path) {
        ("GET", []) => Response::json(200, &vault::vault()),
        ("GET", ["replicationrecoveryplans"]) => {
            page(world, request, vec![plan::body(&world.recovery)])
        }
        (_, ["replicationrecoveryplans", name, rest @ ..]) => {
            if !name.eq_ignore_ascii_case(names::PLAN_NAME) {
                return refusals::not_found(request, name);
            }
            match (request.method, rest) {
                ("GET", []) => Response::json(200, &plan::body(&world.recovery)),
                ("GET", ["operationresults", operation]) => {
                    let plan = plan::body(&world.recovery);
                    actions::result(world, request, operation, &plan)
                }
                ("POST", [action]) => actions::act(world, request, Target::Plan, action),
                (method, _) => refusals::unsupported(request, method),
            }
        }
        ("GET", ["replicationjobs"]) => {
            let jobs = jobs(world, request);
            page(world, request, jobs)
        }
        ("GET", ["replicationjobs", name]) => match world.recovery.find_job(name) {
            Some(job) => job_response(world, job),
            None => refusals::not_found(request, name),
        },
        ("GET", ["replicationjobs", _, "operationresults", operation]) => {
            let body = world
                .recovery
                .find_job(operation)
                .map(|job| job_body::body(&world.recovery, job, world.now));
            actions::result(world, request, operation, &body.unwrap_or_default())
        }
        ("POST", ["replicationjobs", name, action]) => {
            actions::act_on_job(world, request, name, action)
        }
        ("GET", ["replicationoperationstatus", operation]) => {
            match world.recovery.find_job(operation) {
                Some(job) => Response::json(200, &job_body::operation_status(job)),
                None => refusals::not_found(request, operation),
            }
        }
        ("GET", ["replicationprotecteditems"]) => {
            let items = item_bodies(world, request);
            page(world, request, items)
        }
        ("GET", ["replicationfabrics"]) => page(world, request, vault::fabrics()),
        (_, ["replicationfabrics", fabric, rest @ ..]) => {
            let region = Region::BOTH
                .into_iter()
                .find(|region| names::fabric_name(*region).eq_ignore_ascii_case(fabric));
            match region {
                Some(region) => in_fabric(world, request, region, rest),
                None => refusals::not_found(request, fabric),
            }
        }
        ("GET", ["replicationpolicies"]) => page(world, request, vec![vault::policy()]),
        ("GET", ["replicationpolicies", name]) if name.eq_ignore_ascii_case(names::POLICY_NAME) => {
            Response::json(200, &vault::policy())
        }
        ("GET", ["replicationevents"]) => page(world, request, Vec::new()),
        ("GET", ["replicationvaulthealth"] | ["replicationvaulthealth", "default"]) => {
            Response::json(200, &vault::health(&world.recovery))
        }
        ("POST", ["replicationvaulthealth", _, "refresh"]) => {
            actions::refresh_health(world, request)
        }
        ("GET", ["replicationvaulthealth", _, "operationresults", operation]) => {
            let health = vault::health(&world.recovery);
            actions::result(world, request, operation, &health)
        }
        ("GET", path) => refusals::not_found(request, path.last().copied().unwrap_or_default()),
        (_, path) => refusals::unsupported(request, path.last().copied().unwrap_or_default()),
    }
}

fn in_fabric(
    world: &mut World,
    request: &ArmRequest<'_>,
    region: Region,
    path: &[&str],
) -> Response {
    let containers = || vec![vault::container(&world.recovery, region)];
    let [kind, container, rest @ ..] = path else {
        return match (request.method, path) {
            ("GET", []) => Response::json(200, &vault::fabric(region)),
            ("GET", ["replicationprotectioncontainers"]) => page(world, request, containers()),
            _ => refusals::not_found(request, path.last().copied().unwrap_or_default()),
        };
    };
    if *kind != "replicationprotectioncontainers"
        || !names::container_name(region).eq_ignore_ascii_case(container)
    {
        return refusals::not_found(request, container);
    }
    match (request.method, rest) {
        ("GET", []) => Response::json(200, &vault::container(&world.recovery, region)),
        ("GET", ["replicationprotecteditems"]) => {
            let items =
                if region == Region::EastUs { item_bodies(world, request) } else { Vec::new() };
            page(world, request, items)
        }
        (method, ["replicationprotecteditems", name, rest @ ..]) => {
            let found = world.recovery.find_item(name).filter(|_| region == Region::EastUs);
            let Some(item) = found else { return refusals::not_found(request, name) };
            let body = item_body::body(&world.recovery.items[item], world.now);
            match (method, rest) {
                ("GET", []) => Response::json(200, &body),
                ("GET", ["recoverypoints"]) => {
                    let points = vault::recovery_points(&world.recovery.items[item]);
                    page(world, request, points)
                }
                ("GET", ["operationresults", operation]) => {
                    actions::result(world, request, operation, &body)
                }
                ("PATCH", []) => actions::update(world, request, item),
                ("POST", [action]) => actions::act(world, request, Target::Item(item), action),
                _ => refusals::unsupported(request, rest.last().copied().unwrap_or(method)),
            }
        }
        (_, rest) => refusals::unsupported(request, rest.last().copied().unwrap_or_default()),
    }
}

/// A job's body; the header names the job itself (recorded).
fn job_response(world: &World, job: &Job) -> Response {
    let body = job_body::body(&world.recovery, job, world.now);
    let id = body["id"].as_str().unwrap_or_default().to_owned();
    Response::json(200, &body).with_header("x-ms-request-id", id)
}

/// The items, all or those of a plan: `$filter=RecoveryPlanName eq '…'`.
fn item_bodies(world: &World, request: &ArmRequest<'_>) -> Vec<Value> {
    let plan = filter(request, "RecoveryPlanName");
    if plan.is_some_and(|name| !name.eq_ignore_ascii_case(names::PLAN_NAME)) {
        return Vec::new();
    }
    world.recovery.items.iter().map(|item| item_body::body(item, world.now)).collect()
}

/// The jobs, newest first, all or those of a state: `$filter=State eq 'InProgress'`.
fn jobs(world: &World, request: &ArmRequest<'_>) -> Vec<Value> {
    let wanted = filter(request, "State");
    let state = &world.recovery;
    let jobs = state.order.iter().rev().filter_map(|name| state.jobs.get(name));
    jobs.filter(|job| {
        wanted
            .as_ref()
            .is_none_or(|wanted| job_body::state_of(state, job).0.eq_ignore_ascii_case(wanted))
    })
    .map(|job| job_body::list_entry(state, job))
    .collect()
}

/// The value that `$filter` wants a field to have.
fn filter(request: &ArmRequest<'_>, field: &str) -> Option<String> {
    let filter = request.request.query("$filter")?;
    filter.split(" and ").find_map(|term| {
        let (name, value) = term.trim().split_once(" eq ")?;
        name.trim().eq_ignore_ascii_case(field).then(|| value.trim().trim_matches('\'').to_owned())
    })
}

/// One page of a list; `nextLink` leads to the next.
fn page(world: &World, request: &ArmRequest<'_>, values: Vec<Value>) -> Response {
    let size = world.recovery.behaviour.page_size.max(1);
    let skip = request.request.query("skipToken").and_then(|token| token.parse().ok());
    let skip: usize = skip.unwrap_or(0);
    let more = values.len() > skip.saturating_add(size);
    let target = &request.request.target;
    let target = target.split("&skipToken=").next().unwrap_or(target);
    let next = more.then(|| format!("{}{target}&skipToken={}", request.base_url, skip + size));
    let values: Vec<Value> = values.into_iter().skip(skip).take(size).collect();
    // Moved, not copied as `json!` does: every look at the plan is answered with this.
    let mut body = json!({"value": [], "nextLink": next});
    body["value"] = Value::Array(values);
    Response::json(200, &body)
}
