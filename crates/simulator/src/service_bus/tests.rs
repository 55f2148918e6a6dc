use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::door::{Answer, Door, Request};
use crate::{Options, World};

struct Bench {
    world: World,
    now: Timestamp,
    bearer: String,
}

impl Bench {
    fn new() -> Self {
        let options = Options::default();
        let now = options.started_at;
        let mut world = World::tutorial(&options);
        let bearer = bearer(&mut world, now, "https://servicebus.azure.net/");
        Self { world, now, bearer }
    }

    fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        self.world.advance(self.now);
    }

    fn send(&mut self, queue: &str, properties: &Value, body: &str) -> u16 {
        let bearer = self.bearer.clone();
        self.send_raw(queue, &properties.to_string(), body, Some(&bearer))
    }

    fn send_raw(&mut self, queue: &str, properties: &str, body: &str, auth: Option<&str>) -> u16 {
        let mut headers = vec![("brokerproperties".to_owned(), properties.to_owned())];
        headers.extend(auth.map(|auth| ("authorization".to_owned(), auth.to_owned())));
        headers.push(("attempt".into(), "3".into()));
        let answer = self.world.handle(
            self.now,
            &Request {
                door: Door::ServiceBus,
                method: "POST".into(),
                target: format!("/{queue}/messages"),
                headers,
                body: body.into(),
            },
        );
        let Answer::Reply { response, .. } = answer else { panic!("{answer:?}") };
        response.status
    }

    fn broker(&mut self, method: &str, target: &str, body: &Value) -> (u16, Value) {
        let answer = self.world.handle(
            self.now,
            &Request {
                door: Door::Broker,
                method: method.into(),
                target: target.into(),
                headers: Vec::new(),
                body: body.to_string().into_bytes(),
            },
        );
        let Answer::Reply { response, .. } = answer else { panic!("{answer:?}") };
        (response.status, serde_json::from_slice(&response.body).unwrap())
    }

    fn receive(&mut self, queue: &str, receiver: &str, max: usize) -> Vec<Value> {
        let (status, body) = self.broker(
            "POST",
            &format!("/broker/{queue}/receive"),
            &json!({"receiver": receiver, "sessions_max": max}),
        );
        assert_eq!(status, 200, "{body}");
        body["messages"].as_array().unwrap().clone()
    }

    fn settle(&mut self, message: &Value, outcome: &str) -> u16 {
        let body = json!({"lock_token": message["lock_token"], "outcome": outcome, "reason": "r"});
        self.broker("POST", "/broker/settle", &body).0
    }

    fn on_token(&mut self, operation: &str, token: &Value) -> u16 {
        self.broker("POST", &format!("/broker/{operation}"), &json!({"lock_token": token})).0
    }

    fn peek(&mut self, queue: &str) -> Vec<Value> {
        let (_, body) = self.broker("GET", &format!("/broker/{queue}/peek"), &json!({}));
        body["messages"].as_array().unwrap().clone()
    }
}

/// A token as the app gets it, with its scheme.
fn bearer(world: &mut World, now: Timestamp, resource: &str) -> String {
    let request = Request {
        door: Door::Identity,
        method: "GET".into(),
        target: format!("/msi/token?api-version=2019-08-01&resource={resource}"),
        headers: vec![("x-identity-header".into(), "secret".into())],
        body: Vec::new(),
    };
    let Answer::Reply { response, .. } = world.handle(now, &request) else { panic!() };
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    format!("Bearer {}", body["access_token"].as_str().unwrap())
}

fn ids(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["message_id"].as_str().unwrap()).collect()
}

fn wake(session: &str, id: &str) -> Value {
    json!({"SessionId": session, "MessageId": id})
}

#[test]
fn a_sent_message_arrives_with_what_its_sender_said() {
    let mut bench = Bench::new();
    let properties = json!({"SessionId": "cafe", "MessageId": "m1", "Label": "alert"});
    assert_eq!(bench.send("signals", &properties, "{\"n\":5}"), 201);
    let messages = bench.receive("signals", "host", 8);
    let [message] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(message["session_id"], "cafe");
    assert_eq!(message["subject"], "alert");
    assert_eq!(message["body"], "eyJuIjo1fQ==");
    assert_eq!(message["delivery_count"], 1);
    assert_eq!(message["application_properties"], json!({"attempt": 3}));
}

#[test]
fn a_bad_send_is_refused_with_its_own_status() {
    let mut bench = Bench::new();
    let fine = wake("s", "m").to_string();
    let large = "x".repeat(300 * 1024);
    let date = |text: &str| json!({"SessionId": "s", "ScheduledEnqueueTimeUtc": text}).to_string();
    let good = bench.bearer.clone();
    let bearer = Some(good.as_str());
    let arm = self::bearer(&mut bench.world, bench.now, "https://management.azure.com");
    let sas = Some("SharedAccessSignature sr=x&sig=y&se=1&skn=z");
    for (queue, properties, body, auth, status) in [
        ("signals", fine.as_str(), "x", None, 401),
        ("signals", &fine, "x", sas, 401),
        ("signals", &fine, "x", Some("Bearer made.up.token"), 401),
        ("signals", &fine, "x", Some(&arm), 401),
        ("nowhere", &fine, "x", bearer, 404),
        ("signals", "{}", "x", bearer, 405),
        ("signals", "{not json", "x", bearer, 400),
        ("signals", &json!({"SessionId": 5}).to_string(), "x", bearer, 400),
        ("signals", &wake(&"s".repeat(129), "m").to_string(), "x", bearer, 400),
        ("signals", &json!({"SessionId": "s", "PartitionKey": "p"}).to_string(), "x", bearer, 400),
        ("signals", &date("Sun, 22 Nov 2026 20:32:31 +0000"), "x", bearer, 400),
        ("signals", &date("2026-11-22T20:32:31Z"), "x", bearer, 400),
        ("signals", &date("some day GMT"), "x", bearer, 400),
        ("signals", &fine, large.as_str(), bearer, 403),
    ] {
        assert_eq!(bench.send_raw(queue, properties, body, auth), status, "{properties}");
    }
    assert!(bench.receive("signals", "host", 8).is_empty());
}

#[test]
fn a_bus_that_is_down_refuses_and_a_lost_answer_is_a_message_sent() {
    let mut bench = Bench::new();
    let fault = |bench: &mut Bench, fault: Value| {
        bench.world.faults.set(fault).unwrap();
        let answer = bench.world.handle(
            bench.now,
            &Request {
                door: Door::ServiceBus,
                method: "POST".into(),
                target: "/wakes/messages".into(),
                headers: vec![
                    ("brokerproperties".into(), wake("a", "m").to_string()),
                    ("authorization".into(), bench.bearer.clone()),
                ],
                body: b"x".to_vec(),
            },
        );
        (answer, bench.peek("wakes").len())
    };
    let down = json!({"door": "service_bus", "kind": "status", "status": 503});
    let (answer, sent) = fault(&mut bench, down);
    assert!(matches!(answer, Answer::Reply { response, .. } if response.status == 503));
    assert_eq!(sent, 0);
    let (answer, sent) = fault(&mut bench, json!({"door": "service_bus", "kind": "lost_request"}));
    assert!(matches!(answer, Answer::Reset));
    assert_eq!(sent, 0);
    let (answer, sent) = fault(&mut bench, json!({"door": "service_bus", "kind": "lost_answer"}));
    assert!(matches!(answer, Answer::Reset));
    assert_eq!(sent, 1);
}

#[test]
fn a_session_is_received_in_order_one_message_at_a_time() {
    let mut bench = Bench::new();
    for id in ["a1", "a2"] {
        bench.send("wakes", &wake("a", id), "x");
    }
    bench.send("wakes", &wake("b", "b1"), "x");
    let first = bench.receive("wakes", "host", 8);
    assert_eq!(ids(&first), ["a1", "b1"]);
    assert!(bench.receive("wakes", "host", 8).is_empty());
    assert_eq!(bench.settle(&first[0], "complete"), 200);
    assert_eq!(ids(&bench.receive("wakes", "host", 8)), ["a2"]);
}

#[test]
fn a_session_belongs_to_one_receiver() {
    let mut bench = Bench::new();
    for id in ["a1", "a2"] {
        bench.send("wakes", &wake("a", id), "x");
    }
    let first = bench.receive("wakes", "one", 8);
    bench.settle(&first[0], "complete");
    assert!(bench.receive("wakes", "two", 8).is_empty());
    assert_eq!(bench.on_token("close_session", &first[0]["session_token"]), 200);
    assert_eq!(ids(&bench.receive("wakes", "two", 8)), ["a2"]);
}

#[test]
fn a_receiver_holds_no_more_sessions_than_it_asked_for() {
    let mut bench = Bench::new();
    for session in ["a", "b", "c"] {
        bench.send("wakes", &wake(session, session), "x");
    }
    let held = bench.receive("wakes", "host", 2);
    assert_eq!(ids(&held), ["a", "b"]);
    bench.settle(&held[0], "complete");
    assert!(bench.receive("wakes", "host", 2).is_empty(), "an idle session still counts");
    bench.on_token("close_session", &held[0]["session_token"]);
    assert_eq!(ids(&bench.receive("wakes", "host", 2)), ["c"]);
}

#[test]
fn a_scheduled_message_comes_when_it_is_due_and_is_numbered_then() {
    let mut bench = Bench::new();
    let mut late = wake("a", "late");
    late["ScheduledEnqueueTimeUtc"] = json!("Sun, 22 Nov 2026 10:00:30 GMT");
    assert_eq!(bench.send("wakes", &late, "x"), 201);
    bench.send("wakes", &wake("a", "soon"), "x");
    assert_eq!(
        bench.world.bus.queues["wakes"].next_due(),
        Some(bench.now + SignedDuration::from_secs(30))
    );
    bench.pass(29);
    let soon = bench.receive("wakes", "host", 8);
    assert_eq!(ids(&soon), ["soon"]);
    bench.settle(&soon[0], "complete");
    assert!(bench.receive("wakes", "host", 8).is_empty());
    bench.pass(5);
    let late = bench.receive("wakes", "host", 8);
    assert_eq!(ids(&late), ["late"]);
    assert_eq!(late[0]["enqueued_at"], "2026-11-22T10:00:30Z");
    assert!(late[0]["sequence_number"].as_u64() > soon[0]["sequence_number"].as_u64());
}

#[test]
fn a_duplicate_is_swallowed_within_the_window_and_taken_after_it() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        assert_eq!(bench.send("signals", &wake("a", "same"), "x"), 201);
    }
    assert_eq!(bench.peek("signals").len(), 1);
    bench.pass(599);
    bench.send("signals", &wake("a", "same"), "x");
    assert_eq!(bench.peek("signals").len(), 1);
    bench.pass(1);
    bench.send("signals", &wake("a", "same"), "x");
    assert_eq!(bench.peek("signals").len(), 2);
    assert_eq!(super::summary(&bench.world)["signals"]["duplicates"], 3);
}

#[test]
fn it_is_counted_who_completed_a_message_and_what_came_again() {
    let mut bench = Bench::new();
    bench.send("wakes", &wake("run", "m1"), "1");
    let first = bench.receive("wakes", "left", 1);
    bench.settle(&first[0], "abandon");
    assert_eq!(super::summary(&bench.world)["wakes"]["delivered_again"], 0);
    let again = bench.receive("wakes", "left", 1);
    bench.settle(&again[0], "complete");
    bench.on_token("close_session", &again[0]["session_token"]);
    bench.send("wakes", &wake("run", "m2"), "2");
    let second = bench.receive("wakes", "right", 1);
    bench.settle(&second[0], "complete");

    let seen = super::summary(&bench.world)["wakes"].clone();
    assert_eq!(seen["delivered_again"], 1);
    assert_eq!(seen["completed_by"], json!({"left": 1, "right": 1}));
}

#[test]
fn an_abandoned_message_comes_back_at_once_before_the_later_ones() {
    let mut bench = Bench::new();
    for id in ["a1", "a2"] {
        bench.send("wakes", &wake("a", id), "x");
    }
    let first = bench.receive("wakes", "host", 8);
    assert_eq!(bench.settle(&first[0], "abandon"), 200);
    let again = bench.receive("wakes", "host", 8);
    assert_eq!(ids(&again), ["a1"]);
    assert_eq!(again[0]["delivery_count"], 2);
}

#[test]
fn after_ten_deliveries_a_message_is_dead_lettered_and_the_session_goes_on() {
    let mut bench = Bench::new();
    for id in ["a1", "a2"] {
        bench.send("wakes", &wake("a", id), "x");
    }
    for delivery in 1..=10 {
        let messages = bench.receive("wakes", "host", 8);
        assert_eq!(messages[0]["delivery_count"], delivery);
        bench.settle(&messages[0], "abandon");
    }
    assert_eq!(ids(&bench.receive("wakes", "host", 8)), ["a2"]);
    let dead = bench.peek("wakes/$DeadLetterQueue");
    assert_eq!(ids(&dead), ["a1"]);
    let properties = &dead[0]["application_properties"];
    assert_eq!(properties["DeadLetterReason"], "MaxDeliveryCountExceeded");
}

#[test]
fn an_expired_lock_redelivers_and_the_old_holder_can_no_longer_settle() {
    let mut bench = Bench::new();
    bench.send("wakes", &wake("a", "a1"), "x");
    let first = bench.receive("wakes", "dead host", 8);
    bench.pass(59);
    assert!(bench.receive("wakes", "host", 8).is_empty());
    bench.pass(1);
    let again = bench.receive("wakes", "host", 8);
    assert_eq!(again[0]["delivery_count"], 2);
    assert_eq!(bench.settle(&first[0], "complete"), 410);
    assert_eq!(bench.on_token("renew", &first[0]["session_token"]), 410);
    assert_eq!(bench.settle(&again[0], "complete"), 200);
}

#[test]
fn a_renewed_lock_holds_for_another_minute() {
    let mut bench = Bench::new();
    bench.send("wakes", &wake("a", "a1"), "x");
    bench.send("poison", &json!({"MessageId": "p1"}), "x");
    let wake = bench.receive("wakes", "host", 8);
    let poison = bench.receive("poison", "host", 8);
    bench.pass(50);
    assert_eq!(bench.on_token("renew", &wake[0]["session_token"]), 200);
    assert_eq!(bench.on_token("renew", &poison[0]["lock_token"]), 200);
    bench.pass(50);
    assert_eq!(bench.settle(&wake[0], "complete"), 200);
    assert_eq!(bench.settle(&poison[0], "complete"), 200);
}

#[test]
fn closing_a_session_does_not_count_as_a_delivery() {
    let mut bench = Bench::new();
    bench.send("wakes", &wake("a", "a1"), "x");
    let first = bench.receive("wakes", "host", 8);
    bench.on_token("close_session", &first[0]["session_token"]);
    assert_eq!(bench.receive("wakes", "other", 8)[0]["delivery_count"], 1);
}

#[test]
fn a_queue_without_sessions_delivers_up_to_the_limit() {
    let mut bench = Bench::new();
    for id in ["p1", "p2", "p3"] {
        bench.send("poison", &json!({"MessageId": id}), "x");
    }
    let first = bench.receive("poison", "host", 2);
    assert_eq!(ids(&first), ["p1", "p2"]);
    assert!(bench.receive("poison", "host", 2).is_empty());
    assert_eq!(bench.settle(&first[0], "dead_letter"), 200);
    assert_eq!(ids(&bench.receive("poison", "host", 2)), ["p3"]);
    assert_eq!(ids(&bench.peek("poison/$DeadLetterQueue")), ["p1"]);
}

#[test]
fn a_message_that_outlived_its_time_is_gone() {
    let mut bench = Bench::new();
    let mut short = wake("a", "short");
    short["TimeToLive"] = json!(10);
    bench.send("wakes", &short, "x");
    bench.pass(10);
    assert!(bench.receive("wakes", "host", 8).is_empty());
    assert_eq!(super::summary(&bench.world)["wakes"]["expired"], 1);
}
