//! The body of an invocation: `{"Data": {...}, "Metadata": {...}}`.
//!
//! The encoding is the real host's, odd as it is: a scalar is JSON text inside a JSON string, dates
//! lose their fraction, and dates without an offset lose their `Z`.
//! Source: `ScriptInvocationContextExtensions` and its tests in Azure/azure-functions-host.

pub(crate) mod http;
pub(crate) mod queue;
pub(crate) mod timer;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

/// Facts of one invocation that the metadata repeats.
#[derive(Debug, Clone)]
pub(crate) struct Context<'a> {
    pub(crate) function: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) random_guid: String,
}

/// A value that is not an object: JSON text in a JSON string.
pub(crate) fn scalar(value: &Value) -> Value {
    Value::String(value.to_string())
}

/// A `DateTime`: seconds, no `Z`.
pub(crate) fn date_time(time: Timestamp) -> Value {
    Value::String(TimeZone::UTC.to_datetime(time).strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

/// A `DateTimeOffset`: seconds, `+00:00`.
pub(crate) fn date_time_offset(time: Timestamp) -> Value {
    Value::String(TimeZone::UTC.to_datetime(time).strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string())
}

/// A `DateTime` inside an object: as Newtonsoft writes it, with `Z` and as many digits as needed.
pub(crate) fn date_in_object(time: Timestamp) -> Value {
    Value::String(time.to_string())
}

/// `sys`, which every invocation carries.
fn sys(context: &Context<'_>) -> Value {
    json!({
        "MethodName": context.function,
        "UtcNow": date_in_object(context.now),
        "RandGuid": context.random_guid,
    })
}

/// Copies the top-level properties of a JSON text into the metadata: not arrays, not nulls. The
/// names are compared without regard to case, so a body can replace what the broker said.
/// Source: `Utility.ApplyBindingData` and host issue 7119.
fn overlay(metadata: &mut Map<String, Value>, text: &str) {
    let Ok(Value::Object(body)) = serde_json::from_str::<Value>(text) else { return };
    for (name, value) in body {
        let encoded = match &value {
            Value::Null | Value::Array(_) => continue,
            Value::Object(_) => value,
            other => scalar(&Value::String(as_net_text(other))),
        };
        set(metadata, &name, encoded);
    }
}

/// Sets a value; an existing key keeps its spelling, and keys that end in "trigger" are dropped.
fn set(metadata: &mut Map<String, Value>, name: &str, value: Value) {
    if name.to_ascii_lowercase().ends_with("trigger") {
        return;
    }
    let known = metadata.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
    metadata.insert(known.unwrap_or_else(|| name.to_owned()), value);
}

/// What `(string)token` makes of a JSON scalar: `True`, `5`, and for a text that looks like an ISO
/// date the invariant culture's form.
fn as_net_text(value: &Value) -> String {
    match value {
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::String(text) => net_date(text).unwrap_or_else(|| text.clone()),
        Value::Number(number) => {
            let text = number.to_string();
            text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
        }
        other => other.to_string(),
    }
}

fn net_date(text: &str) -> Option<String> {
    if text.len() < 19 || text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let civil = match text.parse::<Timestamp>() {
        Ok(time) => TimeZone::UTC.to_datetime(time),
        Err(_) => text.parse().ok()?,
    };
    Some(civil.strftime("%m/%d/%Y %H:%M:%S").to_string())
}
