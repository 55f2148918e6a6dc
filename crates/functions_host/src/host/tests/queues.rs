use serde_json::{Value, json};

use super::bench::{FINE, Setup, wakes};
use crate::host::{HOST_VERSION, Input, Output};
use crate::message::{BrokerError, Settlement};

fn is_receive(output: &Output) -> bool {
    matches!(output, Output::Receive { .. })
}

fn is_renewal(output: &Output) -> bool {
    matches!(output, Output::Renew { .. })
}

#[test]
fn a_message_reaches_its_function_in_the_envelope_with_the_hosts_headers() {
    let mut bench = Setup::new(&[wakes()]).start();
    let message = bench.message("run-1", "m1");
    bench.deliver(vec![message]);
    let (_, request) = bench.call();
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/advance_run"));
    assert!(request.chunked);
    assert_eq!(request.header("x-azure-functions-hostversion"), Some(HOST_VERSION));
    assert_eq!(request.header("x-azure-functions-invocationid").unwrap().len(), 36);
    assert_eq!(request.header("content-type"), Some("application/json; charset=utf-8"));
    assert!(request.header("user-agent").unwrap().starts_with("Azure-Functions-Host/"));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["Data"]["message"], "aGVsbG8=");
    assert_eq!(body["Metadata"]["SessionId"], r#""run-1""#);
}

#[test]
fn success_completes_and_anything_else_abandons_at_once() {
    for (status, body, expected) in [
        (200, FINE, Settlement::Complete),
        (202, "{}", Settlement::Complete),
        (500, FINE, Settlement::Abandon),
        (404, "", Settlement::Abandon),
        (200, "no json", Settlement::Abandon),
    ] {
        let mut bench = Setup::new(&[wakes()]).start();
        let message = bench.message("a", "m");
        bench.deliver(vec![message]);
        let (call, _) = bench.call();
        bench.answer(call, status, body);
        assert_eq!(bench.settle(), ("lock-m".into(), expected), "{status} {body}");
    }
}

#[test]
fn a_broken_connection_abandons() {
    let mut bench = Setup::new(&[wakes()]).start();
    let message = bench.message("a", "m");
    bench.deliver(vec![message]);
    let (call, _) = bench.call();
    bench.give(Input::Answered { call, answer: Err("connection reset".into()) });
    assert_eq!(bench.settle().1, Settlement::Abandon);
}

#[test]
fn no_more_sessions_than_configured_are_in_work() {
    let mut bench = Setup::new(&[wakes()]).start();
    let Some(Output::Receive { limit: 2, queue, receiver, .. }) =
        bench.out.iter().find(|output| is_receive(output))
    else {
        panic!("{:?}", bench.out)
    };
    assert_eq!((queue.as_str(), receiver.as_str()), ("wakes", "host-1"));
    let messages = vec![bench.message("a", "a1"), bench.message("b", "b1")];
    bench.deliver(messages);
    bench.forget();
    bench.pass(30);
    assert_eq!(bench.count(is_receive), 0, "both places are taken");
}

#[test]
fn the_next_message_of_a_session_comes_after_the_one_before_is_settled() {
    let mut bench = Setup::new(&[wakes()]).start();
    let first = bench.message("a", "a1");
    bench.deliver(vec![first]);
    let (call, _) = bench.call();
    bench.answer(call, 200, FINE);
    // The broker may be quicker than the news of the settlement.
    let second = bench.message("a", "a2");
    bench.deliver(vec![second]);
    assert!(bench.calls().is_empty());
    assert_eq!(bench.settle().0, "lock-a1");
    let (call, _) = bench.call();
    bench.answer(call, 200, FINE);
    assert_eq!(bench.settle().0, "lock-a2");
}

#[test]
fn the_broker_is_asked_again_as_soon_as_a_message_is_settled() {
    let mut bench = Setup::new(&[wakes()]).start();
    let message = bench.message("a", "a1");
    bench.deliver(vec![message]);
    let (call, _) = bench.call();
    bench.answer(call, 200, FINE);
    bench.forget();
    bench.give(Input::Settled { listener: 0, slot: 1, result: Ok(()) });
    assert_eq!(bench.count(is_receive), 1);
}

#[test]
fn an_idle_session_is_held_for_the_idle_timeout_and_then_closed() {
    let mut bench = Setup::new(&[wakes()]).start();
    let message = bench.message("a", "a1");
    bench.deliver(vec![message]);
    let (call, _) = bench.call();
    bench.answer(call, 200, FINE);
    bench.settle();
    bench.forget();
    let closed = Output::CloseSession { session_token: "session-a".into() };
    bench.pass(4);
    assert_eq!(bench.count(|output| *output == closed), 0);
    bench.pass(1);
    assert_eq!(bench.count(|output| *output == closed), 1);
}

#[test]
fn a_lock_is_renewed_ten_seconds_before_it_ends() {
    let mut bench = Setup::new(&[wakes()]).start();
    let message = bench.message("a", "a1");
    bench.deliver(vec![message]);
    bench.forget();
    bench.pass(49);
    assert_eq!(bench.count(is_renewal), 0);
    bench.pass(1);
    let renewal = Output::Renew { listener: 0, slot: 1, lock_token: "session-a".into() };
    assert_eq!(bench.count(|output| *output == renewal), 1);
}

#[test]
fn renewing_ends_with_the_longest_renewal_counted_from_the_session_and_the_lock_is_lost() {
    let mut setup = Setup::new(&[wakes()]);
    setup.host["functionTimeout"] = json!("-1");
    let mut bench = setup.start();
    let message = bench.message("a", "a1");
    let start = bench.now;
    bench.deliver(vec![message]);
    let (call, _) = bench.call();
    let mut renewals = 0;
    while bench.now.duration_since(start).as_secs() < 600 {
        bench.pass(1);
        if bench.count(is_renewal) > 0 {
            renewals += 1;
            bench.forget();
            let until = bench.now + jiff::SignedDuration::from_secs(60);
            bench.give(Input::Renewed { listener: 0, slot: 1, result: Ok(until) });
        }
    }
    // At 50, 100, … 350 s; the next would be after the six minutes.
    assert_eq!(renewals, 7);
    // The message in work runs on, and its settlement will be refused.
    bench.forget();
    bench.answer(call, 200, FINE);
    let (_, _, slot) = bench.settlements().remove(0);
    bench.give(Input::Settled { listener: 0, slot, result: Err(BrokerError::LockLost) });
    // The same session, accepted anew.
    let mut again = bench.message("a", "a1");
    again.session_token = Some("session-a2".into());
    again.delivery_count = 2;
    bench.give(Input::Received { listener: 0, messages: Ok(vec![again]) });
    let (_, request) = bench.call();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["Metadata"]["DeliveryCount"], "2");
}

#[test]
fn a_message_whose_lock_is_lost_can_be_in_work_twice() {
    let mut bench = Setup::new(&[wakes()]).start();
    let first = bench.message("a", "a1");
    bench.deliver(vec![first]);
    bench.give(Input::Renewed { listener: 0, slot: 1, result: Err(BrokerError::LockLost) });
    let mut again = bench.message("a", "a1");
    again.session_token = Some("session-a2".into());
    bench.deliver(vec![again]);
    assert_eq!(bench.calls().len(), 2);
}

#[test]
fn a_completion_can_be_lost_on_purpose() {
    let mut setup = Setup::new(&[wakes()]);
    setup.duplicate_every = Some(2);
    let mut bench = setup.start();
    let mut outcomes = Vec::new();
    for id in ["m1", "m2", "m2 again"] {
        let message = bench.message("a", id);
        bench.deliver(vec![message]);
        let (call, _) = bench.call();
        bench.answer(call, 200, FINE);
        outcomes.push(bench.settle().1);
    }
    assert_eq!(outcomes, [Settlement::Complete, Settlement::Abandon, Settlement::Complete]);
}

#[test]
fn a_broker_that_does_not_answer_is_asked_again_a_second_later() {
    let mut bench = Setup::new(&[wakes()]).start();
    bench.forget();
    for _ in 0..3 {
        let messages = Err(BrokerError::Unavailable("503".into()));
        bench.give(Input::Received { listener: 0, messages });
        assert_eq!(bench.count(is_receive), 0);
        bench.pass(1);
        assert_eq!(bench.count(is_receive), 1);
        bench.out.retain(|output| !is_receive(output));
    }
}
