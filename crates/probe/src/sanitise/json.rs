//! Bodies: every text in them by what its field is; numbers, booleans and nulls as they are.

use serde_json::{Map, Value};

use super::fields::{self, Field};
use super::{Sanitiser, paths, stand_ins, text, vocabulary};

/// Where in the body we are.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The field that this value is of; an element of a list is of the list's.
    key: &'a str,
    field: Field,
    /// Below what extensions say of themselves: their messages are what programs printed.
    in_extensions: bool,
}

pub(super) fn clean(sanitiser: &mut Sanitiser, body: &Value, removed: &mut Vec<String>) -> Value {
    let place = Place { key: "", field: Field::Text, in_extensions: false };
    value(sanitiser, body, place, "", removed)
}

fn value(
    sanitiser: &mut Sanitiser,
    real: &Value,
    place: Place<'_>,
    pointer: &str,
    removed: &mut Vec<String>,
) -> Value {
    match real {
        Value::Null | Value::Bool(_) | Value::Number(_) => real.clone(),
        Value::String(text) => Value::String(string(sanitiser, text, place)),
        Value::Array(list) => {
            let each = |(index, it): (usize, &Value)| {
                value(sanitiser, it, place, &format!("{pointer}/{index}"), removed)
            };
            Value::Array(list.iter().enumerate().map(each).collect())
        }
        Value::Object(fields) => object(sanitiser, fields, place, pointer, removed),
    }
}

fn object(
    sanitiser: &mut Sanitiser,
    fields: &Map<String, Value>,
    above: Place<'_>,
    pointer: &str,
    removed: &mut Vec<String>,
) -> Value {
    let mut cleaned = Map::new();
    for (key, real) in fields {
        let field = fields::of(key, above.key, fields);
        let shown = self::key(sanitiser, key);
        let pointer = format!("{pointer}/{}", shown.replace('~', "~0").replace('/', "~1"));
        let in_extensions = above.in_extensions
            || ["extensions", "extensionHandlers", "resources"].contains(&key.as_str());
        let says_nothing = match real {
            Value::Null | Value::Bool(_) | Value::Number(_) => true,
            // When a certificate ends is no secret.
            Value::String(text) => text::is_time(text),
            Value::Array(_) | Value::Object(_) => false,
        };
        let is_output = above.in_extensions && key.eq_ignore_ascii_case("message");
        if (field == Field::Removed || is_output) && !says_nothing {
            removed.push(pointer);
            continue;
        }
        let place = Place { key, field, in_extensions };
        let real = value(sanitiser, real, place, &pointer, removed);
        cleaned.insert(shown, real);
    }
    Value::Object(cleaned)
}

/// Some objects are tables whose keys are ids or names.
fn key(sanitiser: &mut Sanitiser, key: &str) -> String {
    if fields::is_plain(key) { sanitiser.word(key) } else { sanitiser.text(key) }
}

fn string(sanitiser: &mut Sanitiser, text: &str, place: Place<'_>) -> String {
    if paths::is_id(text) {
        return sanitiser.text(text);
    }
    match place.field {
        Field::Name => name(sanitiser, text, place.key),
        Field::Path => paths::path(sanitiser, text),
        Field::Version if text.chars().all(|it| it.is_ascii_digit() || it == '.') => {
            text.to_owned()
        }
        Field::Word | Field::Version => sanitiser.word(text),
        // Of what is removed only times come here.
        Field::Text | Field::Removed => sanitiser.text(text),
    }
}

/// A name, an address or a host name in a field that is for names.
fn name(sanitiser: &mut Sanitiser, text: &str, key: &str) -> String {
    if vocabulary::is_ordinary(text) || text.contains("://") || text.contains('@') {
        return sanitiser.text(text);
    }
    if let Some((address, length)) = text.split_once('/')
        && !length.is_empty()
        && length.chars().all(|it| it.is_ascii_digit())
    {
        return format!("{}/{length}", sanitiser.name(address, "range"));
    }
    if text.contains('.') && !text.contains(char::is_whitespace) && !stand_ins::is_name(text) {
        return paths::host(sanitiser, text);
    }
    let kind = key.strip_suffix("Name").filter(|it| !it.is_empty()).unwrap_or(key);
    sanitiser.name(text, if kind.eq_ignore_ascii_case("friendly") { "name" } else { kind })
}
