//! Everything outside: the doors through which the engine reaches the world. Tests replace any of
//! them; nothing else in this crate does I/O.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use azure::Transport;
use bus::Bus;
use clock::Clock;
use jiff::SignedDuration;
use store::Store;
use uuid::Uuid;

/// The doors.
#[derive(Debug, Clone)]
pub struct Outside {
    pub store: Arc<dyn Store>,
    pub arm: Arc<dyn Transport>,
    pub bus: Arc<dyn Bus>,
    pub probes: Arc<dyn Probes>,
    pub clock: Clock,
    pub ids: Ids,
}

/// Where fresh names come from: turns and messages each need one of their own.
#[derive(Debug, Clone, Default)]
pub enum Ids {
    /// UUIDs.
    #[default]
    Random,
    /// Counted, so that a rehearsal in virtual time is the same every time.
    Counted(Arc<AtomicU64>),
}

impl Ids {
    pub fn next(&self) -> String {
        match self {
            Self::Random => Uuid::new_v4().to_string(),
            Self::Counted(counter) => {
                let number = counter.fetch_add(1, Ordering::Relaxed);
                format!("00000000-0000-4000-8000-{number:012}")
            }
        }
    }
}

/// The workload as a user of it would meet it, and the webhook of whoever wants to be told.
#[async_trait]
pub trait Probes: Send + Sync + std::fmt::Debug {
    /// `GET http://host/path`, redirects not followed, at most a megabyte of the body.
    async fn get(&self, host: &str, path: &str, limit: SignedDuration) -> Result<Page, ProbeError>;

    /// Whether a TCP connection is accepted.
    async fn connect(&self, host: &str, port: u16, limit: SignedDuration)
    -> Result<(), ProbeError>;

    /// The addresses of a name.
    async fn resolve(&self, name: &str, limit: SignedDuration) -> Result<Vec<IpAddr>, ProbeError>;

    /// `POST` of JSON to somebody's own URL; the status of the answer.
    async fn notify(
        &self,
        url: &str,
        body: &serde_json::Value,
        limit: SignedDuration,
    ) -> Result<u16, ProbeError>;
}

/// What a `GET` met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub status: u16,
    pub body: String,
}

/// Why a probe met nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ProbeError(pub String);
