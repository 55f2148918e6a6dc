//! Errors in Site Recovery's envelope (recorded for 404 and for names in use): the outer code is
//! general, `details[0].code` says what it is.

use serde_json::json;

use super::job::{Problem, Target};
use super::scenario::Scenario;
use crate::door::Response;
use crate::operations::ArmRequest;
use crate::world::World;

/// Why an action is not allowed now. The codes are guesses: no recording shows one.
pub(super) fn in_this_state(
    world: &World,
    target: Target,
    scenario: Scenario,
    direction: &str,
) -> Option<Problem> {
    let state = &world.recovery;
    let name = scenario.name();
    let busy = match target {
        Target::Plan => {
            state.plan.busy.is_some() || state.items.iter().any(|item| item.busy.is_some())
        }
        Target::Item(item) => state.items[item].busy.is_some(),
        Target::Vault => false,
    };
    if busy {
        return Some(Problem::new(
            "AnotherOperationInProgress",
            format!(
                "The operation '{name}' can't be started while another operation is in progress."
            ),
            "Another operation is running on the recovery plan or on one of its items.",
            "Wait for the operation to finish and try again.",
        ));
    }
    let allowed = match target {
        // A clean-up or a commit is of those that wait for one.
        Target::Plan
            if matches!(scenario, Scenario::TestFailoverCleanup | Scenario::CommitFailover) =>
        {
            state.items.iter().any(|item| item.permits(scenario))
        }
        Target::Plan => state.items.iter().all(|item| item.permits(scenario)),
        Target::Item(item) => state.items[item].permits(scenario),
        Target::Vault => true,
    };
    let back = direction.eq_ignore_ascii_case("RecoveryToPrimary");
    (!allowed || back).then(|| {
        Problem::new(
            "OperationNotAllowedInCurrentState",
            format!("The operation '{name}' isn't allowed in the current state."),
            "The state of the recovery plan or of one of its items doesn't allow the operation.",
            "Check the allowed operations of the items and try again.",
        )
    })
}

/// The synchronous form of a refusal.
pub(super) fn refuse(request: &ArmRequest<'_>, problem: &Problem) -> Response {
    if problem.code == "AnotherOperationInProgress" {
        envelope(request, 409, "Conflict", problem)
    } else {
        bad_request(request, problem)
    }
}

pub(super) fn bad_request(request: &ArmRequest<'_>, problem: &Problem) -> Response {
    envelope(request, 400, "BadRequest", problem)
}

/// A name that is not there (recorded).
pub(super) fn not_found(request: &ArmRequest<'_>, name: &str) -> Response {
    let message = format!("Specified resource with name '{name}' does not exist.");
    let problem = Problem::new(
        "ArmResourceDoesNotExist",
        message,
        "Ensure correct resource name was specified.",
        "Verify ARM resource name details.",
    );
    envelope(request, 404, "NotFound", &problem)
}

/// An action that exists but is not modelled, or is not for this replication provider:
/// planned failover and plan-level re-protect are not offered for A2A (recorded), cancelling a
/// failover neither; switching protection is not modelled.
pub(super) fn unsupported(request: &ArmRequest<'_>, action: &str) -> Response {
    let problem = Problem::new(
        "OperationNotSupported",
        format!("The operation '{action}' isn't supported for the replication provider 'A2A'."),
        "The replication provider doesn't support the operation, or this service doesn't.",
        "Use an operation from the list of allowed operations.",
    );
    envelope(request, 400, "NotImplemented", &problem)
}

pub(super) fn missing(key: &str) -> Problem {
    let message = format!("The input property '{key}' is missing.");
    Problem::new("InvalidParameter", message, "A required property is missing.", "Provide it.")
}

pub(super) fn unknown_value(key: &str, value: &str) -> Problem {
    let message = format!("The value '{value}' of the input property '{key}' isn't valid.");
    Problem::new("InvalidParameter", message, "The value isn't known.", "Provide a valid value.")
}

/// The ARM form of a message that is recorded for the classic service.
pub(super) fn cannot_restart() -> Problem {
    Problem::new(
        "CannotRemediateSucceededWorkflow",
        "The job couldn't be retried.".to_owned(),
        "Only failed jobs can be retried.",
        "Cannot retry a job which hasn't failed.",
    )
}

pub(super) fn not_now(action: &str) -> Problem {
    Problem::new(
        "JobActionNotAllowed",
        format!("The action '{action}' isn't allowed for the job in its current state."),
        "The job doesn't offer the action.",
        "Check the allowed actions of the job.",
    )
}

pub(super) fn failed() -> Problem {
    Problem::new("JobFailed", "The job failed.".to_owned(), "", "See the errors of the job.")
}

fn envelope(request: &ArmRequest<'_>, status: u16, code: &str, problem: &Problem) -> Response {
    let client = request.request.header("x-ms-client-request-id").unwrap_or_default();
    Response::json(
        status,
        &json!({"error": {
            "code": code,
            "message": problem.message,
            "details": [{
                "code": problem.code,
                "message": problem.message,
                "possibleCauses": problem.causes,
                "recommendedAction": problem.action,
                "clientRequestId": client,
                "activityId": super::names::guid_of(client),
            }],
        }}),
    )
}
