//! A workload's plan: shown with its version, replaced only by who has seen the version that is
//! there.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{Engine, Error};
use recovery::Plan;
use serde::Serialize;

use crate::App;
use crate::entity_tag;
use crate::error::{FieldError, Kind, Problem};
use crate::request::{self, Workload};

#[derive(Debug, Serialize)]
struct Stored {
    workload: String,
    plan_version: String,
}

pub(crate) async fn show(
    State(app): State<App>,
    Workload(workload): Workload,
) -> Result<Response, Problem> {
    let status = app.engine().await?.workload(&workload).await?;
    let tag = entity_tag::of(status.plan_version.as_deref().unwrap_or_default());
    Ok(([(header::ETAG, tag)], Json(status.plan)).into_response())
}

pub(crate) async fn replace(
    State(app): State<App>,
    Workload(workload): Workload,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let body = request::body(request, request::BODY_MAX).await?;
    let text = std::str::from_utf8(&body).map_err(|error| {
        let problem = format!("is not UTF-8 from byte {} on", error.valid_up_to());
        Problem::fields(vec![FieldError::new("", problem, "save the plan as UTF-8")])
    })?;
    let plan = Plan::parse(text)?;
    if plan.workload.as_str() != workload {
        let problem =
            format!("is {:?} and not {workload:?}, as in the path", plan.workload.as_str());
        let mend = "send the plan to its own workload";
        return Err(Problem::with(
            Kind::InvalidPlan,
            vec![FieldError::new("/workload", problem, mend)],
        ));
    }
    let engine = app.engine().await?;
    let expected = expected(engine, &workload, &headers).await?;
    let is_conditional =
        headers.contains_key(header::IF_MATCH) || headers.contains_key(header::IF_NONE_MATCH);
    let version = match engine.put_plan(&workload, text, expected.as_deref()).await {
        Ok(version) => version,
        Err(Error::Conflict(detail)) if is_conditional => {
            return Err(Problem::new(Kind::VersionMismatch, detail));
        }
        Err(Error::Conflict(_)) => {
            let detail = "the workload has a plan: read it, then send its ETag as If-Match";
            return Err(Problem::new(Kind::VersionRequired, detail));
        }
        Err(error) => return Err(error.into()),
    };
    let status = if expected.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    let headers = [
        (header::ETAG, entity_tag::of(&version)),
        (header::LOCATION, format!("/api/workloads/{workload}/plan")),
    ];
    Ok((status, headers, Json(Stored { workload, plan_version: version })).into_response())
}

/// The version that is to be replaced; none if there must not be any.
async fn expected(
    engine: &Engine,
    workload: &str,
    headers: &HeaderMap,
) -> Result<Option<String>, Problem> {
    let wrong = |problem: &str| {
        Err(Problem::new(Kind::InvalidRequest, format!("the conditions are wrong: {problem}")))
    };
    let must_be = entity_tag::listed(headers, &header::IF_MATCH);
    let must_not_be = entity_tag::listed(headers, &header::IF_NONE_MATCH);
    match (must_be, must_not_be) {
        (Some(_), Some(_)) => wrong("send If-Match or If-None-Match"),
        (None, Some(tags)) if tags != ["*"] => wrong("If-None-Match can only be *"),
        (None, _) => Ok(None),
        (Some(tags), None) => {
            let mismatch = |detail: &str| Err(Problem::new(Kind::VersionMismatch, detail));
            let version = match engine.workload(workload).await {
                Ok(status) => status.plan_version,
                Err(Error::NotFound { .. }) => {
                    return mismatch("the workload has no plan: leave If-Match out");
                }
                Err(error) => return Err(error.into()),
            };
            match version {
                Some(version) if entity_tag::includes(&tags, &version) => Ok(Some(version)),
                _ => mismatch("the plan has another version now: read it again"),
            }
        }
    }
}
