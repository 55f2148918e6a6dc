//! Taking messages from a queue. A custom handler cannot settle a message, and the broker gives a
//! failed one back at once and ten times at most, so a good message would be lost to a fault of a
//! second. So: what is bad goes to the `poison` queue with its reason; what cannot be done now is
//! sent again with a delay, under a new id (the old one would be dropped as a duplicate); and both
//! are answered as done. Only when the bus takes neither, the host is told of a failure.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bus::{BusError, Message};
use futures::FutureExt;
use jiff::SignedDuration;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::App;
use crate::invocation::{About, Invocation, done};
use crate::request::{self, Unread};

pub(crate) const SIGNALS: &str = "signals";
pub(crate) const WAKES: &str = "wakes";
const POISON: &str = "poison";

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    Done(Vec<String>),
    /// Good, but not now.
    Later(String),
    /// Never.
    Bad(String),
}

/// What a queue carries.
pub(crate) trait Letter: DeserializeOwned {
    /// What must be true of it beyond its shape; otherwise what is wrong.
    fn check(&self) -> Result<(), String>;
    /// The session that it travels in.
    fn session(&self) -> &str;
}

/// An envelope holds the message in base64 and what the broker says of it.
const ENVELOPE_MAX: usize = 16 << 20;
/// None of our own messages comes near this.
const MESSAGE_MAX: usize = 1 << 20;
/// How much of a bad message is kept. The queue's own limit is 256 KB, and base64 adds a third.
const ORIGINAL_MAX: usize = 64 << 10;
/// Control characters make a text six times as long in JSON: then only its base64 is kept.
const TEXT_MAX: usize = 96 << 10;
/// What is wrong may quote what it is about.
const REASON_MAX: usize = 1000;
/// Beside what the message says, the number of times that it was sent again.
const ATTEMPT: &str = "attempt";
/// With the delays below it is tried for more than an hour.
const ATTEMPTS_MAX: u64 = 20;
const FIRST_DELAY_S: i64 = 10;
const LONGEST_DELAY_S: i64 = 300;

/// Takes the message of an invocation and lets `work` have it, and with it whether an earlier
/// delivery may have got half-way.
pub(crate) async fn take<T: Letter>(
    app: &App,
    queue: &'static str,
    request: Request,
    work: impl AsyncFnOnce(&T, bool) -> Taken,
) -> Response {
    let envelope = match request::body(request, ENVELOPE_MAX).await {
        Ok(envelope) => envelope,
        // Nobody waits for an answer any more.
        Err(Unread::BrokenOff) => return StatusCode::BAD_REQUEST.into_response(),
        Err(Unread::TooLarge { most }) => {
            let reason = format!("the envelope has more than {most} bytes");
            return poison(app, queue, &About::default(), b"", &reason).await;
        }
    };
    let Invocation { message, about } = match Invocation::read(&envelope) {
        Ok(invocation) => invocation,
        Err(error) => {
            return poison(app, queue, &About::default(), &envelope, &error.to_string()).await;
        }
    };
    let (letter, attempt) = match open::<T>(&message) {
        Ok(opened) => opened,
        Err(reason) => return poison(app, queue, &about, &message, &reason).await,
    };
    let is_repeated = attempt > 0 || about.is_redelivery();
    let worked = AssertUnwindSafe(work(&letter, is_repeated)).catch_unwind().await;
    // A panic is our fault, not the message's.
    match worked.unwrap_or_else(|_| Taken::Later("a fault in Farshore".to_owned())) {
        Taken::Done(logs) => done(logs).into_response(),
        Taken::Bad(reason) => poison(app, queue, &about, &message, &reason).await,
        Taken::Later(reason) if attempt >= ATTEMPTS_MAX => {
            let reason = format!("given up after {attempt} more attempts: {reason}");
            poison(app, queue, &about, &message, &reason).await
        }
        Taken::Later(reason) => {
            later(app, queue, letter.session(), &message, attempt + 1, &reason).await
        }
    }
}

/// Reads a message and how often it was sent again.
fn open<T: Letter>(message: &[u8]) -> Result<(T, u64), String> {
    if message.len() > MESSAGE_MAX {
        return Err(format!("it has more than {MESSAGE_MAX} bytes"));
    }
    let mut value: Value =
        serde_json::from_slice(message).map_err(|error| format!("it is not JSON: {error}"))?;
    let attempt = match value.as_object_mut().and_then(|fields| fields.shift_remove(ATTEMPT)) {
        None => 0,
        Some(attempt) => attempt.as_u64().ok_or("`attempt` is not a count")?,
    };
    let letter: T =
        serde_json::from_value(value).map_err(|error| format!("it is not for us: {error}"))?;
    letter.check()?;
    Ok((letter, attempt))
}

async fn later(
    app: &App,
    queue: &'static str,
    session: &str,
    message: &[u8],
    attempt: u64,
    reason: &str,
) -> Response {
    // It was read before, so it is an object.
    let mut body: Value = serde_json::from_slice(message).unwrap_or_default();
    body[ATTEMPT] = json!(attempt);
    let doubled = FIRST_DELAY_S << (attempt - 1).min(10);
    let delay = SignedDuration::from_secs(doubled.min(LONGEST_DELAY_S));
    let copy = Message {
        session: Some(session.to_owned()),
        id: app.new_id(),
        body: body.to_string().into_bytes(),
        at: Some(app.clock().now() + delay),
        content_type: "application/json".to_owned(),
    };
    let line = format!("{queue} {session}: again in {} s: {reason}", delay.as_secs());
    tracing::warn!(queue, session, attempt, reason, "a message is put off");
    answer(app.send(queue, &copy).await, line)
}

async fn poison(
    app: &App,
    queue: &'static str,
    about: &About,
    original: &[u8],
    reason: &str,
) -> Response {
    let kept = &original[..original.len().min(ORIGINAL_MAX)];
    let reason: String = reason.chars().take(REASON_MAX).collect();
    let text = std::str::from_utf8(kept).ok().map(Value::from);
    let body = json!({
        "queue": queue,
        "reason": reason,
        "at": app.clock().now(),
        "message": about,
        "size": original.len(),
        "truncated": kept.len() < original.len(),
        "text": text.filter(|text| text.to_string().len() <= TEXT_MAX),
        "base64": STANDARD.encode(kept),
    });
    // The same copy twice is one, if the queue remembers ids.
    let mut id = Sha256::new();
    id.update(queue);
    id.update(about.sequence_number.as_deref().unwrap_or_default());
    id.update([0]);
    id.update(about.message_id.as_deref().unwrap_or_default());
    id.update([0]);
    id.update(original);
    let copy = Message {
        session: None,
        id: format!("{:x}", id.finalize()),
        body: body.to_string().into_bytes(),
        at: None,
        content_type: "application/json".to_owned(),
    };
    let message_id = about.message_id.as_deref().unwrap_or_default();
    tracing::error!(queue, message_id, reason, "a message went to the poison queue");
    answer(app.send(POISON, &copy).await, format!("{queue}: to the poison queue: {reason}"))
}

/// The copy is on its way, or the original must come back.
fn answer(sent: Result<(), BusError>, line: String) -> Response {
    match sent {
        Ok(()) => done(vec![line]).into_response(),
        Err(error) => {
            tracing::error!(%error, "the copy was not taken: the message comes back at once");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
