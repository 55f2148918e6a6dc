//! What knocks at the app's doors: reports, the host's calls, and people.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bus::Message;
use engine::SignalMessage;
use recovery::Plan;
use serde_json::{Value, json};

use crate::app::{Answer, Farshore, WORKLOAD, play};
use crate::http_text::{Parts, parts};
use crate::judge::{beginning, problem, says_why};

/// A report at the door for alerts. It is taken, told to be uninteresting, or refused with the place
/// of what is wrong; what is taken is a message that the next function understands.
pub(crate) fn alert(bytes: &[u8]) {
    let report = || {
        play(async {
            let farshore = Farshore::new().await;
            let path = format!("/api/alerts?workload={WORKLOAD}");
            let answer = farshore.call("POST", &path, &[], bytes).await.unwrap();
            let sent = farshore.sent();
            for (queue, message) in &sent {
                assert_eq!(queue, "signals");
                let letter: SignalMessage = serde_json::from_slice(&message.body).unwrap();
                assert_eq!(serde_json::to_vec(&letter).unwrap(), message.body);
                farshore.invoke("receive_signal", &binary(&message.body)).await;
            }
            let later = farshore.sent();
            let poisoned = later.iter().find(|(queue, _)| queue == "poison");
            assert!(poisoned.is_none(), "taken by one door and refused by the next");
            (answer.status, answer.body, sent)
        })
    };
    let (status, body, sent) = report();
    match status.as_u16() {
        202 => assert!(!sent.is_empty(), "{body}"),
        200 => assert!(sent.is_empty(), "{body}"),
        400 => {
            problem(&body, bytes.len());
            assert!(body["errors"].is_array(), "{body}");
        }
        404 | 413 => problem(&body, bytes.len()),
        other => panic!("{other}: {body}"),
    }
    assert_eq!((status, body, sent), report(), "the same report, twice");
}

/// What the host posts for a message or a tick. It always gets the answer that it waits for; a
/// message that is not for us goes to the poison queue with its reason.
pub(crate) fn envelope(bytes: &[u8]) {
    play(async {
        let farshore = Farshore::new().await;
        for function in ["receive_signal", "advance_run", "sweep", "start_drills"] {
            farshore.invoke(function, bytes).await;
            judge_copies(&farshore.sent());
        }
    });
}

/// A message in both of the forms in which the host hands it over: they mean the same.
pub(crate) fn message(bytes: &[u8]) {
    let outcome = |envelope: &[u8]| {
        play(async {
            let farshore = Farshore::new().await;
            let mut all = Vec::new();
            for function in ["receive_signal", "advance_run"] {
                all.extend(farshore.invoke(function, envelope).await);
                let sent = farshore.sent();
                judge_copies(&sent);
                all.extend(sent.into_iter().map(|(queue, message)| {
                    format!("{queue} {}", String::from_utf8_lossy(&message.body))
                }));
            }
            all
        })
    };
    let as_binary = outcome(&binary(bytes));
    // Larger ones are on no queue; they were tried once.
    if let Ok(text) = std::str::from_utf8(bytes)
        && bytes.len() <= 256 << 10
    {
        let as_text = json!({"Data": {"message": json!(text).to_string()}, "Metadata": {}});
        assert!(as_binary == outcome(as_text.to_string().as_bytes()), "{}", beginning(text));
    }
}

/// A request of a person, as text. Every refusal is a problem with its words; a plan that is stored
/// is the plan that was sent; and nothing that is asked makes the workload unreadable.
pub(crate) fn operator(bytes: &[u8]) {
    let Parts { first, headers, body } = parts(bytes);
    let mut words = first.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return };
    play(async {
        let farshore = Farshore::new().await;
        let Some(answer) = farshore.call(method, path, &headers, body).await else { return };
        judge_answer(&answer, bytes.len());
        judge_copies(&farshore.sent());
        let plan = format!("/api/workloads/{WORKLOAD}/plan");
        if method == "PUT" && path == plan && answer.status.is_success() {
            let stored: Plan = serde_json::from_value(farshore.get(&plan).await.body).unwrap();
            assert_eq!(Plan::parse(std::str::from_utf8(body).unwrap()), Ok(stored));
        }
        let workload = farshore.get(&format!("/api/workloads/{WORKLOAD}")).await;
        assert_eq!(workload.status, StatusCode::OK, "{workload:?}");
    });
}

fn judge_answer(answer: &Answer, sent: usize) {
    let status = answer.status.as_u16();
    if status >= 400 && answer.body != Value::Null {
        problem(&answer.body, sent);
    }
    assert!(status < 500 || status == 503, "{answer:?}");
}

/// Copies for the poison queue say why they are there; others are our own.
fn judge_copies(sent: &[(String, Message)]) {
    for (queue, message) in sent {
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        match queue.as_str() {
            "poison" => {
                says_why(body["reason"].as_str().unwrap_or_default());
                assert!(body["base64"].is_string() && body["size"].is_number());
            }
            "signals" | "wakes" => assert!(message.session.is_some()),
            other => panic!("nothing is sent to {other}"),
        }
    }
}

fn binary(message: &[u8]) -> Vec<u8> {
    json!({"Data": {"message": STANDARD.encode(message)}, "Metadata": {}}).to_string().into_bytes()
}
