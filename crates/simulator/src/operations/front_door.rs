//! What every ARM request meets before and after the resource that it is for.

use jiff::SignedDuration;

use super::request::ArmRequest;
use super::throttle::Sort;
use super::{dead_region, kind, long_running, subscriptions, versions};
use crate::control::{self, Effect};
use crate::door::{Answer, Request, Response};
use crate::durations::Wait;
use crate::fidelity::Fidelity;
use crate::world::World;
use crate::{
    application_gateway, identity, network_interface, recovery_plan, sql_failover_group,
    traffic_manager, virtual_machine,
};

/// What is known of ARM's front door.
pub(crate) const FIDELITY: &[Fidelity] = &[
    Fidelity::documented(
        "A request without a usable token gets 401 with WWW-Authenticate",
        "measured with the official SDKs and az",
    ),
    Fidelity::documented(
        "An api-version that is missing or unknown gets 400, MissingApiVersionParameter or NoRegisteredProviderFound",
        "resource manager: common deployment errors",
    ),
    Fidelity::documented(
        "Paths are compared without regard to case",
        "resource manager: resource ids are case-insensitive",
    ),
    Fidelity::documented(
        "Token buckets per subscription: reads 250 and 25 a second, writes 200 and 10 a second; 429 with Retry-After",
        "resource manager: request limits and throttling",
    ),
    Fidelity::recorded(
        "Headers x-ms-request-id, x-ms-correlation-request-id, x-ms-routing-request-id, x-ms-ratelimit-remaining-subscription-*",
        "azure-cli and azure-cli-extensions recordings of 2025",
    ),
    Fidelity::recorded(
        "Poll URLs are absolute and signed: t, c, s, h, some 3 KB",
        "azure-cli-extensions site-recovery recordings of 2025",
    ),
    Fidelity::recorded(
        "503 ServerTimeout with x-ms-failure-cause: gateway",
        "azure-cli test_sql_failover_group_mgmt",
    ),
    Fidelity::guess(
        "Calls for resources of a dead region hang, fail or are answered from before the loss, at random",
        "outage reports tell of all three; no figure exists",
    ),
    Fidelity::guess(
        "Requests for the standby and for global resources are answered while a region is lost",
        "Resource Manager and these providers are said to survive a region; no outage was recorded",
    ),
    Fidelity::guess(
        "A change sent to a dead region never takes effect",
        "the provider that would do it is dead",
    ),
    Fidelity::guess(
        "What a region had accepted before it was lost ends in its time, unseen",
        "nobody has told what becomes of such operations",
    ),
];

/// Answers a request to `management.azure.com`, with the faults that are set for it.
pub(crate) fn front_door(world: &mut World, request: &Request) -> Answer {
    let arm = ArmRequest::new(request);
    let kind = kind::of(&arm);
    let arrived_at = world.now;
    let mut delay = SignedDuration::ZERO;
    let (answer, is_answer_lost) = match control::fault_for(world, request).map(|it| it.effect) {
        // It never arrived, so there is nothing to note.
        Some(Effect::LostRequest) => return Answer::Reset,
        Some(Effect::Hang) => (Answer::Hang, false),
        Some(Effect::Status(status)) => (injected(status).into(), false),
        Some(Effect::LostAnswer) => (answer(world, &arm), true),
        Some(Effect::Delay(by)) => {
            delay = by;
            (answer(world, &arm), false)
        }
        None => (answer(world, &arm), false),
    };
    let answer = dress(world, &arm, answer, delay);
    let status = match &answer {
        Answer::Reply { response, .. } => Some(response.status),
        Answer::Hang | Answer::Reset => None,
    };
    world.ledger.note_request(arrived_at, arm.method, request.path(), status, kind);
    if is_answer_lost { Answer::Reset } else { answer }
}

fn answer(world: &mut World, request: &ArmRequest<'_>) -> Answer {
    if let Err(refusal) = identity::check_arm_token(request) {
        return refusal.into();
    }
    if request.api_version.is_empty() {
        return missing_version().into();
    }
    let sort = if request.is_read() { Sort::Read } else { Sort::Write };
    let subscription = request.subscription().unwrap_or("tenant");
    let now = world.now;
    if let Err(seconds) = world.operations.buckets.take(subscription, sort, now) {
        return throttled(subscription, seconds).into();
    }
    if let Some(answered) = subscriptions::handle(request) {
        return answered.into();
    }
    if let Err(refusal) = versions::check(request) {
        return refusal.into();
    }
    match dead_region::region_of(world, request) {
        Some(region) if !world.regions.is_up(region) => dead_region::answer(world, request, region),
        _ => dispatch(world, request),
    }
}

/// Gives the request to whom it is for.
pub(super) fn dispatch(world: &mut World, request: &ArmRequest<'_>) -> Answer {
    long_running::poll(world, request)
        .or_else(|| sql_failover_group::handle(world, request))
        .or_else(|| traffic_manager::handle(world, request))
        .or_else(|| recovery_plan::handle(world, request))
        .or_else(|| application_gateway::handle(world, request))
        .or_else(|| network_interface::handle(world, request))
        .or_else(|| virtual_machine::handle(world, request))
        .unwrap_or_else(|| not_found(request).into())
}

/// The usual latency and the headers that every answer of ARM has.
fn dress(
    world: &mut World,
    request: &ArmRequest<'_>,
    answer: Answer,
    delay: SignedDuration,
) -> Answer {
    let Answer::Reply { after, mut response } = answer else { return answer };
    let wait = if request.is_read() { Wait::ArmRead } else { Wait::ArmWrite };
    let after = after + delay + world.sample(wait);
    let correlation = world.guid();
    let mut add = |name: &str, value: String| {
        if !response.headers.iter().any(|(present, _)| present.eq_ignore_ascii_case(name)) {
            response.headers.push((name.to_owned(), value));
        }
    };
    add("cache-control", "no-cache".into());
    add("x-ms-request-id", correlation.clone());
    add("x-ms-correlation-request-id", correlation.clone());
    let served_at = world.now.strftime("%Y%m%dT%H%M%SZ");
    add("x-ms-routing-request-id", format!("WESTUS:{served_at}:{correlation}"));
    if let Some(subscription) = request.subscription() {
        let (sort, name) =
            if request.is_read() { (Sort::Read, "reads") } else { (Sort::Write, "writes") };
        let left = world.operations.buckets.left(subscription, sort);
        add(&format!("x-ms-ratelimit-remaining-subscription-{name}"), left.to_string());
        add(
            &format!("x-ms-ratelimit-remaining-subscription-global-{name}"),
            (left * 15).to_string(),
        );
    }
    if let Some(id) = request.request.header("x-ms-client-request-id") {
        add("x-ms-client-request-id", id.to_owned());
    }
    Answer::Reply { after, response }
}

fn missing_version() -> Response {
    Response::error(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )
}

fn throttled(subscription: &str, seconds: i64) -> Response {
    Response::error(
        429,
        "SubscriptionRequestsThrottled",
        &format!(
            "Number of requests for subscription '{subscription}' exceeded the limit. Please try again after '{seconds}' seconds."
        ),
    )
    .with_header("Retry-After", seconds.to_string())
    .with_header("x-ms-failure-cause", "gateway")
}

fn not_found(request: &ArmRequest<'_>) -> Response {
    let at = request.segments.iter().position(|part| part.eq_ignore_ascii_case("providers"));
    let resource = at.map_or_else(String::new, |at| request.segments[at + 1..].join("/"));
    Response::error(
        404,
        "ResourceNotFound",
        &format!(
            "The Resource '{resource}' under resource group '{}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
            request.resource_group().unwrap_or("<null>"),
        ),
    )
    .with_header("x-ms-failure-cause", "gateway")
}

/// The answer of a fault that was set by the control API.
fn injected(status: u16) -> Response {
    let code = match status {
        408 => "RequestTimeout",
        409 => "Conflict",
        429 => "TooManyRequests",
        500 => "InternalServerError",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        _ => "InjectedFault",
    };
    let response =
        Response::error(status, code, "A fault that was set for this request by the control API.");
    if matches!(status, 429 | 503) { response.with_header("Retry-After", "5") } else { response }
}
