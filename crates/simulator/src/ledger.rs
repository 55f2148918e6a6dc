//! Placeholder that only compiles; its owner replaces it.
use jiff::Timestamp;
use serde_json::Value;

#[derive(Debug, Clone, Default)]
pub struct Ledger;

/// What a request can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Read,
    Reversible,
    Destructive,
}

impl Ledger {
    pub(crate) fn note_request(&mut self, _at: Timestamp, _method: &str, _path: &str, _status: Option<u16>, _kind: Kind) {}

    pub(crate) fn note_notification(&mut self, _at: Timestamp, _body: Value) {}
}
