//! What is told when something is not done: `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use recovery::plan::PlanErrors;
use serde::Serialize;

/// A request that was not served, and why.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
}

/// The kinds of problems; each has one status, one title and one stable `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    InvalidRequest,
    UnknownPath,
    UnknownWorkload,
    UnknownRun,
    NotConcerned,
    MethodNotAllowed,
    Conflict,
    VersionMismatch,
    TooLarge,
    InvalidPlan,
    VersionRequired,
    Internal,
    BrokenRecord,
    Misconfigured,
    Unavailable,
}

/// One thing that is wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FieldError {
    /// The JSON pointer (RFC 6901) of the value; empty for the whole body.
    pub(crate) pointer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<usize>,
    pub(crate) problem: String,
    pub(crate) mend: String,
}

/// After how many seconds somebody who was turned away should come again.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("10");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Kind {
    fn about(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::InvalidRequest => (S::BAD_REQUEST, "invalid-request", "The request is wrong"),
            Self::UnknownPath => (S::NOT_FOUND, "unknown-path", "There is nothing here"),
            Self::UnknownWorkload => (S::NOT_FOUND, "unknown-workload", "No such workload"),
            Self::UnknownRun => (S::NOT_FOUND, "unknown-run", "No such run"),
            Self::NotConcerned => (S::NOT_FOUND, "not-concerned", "No workload is concerned"),
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "method-not-allowed", "Not with this method")
            }
            Self::Conflict => (S::CONFLICT, "conflict", "Not in this state"),
            Self::VersionMismatch => {
                (S::PRECONDITION_FAILED, "version-mismatch", "Another version is stored")
            }
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::InvalidPlan => (S::UNPROCESSABLE_ENTITY, "invalid-plan", "The plan is wrong"),
            Self::VersionRequired => {
                (S::PRECONDITION_REQUIRED, "version-required", "Say which version you replace")
            }
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", "Farshore failed"),
            Self::BrokenRecord => {
                (S::INTERNAL_SERVER_ERROR, "broken-record", "What is stored cannot be read")
            }
            Self::Misconfigured => {
                (S::SERVICE_UNAVAILABLE, "misconfigured", "The installation is not right")
            }
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable", "Not now"),
        }
    }
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new() }
    }

    /// A body that is not what was asked for.
    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        Self::with(Kind::InvalidRequest, errors)
    }

    pub(crate) fn with(kind: Kind, errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => one.to_string(),
            all => format!("{} things are wrong", all.len()),
        };
        Self { kind, detail, errors }
    }

    /// The response with its body, for the path that was asked for.
    pub(crate) fn complete(&self, mut response: Response, instance: &str) -> Response {
        let (status, slug, title) = self.kind.about();
        let body = Body {
            r#type: format!("urn:farshore:problem:{slug}"),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            instance,
            errors: &self.errors,
        };
        *response.body_mut() = serde_json::to_vec(&body).expect("texts serialise").into();
        // Axum has measured the empty body already.
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().insert(header::CONTENT_TYPE, PROBLEM_JSON);
        response
    }
}

impl FieldError {
    pub(crate) fn new(
        pointer: impl Into<String>,
        problem: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        let (pointer, problem, mend) = (pointer.into(), problem.into(), mend.into());
        Self { pointer, line: None, column: None, problem, mend }
    }
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.pointer.is_empty() { "the body" } else { &self.pointer };
        write!(formatter, "{place} {}; {}", self.problem, self.mend)
    }
}

impl From<PlanErrors> for Problem {
    fn from(errors: PlanErrors) -> Self {
        let fields = errors.0.into_iter().map(|error| FieldError {
            pointer: error.pointer,
            line: Some(error.line),
            column: Some(error.column),
            problem: error.problem,
            mend: error.mend,
        });
        Self::with(Kind::InvalidPlan, fields.collect())
    }
}

impl From<engine::Error> for Problem {
    fn from(error: engine::Error) -> Self {
        use engine::Error;
        let kind = match error {
            Error::Plan(errors) => return errors.into(),
            Error::NotFound { what: "run", .. } => Kind::UnknownRun,
            Error::NotFound { .. } => Kind::UnknownWorkload,
            Error::Conflict(_) => Kind::Conflict,
            // What people send was checked before; what is left is a store that refuses us.
            Error::Invalid(_) => Kind::Misconfigured,
            Error::Corrupt(_) => Kind::BrokenRecord,
            Error::Unavailable(_) => Kind::Unavailable,
        };
        if matches!(kind, Kind::Misconfigured | Kind::BrokenRecord) {
            tracing::error!(%error, "a person must look");
        }
        Self::new(kind, error.to_string())
    }
}

impl IntoResponse for Problem {
    /// Without a body yet: only the shell knows the path, and calls [`Problem::complete`].
    fn into_response(self) -> Response {
        let (status, ..) = self.kind.about();
        let mut response = status.into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_S);
        }
        response.extensions_mut().insert(self);
        response
    }
}
