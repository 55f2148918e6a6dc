//! What becomes of a request, by what comes back.

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
    adapters::send(&shell.engine.outside, &stop(), "id", &Value::Null).await
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
async fn how_long_azure_orders_us_to_wait_is_handed_on() {
    let throttled = Azure::default().says("/deallocate", 429, &"").with("retry-after", "17");
    let outcome = sent(throttled).await;
    assert!(matches!(outcome, SendOutcome::Refused { retry_after_s: Some(17), .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_request_whose_time_to_be_sent_has_passed_is_not_sent() {
    let shell = Shell::on(Azure::default().says("/deallocate", 202, &""));
    let outcome = async |late_s: i64| {
        let send_before = shell.now() + jiff::SignedDuration::from_secs(SEND_WITHIN_S - late_s);
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
