//! Writes what passes through a door, for `cargo xtask judge` and for people.
//!
//! A line of JSON for each request, in the order in which they end: `at` (simulated time of its
//! arrival), `door`, `request` and `response`, which is null if there was none.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::InProcess;
use crate::door::{Door, Request, Response};

/// Copies write to the same file.
#[derive(Debug, Clone)]
pub struct Recorder(Arc<File>);

/// A request whose answer is awaited. It is written in any case: when it is dropped, nobody waits
/// for the answer any more.
#[derive(Debug)]
pub(super) struct Exchange {
    file: Arc<File>,
    line: Value,
}

impl Recorder {
    /// What the file held before is gone.
    pub fn create(file: &Path) -> io::Result<Self> {
        File::create(file).map(|file| Self(Arc::new(file)))
    }

    pub(super) fn begin(&self, request: &Request, world: &InProcess) -> Exchange {
        let line = json!({
            "at": world.clock.now(),
            "door": name(request.door),
            "request": {
                "method": request.method,
                "target": request.target,
                "headers": headers(&request.headers),
                "body": body(&request.body),
            },
            "response": null,
        });
        Exchange { file: Arc::clone(&self.0), line }
    }
}

impl Exchange {
    pub(super) fn end(mut self, response: Option<&Response>) {
        if let Some(response) = response {
            self.line["response"] = json!({
                "status": response.status,
                "headers": headers(&response.headers),
                "body": body(&response.body),
            });
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // One call for the whole line, with nothing left in a buffer: the process may be killed.
        let line = format!("{}\n", self.line);
        if let Err(error) = (&*self.file).write_all(line.as_bytes()) {
            tracing::error!(%error, "an exchange is missing in the recording");
        }
    }
}

fn headers(headers: &[(String, String)]) -> Map<String, Value> {
    headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
}

fn body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(bytes).into_owned()))
}

fn name(door: Door) -> &'static str {
    match door {
        Door::Arm => "arm",
        Door::Identity => "identity",
        Door::Entra => "entra",
        Door::ServiceBus => "service_bus",
        Door::Broker => "broker",
        Door::Control => "control",
        Door::Webhook => "webhook",
        Door::Public(_) => "public",
    }
}
