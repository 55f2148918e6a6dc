//! What is around every function: the answer to the host's probe, problems with their bodies, the
//! end of panics, and a line in the log.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tokio::time::Instant;
use url::form_urlencoded;

use crate::error::{FieldError, Kind, Problem};

/// Ways to send a function key; the host leaves them in the query.
const OF_THE_HOST: [&str; 2] = ["code", "clientId"];

/// The host asks until it gets an answer, and again now and then.
pub(crate) async fn ready() {}

pub(crate) async fn no_such_path(uri: Uri) -> Problem {
    let detail = format!("there is no {:?}; docs/api.openapi.json lists what there is", uri.path());
    Problem::new(Kind::UnknownPath, detail)
}

pub(crate) async fn no_such_method(method: Method) -> Problem {
    Problem::new(
        Kind::MethodNotAllowed,
        format!("{method} is not possible here; the header Allow says what is"),
    )
}

pub(crate) async fn around(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let began = Instant::now();
    let mut response = if let Some(problem) = unknown_parameter(request.uri()) {
        problem.into_response()
    } else {
        let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        answered.unwrap_or_else(|_| {
            let detail = "a fault in Farshore; the log has more";
            Problem::new(Kind::Internal, detail).into_response()
        })
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = problem.complete(response, &path);
    }
    if path != "/" {
        let status = response.status().as_u16();
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if status < 500 {
            tracing::debug!(%method, path, status, took_ms, "answered");
        } else {
            tracing::warn!(%method, path, status, took_ms, "answered");
        }
    }
    response
}

/// A parameter that nobody reads is a mistake that nobody would notice.
fn unknown_parameter(uri: &Uri) -> Option<Problem> {
    if !uri.path().starts_with("/api/") {
        return None;
    }
    let known = |name: &str| {
        OF_THE_HOST.iter().any(|known| known.eq_ignore_ascii_case(name))
            || (uri.path() == "/api/alerts" && name == "workload")
    };
    let query = uri.query().unwrap_or_default();
    let (name, _) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| !known(name))?;
    let name: String = name.chars().take(60).collect();
    let error = FieldError::new("", format!("has the unknown query parameter {name:?}"), "drop it");
    Some(Problem::fields(vec![error]))
}
