//! Sending messages. Receiving is the Azure Functions host's business.
//!
//! What sends is a leaf: nothing outside this crate sees a type of the Service Bus crate, so that
//! its official successor can replace it (`docs/decisions/0003-service-bus-over-rest.md`).

mod service_bus;

use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;

pub use service_bus::ServiceBus;

/// Where messages are put.
#[async_trait]
pub trait Bus: Send + Sync + Debug {
    /// Puts a message into a queue. After [`BusError::Unavailable`] it may be there all the same;
    /// sending it again with the same id is then safe for as long as the queue remembers ids.
    async fn send(&self, queue: &str, message: &Message) -> Result<(), BusError>;
}

/// A message for a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Messages of one session are delivered in order, one at a time.
    pub session: Option<String>,
    /// The queue drops a second message with an id that it has seen lately.
    pub id: String,
    pub body: Vec<u8>,
    /// Not to be delivered before this; a whole second is the finest the service knows.
    pub at: Option<Timestamp>,
    pub content_type: String,
}

/// Why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BusError {
    /// Try later: no answer, throttled, or out of order.
    #[error("Service Bus is unavailable: {reason}")]
    Unavailable { reason: String },
    /// Trying again changes nothing until somebody changes a setting: no such queue, no right, too
    /// large.
    #[error("Service Bus refused the message: {reason}")]
    Refused { status: Option<u16>, reason: String },
}
