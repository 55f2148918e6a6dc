//! Tells apart what arrives at the one door for reports.

use jiff::{SignedDuration, Timestamp};
use recovery::signal::Signal;
use serde_json::Value;

use super::shape::Node;
use super::{common_alert_schema, event_grid};
use crate::error::FieldError;

/// Something that was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Notice {
    Report {
        signal: Box<Signal>,
        /// The workload that the report itself names.
        workload: Option<String>,
        origin: Origin,
    },
    /// Read, and no reason to look at anything.
    Ignored { id: String, reason: String },
    /// Event Grid wants to know whether we want its events.
    Handshake { code: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    AzureMonitor,
    EventGrid,
}

/// A report's text is kept in journals and shown to people: one line of this many letters.
const LINE_MAX: usize = 300;
/// An alert that is this far ahead of our clock was not written by Azure.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// Reads a body in any of the forms that Azure sends.
pub(super) fn read(body: &Value, now: Timestamp) -> Result<Vec<Notice>, FieldError> {
    let root = Node::root(body);
    match body {
        Value::Array(_) => {
            let events = root.items()?;
            if events.is_empty() {
                return Err(root.wrong("is an empty list", "send at least one event"));
            }
            events.iter().map(|event| event_grid::read(event, now)).collect()
        }
        Value::Object(fields) if fields.contains_key("schemaId") => {
            Ok(vec![common_alert_schema::read(&root, now)?])
        }
        Value::Object(fields)
            if fields.contains_key("specversion") || fields.contains_key("eventType") =>
        {
            Ok(vec![event_grid::read(&root, now)?])
        }
        _ => Err(root.wrong(
            "is neither an alert nor an event",
            "turn on the common alert schema in the action group, or send Event Grid's events",
        )),
    }
}

/// A date of a report: one that Azure could have written by now.
pub(super) fn date(node: &Node<'_>, now: Timestamp) -> Result<Timestamp, FieldError> {
    let text = node.text()?;
    let mend = "send the time of the event, as 2026-11-22T10:03:41Z";
    let Some(at) = azure::timestamp::parse(text) else {
        return Err(node.wrong(format!("is {:?}, which is no date that counts", line(text)), mend));
    };
    match now.checked_add(AHEAD) {
        Ok(limit) if at > limit => Err(node.wrong(format!("is {at}, and now is {now}"), mend)),
        _ => Ok(at),
    }
}

/// Text from outside on one line, and not too long.
pub(super) fn line(text: &str) -> String {
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    let mut line: String = text.trim().chars().map(plain).take(LINE_MAX + 1).collect();
    if let Some((end, _)) = line.char_indices().nth(LINE_MAX) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// Azure spells its own words in several ways: `Activity Log`, `ActivityLog`.
pub(super) fn folded(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect()
}
