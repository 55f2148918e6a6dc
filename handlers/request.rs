//! What people send: bodies, and names in paths.

use axum::body::Bytes;
use axum::extract::{FromRequestParts, Path, Request};
use axum::http::request::Parts;
use futures::StreamExt;
use recovery::plan::WorkloadName;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{FieldError, Kind, Problem};

/// The largest body that a person sends: a plan has at most 256 KiB.
pub(crate) const BODY_MAX: usize = 1 << 20;
/// Of a body that is too large so much is read to its end: who is still sending does not see an
/// answer.
const DRAIN_MAX: usize = 32 << 20;
const REASON_MAX: usize = 500;
/// What is wrong may quote a name of any length.
const PROBLEM_MAX: usize = 400;

/// The workload in the path. It is one that could exist.
pub(crate) struct Workload(pub(crate) String);

/// The run in the path. It is one that could exist.
pub(crate) struct Run(pub(crate) String);

/// A body with nothing but a reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    pub(crate) reason: String,
}

/// Why a body cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    TooLarge { most: usize },
    BrokenOff,
}

/// The body, if it has at most `most` bytes.
pub(crate) async fn body(request: Request, most: usize) -> Result<Bytes, Unread> {
    let mut chunks = request.into_body().into_data_stream();
    let mut body = Vec::new();
    let mut length = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Unread::BrokenOff)?;
        length = length.saturating_add(chunk.len());
        if length > DRAIN_MAX {
            break;
        }
        if length <= most {
            body.extend_from_slice(&chunk);
        }
    }
    if length > most { Err(Unread::TooLarge { most }) } else { Ok(body.into()) }
}

/// A body of JSON with exactly the fields of `T`.
pub(crate) async fn json<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    read(&body(request, BODY_MAX).await?)
}

/// Reads JSON with exactly the fields of `T`.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let wrong = |pointer: String, problem: String| {
        let problem: String = problem.chars().take(PROBLEM_MAX).collect();
        let mend = "docs/api.openapi.json says what belongs here";
        Problem::fields(vec![FieldError::new(pointer, problem, mend)])
    };
    if body.is_empty() {
        // The Functions host drops a body that comes without a length.
        return Err(wrong(String::new(), "is empty: send JSON with a Content-Length".to_owned()));
    }
    let mut text = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut text)
        .map_err(|error| wrong(pointer(error.path()), error.inner().to_string()))?;
    text.end().map_err(|error| wrong(String::new(), error.to_string()))?;
    Ok(value)
}

/// The body of a request to do something, whose reason goes into the report.
pub(crate) fn check_reason(reason: &str) -> Result<(), Problem> {
    let problem = if reason.trim().is_empty() {
        "is empty"
    } else if reason.chars().count() > REASON_MAX {
        "has more than 500 letters"
    } else if reason.chars().any(|letter| letter.is_control() && letter != '\n') {
        "has a control character"
    } else {
        return Ok(());
    };
    let mend = "say in a sentence why: it goes into the report";
    Err(Problem::fields(vec![FieldError::new("/reason", problem, mend)]))
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge { most } => {
                Self::new(Kind::TooLarge, format!("more than the {most} bytes allowed"))
            }
            Unread::BrokenOff => Self::new(Kind::InvalidRequest, "the body broke off"),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Workload {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let unknown = |what: String| Problem::new(Kind::UnknownWorkload, what);
        let name = Path::<String>::from_request_parts(parts, state).await;
        let Path(name) = name.map_err(|_| unknown("the name in the path is not text".into()))?;
        let name: WorkloadName = name
            .parse()
            .map_err(|error| unknown(format!("there can be no such workload: {error}")))?;
        Ok(Self(name.to_string()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Run {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let unknown = |what: &str| Problem::new(Kind::UnknownRun, what);
        let name = Path::<String>::from_request_parts(parts, state).await;
        let Path(name) = name.map_err(|_| unknown("the name in the path is not text"))?;
        if is_run_name(&name) { Ok(Self(name)) } else { Err(unknown("there can be no such run")) }
    }
}

/// Runs are named after their workload and what they are.
pub(crate) fn is_run_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=100).contains(&name.len()) && name.bytes().all(plain)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// A key as a part of a JSON pointer.
pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
