//! The host in this process, in virtual time, with an axum router as its handler.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::post;
use clock::Clock;
use functions_host::{App, Exit, Host, HttpRequest, HttpResponse, InProcess, Note, Options, drive};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt as _;

use crate::broker::FakeBroker;

fn host() -> Host {
    let host = json!({"version": "2.0", "customHandler": {
        "description": {"defaultExecutablePath": "in-process"},
        "enableForwardingHttpRequest": true}});
    let queue = json!({"bindings": [{"type": "serviceBusTrigger", "direction": "in",
        "name": "message", "queueName": "wakes", "connection": "ServiceBus",
        "isSessionsEnabled": true, "dataType": "binary"}]});
    let http = json!({"bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "request", "authLevel": "anonymous"},
        {"type": "http", "direction": "out", "name": "response"}]});
    let settings = [("ServiceBus".to_owned(), "Endpoint=sb://ns/".to_owned())].into();
    let functions = vec![("advance_run".to_owned(), queue), ("hello".to_owned(), http)];
    let app = App::from_json(Path::new("/app"), host, functions, &settings).unwrap();
    Host::new(
        app,
        Options {
            handler_port: 1,
            function_keys: Vec::new(),
            master_key: None,
            receiver: "host".into(),
            poll_every: SignedDuration::from_millis(100),
            duplicate_every: None,
            schedules: std::collections::BTreeMap::default(),
            seed: 1,
        },
    )
}

/// Sends the host's request to a router.
async fn ask(router: Router, request: HttpRequest) -> Result<HttpResponse, String> {
    let mut builder = axum::http::Request::builder().method(&*request.method).uri(request.target);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let request = builder.body(Body::from(request.body)).map_err(|error| error.to_string())?;
    let response = router.oneshot(request).await.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let body = to_bytes(response.into_body(), usize::MAX).await;
    Ok(HttpResponse { status, headers, body: body.map_err(|error| error.to_string())?.to_vec() })
}

async fn ended(notes: &mut mpsc::UnboundedReceiver<Note>) -> Option<String> {
    loop {
        if let Note::Ended { failure, .. } = notes.recv().await.expect("the host runs") {
            return failure;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_router_serves_messages_and_requests_in_virtual_time() {
    let router = Router::new()
        .route(
            "/advance_run",
            post(|axum::Json(body): axum::Json<Value>| async move {
                assert_eq!(body["Metadata"]["SessionId"], "\"run\"");
                // Longer than the lock of a message, shorter than the function timeout.
                tokio::time::sleep(Duration::from_mins(10)).await;
                axum::Json(json!({"Outputs": {}}))
            }),
        )
        .route("/api/hello", axum::routing::get(|| async { "hello" }));
    let handler = Arc::new(InProcess::new(move |request| ask(router.clone(), request)));
    let broker = Arc::new(FakeBroker::default());
    let (observer, mut notes) = mpsc::unbounded_channel();
    let clock = Clock::simulated("2026-11-22T10:00:00Z".parse().unwrap(), 1);
    let running = drive(host(), clock, handler, Arc::clone(&broker), observer);
    broker.send("wake");
    let request = HttpRequest {
        method: "GET".into(),
        target: "/api/hello".into(),
        headers: Vec::new(),
        body: Vec::new(),
        chunked: false,
    };
    assert_eq!(running.request(request).await.body, b"hello");
    assert_eq!(ended(&mut notes).await, None);
    assert_eq!(ended(&mut notes).await, None);
    let passed = clock.now().duration_since("2026-11-22T10:00:00Z".parse().unwrap());
    assert!(passed >= SignedDuration::from_secs(600), "{passed}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(broker.settled(), [("wake".to_owned(), "complete".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_drops_what_the_handler_was_doing() {
    struct Unfinished(mpsc::UnboundedSender<()>);
    impl Drop for Unfinished {
        fn drop(&mut self) {
            // The test may have ended before.
            let _ = self.0.send(());
        }
    }
    let (dropped, mut was_dropped) = mpsc::unbounded_channel();
    let handler = Arc::new(InProcess::new(move |_| {
        let work = Unfinished(dropped.clone());
        async move {
            let _work = work;
            std::future::pending().await
        }
    }));
    let broker = Arc::new(FakeBroker::default());
    let (observer, mut notes) = mpsc::unbounded_channel();
    let clock = Clock::simulated("2026-11-22T10:00:00Z".parse().unwrap(), 1);
    let mut running = drive(host(), clock, Arc::clone(&handler), Arc::clone(&broker), observer);
    broker.send("wake");
    for _ in 0..3 {
        while !matches!(notes.recv().await, Some(Note::Started { .. })) {}
        tokio::time::sleep(Duration::from_secs(1)).await;
        handler.exit(Exit::Signal(9));
        was_dropped.recv().await.expect("the handler's future is dropped");
    }
    assert!(running.stopped().await.contains("restart retry count"));
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_stopped_at_once_does_not_wait_for_its_handler() {
    let answer = |_| async { Err::<HttpResponse, _>("never asked".to_owned()) };
    let handler = Arc::new(InProcess::new(answer));
    let broker = Arc::new(FakeBroker::default());
    let (observer, _notes) = mpsc::unbounded_channel();
    let clock = Clock::simulated("2026-11-22T10:00:00Z".parse().unwrap(), 1);
    let mut running = drive(host(), clock, handler, broker, observer);
    running.shut_down();
    assert!(running.stopped().await.contains("takes the host away"));
}
