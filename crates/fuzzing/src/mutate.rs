//! How an input is changed: a few changes of bytes, or of values where there is JSON.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use crate::corpus::Sample;

/// Which input, and what is done to it.
#[derive(Debug, Clone)]
pub struct Recipe {
    sample: Index,
    changes: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Set {
        at: Index,
        byte: u8,
    },
    Insert {
        at: Index,
        word: Index,
    },
    Remove {
        at: Index,
        length: usize,
    },
    Repeat {
        at: Index,
        length: usize,
    },
    Cut {
        at: Index,
    },
    /// The rest is another input's.
    Splice {
        at: Index,
        other: Index,
        from: Index,
    },
    Value {
        at: Index,
        change: ValueChange,
    },
}

#[derive(Debug, Clone)]
enum ValueChange {
    Replace(Index),
    Random(u64),
    Remove,
    /// With the value of another place.
    Copy(Index),
    /// In lists that many deep.
    Wrap(usize),
    Rename(Index),
    Times(usize),
}

/// Words that have been trouble elsewhere.
const WORDS: &[&[u8]] = &[
    b"\xef\xbb\xbf",
    b"\\ud800",
    b"\xff\xfe",
    b"\0",
    b"\\u0000",
    b"1e999",
    b"-0",
    b"18446744073709551616",
    b"null",
    b"[]",
    b"{}",
    b"\"\"",
    b"\n\n",
    b"\r\n",
    b"/../",
    b"%2e%2e",
    b"9999-12-31T23:59:59.9999999Z",
    b"0000-00-00T00:00:00",
    b"retry-after: Fri, 31 Dec 9999 23:59:59 GMT\n",
];

/// Values that are right nowhere, or where nobody thought of them.
const VALUES: &[&str] = &[
    "null",
    "true",
    "\"\"",
    "\" \"",
    "0",
    "-1",
    "1.5",
    "18446744073709551615",
    "9223372036854775807",
    "-9223372036854775808",
    "1e300",
    "[]",
    "{}",
    "[[]]",
    "\"0001-01-01T00:00:00\"",
    "\"9999-12-30T22:00:00Z\"",
    "\"-009999-01-02T01:59:59Z\"",
    "\"2026-11-22T25:00:00Z\"",
    "\"/subscriptions/s/resourceGroups/g\"",
    "\"/subscriptions/\"",
    "\"https://management.azure.com/x\"",
    "\"Failed\"",
    "\"Succeeded\"",
    "\"\\u0000\\u001b[2J\"",
    "\"\\u202e\\ufeff\"",
    "{\"a\":1,\"b\":{\"c\":[null]}}",
];

/// Recipes; they shrink to few changes of the first inputs.
pub fn recipes() -> impl Strategy<Value = Recipe> {
    let changes = vec(prop_oneof![2 => bytes(), 3 => value()], 1..5);
    (any::<Index>(), changes).prop_map(|(sample, changes)| Recipe { sample, changes })
}

fn bytes() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set { at, byte }),
        (at(), at()).prop_map(|(at, word)| Change::Insert { at, word }),
        (at(), 1..40_usize).prop_map(|(at, length)| Change::Remove { at, length }),
        (at(), 1..40_usize).prop_map(|(at, length)| Change::Repeat { at, length }),
        at().prop_map(|at| Change::Cut { at }),
        (at(), at(), at()).prop_map(|(at, other, from)| Change::Splice { at, other, from }),
    ]
}

fn value() -> impl Strategy<Value = Change> {
    let change = prop_oneof![
        3 => any::<Index>().prop_map(ValueChange::Replace),
        1 => any::<u64>().prop_map(ValueChange::Random),
        2 => Just(ValueChange::Remove),
        2 => any::<Index>().prop_map(ValueChange::Copy),
        1 => (1..140_usize).prop_map(ValueChange::Wrap),
        1 => any::<Index>().prop_map(ValueChange::Rename),
        1 => (2..400_usize).prop_map(ValueChange::Times),
    ];
    (any::<Index>(), change).prop_map(|(at, change)| Change::Value { at, change })
}

impl Recipe {
    /// The input.
    pub fn cook(&self, samples: &[Sample]) -> Vec<u8> {
        let mut bytes = self.sample.get(samples).bytes.clone();
        for change in &self.changes {
            change.apply(&mut bytes, samples);
        }
        bytes
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>, samples: &[Sample]) {
        let place = |at: &Index| at.index(bytes.len() + 1);
        match self {
            Self::Set { at, byte } => {
                let at = place(at);
                match bytes.get_mut(at) {
                    Some(there) => *there = *byte,
                    None => bytes.push(*byte),
                }
            }
            Self::Insert { at, word } => {
                let at = place(at);
                bytes.splice(at..at, word.get(WORDS).iter().copied());
            }
            Self::Remove { at, length } => {
                let at = place(at);
                let end = (at + length).min(bytes.len());
                bytes.drain(at..end);
            }
            Self::Repeat { at, length } => {
                let at = place(at);
                let again = bytes[at..(at + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, again);
            }
            Self::Cut { at } => bytes.truncate(place(at)),
            Self::Splice { at, other, from } => {
                let other = &other.get(samples).bytes;
                bytes.truncate(place(at));
                bytes.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
            Self::Value { at, change } => change_value(bytes, *at, change),
        }
    }
}

/// Changes one line's JSON, or that which ends the input; other inputs stay as they are.
fn change_value(bytes: &mut Vec<u8>, at: Index, change: &ValueChange) {
    let Some((start, end, mut json)) = json_in(bytes, at) else { return };
    let mut places = Vec::new();
    pointers(&json, String::new(), &mut places);
    let place = at.get::<String>(&places).clone();
    let copied = match change {
        ValueChange::Copy(from) => json.pointer(from.get::<String>(&places)).cloned(),
        _ => None,
    };
    match change {
        ValueChange::Remove | ValueChange::Rename(_) => {
            let (above, name) = place.rsplit_once('/').unwrap_or_default();
            if let Some(Value::Object(fields)) = json.pointer_mut(above) {
                let name = name.replace("~1", "/").replace("~0", "~");
                let value = fields.shift_remove(&name);
                if let (ValueChange::Rename(how), Some(value)) = (change, value) {
                    let other = [name.to_uppercase(), format!("{name} "), String::new()];
                    fields.insert(how.get::<String>(&other).clone(), value);
                }
            }
        }
        other => {
            if let Some(value) = json.pointer_mut(&place) {
                *value = other.of(value.take(), copied);
            }
        }
    }
    bytes.splice(start..end, json.to_string().into_bytes());
}

impl ValueChange {
    fn of(&self, value: Value, copied: Option<Value>) -> Value {
        match self {
            Self::Replace(with) => serde_json::from_str(with.get::<&str>(VALUES)).unwrap(),
            Self::Random(number) => Value::from(*number),
            Self::Copy(_) => copied.unwrap_or_default(),
            Self::Wrap(depth) => (0..*depth).fold(value, |inner, _| Value::from(vec![inner])),
            Self::Times(count) => match value {
                Value::String(text) => Value::from(text.repeat(*count)),
                Value::Array(items) => {
                    let many = items.iter().cycle().take(items.len() * count).cloned();
                    many.collect()
                }
                other => Value::from(vec![other; *count]),
            },
            Self::Remove | Self::Rename(_) => value,
        }
    }
}

/// JSON lines have one value a line; everything else has one at the end.
fn json_in(bytes: &[u8], at: Index) -> Option<(usize, usize, Value)> {
    let start = bytes.iter().position(|byte| matches!(byte, b'{' | b'['))?;
    if let Ok(json) = serde_json::from_slice(&bytes[start..]) {
        return Some((start, bytes.len(), json));
    }
    let mut lines = Vec::new();
    let mut from = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        lines.push((from, from + line.len()));
        from += line.len() + 1;
    }
    let (start, end) = *at.get(&lines);
    Some((start, end, serde_json::from_slice(&bytes[start..end]).ok()?))
}

fn pointers(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(inner, format!("{at}/{name}"), all);
            }
        }
        Value::Array(items) => {
            for (number, inner) in items.iter().enumerate() {
                pointers(inner, format!("{at}/{number}"), all);
            }
        }
        _ => {}
    }
    all.push(at);
}
