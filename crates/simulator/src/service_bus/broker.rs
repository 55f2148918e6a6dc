//! The receiving side: the protocol between this broker and the local Functions host.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::State;
use super::message::{Delivery, LockLost, Stored};
use super::queue::Queue;
use crate::door::{Request, Response};

/// One request of a receiver. Paths and bodies are listed in `docs/functions-host.md`.
pub(super) fn handle(state: &mut State, now: Timestamp, request: &Request) -> Response {
    state.advance(now);
    let path = request.path().trim_matches('/').to_owned();
    let segments: Vec<&str> = path.split('/').collect();
    let body = request.json().unwrap_or_default();
    match (request.method.as_str(), segments.as_slice()) {
        ("POST", ["broker", "settle"]) => settle(state, &body),
        ("POST", ["broker", "renew"]) => {
            on_lock(state, &body, |queue, token| queue.renew(now, token))
                .map_or_else(lost, |until| Response::json(200, &json!({"locked_until": until})))
        }
        ("POST", ["broker", "close_session"]) => on_lock(state, &body, Queue::close_session)
            .map_or_else(lost, |()| Response::json(200, &json!({}))),
        ("POST", ["broker", queue, "receive"]) => match state.queue(now, queue) {
            Some(queue) => receive(queue, now, &body),
            None => unknown(queue),
        },
        ("GET", ["broker", queue, "peek"]) => peek(state, queue, false),
        ("GET", ["broker", queue, sub, "peek"])
            if sub.eq_ignore_ascii_case("$DeadLetterQueue")
                || sub.eq_ignore_ascii_case("%24DeadLetterQueue") =>
        {
            peek(state, queue, true)
        }
        _ => Response::error(404, "NotFound", "The broker has no such operation."),
    }
}

fn receive(queue: &mut Queue, now: Timestamp, body: &Value) -> Response {
    let (Some(receiver), Some(limit)) = (body["receiver"].as_str(), body["sessions_max"].as_u64())
    else {
        return Response::error(400, "BadRequest", "receiver and sessions_max are required.");
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let messages: Vec<Value> =
        queue.receive(now, receiver, limit).iter().map(delivery_json).collect();
    Response::json(200, &json!({"messages": messages}))
}

fn settle(state: &mut State, body: &Value) -> Response {
    let reason = body["reason"].as_str().unwrap_or_default();
    let settled = match body["outcome"].as_str() {
        Some("complete") => on_lock(state, body, Queue::complete),
        Some("abandon") => on_lock(state, body, Queue::abandon),
        Some("dead_letter") => {
            on_lock(state, body, |queue, token| queue.dead_letter(token, reason))
        }
        _ => return Response::error(400, "BadRequest", "outcome: complete, abandon, dead_letter."),
    };
    settled.map_or_else(lost, |()| Response::json(200, &json!({})))
}

/// Lock tokens are unique in the namespace: the queue that knows it is the right one.
fn on_lock<T>(
    state: &mut State,
    body: &Value,
    act: impl Fn(&mut Queue, &str) -> Result<T, LockLost>,
) -> Result<T, LockLost> {
    let token = body["lock_token"].as_str().ok_or(LockLost)?;
    state.queues.values_mut().find_map(|queue| act(queue, token).ok()).ok_or(LockLost)
}

fn lost(_: LockLost) -> Response {
    Response::error(410, "LockLost", "The lock has expired or was never held.")
}

fn unknown(queue: &str) -> Response {
    Response::error(404, "NotFound", &format!("There is no queue {queue}."))
}

fn peek(state: &State, name: &str, dead: bool) -> Response {
    let Some((_, queue)) = state.queues.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
    else {
        return unknown(name);
    };
    let messages: Vec<Value> = if dead {
        queue.dead.iter().map(stored_json).collect()
    } else {
        queue.active().map(stored_json).collect()
    };
    Response::json(200, &json!({"messages": messages}))
}

fn delivery_json(delivery: &Delivery) -> Value {
    let mut value = stored_json(&delivery.stored);
    value["lock_token"] = json!(delivery.lock_token);
    value["session_token"] = json!(delivery.session_token);
    value["locked_until"] = json!(delivery.locked_until);
    value["delivery_count"] = json!(delivery.stored.failures + 1);
    value
}

fn stored_json(stored: &Stored) -> Value {
    let message = &stored.message;
    json!({
        "message_id": message.id,
        "session_id": message.session,
        "sequence_number": stored.sequence_number,
        "delivery_count": stored.failures,
        "enqueued_at": stored.enqueued_at,
        "expires_at": stored.expires_at,
        "content_type": message.content_type,
        "correlation_id": message.correlation_id,
        "subject": message.subject,
        "application_properties": message.properties,
        "body": STANDARD.encode(&message.body),
    })
}
