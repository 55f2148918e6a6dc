//! Sending over REST.

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::State;
use super::message::Message;
use crate::door::{Request, Response};

/// The standard tier takes no larger message, properties included.
const LARGEST: usize = 256 * 1024;
/// Message and session identifiers.
const LONGEST_ID: usize = 128;

/// `POST /{queue}/messages`.
pub(super) fn send(state: &mut State, now: Timestamp, request: &Request) -> Response {
    let mut path = request.path().trim_matches('/').split('/');
    let (Some(name), Some(tail), None) = (path.next(), path.next(), path.next()) else {
        return refusal(404, "The requested resource was not found.");
    };
    let Some(queue) = state.queue(now, name) else {
        return refusal(404, "40400: Endpoint not found.");
    };
    if !tail.eq_ignore_ascii_case("messages") {
        return refusal(404, "40400: Endpoint not found.");
    }
    if request.method != "POST" {
        return refusal(405, "The specified HTTP verb is not supported.");
    }
    if request.body.len() + request.header("brokerproperties").map_or(0, str::len) > LARGEST {
        return refusal(403, "The message is larger than the queue allows: 262144 bytes.");
    }
    let mut message = match read(request) {
        Ok(message) => message,
        Err(problem) => return refusal(400, &problem),
    };
    if message.id.is_empty() {
        message.id = queue.token();
    }
    if queue.settings.sessions && message.session.is_none() {
        return refusal(
            405,
            "The SessionId was not set on a message, and it cannot be sent to the entity. Entities \
             that have session support enabled can only receive messages that have the SessionId \
             set to a valid value.",
        );
    }
    queue.send(now, message);
    Response::empty(201)
}

/// The XML body with which Service Bus refuses.
pub(super) fn refusal(status: u16, detail: &str) -> Response {
    let detail = detail.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!("<Error><Code>{status}</Code><Detail>{detail}</Detail></Error>");
    Response {
        status,
        headers: vec![("content-type".into(), "application/xml; charset=utf-8".into())],
        body: body.into_bytes(),
    }
}

fn read(request: &Request) -> Result<Message, String> {
    let properties = match request.header("brokerproperties") {
        None => Map::new(),
        Some(text) => serde_json::from_str(text)
            .map_err(|error| format!("BrokerProperties is not a JSON object: {error}"))?,
    };
    let text = |name: &str| match properties.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("BrokerProperties: {name} must be a string")),
    };
    let id = |name: &str| {
        let id = text(name)?;
        match &id {
            Some(id) if id.is_empty() || id.chars().count() > LONGEST_ID => {
                Err(format!("BrokerProperties: {name} must have 1 to {LONGEST_ID} characters"))
            }
            _ => Ok(id),
        }
    };
    let session_id = id("SessionId")?;
    if let Some(key) = id("PartitionKey")?
        && session_id.as_ref().is_some_and(|session| *session != key)
    {
        return Err("PartitionKey must be the SessionId when both are set".into());
    }
    let scheduled_for = text("ScheduledEnqueueTimeUtc")?.map(|text| date(&text)).transpose()?;
    let time_to_live = match properties.get("TimeToLive") {
        None | Some(Value::Null) => None,
        Some(value) => Some(seconds(value)?),
    };
    Ok(Message {
        id: id("MessageId")?.unwrap_or_default(),
        session: session_id,
        body: request.body.clone(),
        content_type: request.header("content-type").map(str::to_owned),
        correlation_id: text("CorrelationId")?,
        subject: text("Label")?,
        properties: custom_properties(request),
        time_to_live,
        scheduled_for,
    })
}

/// RFC 1123 in GMT is the documented form; others are refused so that nobody comes to rely on them.
fn date(text: &str) -> Result<Timestamp, String> {
    let refuse = || {
        format!("ScheduledEnqueueTimeUtc {text:?} is not like \"Sun, 22 Nov 2026 10:00:00 GMT\"")
    };
    if !text.ends_with(" GMT") {
        return Err(refuse());
    }
    rfc2822::parse(text).map(|zoned| zoned.timestamp()).map_err(|_| refuse())
}

fn seconds(value: &Value) -> Result<SignedDuration, String> {
    value
        .as_f64()
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "BrokerProperties: TimeToLive must be a positive number of seconds".into())
}

/// Every header that HTTP and Service Bus do not claim is a property of the message: a string in
/// double quotes, or a number.
fn custom_properties(request: &Request) -> Map<String, Value> {
    const CLAIMED: [&str; 15] = [
        "accept",
        "accept-encoding",
        "authorization",
        "brokerproperties",
        "connection",
        "content-length",
        "content-type",
        "date",
        "expect",
        "host",
        "traceparent",
        "tracestate",
        "transfer-encoding",
        "user-agent",
        "x-forwarded-for",
    ];
    request
        .headers
        .iter()
        .filter(|(name, _)| !CLAIMED.contains(&name.as_str()) && !name.starts_with("x-ms-"))
        .map(|(name, value)| {
            let read = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value.as_str()));
            (name.clone(), read)
        })
        .collect()
}
