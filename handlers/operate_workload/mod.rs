//! Workloads as people see them: their state, and failovers, previews and drills on demand.

pub(crate) mod plan;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{ActivePlace, FailoverRequest, Preview, PreviewRequest, Started, WorkloadStatus};
use serde::Serialize;

use crate::App;
use crate::caller::Caller;
use crate::error::Problem;
use crate::request::{self, Reason, Workload};

#[derive(Debug, Serialize)]
pub(crate) struct Workloads {
    workloads: Vec<String>,
}

pub(crate) async fn list(State(app): State<App>) -> Result<Json<Workloads>, Problem> {
    Ok(Json(Workloads { workloads: app.engine().await?.workloads().await? }))
}

pub(crate) async fn show(
    State(app): State<App>,
    Workload(workload): Workload,
) -> Result<Json<WorkloadStatus>, Problem> {
    Ok(Json(app.engine().await?.workload(&workload).await?))
}

pub(crate) async fn preview(
    State(app): State<App>,
    Workload(workload): Workload,
    request: Request,
) -> Result<Json<Preview>, Problem> {
    let PreviewRequest { manner } = request::json(request).await?;
    Ok(Json(app.engine().await?.preview(&workload, manner).await?))
}

pub(crate) async fn fail_over(
    State(app): State<App>,
    Workload(workload): Workload,
    Caller(by): Caller,
    request: Request,
) -> Result<Response, Problem> {
    let asked: FailoverRequest = request::json(request).await?;
    request::check_reason(&asked.reason)?;
    Ok(started(app.engine().await?.fail_over(&workload, &asked, &by).await?))
}

pub(crate) async fn drill(
    State(app): State<App>,
    Workload(workload): Workload,
    Caller(by): Caller,
    request: Request,
) -> Result<Response, Problem> {
    let Reason { reason } = request::json(request).await?;
    request::check_reason(&reason)?;
    Ok(started(app.engine().await?.drill(&workload, &reason, &by).await?))
}

/// Where a person says that the workload runs now.
pub(crate) async fn move_by_hand(
    State(app): State<App>,
    Workload(workload): Workload,
    Caller(by): Caller,
    request: Request,
) -> Result<Json<ActivePlace>, Problem> {
    let active: ActivePlace = request::json(request).await?;
    request::check_reason(&active.reason)?;
    app.engine().await?.set_active(&workload, &active, &by).await?;
    Ok(Json(active))
}

/// The run goes on by itself; its report is where the answer points.
fn started(started: Started) -> Response {
    let location = format!("/api/runs/{}", started.run);
    (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(started)).into_response()
}
