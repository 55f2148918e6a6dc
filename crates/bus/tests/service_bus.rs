//! Messages as they go over the wire.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use azure::http::Roots;
use azure::token::{SERVICE_BUS_SCOPE, Source, Token, Tokens};
use bus::{Bus, BusError, Message, ServiceBus};
use clock::Clock;
use jiff::{SignedDuration, Timestamp};

#[derive(Debug, Default)]
struct Numbered(AtomicU32);

#[async_trait]
impl Source for Numbered {
    async fn fetch(&self, scope: &str) -> Result<Token, String> {
        assert_eq!(scope, "https://servicebus.azure.net/.default");
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(Token::new(&format!("t{number}"), Timestamp::now() + SignedDuration::from_hours(1)))
    }
}

#[derive(Debug, Clone)]
struct Seen {
    line: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

struct Namespace {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Namespace {
    /// Answers everything with this status and body.
    async fn start(status: u16, body: &'static str) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let answer = move |method: Method, uri: Uri, headers: HeaderMap, content: Bytes| async move {
            let line = format!("{method} {uri}");
            log.lock().unwrap().push(Seen { line, headers, body: content.to_vec() });
            (StatusCode::from_u16(status).unwrap(), body)
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, seen }
    }

    fn bus(&self) -> ServiceBus {
        bus(&self.url)
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn bus(endpoint: &str) -> ServiceBus {
    let tokens = Tokens::new(Arc::new(Numbered::default()), SERVICE_BUS_SCOPE);
    ServiceBus::new(endpoint, tokens, &Roots::default(), Clock::System).unwrap()
}

fn message() -> Message {
    Message {
        session: Some("run-1".into()),
        id: "run-1:0007".into(),
        body: br#"{"run":"run-1"}"#.to_vec(),
        at: None,
        content_type: "application/json".into(),
    }
}

#[tokio::test]
async fn a_message_is_one_post_with_its_properties_and_an_entra_token() {
    let namespace = Namespace::start(201, "").await;
    namespace.bus().send("wakes", &message()).await.unwrap();
    let [seen] = &namespace.seen()[..] else { panic!("one request") };
    assert_eq!(seen.line, "POST /wakes/messages");
    assert_eq!(seen.header("authorization"), "Bearer t1");
    assert_eq!(seen.header("content-type"), "application/json");
    assert_eq!(
        seen.header("brokerproperties"),
        r#"{"SessionId":"run-1","MessageId":"run-1:0007"}"#
    );
    assert_eq!(seen.body, br#"{"run":"run-1"}"#);
    let mut names: Vec<_> = seen.headers.keys().map(ToString::to_string).collect();
    names.sort();
    let expected = [
        "accept",
        "authorization",
        "brokerproperties",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_scheduled_message_names_a_whole_second_in_gmt_and_never_an_earlier_one() {
    let namespace = Namespace::start(201, "").await;
    let bus = namespace.bus();
    for at in ["2026-11-22T20:32:31Z", "2026-11-22T20:32:30.001Z", "2026-12-31T23:59:59.5Z"] {
        let message = Message { at: Some(at.parse().unwrap()), ..message() };
        bus.send("wakes", &message).await.unwrap();
    }
    let times: Vec<_> = namespace
        .seen()
        .iter()
        .map(|seen| seen.header("brokerproperties").split("Utc\":").nth(1).unwrap().to_owned())
        .collect();
    let expected = [
        r#""Sun, 22 Nov 2026 20:32:31 GMT"}"#,
        r#""Sun, 22 Nov 2026 20:32:31 GMT"}"#,
        r#""Fri, 01 Jan 2027 00:00:00 GMT"}"#,
    ];
    assert_eq!(times, expected);
}

#[tokio::test]
async fn a_message_without_a_session_has_none() {
    let namespace = Namespace::start(201, "").await;
    let message = Message { session: None, ..message() };
    namespace.bus().send("poison", &message).await.unwrap();
    let [seen] = &namespace.seen()[..] else { panic!("one request") };
    assert_eq!(seen.header("brokerproperties"), r#"{"MessageId":"run-1:0007"}"#);
}

#[tokio::test]
async fn bytes_that_are_no_text_arrive_as_they_are() {
    let namespace = Namespace::start(201, "").await;
    let message = Message { body: vec![0, 0xff, 0xfe, b'"'], ..message() };
    namespace.bus().send("poison", &message).await.unwrap();
    assert_eq!(namespace.seen()[0].body, [0, 0xff, 0xfe, b'"']);
}

#[tokio::test]
async fn names_beyond_ascii_are_escaped_in_the_header() {
    let namespace = Namespace::start(201, "").await;
    let message =
        Message { session: Some("café ☕ 𝄞".into()), id: "a\"b".into(), ..message() };
    namespace.bus().send("signals", &message).await.unwrap();
    let seen = namespace.seen();
    let properties = seen[0].header("brokerproperties");
    assert_eq!(properties, r#"{"SessionId":"caf\u00e9 \u2615 \ud834\udd1e","MessageId":"a\"b"}"#);
    // A JSON reader gets back what was meant: the escapes are JSON's own.
    assert!(properties.is_ascii());
}

#[tokio::test]
async fn refusals_and_outages_are_told_apart_and_nothing_is_sent_twice() {
    for status in [400, 401, 403, 404, 410, 413] {
        let namespace = Namespace::start(status, "<Error><Detail>why</Detail></Error>").await;
        let error = namespace.bus().send("wakes", &message()).await.unwrap_err();
        let BusError::Refused { status: told, reason } = error else { panic!("{status}") };
        assert_eq!(told, Some(status));
        assert!(reason.contains("why"), "{reason}");
        assert_eq!(namespace.seen().len(), 1);
    }
    for status in [408, 429, 500, 503] {
        let namespace = Namespace::start(status, "").await;
        let error = namespace.bus().send("wakes", &message()).await.unwrap_err();
        assert!(matches!(error, BusError::Unavailable { .. }), "{status}: {error:?}");
        assert_eq!(namespace.seen().len(), 1);
    }
    for status in [204, 302] {
        let namespace = Namespace::start(status, "").await;
        let sent = namespace.bus().send("wakes", &message()).await;
        assert_eq!(sent.is_ok(), status == 204, "{status}");
    }
}

#[tokio::test]
async fn a_namespace_that_is_not_there_is_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = bus(&url).send("wakes", &message()).await.unwrap_err();
    assert!(matches!(error, BusError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_never_answers_is_given_up_in_clock_time() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let tokens = Tokens::new(Arc::new(Numbered::default()), SERVICE_BUS_SCOPE);
    let clock = Clock::simulated(Timestamp::now(), 100);
    let bus = ServiceBus::new(&url, tokens, &Roots::default(), clock).unwrap();
    let started = std::time::Instant::now();
    let error = bus.send("wakes", &message()).await.unwrap_err();
    assert!(matches!(error, BusError::Unavailable { .. }), "{error:?}");
    // Ten seconds of the clock are a tenth of one on the wall; ten would mean the wrong clock.
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    drop(listener);
}

#[tokio::test]
async fn what_is_no_name_of_a_queue_goes_nowhere() {
    let namespace = Namespace::start(201, "").await;
    for queue in ["", "a/b", "wakes?x=1", "../wakes", "wäkes"] {
        let error = namespace.bus().send(queue, &message()).await.unwrap_err();
        assert!(matches!(error, BusError::Refused { .. }), "{queue}: {error:?}");
    }
    assert_eq!(namespace.seen().len(), 0);
}

#[test]
fn an_endpoint_that_would_leak_the_token_is_refused() {
    let tokens = Tokens::new(Arc::new(Numbered::default()), SERVICE_BUS_SCOPE);
    let plain = "http://namespace.servicebus.windows.net";
    assert!(ServiceBus::new(plain, tokens, &Roots::default(), Clock::System).is_err());
}
