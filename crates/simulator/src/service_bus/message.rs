//! Messages as they are sent, kept and delivered.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

/// A message as its sender wrote it.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) session: Option<String>,
    pub(super) body: Vec<u8>,
    pub(super) content_type: Option<String>,
    pub(super) correlation_id: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) properties: Map<String, Value>,
    pub(super) time_to_live: Option<SignedDuration>,
    pub(super) scheduled_for: Option<Timestamp>,
}

/// A message as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) message: Message,
    pub(super) sequence_number: u64,
    pub(super) enqueued_at: Timestamp,
    pub(super) expires_at: Timestamp,
    /// Deliveries that ended without completion.
    pub(super) failures: u32,
    pub(super) lock: Option<Lock>,
}

/// A delivered message and the locks it is held by.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) stored: Stored,
    pub(super) lock_token: String,
    pub(super) session_token: Option<String>,
    pub(super) locked_until: Timestamp,
}

/// The lock named by a token has expired, or never was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LockLost;

/// What holds a message.
#[derive(Debug, Clone)]
pub(super) struct Lock {
    pub(super) token: String,
    pub(super) receiver: String,
    /// A message of a session is locked as long as its session is.
    pub(super) until: Option<Timestamp>,
}
