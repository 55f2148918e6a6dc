//! The envelope of a Service Bus message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{Context, date_time, date_time_offset, overlay, scalar, set, sys};
use crate::app::{DataType, QueueTrigger};
use crate::message::Message;

/// The envelope of a message from the broker.
pub(crate) fn envelope(context: &Context<'_>, trigger: &QueueTrigger, message: &Message) -> Value {
    let mut metadata = of_broker(context, trigger, message);
    let data = bind(trigger, &message.body, &mut metadata);
    json!({"Data": {trigger.binding.as_str(): data}, "Metadata": metadata})
}

/// The envelope of `POST /admin/functions/{name}`: a value and no broker.
pub(crate) fn by_hand(context: &Context<'_>, trigger: &QueueTrigger, input: &str) -> Value {
    let mut metadata = Map::new();
    metadata.insert("sys".into(), sys(context));
    let data = bind(trigger, input.as_bytes(), &mut metadata);
    json!({"Data": {trigger.binding.as_str(): data}, "Metadata": metadata})
}

/// The value, and with the string form what its body adds to the metadata.
fn bind(trigger: &QueueTrigger, body: &[u8], metadata: &mut Map<String, Value>) -> Value {
    match trigger.data_type {
        DataType::Binary => Value::String(STANDARD.encode(body)),
        DataType::String => {
            let text = String::from_utf8_lossy(body).into_owned();
            overlay(metadata, &text);
            scalar(&Value::String(text))
        }
    }
}

/// Keys: ServiceBusTriggerBindingStrategy.cs. What stands in the objects of receiver, session and
/// client is not known; they are there so that a parser meets objects among the strings.
fn of_broker(
    context: &Context<'_>,
    trigger: &QueueTrigger,
    message: &Message,
) -> Map<String, Value> {
    let mut metadata = Map::new();
    let actions = match message.session_token {
        Some(_) => json!({"SessionLockedUntil": date_time_offset(message.locked_until)}),
        None => json!({}),
    };
    for name in ["MessageReceiver", "MessageSession", "MessageActions", "SessionActions"] {
        set(&mut metadata, name, actions.clone());
    }
    set(&mut metadata, "ReceiveActions", json!({}));
    let client = json!({
        "FullyQualifiedNamespace": trigger.namespace,
        "IsClosed": false,
        "TransportType": 0,
        "Identifier": trigger.namespace,
    });
    set(&mut metadata, "Client", client);
    let text = |text: &str| scalar(&Value::from(text));
    set(&mut metadata, "DeliveryCount", scalar(&json!(message.delivery_count)));
    set(&mut metadata, "LockToken", text(&message.lock_token));
    set(&mut metadata, "ExpiresAtUtc", date_time(message.expires_at));
    set(&mut metadata, "ExpiresAt", date_time_offset(message.expires_at));
    set(&mut metadata, "EnqueuedTimeUtc", date_time(message.enqueued_at));
    set(&mut metadata, "EnqueuedTime", date_time_offset(message.enqueued_at));
    set(&mut metadata, "MessageId", text(&message.message_id));
    if let Some(content_type) = &message.content_type {
        set(&mut metadata, "ContentType", text(content_type));
    }
    set(&mut metadata, "SequenceNumber", scalar(&json!(message.sequence_number)));
    if let Some(subject) = &message.subject {
        set(&mut metadata, "Subject", text(subject));
        set(&mut metadata, "Label", text(subject));
    }
    if let Some(correlation_id) = &message.correlation_id {
        set(&mut metadata, "CorrelationId", text(correlation_id));
    }
    let properties = Value::Object(message.application_properties.clone());
    set(&mut metadata, "ApplicationProperties", properties.clone());
    set(&mut metadata, "UserProperties", properties);
    if let Some(session) = &message.session_id {
        set(&mut metadata, "SessionId", text(session));
        set(&mut metadata, "PartitionKey", text(session));
    }
    set(&mut metadata, "sys", sys(context));
    metadata
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(data_type: DataType) -> QueueTrigger {
        QueueTrigger {
            binding: "msg".into(),
            queue: "signals".into(),
            sessions: true,
            data_type,
            namespace: "ns.servicebus.windows.net".into(),
        }
    }

    fn message(body: &str) -> Message {
        serde_json::from_value(json!({
            "lock_token": "l", "session_token": "s", "session_id": "eu-west",
            "message_id": "b7d6c2f0a1", "sequence_number": 42, "delivery_count": 1,
            "enqueued_at": "2026-03-01T10:15:30.123Z", "expires_at": "2026-03-15T10:15:30.123Z",
            "locked_until": "2026-03-01T10:16:30.123Z", "subject": "alert",
            "application_properties": {"attempt": 1}, "body": STANDARD.encode(body),
        }))
        .unwrap()
    }

    fn envelope_of(data_type: DataType, body: &str) -> Value {
        let context = Context {
            function: "OnAlert",
            now: "2026-03-01T10:15:30.12Z".parse().unwrap(),
            random_guid: "24ad4c06-24ad-4e5b-8294-3da9714877e9".into(),
        };
        envelope(&context, &trigger(data_type), &message(body))
    }

    #[test]
    fn a_string_body_is_encoded_twice_and_its_fields_reach_the_metadata() {
        let body =
            r#"{"schema":"tm.alert.v1","n":5,"on":true,"list":[1],"none":null,"deep":{"a":1}}"#;
        let envelope = envelope_of(DataType::String, body);
        let data = envelope["Data"]["msg"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<String>(data).unwrap(), body);
        let metadata = &envelope["Metadata"];
        assert_eq!(metadata["schema"], r#""tm.alert.v1""#);
        assert_eq!(metadata["n"], r#""5""#);
        assert_eq!(metadata["on"], r#""True""#);
        assert_eq!(metadata["deep"], json!({"a": 1}));
        assert!(metadata.get("list").is_none() && metadata.get("none").is_none());
    }

    #[test]
    fn a_field_of_the_body_replaces_what_the_broker_said() {
        let body = r#"{"messageId":"spoofed","deliveryCount":7,"sys":"x","myTrigger":"dropped"}"#;
        let metadata = &envelope_of(DataType::String, body)["Metadata"];
        assert_eq!(metadata["MessageId"], r#""spoofed""#);
        assert_eq!(metadata["DeliveryCount"], r#""7""#);
        assert_eq!(metadata["sys"], r#""x""#);
        assert!(metadata.get("messageId").is_none() && metadata.get("myTrigger").is_none());
    }

    #[test]
    fn a_date_of_the_body_loses_its_form() {
        let body = r#"{"at":"2026-03-01T10:15:30Z","plain":"2026-03-01"}"#;
        let metadata = &envelope_of(DataType::String, body)["Metadata"];
        assert_eq!(metadata["at"], r#""03/01/2026 10:15:30""#);
        assert_eq!(metadata["plain"], r#""2026-03-01""#);
    }

    #[test]
    fn a_binary_body_is_base64_of_the_exact_bytes_and_leaves_the_metadata_alone() {
        let body = r#"{"messageId":"spoofed","n":5}"#;
        let envelope = envelope_of(DataType::Binary, body);
        assert_eq!(envelope["Data"]["msg"], STANDARD.encode(body));
        assert_eq!(envelope["Metadata"]["MessageId"], r#""b7d6c2f0a1""#);
        assert!(envelope["Metadata"].get("n").is_none());
    }

    #[test]
    fn scalars_of_the_broker_are_strings_and_dates_have_two_odd_forms() {
        let metadata = &envelope_of(DataType::Binary, "x")["Metadata"];
        assert_eq!(metadata["DeliveryCount"], "1");
        assert_eq!(metadata["SequenceNumber"], "42");
        assert_eq!(metadata["SessionId"], r#""eu-west""#);
        assert_eq!(metadata["EnqueuedTimeUtc"], "2026-03-01T10:15:30");
        assert_eq!(metadata["EnqueuedTime"], "2026-03-01T10:15:30+00:00");
        assert_eq!(metadata["ApplicationProperties"], json!({"attempt": 1}));
        assert_eq!(metadata["sys"]["UtcNow"], "2026-03-01T10:15:30.12Z");
        assert!(metadata["Client"].is_object() && metadata.get("CorrelationId").is_none());
    }

    #[test]
    fn a_body_that_is_no_object_is_only_text() {
        for body in ["hello", "[{\"messageId\":\"x\"}]", ""] {
            let envelope = envelope_of(DataType::String, body);
            assert_eq!(envelope["Data"]["msg"], Value::from(body).to_string());
            assert_eq!(envelope["Metadata"]["MessageId"], r#""b7d6c2f0a1""#);
        }
    }
}
