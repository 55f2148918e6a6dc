//! What becomes of a request, by what comes back.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::SignedDuration;
use recovery::effect::Effect;
use recovery::limits::SEND_WITHIN_S;
use recovery::runbook::StepKind;
use recovery::turn::{Action, Input, SendOutcome};
use serde_json::Value;

use super::doors::{Azure, Shell};
use crate::adapters;
use crate::advance::Subject;

const MACHINE: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm";

fn stop() -> Effect {
    Effect::StopMachine { machine: MACHINE.into() }
}

async fn sent(azure: Azure) -> SendOutcome {
    let shell = Shell::on(azure);
    let send_before = shell.now() + SignedDuration::from_secs(SEND_WITHIN_S);
    adapters::send(&shell.engine.outside, &stop(), "id", &Value::Null, send_before).await
}

#[tokio::test]
async fn only_success_is_an_acceptance_and_only_a_4xx_is_a_no() {
    let answered = |status| sent(Azure::default().says("/deallocate", status, &""));
    for status in [200, 201, 202, 204] {
        assert!(matches!(answered(status).await, SendOutcome::Accepted { .. }), "{status}");
    }
    for status in [400, 401, 403, 404, 409, 410, 412, 429] {
        assert!(matches!(answered(status).await, SendOutcome::Refused { .. }), "{status}");
    }
    // It may have been started.
    for status in [408, 500, 502, 503, 504] {
        assert!(matches!(answered(status).await, SendOutcome::Unresolved { .. }), "{status}");
    }
    assert!(matches!(sent(Azure::default()).await, SendOutcome::NotSent { .. }));
}

#[tokio::test]
async fn a_request_without_an_answer_is_left_to_the_protocol() {
    let silent = Azure::default().keeps_silent("/deallocate");
    let came = Arc::clone(&silent.came);
    let outcome = sent(silent).await;
    assert!(matches!(outcome, SendOutcome::Unresolved { .. }), "{outcome:?}");
    assert_eq!(came.load(Ordering::Relaxed), 1, "nobody but the core may try again");
}

#[tokio::test]
async fn how_long_azure_orders_us_to_wait_is_handed_on() {
    let throttled = Azure::default().says("/deallocate", 429, &"").with("retry-after", "17");
    let outcome = sent(throttled).await;
    assert!(matches!(outcome, SendOutcome::Refused { retry_after_s: Some(17), .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_request_whose_time_to_be_sent_has_passed_is_not_sent() {
    let shell = Shell::on(Azure::default().says("/deallocate", 202, &""));
    let outcome = async |late_s: i64| {
        let send_before = shell.now() + SignedDuration::from_secs(SEND_WITHIN_S - late_s);
        let (step, attempt) = (StepKind::StopOldPrimary, 1);
        let send = Action::Send { step, attempt, effect: stop(), send_before };
        match shell.engine.perform("run", "holder", send, Subject::default()).await {
            Input::Sent { outcome, .. } => outcome,
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(outcome(0).await, SendOutcome::Accepted { .. }));
    // The process stood still between the check of its lease and its request.
    assert!(matches!(outcome(SEND_WITHIN_S + 1).await, SendOutcome::NotSent { .. }));
}

#[tokio::test(start_paused = true)]
async fn an_interface_that_took_too_long_to_be_read_is_not_written() {
    let interface = include_str!("../../../azure/tests/fixtures/spec_network_interface.json");
    let network = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
    let attach = Effect::AttachPublicIp {
        interface: format!("{network}/networkInterfaces/nic").as_str().into(),
        public_ip: format!("{network}/publicIPAddresses/ip").as_str().into(),
    };
    for (reading_s, is_sent) in [(SEND_WITHIN_S - 1, true), (SEND_WITHIN_S, false)] {
        let slow = u64::try_from(reading_s).unwrap();
        let shell =
            Shell::on(Azure::default().says("/networkInterfaces/", 200, &interface).after(slow));
        let send_before = shell.now() + SignedDuration::from_secs(SEND_WITHIN_S);
        let outside = &shell.engine.outside;
        let outcome = adapters::send(outside, &attach, "id", &Value::Null, send_before).await;
        let accepted = matches!(outcome, SendOutcome::Accepted { .. });
        assert_eq!(accepted, is_sent, "read for {reading_s} s: {outcome:?}");
    }
}
