//! The function app without a network: the router that ships, the engine that ships, a store in
//! memory, and doors that a test opens and closes.

mod doors;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clock::Clock;
use engine::{Engine, Ids, Outside};
use farshore::{App, Options, router};
use serde_json::{Value, json};
use store::{Sqlite, Store};
use tower::ServiceExt;

use doors::{DeafArm, DeafProbes, MoodyStore};
pub(crate) use doors::{Mood, RecordingBus, Sent};

pub(crate) const WORKLOAD: &str = "websphere-cafe";
pub(crate) const PLAN: &str = include_str!("../../../plans/websphere-cafe.json");

/// A function app under test. Azure answers nothing.
pub(crate) struct Farshore {
    router: Router,
    pub(crate) bus: Arc<RecordingBus>,
    pub(crate) store: Arc<MoodyStore>,
    pub(crate) arm: Arc<DeafArm>,
}

/// What a request came to.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Null if it is not JSON.
    pub(crate) body: Value,
}

impl Farshore {
    /// With the tutorial's workload.
    pub(crate) async fn new() -> Self {
        let farshore = Self::empty(Options::default());
        let stored = farshore.call("PUT", "/api/workloads/websphere-cafe/plan", &[], PLAN).await;
        assert_eq!(stored.status, 201, "{stored:?}");
        farshore
    }

    /// Without any workload.
    pub(crate) fn empty(options: Options) -> Self {
        let bus = Arc::new(RecordingBus::default());
        let store = Arc::new(MoodyStore::new(Sqlite::in_memory().unwrap()));
        let arm = Arc::new(DeafArm::default());
        let outside = Outside {
            store: Arc::clone(&store) as Arc<dyn Store>,
            arm: Arc::clone(&arm) as _,
            bus: Arc::clone(&bus) as _,
            probes: Arc::new(DeafProbes),
            clock: Clock::simulated("2026-11-22T10:10:00Z".parse().unwrap(), 1),
            ids: Ids::Counted(Arc::default()),
        };
        let app = App::around(Engine::new(outside, "app"), options);
        Self { router: router(app), bus, store, arm }
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, &[], body.to_string()).await
    }

    /// Calls a queue's function as the host does.
    pub(crate) async fn deliver(&self, function: &str, message: &[u8]) -> Answer {
        self.call("POST", &format!("/{function}"), &[], envelope(message).to_string()).await
    }

    /// Calls a timer's function as the host does.
    pub(crate) async fn tick(&self, function: &str) -> Answer {
        let timer = json!({
            "Schedule": {"AdjustForDST": true},
            "ScheduleStatus": null,
            "IsPastDue": false,
        });
        let sys = json!({"MethodName": function, "UtcNow": "2026-11-22T10:00:00.01Z"});
        let envelope = json!({"Data": {"timer": timer}, "Metadata": {"sys": sys}});
        self.post(&format!("/{function}"), &envelope).await
    }

    /// What the watch over the workload knows.
    pub(crate) async fn watch(&self) -> Value {
        let answer = self.get("/api/workloads/websphere-cafe").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["watch"].clone()
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The end of the problem's type.
    pub(crate) fn problem(&self) -> &str {
        assert_eq!(self.header(header::CONTENT_TYPE.as_str()), "application/problem+json");
        assert_eq!(self.body["status"], self.status.as_u16());
        self.body["type"].as_str().unwrap().strip_prefix("urn:farshore:problem:").unwrap()
    }

    /// The places of all that is wrong.
    pub(crate) fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().expect("errors");
        errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect()
    }

    /// The lines beside an invocation that ended well, as the host demands that it ends.
    pub(crate) fn logs(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.body["Outputs"], json!({}));
        assert_eq!(self.body.get("ReturnValue"), Some(&Value::Null));
        serde_json::from_value(self.body["Logs"].clone()).unwrap()
    }
}

/// The host's envelope around a message of a session queue with `dataType` binary.
pub(crate) fn envelope(message: &[u8]) -> Value {
    json!({
        "Data": {"message": STANDARD.encode(message)},
        "Metadata": {
            "MessageReceiver": {"SessionLockedUntil": "2026-11-22T10:01:00+00:00"},
            "DeliveryCount": "1",
            "LockToken": "\"0d2b0f6e-7b59-4e0f-8f8d-2f6f3c1f9f10\"",
            "EnqueuedTimeUtc": "2026-11-22T10:00:00",
            "MessageId": "\"b7d6c2f0a1\"",
            "SequenceNumber": "42",
            "SessionId": "\"websphere-cafe\"",
            "sys": {"MethodName": "receive_signal", "UtcNow": "2026-11-22T10:00:00.1234567Z"},
        },
    })
}

/// A body from `tests/fixtures/alerts`.
pub(crate) fn alert(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/alerts/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
