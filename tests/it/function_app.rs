//! The app as the Functions host calls it: by name, in envelopes, and never to be answered with
//! nothing.

use std::fs;
use std::path::Path;

use axum::http::StatusCode;
use farshore::Options;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{Farshore, Mood, WORKLOAD, alert, envelope};

fn report(workload: &str) -> Value {
    let signal = json!({
        "id": "alert-1",
        "source": "traffic_manager",
        "condition": "fired",
        "rule": "tm-primary-down",
        "fired_at": "2026-11-22T10:03:41Z",
        "summary": "tm-primary-down",
    });
    json!({"report": {"workload": workload, "signal": signal}})
}

#[tokio::test(start_paused = true)]
async fn every_function_answers_where_the_host_calls_it() {
    let farshore = Farshore::new().await;
    let handlers = Path::new(env!("CARGO_MANIFEST_DIR")).join("handlers");
    let mut count = 0;
    for entry in fs::read_dir(handlers).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(text) = fs::read_to_string(folder.join("function.json")) else { continue };
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let function: Value = serde_json::from_str(&text).unwrap();
        let trigger = &function["bindings"][0];
        let calls = match trigger["type"].as_str().unwrap() {
            "httpTrigger" => {
                let route = trigger["route"].as_str().unwrap().replace("/{*path}", "");
                let methods = trigger["methods"].as_array().unwrap();
                methods
                    .iter()
                    // Nothing is put or posted to a whole collection: its members answer those.
                    .map(|method| match (method.as_str().unwrap(), route.as_str()) {
                        ("put", "workloads") => ("PUT", "/api/workloads/x/plan".to_owned()),
                        ("post", "workloads") => ("POST", "/api/workloads/x/drill".to_owned()),
                        ("post", "runs") => ("POST", "/api/runs/x/abort".to_owned()),
                        ("get", _) => ("GET", format!("/api/{route}")),
                        ("put", _) => ("PUT", format!("/api/{route}")),
                        ("post", _) => ("POST", format!("/api/{route}")),
                        ("options", _) => ("OPTIONS", format!("/api/{route}")),
                        other => panic!("{name}: {other:?}"),
                    })
                    .collect()
            }
            _ => vec![("POST", format!("/{name}"))],
        };
        for (method, path) in calls {
            let answer = farshore.call(method, &path, &[], "{}").await;
            let kind = answer.body["type"].as_str().unwrap_or_default().to_owned();
            assert!(!kind.ends_with("unknown-path"), "{name}: {method} {path}: {answer:?}");
            assert_ne!(answer.status, 405, "{name}: {method} {path}");
            count += 1;
        }
    }
    assert_eq!(count, 14, "functions were added or lost: look here");
}

#[tokio::test]
async fn the_probe_of_the_host_is_answered_whatever_the_store_does() {
    let farshore = Farshore::empty(Options::default());
    farshore.store.set(Mood::Panics);

    assert_eq!(farshore.get("/").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_understood_in_both_encodings() {
    let body = report(WORKLOAD).to_string();
    let mut text = envelope(b"");
    text["Data"]["message"] = json!(Value::from(body.as_str()).to_string());
    // Without `dataType` the host copies the body's fields over the broker's words.
    text["Metadata"]["SessionId"] = json!("\"somebody else\"");
    for envelope in [envelope(body.as_bytes()), text] {
        let farshore = Farshore::new().await;

        let answer = farshore.post("/receive_signal", &envelope).await;

        answer.logs();
        assert_eq!(farshore.watch().await["incident"]["signal_count"], 1);
        assert!(farshore.bus.take().iter().all(|sent| sent.queue == "signals"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_bad_message_is_copied_with_its_reason_and_is_done_with() {
    let farshore = Farshore::new().await;
    let with = |field: &str, value: Value| {
        let mut message = report(WORKLOAD);
        message["report"]["signal"][field] = value;
        message.to_string()
    };
    let huge = format!("{{\"report\": {:?}}}", "x".repeat(1 << 20));
    for (function, message, word) in [
        ("receive_signal", String::new(), "not JSON"),
        ("receive_signal", "hello".to_owned(), "not JSON"),
        ("receive_signal", "[1]".to_owned(), "not for us"),
        ("receive_signal", "{}".to_owned(), "not for us"),
        ("receive_signal", r#"{"attempt": "many"}"#.to_owned(), "`attempt` is not a count"),
        ("receive_signal", alert("tm_endpoint_metric_fired").to_string(), "single key"),
        ("receive_signal", report("nobody").to_string(), "there is no workload \"nobody\""),
        ("receive_signal", report("../../etc").to_string(), "not a workload name"),
        ("receive_signal", with("colour", json!("red")), "unknown field `colour`"),
        ("receive_signal", with("fired_at", json!("99999-99-99")), "not for us"),
        ("receive_signal", with("source", json!("rumour")), "unknown variant `rumour`"),
        ("receive_signal", huge, "more than 1048576 bytes"),
        ("advance_run", r#"{"run": 7}"#.to_owned(), "not for us"),
        ("advance_run", r#"{"run": "a", "now": true}"#.to_owned(), "unknown field `now`"),
        ("advance_run", r#"{"run": "../a"}"#.to_owned(), "cannot be the name of a run"),
        ("advance_run", r#"{"run": "nobody-incident-1"}"#.to_owned(), "cannot be read"),
    ] {
        let answer = farshore.deliver(function, message.as_bytes()).await;

        assert!(answer.logs()[0].contains("poison"), "{word}: {answer:?}");
        let sent = farshore.bus.take();
        let [poisoned] = sent.as_slice() else { panic!("{word}: {sent:?}") };
        assert_eq!(poisoned.queue, "poison");
        assert_eq!(poisoned.message.session, None);
        let body = poisoned.body();
        let reason = body["reason"].as_str().unwrap();
        assert!(reason.contains(word), "{word}: {reason}");
        assert!(poisoned.message.body.len() < 200 << 10, "{word}");
        assert_eq!(body["size"], message.len());
        assert_eq!(body["message"]["sequence_number"], "42");
        if body["truncated"] == false {
            assert_eq!(body["text"], message);
        }
    }
    assert_eq!(farshore.watch().await["incident"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn an_envelope_that_nobody_can_read_is_poison_too() {
    let farshore = Farshore::new().await;
    for (envelope, word) in [("", "not JSON"), ("{}", "`Data`"), (r#"{"Data": {}}"#, "`message`")] {
        farshore.call("POST", "/advance_run", &[], envelope).await.logs();

        let sent = farshore.bus.take();
        assert_eq!(sent[0].queue, "poison");
        assert!(sent[0].body()["reason"].as_str().unwrap().contains(word), "{sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_bad_message_twice_is_one_copy_for_a_queue_that_remembers() {
    let farshore = Farshore::new().await;
    farshore.deliver("advance_run", b"bad").await.logs();
    farshore.deliver("advance_run", b"bad").await.logs();
    farshore.deliver("advance_run", b"worse").await.logs();

    let sent = farshore.bus.take();

    assert_eq!(sent[0].message.id, sent[1].message.id);
    assert_ne!(sent[0].message.id, sent[2].message.id);
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_the_moment_is_waited_out_under_a_new_id() {
    let farshore = Farshore::new().await;
    let now: Timestamp = "2026-11-22T10:10:00Z".parse().unwrap();
    for mood in [Mood::Unavailable, Mood::Refuses, Mood::Panics] {
        farshore.store.set(mood);

        let message = report(WORKLOAD).to_string();
        let answer = farshore.deliver("receive_signal", message.as_bytes()).await;

        assert!(answer.logs()[0].contains("again in 10 s"), "{mood:?}");
        let sent = farshore.bus.take();
        let [again] = sent.as_slice() else { panic!("{mood:?}: {sent:?}") };
        assert_eq!(again.queue, "signals");
        assert_eq!(again.message.session.as_deref(), Some(WORKLOAD));
        assert_ne!(again.message.id, "b7d6c2f0a1");
        assert_eq!(again.message.at.unwrap().duration_since(now).as_secs(), 10);
        assert_eq!(again.body()["attempt"], 1);
    }
    farshore.store.set(Mood::Good);
    let mut message = report(WORKLOAD);
    message["attempt"] = json!(3);
    farshore.deliver("receive_signal", message.to_string().as_bytes()).await.logs();
    assert_eq!(farshore.watch().await["incident"]["signal_count"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_stays_is_waited_for_longer_and_longer_and_then_no_more() {
    let farshore = Farshore::new().await;
    farshore.store.set(Mood::Refuses);
    let mut message = report(WORKLOAD).to_string().into_bytes();
    let mut ids = Vec::new();
    let mut delays = Vec::new();
    let poison = loop {
        farshore.deliver("receive_signal", &message).await.logs();
        let sent = farshore.bus.take().remove(0);
        if sent.queue == "poison" {
            break sent;
        }
        let began: Timestamp = "2026-11-22T10:10:00Z".parse().unwrap();
        delays.push(sent.message.at.unwrap().duration_since(began).as_secs());
        ids.push(sent.message.id);
        message = sent.message.body;
    };
    let reason = poison.body()["reason"].as_str().unwrap().to_owned();

    assert!(
        reason.contains("20 more attempts") && reason.contains("a role is missing"),
        "{reason}"
    );
    assert_eq!(delays[..7], [10, 20, 40, 80, 160, 300, 300]);
    assert!(delays.iter().sum::<i64>() > 3600, "an outage of an hour is survived: {delays:?}");
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "a repeated id would be swallowed as a duplicate");
}

#[tokio::test(start_paused = true)]
async fn a_report_whose_first_taker_may_have_died_is_looked_into_again() {
    let farshore = Farshore::new().await;
    let message = report(WORKLOAD);
    farshore.deliver("receive_signal", message.to_string().as_bytes()).await.logs();
    assert!(farshore.arm.take() > 0, "news is looked into");
    farshore.deliver("receive_signal", message.to_string().as_bytes()).await.logs();
    assert_eq!(farshore.arm.take(), 0, "a copy is not");

    let mut redelivered = envelope(message.to_string().as_bytes());
    redelivered["Metadata"]["DeliveryCount"] = json!("2");
    farshore.post("/receive_signal", &redelivered).await.logs();
    assert!(farshore.arm.take() > 0, "its taker may have been killed");
    let mut put_off = message;
    put_off["attempt"] = json!(1);
    farshore.deliver("receive_signal", put_off.to_string().as_bytes()).await.logs();
    assert!(farshore.arm.take() > 0, "its taker may have lost the store");
    assert_eq!(farshore.watch().await["incident"]["signal_count"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_the_bus_takes_nowhere_is_given_back() {
    let farshore = Farshore::new().await;
    farshore.bus.set_down(true);

    let bad = farshore.deliver("receive_signal", b"bad").await;
    farshore.store.set(Mood::Unavailable);
    let good = farshore.deliver("receive_signal", report(WORKLOAD).to_string().as_bytes()).await;

    assert_eq!([bad.status, good.status], [StatusCode::INTERNAL_SERVER_ERROR; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_started_is_moved_by_its_wake() {
    let farshore = Farshore::new().await;
    let order = json!({"manner": "forced", "reason": "a rehearsal"});
    let started = farshore.post("/api/workloads/websphere-cafe/failover", &order).await;
    assert_eq!(started.status, 202, "{started:?}");
    let wake = farshore.bus.take().remove(0);
    assert_eq!(wake.queue, "wakes");

    let logs = farshore.deliver("advance_run", &wake.message.body).await.logs();

    assert!(logs[0].starts_with("websphere-cafe-incident-1: "), "{logs:?}");
    let report = farshore.get("/api/runs/websphere-cafe-incident-1").await;
    assert!(report.body["holders"].as_u64().unwrap() >= 1, "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn the_wakes_of_a_run_do_not_multiply_while_the_store_takes_nothing() {
    let farshore = Farshore::new().await;
    let order = json!({"manner": "forced", "reason": "a rehearsal"});
    farshore.post("/api/workloads/websphere-cafe/failover", &order).await;
    let wake = farshore.bus.take().remove(0).message.body;
    farshore.store.set(Mood::TakesNothing);

    farshore.deliver("advance_run", &wake).await.logs();
    let next = farshore.bus.take();
    assert_eq!(next.len(), 1, "the chain goes on: {next:?}");
    for _ in 0..3 {
        let swept = farshore.tick("sweep").await.logs();
        assert!(swept[0].contains("the disk is full"), "{swept:?}");
    }
    assert_eq!(farshore.bus.take().len(), 0, "no sweep begins a second one");

    farshore.store.set(Mood::Good);
    farshore.tick("sweep").await.logs();
    assert_eq!(farshore.bus.take().len(), 1, "it is begun again when it can be noted");
}

#[tokio::test(start_paused = true)]
async fn timers_end_well_and_say_what_they_did() {
    let farshore = Farshore::new().await;
    for function in ["watch", "sweep", "start_drills"] {
        farshore.store.set(Mood::Good);
        farshore.tick(function).await.logs();
        farshore.store.set(Mood::Unavailable);
        let logs = farshore.tick(function).await.logs();
        assert!(logs[0].contains("the store is away"), "{function}: {logs:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_switched_off_touches_nothing() {
    let farshore = Farshore::empty(Options { watch: false, ..Options::default() });
    farshore.store.set(Mood::Panics);

    assert_eq!(farshore.tick("watch").await.logs(), Vec::<String>::new());
}

#[tokio::test]
async fn a_fault_of_ours_is_a_500_with_a_body() {
    let farshore = Farshore::new().await;
    farshore.store.set(Mood::Panics);

    let answer = farshore.get("/api/runs").await;

    assert_eq!(answer.status, 500);
    assert_eq!(answer.problem(), "internal");
    assert_eq!(answer.body["instance"], "/api/runs");
}
