//! What comes in and what goes out: the only shapes the shells know.

use std::net::Ipv4Addr;

use jiff::SignedDuration;
use serde_json::Value;

/// Which of the world's front doors a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// `management.azure.com`.
    Arm,
    /// The managed identity endpoint that App Service gives a process (`IDENTITY_ENDPOINT`).
    Identity,
    /// `login.microsoftonline.com`.
    Entra,
    /// The Service Bus namespace's REST endpoint: sending.
    ServiceBus,
    /// The receiving side of Service Bus for the local Functions host (stands in for AMQP).
    Broker,
    /// Faults, state and the ledger: see `docs/simulator.md`.
    Control,
    /// The plan's notification webhook: what arrives is kept for the ledger.
    Webhook,
    /// A public address of the workload, port 80.
    Public(Ipv4Addr),
}

/// An HTTP request as it arrived. Header names are lower-case.
#[derive(Debug, Clone)]
pub struct Request {
    pub door: Door,
    pub method: String,
    /// Path and query, still percent-encoded.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// An HTTP response.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// When the answer comes, if it does.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The response, after this much simulated time.
    Reply { after: SignedDuration, response: Response },
    /// The connection stays open and nothing comes: a dead region.
    Hang,
    /// The connection is closed without an answer.
    Reset,
}

/// What a TCP connection attempt meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TcpAnswer {
    Accept,
    Refuse,
    /// No answer to the SYN.
    Hang,
}

/// A request that the world itself makes: an action group delivering an alert.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Names the delivery when its outcome is told: see `World::delivered`.
    pub id: u64,
    pub url: String,
    pub content_type: &'static str,
    pub body: Value,
}

impl Request {
    /// The path without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The decoded value of a query parameter, its name compared without regard to case.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text: &str| {
                percent_encoding::percent_decode_str(&text.replace('+', " "))
                    .decode_utf8_lossy()
                    .into_owned()
            };
            decode(key).eq_ignore_ascii_case(name).then(|| decode(value))
        })
    }

    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `None` when it is empty or not JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl Response {
    /// A response with a JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json; charset=utf-8".into())],
            body: serde_json::to_vec(body).expect("a value can always be written"),
        }
    }

    /// A response without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// Azure's error envelope: `{"error":{"code","message"}}`.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &serde_json::json!({"error": {"code": code, "message": message}}))
    }

    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

impl From<Response> for Answer {
    /// An answer at once; the front door adds the usual latency.
    fn from(response: Response) -> Self {
        Self::Reply { after: SignedDuration::ZERO, response }
    }
}
