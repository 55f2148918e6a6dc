//! Between the words of recovery and Azure's requests: one file per resource, each with what it can
//! observe, what it can do, and how its operations are asked about.

mod application;
mod application_gateway;
mod network_interface;
pub(crate) mod notify;
mod recovery_plan;
mod sql_failover_group;
mod traffic_manager;
mod virtual_machine;

use azure::{Error, Request, Response};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use recovery::decide::Pending;
use recovery::effect::{Effect, Operation, OperationState};
use recovery::event::Sight;
use recovery::limits;
use recovery::look::Look;
use recovery::runbook::StepKind;
use recovery::turn::SendOutcome;
use recovery::view::View;
use serde_json::Value;

use crate::outside::Outside;

/// Looks. Whatever does not answer in the look's time is unknown.
pub(crate) async fn look(outside: &Outside, look: &Look, asked: Option<&Operation>) -> Sight {
    let limit = SignedDuration::from_secs(look.limit_s());
    match outside.clock.timeout(limit, observe(outside, look, asked, limit)).await {
        Ok(Ok(view)) => Sight::Seen(view),
        Ok(Err(why)) => Sight::Unknown(why),
        Err(_) => Sight::Unknown("no answer in time".to_owned()),
    }
}

async fn observe(
    outside: &Outside,
    look: &Look,
    asked: Option<&Operation>,
    limit: SignedDuration,
) -> Result<View, String> {
    match look {
        Look::FailoverGroup { server, group } => {
            sql_failover_group::observe(outside, server, group, limit).await
        }
        Look::SqlPort { server } => sql_failover_group::port(outside, server, limit).await,
        Look::RecoveryPlan { vault, recovery_plan } => {
            recovery_plan::observe(outside, vault, recovery_plan, limit).await
        }
        Look::TrafficProfile { profile } => traffic_manager::observe(outside, profile, limit).await,
        Look::GatewayHealth { gateway } => {
            application_gateway::observe(outside, gateway, asked, limit).await
        }
        Look::Interfaces { machines, public_ips } => {
            network_interface::observe(outside, machines, public_ips, limit).await
        }
        Look::Machines { machines } => virtual_machine::observe(outside, machines, limit).await,
        Look::Application { host, path, data_path, contains } => {
            let data = data_path.as_deref().zip(contains.as_deref());
            application::observe(outside, host, path, data, limit).await
        }
        Look::Name { name, leads_to } => application::name(outside, name, leads_to, limit).await,
    }
}

/// Asks how operations stand; one that does not answer is left out.
pub(crate) async fn poll(
    outside: &Outside,
    operations: &[Pending],
) -> Vec<(StepKind, u32, OperationState)> {
    let limit = SignedDuration::from_secs(limits::LOOK_LIMIT_S);
    let polls = operations.iter().map(|pending| async move {
        let request = azure::operation::poll(&pending.operation.0, POLL);
        let response = send_within(outside, &request, limit).await.ok()?;
        let state = match azure::operation::parse(&response).ok()?.status {
            azure::operation::Status::Running => OperationState::Running,
            azure::operation::Status::Succeeded => OperationState::Succeeded,
            azure::operation::Status::Failed { code, message } => {
                OperationState::Failed { code, message }
            }
            azure::operation::Status::Canceled => OperationState::Failed {
                code: "Canceled".to_owned(),
                message: "the operation was cancelled".to_owned(),
            },
        };
        Some((pending.step, pending.attempt, state))
    });
    join_all(polls).await.into_iter().flatten().collect()
}

/// Asking an operation of one's own needs its provider's right to read it; which one, the address
/// says, and the request constructors of each resource name it.
const POLL: &str = "the operation's own provider";

/// Sends one request, once, and says what became of it. `about` is what a notification says.
pub(crate) async fn send(
    outside: &Outside,
    effect: &Effect,
    id: &str,
    about: &Value,
    send_before: Timestamp,
) -> SendOutcome {
    let limit = SignedDuration::from_secs(limits::SEND_LIMIT_S);
    // Looked at right before it leaves: this process may have been frozen since the lease was
    // checked, and what is read for a request takes its time.
    let is_late = || outside.clock.now() >= send_before;
    let late = || SendOutcome::NotSent { reason: "its time to be sent had passed".to_owned() };
    let request = match effect {
        Effect::Notify { .. } if is_late() => return late(),
        Effect::Notify { webhook, .. } => {
            return notify::send(outside, webhook, about, limit).await;
        }
        Effect::AttachPublicIp { interface, public_ip } => {
            network_interface::attach(outside, interface, public_ip, limit).await
        }
        other => request(other),
    };
    let request = match request {
        Ok(_) if is_late() => return late(),
        Ok(request) => request.with_client_request_id(id),
        Err(reason) => return SendOutcome::NotSent { reason },
    };
    match outside.arm.send(&request, limit).await {
        Ok(response) => outcome(effect, &response),
        Err(error) => failure(effect, &Error::from(error)),
    }
}

/// The request that an effect is; for an interface only its place, because its body is read first.
pub(crate) fn request(effect: &Effect) -> Result<Request, String> {
    match effect {
        Effect::SetEndpoint { endpoint, enabled, .. } => {
            traffic_manager::set_endpoint(endpoint, *enabled)
        }
        Effect::PromoteDatabase { server, group, manner } => {
            sql_failover_group::promote(server, group, *manner)
        }
        Effect::FailOver { vault, recovery_plan, stop_source, recovery_point } => {
            recovery_plan::fail_over(vault, recovery_plan, *stop_source, *recovery_point)
        }
        Effect::FailOverItem { item, .. } => recovery_plan::fail_over_item(item),
        Effect::TestFailOver { vault, recovery_plan, network, recovery_point } => {
            recovery_plan::test_fail_over(vault, recovery_plan, network, *recovery_point)
        }
        Effect::CleanUpTestFailOver { vault, recovery_plan, comments } => {
            recovery_plan::clean_up(vault, recovery_plan, comments)
        }
        Effect::StopMachine { machine } => virtual_machine::stop(machine),
        Effect::AttachPublicIp { .. } => Err("its body is read first".to_owned()),
        Effect::Notify { .. } => Err("not a request to Azure".to_owned()),
    }
}

fn outcome(effect: &Effect, response: &Response) -> SendOutcome {
    match azure::operation::Accepted::parse(response) {
        Ok(accepted) => SendOutcome::Accepted {
            operation: accepted
                .poll_url()
                .filter(|_| !accepted.finished)
                .map(|url| Operation(url.to_owned())),
        },
        Err(error) => failure(effect, &error),
    }
}

fn failure(effect: &Effect, error: &Error) -> SendOutcome {
    if matches!(effect, Effect::PromoteDatabase { .. })
        && azure::sql_failover_group::says_already_primary(error)
    {
        // It may be so: the next look tells. Until then it is a refusal like any other.
        return refused(error, Some(1));
    }
    if error.is_definite_rejection() {
        refused(error, error.retry_after().map(|wait| wait.as_secs()))
    } else if error.nothing_started() {
        SendOutcome::NotSent { reason: error.to_string() }
    } else {
        SendOutcome::Unresolved { reason: error.to_string() }
    }
}

fn refused(error: &Error, retry_after_s: Option<i64>) -> SendOutcome {
    SendOutcome::Refused {
        code: error.code().unwrap_or("refused").to_owned(),
        message: error.to_string(),
        retry_after_s,
    }
}

/// Reads something; a reading that fails says why in one line.
async fn read(
    outside: &Outside,
    request: &Request,
    limit: SignedDuration,
) -> Result<Response, String> {
    let response = send_within(outside, request, limit).await?;
    match Error::of(&response) {
        None => Ok(response),
        Some(error) => Err(error.to_string()),
    }
}

async fn send_within(
    outside: &Outside,
    request: &Request,
    limit: SignedDuration,
) -> Result<Response, String> {
    outside.arm.send(request, limit).await.map_err(|error| error.to_string())
}

/// An id of ours in the client's form.
fn arm_id(id: &recovery::ResourceId) -> Result<azure::ResourceId, String> {
    azure::ResourceId::parse(id.as_str()).map_err(|error| error.to_string())
}

/// An id of the client's in our form.
fn our_id(id: &azure::ResourceId) -> recovery::ResourceId {
    recovery::ResourceId::new(id.as_str())
}
