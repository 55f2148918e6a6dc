//! Takes in what Azure Monitor and Event Grid report, and puts it on the `signals` queue. It
//! answers only when the queue has it: a caller that hears 503 comes again, and a repeated report
//! has the same message id. A report starts a look at a workload, never a failover.

mod common_alert_schema;
mod event_grid;
mod notice;
mod shape;

use axum::Json;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::{Engine, Error, SignalMessage};
use recovery::plan::WorkloadName;
use recovery::signal::{Condition, Signal, Source};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use self::notice::{Notice, Origin};
use crate::App;
use crate::error::{FieldError, Kind, Problem};
use crate::request;

/// doc: common alert schema; a log alert has at most 256 KB.
const ALERT_MAX: usize = 256 << 10;

const REQUEST_ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");
const ALLOWED_ORIGIN: HeaderName = HeaderName::from_static("webhook-allowed-origin");
const ALLOWED_RATE: HeaderName = HeaderName::from_static("webhook-allowed-rate");

/// `?workload=`: whoever set up the rule knows what it is about.
#[derive(Debug, Deserialize)]
pub(crate) struct Route {
    workload: Option<String>,
}

/// What became of a report.
#[derive(Debug, Default, Serialize)]
struct Taken {
    accepted: Vec<Accepted>,
    ignored: Vec<Ignored>,
}

#[derive(Debug, Serialize)]
struct Accepted {
    id: String,
    source: Source,
    condition: Condition,
    workloads: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Ignored {
    id: String,
    reason: String,
}

pub(crate) async fn report(
    State(app): State<App>,
    Query(route): Query<Route>,
    request: Request,
) -> Result<Response, Problem> {
    let body = request::body(request, ALERT_MAX).await?;
    let body: Value = request::read(&body)?;
    let notices = notice::read(&body, app.clock().now()).map_err(|error| {
        tracing::warn!(%error, "an alert cannot be read");
        Problem::fields(vec![error])
    })?;
    if let [Notice::Handshake { code }] = notices.as_slice() {
        return Ok(Json(serde_json::json!({"validationResponse": code})).into_response());
    }
    let engine = app.engine().await?;
    let mut taken = Taken::default();
    for notice in notices {
        match take(engine, route.workload.as_deref(), notice).await? {
            Ok(accepted) => taken.accepted.push(accepted),
            Err(ignored) => taken.ignored.push(ignored),
        }
    }
    let status = if taken.accepted.is_empty() { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(taken)).into_response())
}

/// Puts one report on the queue for every workload that it is about.
async fn take(
    engine: &Engine,
    route: Option<&str>,
    notice: Notice,
) -> Result<Result<Accepted, Ignored>, Problem> {
    let (signal, custom, origin) = match notice {
        Notice::Report { signal, workload, origin } => (*signal, workload, origin),
        Notice::Ignored { id, reason } => return Ok(Err(Ignored { id, reason })),
        Notice::Handshake { .. } => {
            let reason = "a subscription is validated by an event of its own".to_owned();
            return Ok(Err(Ignored { id: String::new(), reason }));
        }
    };
    let workloads = match (route, &custom) {
        (Some(name), _) => vec![named(engine, name, "the query parameter `workload`").await?],
        (None, Some(name)) => vec![named(engine, name, "the custom property `workload`").await?],
        (None, None) => engine.concerned(&signal).await?,
    };
    if workloads.is_empty() {
        tracing::warn!(id = signal.id, rule = signal.rule, "a report concerns no workload");
        let reason = "no workload's plan names its resources or regions";
        return match origin {
            // Its subscription is about everything in the Azure subscription, and it would deliver
            // for a day what is answered with 404.
            Origin::EventGrid => Ok(Err(Ignored { id: signal.id, reason: reason.to_owned() })),
            Origin::AzureMonitor => Err(not_concerned(reason)),
        };
    }
    for workload in &workloads {
        enqueue(engine, workload, &signal).await?;
    }
    let Signal { id, source, condition, .. } = signal;
    Ok(Ok(Accepted { id, source, condition, workloads }))
}

/// Event Grid asks before it delivers `CloudEvents`
/// (doc: `CloudEvents` 1.0.2, HTTP webhooks, abuse protection).
pub(crate) async fn handshake(headers: HeaderMap) -> Result<Response, Problem> {
    let Some(origin) = headers.get(REQUEST_ORIGIN) else {
        let detail = "OPTIONS is for the handshake of a webhook: WebHook-Request-Origin is missing";
        return Err(Problem::new(Kind::InvalidRequest, detail));
    };
    let allowed = [(ALLOWED_ORIGIN, origin.clone()), (ALLOWED_RATE, HeaderValue::from_static("*"))];
    Ok((StatusCode::OK, allowed).into_response())
}

/// A workload that was named must exist, where that can be told.
async fn named(engine: &Engine, name: &str, place: &str) -> Result<String, Problem> {
    let unknown = |what: String| Problem::new(Kind::UnknownWorkload, format!("{place}: {what}"));
    let name = name.parse::<WorkloadName>().map_err(|error| unknown(error.to_string()))?;
    let name = name.to_string();
    match engine.workloads().await {
        Ok(known) if known.contains(&name) => Ok(name),
        Ok(_) => Err(unknown(format!("there is no workload {name:?}"))),
        // The store must not stand between an alert and the queue. If there is no such workload,
        // the queue's receiver will tell.
        Err(Error::Unavailable(_)) => Ok(name),
        Err(error) => Err(error.into()),
    }
}

fn not_concerned(reason: &str) -> Problem {
    let mend = "add ?workload=NAME to the receiver's URL, or `workload` to the rule's custom \
                properties";
    let error = FieldError::new("/data/essentials/alertTargetIDs", reason, mend);
    Problem::with(Kind::NotConcerned, vec![error])
}

/// A repeated report has the id of the first: for as long as the queue remembers ids, it drops it.
async fn enqueue(engine: &Engine, workload: &str, signal: &Signal) -> Result<(), Problem> {
    let digest = Sha256::new().chain_update(workload).chain_update([0]).chain_update(signal.key());
    let id = format!("{:x}", digest.finalize());
    let message = SignalMessage::Report { workload: workload.to_owned(), signal: signal.clone() };
    engine.signal(workload, &id, &message, None).await?;
    tracing::info!(workload, alert = signal.id, rule = signal.rule, "a report is on the queue");
    Ok(())
}
