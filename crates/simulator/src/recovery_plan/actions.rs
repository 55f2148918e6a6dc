//! The actions on the plan, on items and on jobs: what is let in, and the 202.

use serde_json::Value;

use super::effects::{self, DRILL_NETWORK, PRODUCTION_NETWORK};
use super::job::{Job, Order, Outcome, Problem, Target, TaskState};
use super::names::{job_id, vault_id};
use super::scenario::Scenario;
use super::{Due, Refusing, engine, item_body, job_body, names, refusals, tree};
use crate::door::Response;
use crate::durations::Wait;
use crate::operations::{ArmRequest, signed_url};
use crate::world::{self, World};

/// `POST replicationRecoveryPlans/{plan}/{action}` and `POST …/replicationProtectedItems/{item}/{action}`.
pub(super) fn act(
    world: &mut World,
    request: &ArmRequest<'_>,
    target: Target,
    action: &str,
) -> Response {
    let scenario = match action {
        "unplannedfailover" => Scenario::UnplannedFailover,
        "testfailover" => Scenario::TestFailover,
        "testfailovercleanup" => Scenario::TestFailoverCleanup,
        "failovercommit" => Scenario::CommitFailover,
        _ => return refusals::unsupported(request, action),
    };
    let order = match order(request, target, scenario) {
        Ok(order) => order,
        Err(problem) => return refusals::bad_request(request, &problem),
    };
    match refusals::in_this_state(world, target, scenario, &direction(request)) {
        Some(problem) if world.recovery.behaviour.refusing == Refusing::AtOnce => {
            refusals::refuse(request, &problem)
        }
        refusal => submit(world, request, target, scenario, order, refusal),
    }
}

/// `PATCH …/replicationProtectedItems/{item}`.
pub(super) fn update(world: &mut World, request: &ArmRequest<'_>, item: usize) -> Response {
    let Some(body) = request.body() else {
        return refusals::bad_request(request, &refusals::missing("properties"));
    };
    let target = Target::Item(item);
    if let Some(problem) = refusals::in_this_state(world, target, Scenario::UpdateItem, "") {
        return refusals::refuse(request, &problem);
    }
    let order = Order { settings: Some(body["properties"].clone()), ..Order::default() };
    submit(world, request, target, Scenario::UpdateItem, order, None)
}

/// `POST replicationVaultHealth/default/refresh`.
pub(super) fn refresh_health(world: &mut World, request: &ArmRequest<'_>) -> Response {
    let scenario = Scenario::RefreshVaultHealth;
    submit(world, request, Target::Vault, scenario, Order::default(), None)
}

/// `POST replicationJobs/{job}/{cancel|restart|resume}`.
pub(super) fn act_on_job(
    world: &mut World,
    request: &ArmRequest<'_>,
    name: &str,
    action: &str,
) -> Response {
    let Some(job) = world.recovery.find_job(name) else {
        return refusals::not_found(request, name);
    };
    let (name, allowed) = (job.name.clone(), job_body::allowed_actions(job));
    let is_allowed = |wanted: &str| allowed.contains(&wanted);
    match action {
        "cancel" if is_allowed("Cancel") => {
            cancel(world, &name);
            job_answer(world, &name)
        }
        "resume" if is_allowed("Resume") => {
            engine::resume(world, &name);
            job_answer(world, &name)
        }
        "restart" if is_allowed("Restart") && world.recovery.plan.busy.is_none() => {
            let order = Order { restarts: Some(name), ..Order::default() };
            submit(world, request, Target::Vault, Scenario::RestartJob, order, None)
        }
        "restart" => refusals::bad_request(request, &refusals::cannot_restart()),
        "cancel" | "resume" => refusals::bad_request(request, &refusals::not_now(action)),
        _ => refusals::unsupported(request, action),
    }
}

/// The result of an action at its `Location`: 202 while it runs, then the resource.
pub(super) fn result(
    world: &World,
    request: &ArmRequest<'_>,
    operation: &str,
    resource: &Value,
) -> Response {
    let Some(job) = world.recovery.find_job(operation) else {
        return refusals::not_found(request, operation);
    };
    match job.outcome {
        None => Response::empty(202)
            .with_header("Location", format!("{}{}", request.base_url, request.request.target))
            .with_header("Retry-After", "30"),
        Some(Outcome::Failed) => {
            let problem = job_body::first_problem(job).or(job.refusal.as_ref());
            refusals::bad_request(request, &problem.cloned().unwrap_or_else(refusals::failed))
        }
        Some(Outcome::Cancelled) => Response::empty(204),
        Some(Outcome::Succeeded | Outcome::Partial) => Response::json(200, resource),
    }
}

/// What the body asks for.
fn order(request: &ArmRequest<'_>, target: Target, scenario: Scenario) -> Result<Order, Problem> {
    let body = request.body().unwrap_or_default();
    let properties = &body["properties"];
    let text = |key: &str| properties[key].as_str().map(str::to_owned);
    let required = |key: &str| text(key).ok_or_else(|| refusals::missing(key));
    match scenario {
        Scenario::UnplannedFailover => {
            known("failoverDirection", &required("failoverDirection")?, DIRECTIONS)?;
            let shut_down = match text("sourceSiteOperations") {
                Some(wanted) => {
                    known("sourceSiteOperations", &wanted, &["Required", "NotRequired"])?;
                    wanted.eq_ignore_ascii_case("Required")
                }
                None if target == Target::Plan => {
                    return Err(refusals::missing("sourceSiteOperations"));
                }
                None => false,
            };
            let latest = recovery_point_type(properties, target)?;
            Ok(Order { shut_down, latest, ..Order::default() })
        }
        Scenario::TestFailover => {
            known("failoverDirection", &required("failoverDirection")?, DIRECTIONS)?;
            let network_type = required("networkType")?;
            known("networkType", &network_type, NETWORK_TYPES)?;
            let network = text("networkId");
            if network_type.eq_ignore_ascii_case("VmNetworkAsInput") {
                let id = network.as_deref().unwrap_or_default();
                known("networkId", id.rsplit('/').next().unwrap_or_default(), NETWORKS)?;
            }
            let latest = recovery_point_type(properties, target)?;
            Ok(Order { latest, network, network_type: Some(network_type), ..Order::default() })
        }
        Scenario::TestFailoverCleanup => {
            Ok(Order { comments: text("comments"), ..Order::default() })
        }
        _ => Ok(Order::default()),
    }
}

const DIRECTIONS: &[&str] = &["PrimaryToRecovery", "RecoveryToPrimary"];
const NETWORKS: &[&str] = &[PRODUCTION_NETWORK, DRILL_NETWORK];
const NETWORK_TYPES: &[&str] =
    &["VmNetworkAsInput", "NoNetworkAttachAsInput", "LogicalNetworkAsInput"];
const POINT_TYPES: &[&str] =
    &["Latest", "LatestProcessed", "LatestApplicationConsistent", "LatestCrashConsistent"];

/// At plan level an array with a type of recovery point; at item level an object, perhaps with a
/// recovery point's id: without one, the latest (specification).
fn recovery_point_type(properties: &Value, target: Target) -> Result<bool, Problem> {
    let details = &properties["providerSpecificDetails"];
    if target != Target::Plan {
        return if details.is_object() {
            known("instanceType", details["instanceType"].as_str().unwrap_or_default(), &["A2A"])?;
            Ok(details["recoveryPointId"].is_null())
        } else {
            Err(refusals::missing("providerSpecificDetails"))
        };
    }
    let Some(details) = details.as_array().and_then(|details| details.first()) else {
        return Err(refusals::missing("providerSpecificDetails"));
    };
    known("instanceType", details["instanceType"].as_str().unwrap_or_default(), &["A2A"])?;
    let wanted = details["recoveryPointType"].as_str().unwrap_or_default();
    known("recoveryPointType", wanted, POINT_TYPES)?;
    Ok(wanted.eq_ignore_ascii_case("Latest"))
}

fn known(key: &str, value: &str, values: &[&str]) -> Result<(), Problem> {
    if values.iter().any(|known| known.eq_ignore_ascii_case(value)) {
        return Ok(());
    }
    Err(refusals::unknown_value(key, value))
}

fn direction(request: &ArmRequest<'_>) -> String {
    let body = request.body().unwrap_or_default();
    body["properties"]["failoverDirection"].as_str().unwrap_or_default().to_owned()
}

/// Makes the job and the 202: empty body, both poll URLs, the job's id twice (recorded).
fn submit(
    world: &mut World,
    request: &ArmRequest<'_>,
    target: Target,
    scenario: Scenario,
    order: Order,
    refusal: Option<Problem>,
) -> Response {
    let operation = world.guid();
    // The plan's actions have a job of another name than their operation; all others have not.
    let name = if target == Target::Plan { world.guid() } else { operation.clone() };
    let client = request.request.header("x-ms-client-request-id").map(str::to_owned);
    let client = client.unwrap_or_else(|| world.guid());
    let activity = format!("{client} ActivityId: {}", world.guid());
    let tasks = match target {
        Target::Plan => tree::of_plan(world, scenario, &order),
        Target::Item(_) | Target::Vault => tree::of_item(world, scenario, &order),
    };
    if refusal.is_none() {
        effects::take(world, target, &operation);
    }
    world.recovery.add_job(Job {
        name: name.clone(),
        operation: operation.clone(),
        scenario,
        target,
        parent: None,
        activity,
        accepted_at: world.now,
        begun_at: None,
        ended_at: None,
        outcome: None,
        cancelling: false,
        order,
        tasks,
        details: Vec::new(),
        refusal,
    });
    let delay = world.sample(Wait::AsrJobStart);
    world.plan_in(delay, world::Due::Recovery(Due::Begin(name)));
    let resource = match target {
        Target::Plan => names::plan_id(),
        Target::Item(item) => item_body::id(&world.recovery.items[item]),
        Target::Vault if scenario == Scenario::RestartJob => job_id(&operation),
        Target::Vault => format!("{}/replicationVaultHealth/default", vault_id()),
    };
    let url =
        |path: String, salt: &str| signed_url(&request.base_url, &path, &request.api_version, salt);
    let status = format!("{}/replicationOperationStatus/{operation}", vault_id());
    let result = format!("{resource}/operationresults/{operation}");
    Response::empty(202)
        .with_header("Azure-AsyncOperation", url(status, "operation"))
        .with_header("Location", url(result, "result"))
        .with_header("Retry-After", "30")
        .with_header("x-ms-request-id", job_id(&operation))
        .with_header("x-ms-request-id", job_id(&operation))
}

/// A running job stops after the phase it is in (a guess); a suspended one at once.
fn cancel(world: &mut World, name: &str) {
    let Some(job) = world.recovery.jobs.get_mut(name) else { return };
    job.cancelling = true;
    for task in &mut job.tasks {
        if task.state == TaskState::Suspended {
            task.state = TaskState::Skipped;
        }
    }
    let groups: Vec<usize> = job
        .children(None)
        .into_iter()
        .filter(|index| {
            let waits = |child: usize| {
                matches!(job.tasks[child].state, TaskState::NotStarted | TaskState::Skipped)
            };
            job.tasks[*index].state == TaskState::InProgress
                && !job.children(Some(*index)).is_empty()
                && job.children(Some(*index)).into_iter().all(waits)
        })
        .collect();
    for group in groups {
        job.tasks[group].state = TaskState::Skipped;
    }
    engine::go_on(world, name);
}

/// A job that was acted on: 200 with its body, which the specification allows beside 202.
fn job_answer(world: &World, name: &str) -> Response {
    let job = &world.recovery.jobs[name];
    Response::json(200, &job_body::body(&world.recovery, job, world.now))
}
