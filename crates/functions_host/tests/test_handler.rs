//! A custom handler for the tests: what it does is in the message or in the query.
//!
//! `exit N` ends the process, `fail` answers 500, `empty` answers 200 with nothing, anything else
//! succeeds. `GET /api/env?name=X` shows a variable, `GET /api/count?of=F` how often F was called.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

type Counts = Arc<Mutex<BTreeMap<String, u64>>>;

fn main() -> anyhow::Result<()> {
    tokio::runtime::Runtime::new()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let port: u16 = std::env::var("FUNCTIONS_CUSTOMHANDLER_PORT")?.parse()?;
    let router = Router::new()
        .route("/", get(|| async { StatusCode::NOT_FOUND }))
        .route("/api/env", get(variable))
        .route("/api/count", get(count))
        .route("/api/echo", post(|body: Bytes| async { body }))
        .route("/{function}", post(invoke))
        .with_state(Counts::default());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

async fn variable(Query(query): Query<BTreeMap<String, String>>) -> Response {
    let name = query.get("name").map_or("", String::as_str);
    std::env::var(name).map_or(StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response)
}

async fn count(
    State(counts): State<Counts>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Json<u64> {
    let counts = counts.lock().expect("no code panics while it holds this lock");
    Json(query.get("of").and_then(|name| counts.get(name)).copied().unwrap_or_default())
}

async fn invoke(
    State(counts): State<Counts>,
    Path(function): Path<String>,
    Json(envelope): Json<Value>,
) -> Response {
    let mut counts = counts.lock().expect("no code panics while it holds this lock");
    *counts.entry(function).or_default() += 1;
    drop(counts);
    let message = envelope["Data"]["message"].as_str().unwrap_or_default();
    let message = STANDARD.decode(message).unwrap_or_default();
    let message = String::from_utf8_lossy(&message).into_owned();
    match message.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["exit", code] => std::process::exit(code.parse().unwrap_or(1)),
        ["fail"] => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        ["empty"] => StatusCode::OK.into_response(),
        _ => Json(json!({"Outputs": {}, "Logs": [], "ReturnValue": null})).into_response(),
    }
}
