//! The app that ships, without a network: what a target knocks at.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use azure::{Response, Transport, TransportError, Trouble, TroubleKind};
use bus::{Bus, BusError, Message};
use clock::Clock;
use engine::{Engine, Ids, Outside, Page, ProbeError, Probes};
use farshore::{App, Options, router};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{Put, Sqlite, Store};
use tower::ServiceExt;

use crate::judge::MESSAGE_MAX;

pub(crate) const WORKLOAD: &str = "websphere-cafe";
pub(crate) const RUN: &str = "websphere-cafe-incident-1";
const PLAN: &str = include_str!("../../../plans/websphere-cafe.json");
const BEGAN: &str = "2026-11-22T10:10:00Z";

/// The app with the tutorial's workload.
pub(crate) struct Farshore {
    router: Router,
    pub(crate) store: Arc<dyn Store>,
    bus: Arc<Mailbox>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Null if it is not JSON.
    pub(crate) body: Value,
}

/// Runs a target in virtual time and on this thread, so that the same bytes do the same.
pub(crate) fn play<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(true).build().unwrap().block_on(work)
}

impl Farshore {
    /// Azure is away.
    pub(crate) async fn new() -> Self {
        Self::with(None).await
    }

    /// Azure answers everything with this.
    pub(crate) async fn with(answer: Option<Response>) -> Self {
        let store: Arc<dyn Store> = Arc::new(Sqlite::in_memory().unwrap());
        store.put_document(&format!("plans/{WORKLOAD}"), None, PLAN.as_bytes()).await.unwrap();
        let bus = Arc::new(Mailbox::default());
        let outside = Outside {
            store: Arc::clone(&store),
            arm: Arc::new(Parrot { answer }),
            bus: Arc::clone(&bus) as _,
            probes: Arc::new(Deaf),
            clock: Clock::simulated(BEGAN.parse().unwrap(), 1),
            ids: Ids::Counted(Arc::default()),
        };
        let app = App::around(Engine::new(outside, "app"), Options::default());
        Self { router: router(app), store, bus }
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Option<Answer> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        // What no HTTP server would take in does not reach us.
        let request = request.body(Body::from(body.to_vec())).ok()?;
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        Some(Answer { status, body: serde_json::from_slice(&body).unwrap_or_default() })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], b"").await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, &[], body.to_string().as_bytes()).await.unwrap()
    }

    /// A failover by hand, whose journal begins with that.
    pub(crate) async fn begin_a_run(&self) {
        let order = json!({"manner": "forced", "reason": "to see what happens"});
        let answer = self.post(&format!("/api/workloads/{WORKLOAD}/failover"), &order).await;
        assert!(answer.status.is_success(), "{answer:?}");
    }

    /// Calls a function of a queue as the host does; its log lines.
    pub(crate) async fn invoke(&self, function: &str, envelope: &[u8]) -> Vec<String> {
        let answer = self.call("POST", &format!("/{function}"), &[], envelope).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{function}: {answer:?}");
        let fields: Vec<_> = answer.body.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["Outputs", "Logs", "ReturnValue"], "{function}");
        let lines: Vec<String> = serde_json::from_value(answer.body["Logs"].clone()).unwrap();
        for line in &lines {
            assert!(!line.contains("a fault in Farshore"), "{function}: {line}");
        }
        lines
    }

    /// Writes over a document, as somebody with access to the store could.
    pub(crate) async fn plant(&self, name: &str, bytes: &[u8]) {
        let known = self.store.get_document(name).await.unwrap();
        let version = known.map(|document| document.version);
        let put = self.store.put_document(name, version.as_deref(), bytes).await.unwrap();
        assert!(matches!(put, Put::Stored { .. }));
    }

    /// What was put on the bus since this was asked last; all of it fits into a queue.
    pub(crate) fn sent(&self) -> Vec<(String, Message)> {
        let sent = std::mem::take(&mut *self.bus.sent.lock().unwrap());
        for (queue, message) in &sent {
            let size = message.body.len();
            assert!(size <= MESSAGE_MAX, "{size} bytes for {queue}: {message:.300?}");
        }
        sent
    }
}

#[derive(Debug, Default)]
struct Mailbox {
    sent: Mutex<Vec<(String, Message)>>,
}

#[async_trait]
impl Bus for Mailbox {
    async fn send(&self, queue: &str, message: &Message) -> Result<(), BusError> {
        self.sent.lock().unwrap().push((queue.to_owned(), message.clone()));
        Ok(())
    }
}

/// Says the same to everything.
#[derive(Debug)]
struct Parrot {
    answer: Option<Response>,
}

#[async_trait]
impl Transport for Parrot {
    async fn send(
        &self,
        _: &azure::Request,
        _: SignedDuration,
    ) -> Result<Response, TransportError> {
        // As in life, asking again and again takes its time.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let away = Trouble::new(TroubleKind::Connect, "the cable is cut");
        self.answer.clone().ok_or(TransportError::NotSent(away))
    }
}

/// No name resolves and nothing answers.
#[derive(Debug)]
struct Deaf;

fn deaf<T>() -> Result<T, ProbeError> {
    Err(ProbeError("the cable is cut".to_owned()))
}

#[async_trait]
impl Probes for Deaf {
    async fn get(&self, _: &str, _: &str, _: SignedDuration) -> Result<Page, ProbeError> {
        deaf()
    }

    async fn connect(&self, _: &str, _: u16, _: SignedDuration) -> Result<(), ProbeError> {
        deaf()
    }

    async fn resolve(&self, _: &str, _: SignedDuration) -> Result<Vec<IpAddr>, ProbeError> {
        deaf()
    }

    async fn notify(&self, _: &str, _: &Value, _: SignedDuration) -> Result<u16, ProbeError> {
        deaf()
    }
}
