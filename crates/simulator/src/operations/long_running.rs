//! Long-running operations: begun with a 202, polled until they end.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ArmRequest;
use super::throttle::Buckets;
use crate::door::{Answer, Response};
use crate::regions::Region;
use crate::world::{self, World};

/// All operations, and what else the front door remembers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Operations {
    running: BTreeMap<String, Operation>,
    pub(super) buckets: Buckets,
}

/// Which headers the 202 carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `Azure-AsyncOperation` only.
    AsyncOperation,
    /// `Location` only.
    Location,
    Both,
}

/// How an operation ended: the body of its result (`None`: 204), or the error.
pub(crate) type Done = Result<Option<Value>, Failure>;

/// The error of a failed operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// When an operation ends.
#[derive(Debug, Clone)]
pub(crate) enum Ends {
    /// At this time, by itself.
    At(Timestamp, Done),
    /// When its module calls [`complete`].
    WhenTold,
}

/// What an operation is like to its caller.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    /// Path of the status URL up to the operation's id:
    /// `/subscriptions/S/providers/Microsoft.Network/locations/westus/operations`.
    pub(crate) status_path: String,
    /// Path of the result URL up to the operation's id: `…/operationResults`.
    pub(crate) result_path: String,
    pub(crate) style: Style,
    /// Seconds; an integer of at least 1, or the SDKs wait 30 s.
    pub(crate) retry_after: u32,
    /// Status and body of the first answer: (202, None) for most.
    pub(crate) accepted: (u16, Option<Value>),
    /// The region that runs it: while it is down, polls fare like all calls to that region.
    pub(crate) region: Region,
    pub(crate) ends: Ends,
}

#[derive(Debug, Clone)]
struct Operation {
    status_path: String,
    result_path: String,
    region: Region,
    retry_after: u32,
    started_at: Timestamp,
    ended: Option<Done>,
}

/// An operation ends by itself.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    id: String,
    done: Done,
}

impl Failure {
    pub(crate) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

/// Begins an operation: its id and the answer that tells the caller where to poll.
pub(crate) fn start(world: &mut World, request: &ArmRequest<'_>, spec: Spec) -> (String, Response) {
    let id = world.guid();
    if let Ends::At(at, done) = spec.ends {
        world.agenda.plan(at, world::Due::Operation(Due { id: id.clone(), done }));
    }
    let url = |path: &str, salt: &str| {
        signed_url(&request.base_url, &format!("{path}/{id}"), &request.api_version, salt)
    };
    let (status, body) = &spec.accepted;
    let mut response = match body {
        Some(body) => Response::json(*status, body),
        None => Response::empty(*status),
    };
    if spec.style != Style::Location {
        response =
            response.with_header("Azure-AsyncOperation", url(&spec.status_path, "operation"));
    }
    if spec.style != Style::AsyncOperation {
        response = response.with_header("Location", url(&spec.result_path, "result"));
    }
    response = response.with_header("Retry-After", spec.retry_after.to_string());
    let operation = Operation {
        status_path: spec.status_path.to_ascii_lowercase(),
        result_path: spec.result_path.to_ascii_lowercase(),
        region: spec.region,
        retry_after: spec.retry_after,
        started_at: world.now,
        ended: None,
    };
    world.operations.running.insert(id.clone(), operation);
    (id, response)
}

/// Ends an operation that was begun with [`Ends::WhenTold`]. A second end is ignored.
pub(crate) fn complete(world: &mut World, id: &str, done: Done) {
    if let Some(operation) = world.operations.running.get_mut(id) {
        operation.ended.get_or_insert(done);
    }
}

pub(crate) fn on_due(world: &mut World, due: Due) {
    complete(world, &due.id, due.done);
}

/// An absolute URL with the query that ARM signs since 2024: `t`, `c` (a certificate, some 2.5 KB),
/// `s` and `h`. What is in them means nothing here, only that they come back unchanged.
pub(crate) fn signed_url(base_url: &str, path: &str, api_version: &str, salt: &str) -> String {
    let filler = |length: usize, salt: &str| {
        let mut random = fastrand::Rng::with_seed(seed(&format!("{path}{salt}")));
        let bytes: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    };
    format!(
        "{base_url}{path}?api-version={api_version}&t=638{}&c={}&s={}&h={}",
        seed(path) % 1_000_000_000_000_000,
        filler(1900, "certificate"),
        filler(256, salt),
        filler(32, "hash"),
    )
}

/// FNV-1a: the same filler for the same URL, without drawing on the world's generator.
fn seed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The region that runs the operation a poll asks for.
pub(super) fn region_of_poll(world: &World, request: &ArmRequest<'_>) -> Option<Region> {
    find(world, request).map(|(_, operation, _)| operation.region)
}

/// Answers a poll; `None` when the path is not one of ours.
pub(super) fn poll(world: &World, request: &ArmRequest<'_>) -> Option<Answer> {
    if request.method != "GET" {
        return None;
    }
    let (id, operation, is_status) = find(world, request)?;
    let response =
        if is_status { status(id, operation) } else { result(operation, request.request) };
    Some(response.into())
}

fn find<'w>(world: &'w World, request: &ArmRequest<'_>) -> Option<(&'w str, &'w Operation, bool)> {
    let (folder, id) = request.request.path().rsplit_once('/')?;
    let (id, operation) = world.operations.running.get_key_value(&id.to_ascii_lowercase())?;
    let folder = folder.to_ascii_lowercase();
    if folder == operation.status_path {
        Some((id, operation, true))
    } else if folder == operation.result_path {
        Some((id, operation, false))
    } else {
        None
    }
}

/// `{"name","status","startTime"[,"error"]}` (recorded: SQL failover group operations).
fn status(id: &str, operation: &Operation) -> Response {
    let mut body = json!({
        "name": id,
        "status": match &operation.ended {
            None => "InProgress",
            Some(Ok(_)) => "Succeeded",
            Some(Err(_)) => "Failed",
        },
        "startTime": operation.started_at.to_string(),
    });
    if let Some(Err(failure)) = &operation.ended {
        body["error"] = json!({"code": failure.code, "message": failure.message});
    }
    let response = Response::json(200, &body);
    if operation.ended.is_none() {
        response.with_header("Retry-After", operation.retry_after.to_string())
    } else {
        response
    }
}

/// 202 while it runs, then 200 with the result, 204 without one, or the error.
fn result(operation: &Operation, request: &crate::door::Request) -> Response {
    match &operation.ended {
        None => Response::empty(202)
            .with_header("Location", poll_again(request))
            .with_header("Retry-After", operation.retry_after.to_string()),
        Some(Ok(Some(body))) => Response::json(200, body),
        Some(Ok(None)) => Response::empty(204),
        Some(Err(failure)) => Response::error(400, &failure.code, &failure.message),
    }
}

/// The URL that was asked, again.
fn poll_again(request: &crate::door::Request) -> String {
    format!("{}{}", ArmRequest::new(request).base_url, request.target)
}
