//! What a request can do, judged by its method and path alone: for the ledger.

use super::request::ArmRequest;
use crate::ledger::Kind;

/// POSTs that only look.
const LOOKS: &[&str] = &["backendhealth", "getBackendHealthOnDemand"];

/// POSTs after which nothing simply goes back.
const DESTRUCTIVE: &[&str] = &[
    "failover",
    "forceFailoverAllowDataLoss",
    "tryPlannedBeforeForcedFailover",
    "unplannedFailover",
    "plannedFailover",
    "failoverCommit",
    "failoverCancel",
    "applyRecoveryPoint",
    "reProtect",
    "switchprotection",
    "remove",
];

/// A drill and its clean-up are reversible, like starting, stopping and updating things.
pub(super) fn of(request: &ArmRequest<'_>) -> Kind {
    let action = request.segments.last().copied().unwrap_or_default();
    let is_one_of = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(action));
    match request.method {
        "GET" | "HEAD" => Kind::Read,
        "DELETE" => Kind::Destructive,
        "POST" if is_one_of(LOOKS) => Kind::Read,
        "POST" if is_one_of(DESTRUCTIVE) => Kind::Destructive,
        _ => Kind::Reversible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::{Door, Request};

    fn kind(method: &str, target: &str) -> Kind {
        let request = Request {
            door: Door::Arm,
            method: method.into(),
            target: target.into(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        of(&ArmRequest::new(&request))
    }

    #[test]
    fn failovers_are_destructive_and_drills_are_not() {
        assert_eq!(kind("POST", "/x/failoverGroups/f/FAILOVER?api-version=1"), Kind::Destructive);
        assert_eq!(
            kind("POST", "/x/failoverGroups/f/forceFailoverAllowDataLoss"),
            Kind::Destructive
        );
        assert_eq!(
            kind("POST", "/x/replicationRecoveryPlans/p/unplannedFailover"),
            Kind::Destructive
        );
        assert_eq!(kind("POST", "/x/replicationRecoveryPlans/p/testFailover"), Kind::Reversible);
        assert_eq!(
            kind("POST", "/x/replicationRecoveryPlans/p/testFailoverCleanup"),
            Kind::Reversible
        );
        assert_eq!(kind("POST", "/x/applicationGateways/g/backendhealth"), Kind::Read);
        assert_eq!(kind("PATCH", "/x/azureEndpoints/e"), Kind::Reversible);
        assert_eq!(kind("GET", "/x/failoverGroups/f"), Kind::Read);
    }
}
