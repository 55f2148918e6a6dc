//! A broker with one queue, in the protocol of the local Azure and as the host's own trait.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use functions_host::{Broker, BrokerError, Message, Settlement};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Messages of one session, delivered one at a time, again after they were abandoned.
#[derive(Debug, Default)]
pub(crate) struct FakeBroker {
    state: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<(String, u32)>,
    locked: Option<(String, u32)>,
    settled: Vec<(String, String)>,
}

impl FakeBroker {
    pub(crate) fn send(&self, text: &str) {
        self.state.lock().unwrap().waiting.push_back((text.to_owned(), 1));
    }

    /// Messages and outcomes, in order.
    pub(crate) fn settled(&self) -> Vec<(String, String)> {
        self.state.lock().unwrap().settled.clone()
    }

    /// Serves the private protocol; gives the URL.
    pub(crate) async fn serve(self: &Arc<Self>) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/broker/wakes/receive", post(receive))
            .route("/broker/settle", post(settle))
            .route("/broker/renew", post(|| async { Json(json!({"locked_until": far()})) }))
            .route("/broker/close_session", post(|| async { Json(json!({})) }))
            .with_state(Arc::clone(self));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        url
    }

    fn next(&self) -> Vec<Value> {
        let mut queue = self.state.lock().unwrap();
        if queue.locked.is_some() {
            return Vec::new();
        }
        let Some((text, delivery)) = queue.waiting.pop_front() else { return Vec::new() };
        queue.locked = Some((text.clone(), delivery));
        vec![json!({
            "lock_token": text, "session_token": "session", "session_id": "run",
            "message_id": text, "sequence_number": 1, "delivery_count": delivery,
            "enqueued_at": far(), "expires_at": far(), "locked_until": far(),
            "body": STANDARD.encode(&text),
        })]
    }

    fn end(&self, token: &str, outcome: &str) {
        let mut queue = self.state.lock().unwrap();
        let (text, delivery) = queue.locked.take().expect("only a locked message is settled");
        assert_eq!(text, token);
        queue.settled.push((text.clone(), outcome.to_owned()));
        if outcome == "abandon" {
            // What fails once succeeds when it comes again.
            queue.waiting.push_front((format!("again {text}"), delivery + 1));
        }
    }
}

impl Broker for FakeBroker {
    async fn receive(
        &self,
        _queue: &str,
        _receiver: &str,
        _limit: usize,
    ) -> Result<Vec<Message>, BrokerError> {
        let messages = self.next().into_iter();
        Ok(messages.map(|message| serde_json::from_value(message).unwrap()).collect())
    }

    async fn settle(&self, lock_token: &str, settlement: Settlement) -> Result<(), BrokerError> {
        self.end(lock_token, settlement.name());
        Ok(())
    }

    async fn renew(&self, _lock_token: &str) -> Result<Timestamp, BrokerError> {
        Ok(far())
    }

    async fn close_session(&self, _session_token: &str) -> Result<(), BrokerError> {
        Ok(())
    }
}

async fn receive(State(broker): State<Arc<FakeBroker>>) -> Json<Value> {
    Json(json!({"messages": broker.next()}))
}

async fn settle(State(broker): State<Arc<FakeBroker>>, Json(body): Json<Value>) -> Json<Value> {
    broker.end(body["lock_token"].as_str().unwrap(), body["outcome"].as_str().unwrap());
    Json(json!({}))
}

/// Later than any clock of these tests.
fn far() -> Timestamp {
    "2060-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(1)
}
