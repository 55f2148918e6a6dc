//! The host on the Service Bus of the local Azure, in virtual time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clock::Clock;
use functions_host::{
    App, Broker, Exit, Handler, Host, HttpRequest, HttpResponse, InProcess, Options,
    ProtocolBroker, Running, drive,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::{Answer, Door, Request, World};
use tokio::sync::mpsc;

#[derive(Clone)]
struct Azure {
    world: Arc<Mutex<World>>,
    clock: Clock,
}

/// What the handler saw: session, message, delivery count.
type Seen = Arc<Mutex<Vec<(String, String, String)>>>;

impl Azure {
    fn new() -> Self {
        let options = simulator::Options::default();
        let clock = Clock::simulated(options.started_at, 1);
        Self { world: Arc::new(Mutex::new(World::tutorial(&options))), clock }
    }

    fn ask(&self, request: &Request) -> (u16, Vec<u8>) {
        let answer = self.world.lock().unwrap().handle(self.clock.now(), request);
        let Answer::Reply { response, .. } = answer else { panic!("{answer:?}") };
        (response.status, response.body)
    }

    fn broker(&self) -> impl Broker {
        let azure = self.clone();
        ProtocolBroker::new(move |target, body: Value| {
            let request = Request {
                door: Door::Broker,
                method: "POST".into(),
                target,
                headers: Vec::new(),
                body: body.to_string().into_bytes(),
            };
            let answer = azure.ask(&request);
            async move { Ok(answer) }
        })
    }

    fn send(&self, session: &str, id: &str) {
        let (_, token) = self.ask(&Request {
            door: Door::Identity,
            method: "GET".into(),
            target: "/token?api-version=2019-08-01&resource=https://servicebus.azure.net".into(),
            headers: vec![("x-identity-header".into(), "secret".into())],
            body: Vec::new(),
        });
        let token: Value = serde_json::from_slice(&token).unwrap();
        let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
        let (status, _) = self.ask(&Request {
            door: Door::ServiceBus,
            method: "POST".into(),
            target: "/wakes/messages".into(),
            headers: vec![
                ("authorization".into(), bearer),
                (
                    "brokerproperties".into(),
                    json!({"SessionId": session, "MessageId": id}).to_string(),
                ),
            ],
            body: id.into(),
        });
        assert_eq!(status, 201);
    }

    /// How many messages are left, dead ones apart.
    fn left(&self) -> u64 {
        self.wakes()["active"].as_u64().unwrap()
    }

    fn wakes(&self) -> Value {
        let (_, state) = self.ask(&Request {
            door: Door::Control,
            method: "GET".into(),
            target: "/control/state".into(),
            headers: Vec::new(),
            body: Vec::new(),
        });
        let state: Value = serde_json::from_slice(&state).unwrap();
        state["service_bus"]["wakes"].clone()
    }

    fn start<H: Handler>(&self, receiver: &str, handler: Arc<H>) -> Running {
        let (notes, _) = mpsc::unbounded_channel();
        drive(host(receiver), self.clock, handler, Arc::new(self.broker()), notes)
    }
}

fn host(receiver: &str) -> Host {
    let host = json!({"version": "2.0", "functionTimeout": "00:05:00",
        "customHandler": {"description": {"defaultExecutablePath": "in-process"}},
        "extensions": {"serviceBus": {"maxConcurrentSessions": 2,
            "maxAutoLockRenewalDuration": "00:06:00", "sessionIdleTimeout": "00:00:05"}}});
    let queue = json!({"bindings": [{"type": "serviceBusTrigger", "direction": "in",
        "name": "message", "queueName": "wakes", "connection": "ServiceBus",
        "isSessionsEnabled": true, "dataType": "binary"}]});
    let settings = [("ServiceBus".to_owned(), "Endpoint=sb://ns/".to_owned())].into();
    let functions = vec![("advance_run".to_owned(), queue)];
    let app = App::from_json(Path::new("/app"), host, functions, &settings).unwrap();
    Host::new(
        app,
        Options {
            handler_port: 1,
            function_keys: Vec::new(),
            master_key: None,
            receiver: receiver.into(),
            poll_every: SignedDuration::from_millis(100),
            duplicate_every: None,
            schedules: BTreeMap::default(),
            seed: 1,
        },
    )
}

/// A handler that notes what it sees, takes some time, and succeeds unless the message says `fail`.
fn noting(seen: &Seen, takes: Duration) -> Arc<impl Handler> {
    let seen = Arc::clone(seen);
    Arc::new(InProcess::new(move |request: HttpRequest| {
        let seen = Arc::clone(&seen);
        async move {
            let envelope: Value = serde_json::from_slice(&request.body).unwrap();
            let text = |name: &str| {
                let text = envelope["Metadata"][name].as_str().unwrap();
                text.trim_matches('"').to_owned()
            };
            let body = STANDARD.decode(envelope["Data"]["message"].as_str().unwrap()).unwrap();
            let body = String::from_utf8(body).unwrap();
            seen.lock().unwrap().push((text("SessionId"), body.clone(), text("DeliveryCount")));
            tokio::time::sleep(takes).await;
            let status = if body.starts_with("fail") { 500 } else { 200 };
            let headers = vec![("content-type".into(), "application/json".into())];
            Ok(HttpResponse { status, headers, body: b"{}".to_vec() })
        }
    }))
}

fn of(session: &str, seen: &Seen) -> Vec<String> {
    let seen = seen.lock().unwrap();
    let of_session = seen.iter().filter(|(known, ..)| known == session);
    of_session.map(|(_, message, count)| format!("{message} {count}")).collect()
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn sessions_run_side_by_side_and_each_in_order() {
    let azure = Azure::new();
    let seen = Seen::default();
    for number in 0..4 {
        for session in ["a", "b", "c"] {
            azure.send(session, &format!("{session}{number}"));
        }
    }
    let _running = azure.start("host", noting(&seen, Duration::from_secs(1)));
    pass(60).await;
    for session in ["a", "b", "c"] {
        let expected: Vec<String> = (0..4).map(|number| format!("{session}{number} 1")).collect();
        assert_eq!(of(session, &seen), expected);
    }
    assert_eq!(azure.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_always_fails_is_dead_lettered_at_once_and_the_next_goes_on() {
    let azure = Azure::new();
    let seen = Seen::default();
    azure.send("a", "fail");
    azure.send("a", "fine");
    let _running = azure.start("host", noting(&seen, Duration::ZERO));
    // No back-off: ten deliveries are gone in a moment.
    pass(5).await;
    let mut expected: Vec<String> = (1..=10).map(|count| format!("fail {count}")).collect();
    expected.push("fine 1".into());
    assert_eq!(of("a", &seen), expected);
    assert_eq!(azure.wakes()["dead_lettered"], 1);
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_host_held_comes_to_the_next_one_when_its_locks_have_run_out() {
    let azure = Azure::new();
    let seen = Seen::default();
    azure.send("a", "a0");
    let first = azure.start("first", noting(&seen, Duration::from_secs(20)));
    pass(10).await;
    drop(first);
    let _second = azure.start("second", noting(&seen, Duration::ZERO));
    pass(45).await;
    assert_eq!(of("a", &seen), ["a0 1"]);
    pass(10).await;
    assert_eq!(of("a", &seen), ["a0 1", "a0 2"]);
    assert_eq!(azure.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_stops_in_order_gives_its_sessions_back_uncounted() {
    let azure = Azure::new();
    let seen = Seen::default();
    azure.send("a", "a0");
    let mut first = azure.start("first", noting(&seen, Duration::from_secs(20)));
    pass(10).await;
    first.shut_down();
    first.stopped().await;
    let _second = azure.start("second", noting(&seen, Duration::ZERO));
    pass(1).await;
    assert_eq!(of("a", &seen), ["a0 1", "a0 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_the_handler_redelivers_what_it_was_doing() {
    let azure = Azure::new();
    let is_first = Arc::new(Mutex::new(true));
    let handler = Arc::new(InProcess::new(move |_| {
        let is_first = std::mem::replace(&mut *is_first.lock().unwrap(), false);
        async move {
            if is_first {
                std::future::pending::<()>().await;
            }
            let headers = vec![("content-type".into(), "application/json".into())];
            Ok(HttpResponse { status: 200, headers, body: b"{}".to_vec() })
        }
    }));
    let _running = azure.start("host", Arc::clone(&handler));
    azure.send("a", "a0");
    pass(10).await;
    assert_eq!(azure.left(), 1);
    handler.exit(Exit::Signal(9));
    pass(1).await;
    assert_eq!(azure.left(), 0);
    assert_eq!(azure.wakes()["abandoned"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_never_idle_loses_its_lock_and_delivers_one_message_twice() {
    let azure = Azure::new();
    let seen = Seen::default();
    for number in 0..20 {
        azure.send("a", &format!("{number}"));
    }
    let _running = azure.start("host", noting(&seen, Duration::from_secs(25)));
    pass(700).await;
    let seen = of("a", &seen);
    let twice: Vec<&String> = seen.iter().filter(|message| message.ends_with(" 2")).collect();
    assert_eq!(twice.len(), 1, "{seen:?}");
    assert_eq!(azure.left(), 0);
}
