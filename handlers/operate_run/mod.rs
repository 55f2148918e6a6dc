//! Runs as people see them: which are open, what happened, and stop.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use engine::SetAside;
use recovery::report::Report;
use serde::Serialize;

use crate::App;
use crate::caller::Caller;
use crate::error::Problem;
use crate::request::{self, Reason, Run};

#[derive(Debug, Serialize)]
pub(crate) struct OpenRuns {
    runs: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct AbortAsked {
    run: String,
}

pub(crate) async fn list(State(app): State<App>) -> Result<Json<OpenRuns>, Problem> {
    Ok(Json(OpenRuns { runs: app.engine().await?.open_runs().await? }))
}

pub(crate) async fn show(State(app): State<App>, Run(run): Run) -> Result<Json<Report>, Problem> {
    Ok(Json(app.engine().await?.report(&run).await?))
}

/// Accepted is not done: the run's holder decides at its next turn.
pub(crate) async fn abort(
    State(app): State<App>,
    Run(run): Run,
    Caller(by): Caller,
    request: Request,
) -> Result<(StatusCode, Json<AbortAsked>), Problem> {
    let Reason { reason } = request::json(request).await?;
    request::check_reason(&reason)?;
    app.engine().await?.abort(&run, &reason, &by).await?;
    Ok((StatusCode::ACCEPTED, Json(AbortAsked { run })))
}

/// The way out for a run whose journal is broken.
pub(crate) async fn set_aside(
    State(app): State<App>,
    Run(run): Run,
    Caller(by): Caller,
    request: Request,
) -> Result<Json<SetAside>, Problem> {
    let Reason { reason } = request::json(request).await?;
    request::check_reason(&reason)?;
    Ok(Json(app.engine().await?.set_aside(&run, &reason, &by).await?))
}
