//! The function app: what the Azure Functions host calls. It reads requests, calls the engine and
//! words the answers; what happens to a workload is decided in the crates.

pub mod app;
pub mod config;
pub mod log;

mod advance_run;
mod caller;
mod connect;
mod entity_tag;
mod error;
mod ingest_alert;
mod invocation;
mod kill_switch;
mod operate_run;
mod operate_workload;
mod queue;
mod receive_signal;
mod request;
mod shell;
mod start_drills;
mod storage_credential;
mod sweep;
mod timer;
mod watch;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post, put};

pub use app::{App, Options};

/// The whole surface. The host forwards HTTP requests as they came, under `/api`, and calls the
/// functions of queues and timers by their names.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(shell::ready))
        .route("/api/alerts", post(ingest_alert::report).options(ingest_alert::handshake))
        .route("/api/workloads", get(operate_workload::list))
        .route("/api/workloads/{workload}", get(operate_workload::show))
        .route(
            "/api/workloads/{workload}/plan",
            get(operate_workload::plan::show).put(operate_workload::plan::replace),
        )
        .route("/api/workloads/{workload}/preview", post(operate_workload::preview))
        .route("/api/workloads/{workload}/failover", post(operate_workload::fail_over))
        .route("/api/workloads/{workload}/drill", post(operate_workload::drill))
        .route("/api/workloads/{workload}/active", put(operate_workload::move_by_hand))
        .route("/api/runs", get(operate_run::list))
        .route("/api/runs/{run}", get(operate_run::show))
        .route("/api/runs/{run}/abort", post(operate_run::abort))
        .route("/api/runs/{run}/set-aside", post(operate_run::set_aside))
        .route("/api/kill-switch", get(kill_switch::show).put(kill_switch::set))
        .route("/receive_signal", post(receive_signal::invoke))
        .route("/advance_run", post(advance_run::invoke))
        .route("/watch", post(watch::invoke))
        .route("/sweep", post(sweep::invoke))
        .route("/start_drills", post(start_drills::invoke))
        .fallback(shell::no_such_path)
        .method_not_allowed_fallback(shell::no_such_method)
        .layer(from_fn(shell::around))
        .with_state(app)
}
