//! Messages as the broker hands them over.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A locked message.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Message {
    pub lock_token: String,
    /// The lock of the session it belongs to; none on a queue without sessions.
    #[serde(default)]
    pub session_token: Option<String>,
    #[serde(default)]
    pub session_id: Option<String>,
    pub message_id: String,
    pub sequence_number: u64,
    pub delivery_count: u32,
    pub enqueued_at: Timestamp,
    pub expires_at: Timestamp,
    pub locked_until: Timestamp,
    #[serde(default)]
    pub content_type: Option<String>,
    #[serde(default)]
    pub correlation_id: Option<String>,
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(default)]
    pub application_properties: Map<String, Value>,
    #[serde(deserialize_with = "base64_text")]
    pub body: Vec<u8>,
}

/// What becomes of a delivered message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    Complete,
    /// Available again at once, one delivery spent.
    Abandon,
}

/// Why the broker did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokerError {
    #[error("the lock is lost")]
    LockLost,
    #[error("the broker is not available: {0}")]
    Unavailable(String),
}

impl Settlement {
    /// The name of the outcome on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Abandon => "abandon",
        }
    }
}

fn base64_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD.decode(text).map_err(serde::de::Error::custom)
}
