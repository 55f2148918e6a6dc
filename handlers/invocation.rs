//! How the host calls the functions of queues and timers: a JSON envelope in, a JSON envelope out
//! (derived from Azure/azure-functions-host, `DefaultHttpWorkerService` and
//! `ScriptInvocationContextExtensions`).

use axum::Json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value};

/// The only answer with which an invocation ends well. An empty one would make the host wait until
/// the function's time-out and then kill this process.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Done {
    outputs: Map<String, Value>,
    logs: Vec<String>,
    return_value: Option<Value>,
}

/// A message of a queue and what the broker says of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Invocation {
    pub(crate) message: Vec<u8>,
    pub(crate) about: About,
}

/// The broker's words, for people.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct About {
    pub(crate) message_id: Option<String>,
    pub(crate) session_id: Option<String>,
    pub(crate) delivery_count: Option<String>,
    pub(crate) sequence_number: Option<String>,
    pub(crate) enqueued_at: Option<String>,
}

/// Why an envelope cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the host's envelope cannot be read: {0}")]
pub(crate) struct BadEnvelope(String);

/// The name that every `function.json` gives to a queue's message.
const BINDING: &str = "message";

/// The broker's words are at most 128 letters long; a body of text may replace them by its own.
const WORD_MAX: usize = 200;

/// Well done; `logs` appear beside the invocation.
pub(crate) fn done(logs: Vec<String>) -> Json<Done> {
    Json(Done { logs, ..Done::default() })
}

impl Invocation {
    pub(crate) fn read(envelope: &[u8]) -> Result<Self, BadEnvelope> {
        let envelope: Value = serde_json::from_slice(envelope)
            .map_err(|error| BadEnvelope(format!("it is not JSON: {error}")))?;
        let data = field(&envelope, "Data").ok_or(BadEnvelope("it has no `Data`".into()))?;
        let value = field(data, BINDING)
            .ok_or_else(|| BadEnvelope(format!("`Data` has no `{BINDING}`")))?;
        let metadata = field(&envelope, "Metadata").unwrap_or(&Value::Null);
        let word = |name: &str| {
            let text = field(metadata, name).and_then(scalar)?;
            Some(text.chars().take(WORD_MAX).collect())
        };
        Ok(Self {
            message: bytes(value),
            about: About {
                message_id: word("MessageId"),
                session_id: word("SessionId"),
                delivery_count: word("DeliveryCount"),
                sequence_number: word("SequenceNumber"),
                enqueued_at: word("EnqueuedTimeUtc"),
            },
        })
    }
}

impl About {
    /// Whether the broker has delivered the message before.
    pub(crate) fn is_redelivery(&self) -> bool {
        let count = self.delivery_count.as_deref().and_then(|count| count.parse::<u64>().ok());
        count.is_some_and(|count| count > 1)
    }
}

/// Names are compared without case, as the host compares them.
fn field<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let object = object.as_object()?;
    object.get(name).or_else(|| {
        let mut fields = object.iter();
        fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

/// A binary message is base64; any other is a JSON text that holds the JSON text of the message.
fn bytes(value: &Value) -> Vec<u8> {
    let Value::String(text) = value else { return value.to_string().into_bytes() };
    if text.starts_with('"')
        && let Ok(inner) = serde_json::from_str::<String>(text)
    {
        return inner.into_bytes();
    }
    STANDARD.decode(text).unwrap_or_else(|_| text.clone().into_bytes())
}

/// The host writes scalars as JSON texts (`"DeliveryCount": "1"`, `"MessageId": "\"a\""`), the
/// documentation's samples have them plain: both are read.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            Some(serde_json::from_str::<String>(text).unwrap_or_else(|_| text.clone()))
        }
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(envelope: &Value) -> Invocation {
        Invocation::read(envelope.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn both_encodings_of_a_message_give_its_bytes() {
        let body = r#"{"run":"cafe-incident-1"}"#;
        let binary = json!({"Data": {"message": STANDARD.encode(body)}, "Metadata": {}});
        let text = json!({"Data": {"message": Value::from(body).to_string()}, "Metadata": {}});

        assert_eq!(read(&binary).message, body.as_bytes());
        assert_eq!(read(&text).message, body.as_bytes());
    }

    #[test]
    fn scalars_are_read_plain_or_encoded() {
        let about = |delivery_count: Value, message_id: &str| {
            let metadata = json!({"DeliveryCount": delivery_count, "MessageId": message_id});
            read(&json!({"Data": {"message": "e30="}, "Metadata": metadata})).about
        };
        let encoded = about(json!("2"), "\"b7\"");

        assert_eq!(encoded.delivery_count.as_deref(), Some("2"));
        assert_eq!(encoded.message_id.as_deref(), Some("b7"));
        assert_eq!(encoded, about(json!(2), "b7"));
    }

    #[test]
    fn what_is_not_base64_is_taken_as_it_is() {
        let odd = json!({"Data": {"message": "not base64!"}});
        assert_eq!(read(&odd).message, b"not base64!");
        let native = json!({"data": {"Message": {"run": "a"}}});
        assert_eq!(read(&native).message, br#"{"run":"a"}"#);
    }

    #[test]
    fn an_envelope_without_a_message_says_what_is_missing() {
        for (envelope, word) in
            [("", "not JSON"), ("[]", "`Data`"), (r#"{"Data":{}}"#, "`message`")]
        {
            let error = Invocation::read(envelope.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn a_good_end_has_every_field_that_the_host_reads() {
        let Json(end) = done(vec!["a".into()]);
        let answer = serde_json::to_value(end).unwrap();
        assert_eq!(answer, json!({"Outputs": {}, "Logs": ["a"], "ReturnValue": null}));
    }
}
