//! Bicep's own functions, as far as the templates use them.

use serde_json::{Map, Value, json};

use super::SUBSCRIPTION;

/// What is not here has no value that anything here depends on.
pub(super) fn function(name: &str, args: &[Value]) -> Value {
    let at = |index: usize| args.get(index).cloned().unwrap_or_default();
    let string = |index: usize| text(&at(index));
    let strings = || args.iter().map(text).collect::<Vec<_>>();
    let list = |index: usize| at(index).as_array().cloned().unwrap_or_default();
    match name {
        "any" => at(0),
        // Not encoded, so that a test can read it.
        "base64" => json!({"base64": at(0)}),
        "toLower" => json!(string(0).to_lowercase()),
        "replace" => json!(string(0).replace(&string(1), &string(2))),
        "uniqueString" => json!("abcdefghijklm"),
        "guid" => json!(strings().join("-")),
        "take" => json!(
            string(0)
                .chars()
                .take(usize::try_from(at(1).as_u64().unwrap_or(0)).unwrap_or(0))
                .collect::<String>()
        ),
        "split" => json!(string(0).split(string(1).as_str()).collect::<Vec<_>>()),
        "last" => list(0).last().cloned().unwrap_or_default(),
        "first" => list(0).first().cloned().unwrap_or_default(),
        "string" => json!(at(0).to_string()),
        "empty" => json!(match at(0) {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        }),
        "length" => json!(at(0).as_array().map_or_else(|| string(0).len(), Vec::len)),
        "concat" => json!(
            args.iter()
                .flat_map(|it| it.as_array().cloned().unwrap_or_default())
                .collect::<Vec<_>>()
        ),
        "flatten" => json!(
            list(0)
                .iter()
                .flat_map(|it| it.as_array().cloned().unwrap_or_default())
                .collect::<Vec<_>>()
        ),
        "contains" => json!(match at(0) {
            Value::Array(items) => items.contains(&at(1)),
            Value::Object(fields) => fields.contains_key(&string(1)),
            _ => string(0).contains(&string(1)),
        }),
        "union" if at(0).is_array() => {
            let mut all: Vec<Value> = Vec::new();
            for item in args.iter().filter_map(Value::as_array).flatten() {
                if !all.contains(item) {
                    all.push(item.clone());
                }
            }
            Value::Array(all)
        }
        "union" => Value::Object(args.iter().filter_map(Value::as_object).fold(Map::new(), merged)),
        "objectKeys" => {
            json!(at(0).as_object().into_iter().flat_map(Map::keys).collect::<Vec<_>>())
        }
        "range" => {
            let (from, count) = (at(0).as_i64().unwrap_or(0), at(1).as_i64().unwrap_or(0));
            json!((from..from + count).collect::<Vec<_>>())
        }
        "join" => json!(list(0).iter().map(text).collect::<Vec<_>>().join(&string(1))),
        "environment" => json!({
            "suffixes": {"storage": "core.windows.net", "sqlServerHostname": ".database.windows.net"},
            "authentication": {"loginEndpoint": "https://login.microsoftonline.com/"},
        }),
        "subscription" => {
            json!({"id": format!("/subscriptions/{SUBSCRIPTION}"), "subscriptionId": SUBSCRIPTION})
        }
        "resourceGroup" => json!({"name": at(args.len() - 1)}),
        "subscriptionResourceId" => json!(id_of(None, &string(0), &string(1))),
        "resourceId" if args.len() == 4 => json!(id_of(Some(&string(1)), &string(2), &string(3))),
        "resourceId" if args.len() == 3 => json!(id_of(Some(&string(0)), &string(1), &string(2))),
        _ => Value::Null,
    }
}

/// As Azure does it: objects in objects are merged too.
fn merged(mut left: Map<String, Value>, right: &Map<String, Value>) -> Map<String, Value> {
    for (name, value) in right {
        let value = match (left.remove(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => Value::Object(merged(old, new)),
            (_, new) => new.clone(),
        };
        left.insert(name.clone(), value);
    }
    left
}

pub(super) fn id_of(group: Option<&str>, kind: &str, name: &str) -> String {
    let group = group.map_or(String::new(), |group| format!("/resourceGroups/{group}"));
    format!("/subscriptions/{SUBSCRIPTION}{group}/providers/{kind}/{name}")
}

pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "unknown".to_owned(),
        other => other.to_string(),
    }
}

/// A path that a file names, seen from the root.
pub(super) fn resolve(from: &str, to: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in to.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            other => parts.push(other),
        }
    }
    parts.join("/")
}
