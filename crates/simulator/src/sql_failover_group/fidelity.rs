//! How well each behaviour of failover groups is known.

use super::failover::Due;
use crate::fidelity::Fidelity;

/// What is known of failover groups.
pub(crate) const FIDELITY: &[Fidelity] = &[
    Fidelity::recorded(
        "Each server's view of the group: role, state, partners, its own databases; regions in display form",
        "azure-cli test_sql_failover_group_mgmt",
    ),
    Fidelity::recorded(
        "202 with Azure-AsyncOperation and Location at the subscription's scope in the promoted server's region",
        "azure-cli test_sql_failover_group_mgmt",
    ),
    SWITCHED,
    INTERRUPTED,
    CAUGHT_UP,
    Fidelity::documented(
        "A failover sent to the primary: 400 FailoverGroupFailoverRequestOnPrimary",
        "azure-rest-api-specs 9557 and the API description",
    ),
    GIVEN_UP,
    BUSY,
    REJOINED,
    Fidelity::documented("The listener's name has a TTL of 30 s", "sql: failover groups overview"),
    Fidelity::guess(
        "The listener leads to the new primary from the moment at which the roles change",
        "that it follows is documented; how long that takes is not",
    ),
    Fidelity::guess(
        "The standby's view of a dead primary stays a Secondary in CATCH_UP",
        "nothing recorded in an outage",
    ),
    FROZEN,
    UNFENCED,
    SHOWN,
    Fidelity::guess(
        "A secondary that is still SUSPENDED refuses with GeoReplicationCannotBecomePrimaryDuringUndo",
        "the code is in the API description, when it comes is not",
    ),
    Fidelity::guess(
        "A group whose policy is Automatic says so, and the service never fails it over",
        "not modelled: its grace period is an hour or more",
    ),
];

/// What is known of something that happens by itself: a new one does not compile without an entry.
pub(super) fn of(due: &Due) -> Fidelity {
    match due {
        Due::Freeze(_) => FROZEN,
        Due::Switch(_) => SWITCHED,
        Due::GiveUp(_) => GIVEN_UP,
        Due::Refuse(_) => BUSY,
        Due::Show(..) => SHOWN,
        Due::Fence(..) => UNFENCED,
        Due::Rejoin(..) => REJOINED,
        Due::CaughtUp(_) => CAUGHT_UP,
    }
}

const SWITCHED: Fidelity = Fidelity::recorded(
    "A failover changes both servers' roles; after a forced one the new primary is Primary and SUSPENDED",
    "azure-cli test_sql_failover_group_mgmt",
);
pub(super) const INTERRUPTED: Fidelity = Fidelity::guess(
    "A failover whose target dies before the roles have changed fails with OperationInterrupted",
    "the code is in the API description, when it comes is not",
);
const CAUGHT_UP: Fidelity = Fidelity::recorded(
    "After a forced failover CATCH_UP comes later, when the old primary has joined again",
    "azure-cli test_sql_failover_group_mgmt, both regions up",
);
const GIVEN_UP: Fidelity = Fidelity::documented(
    "A planned failover that cannot reach the primary fails with PlannedFailoverTimedOut in the async status",
    "API description 2021-11-01",
);
const BUSY: Fidelity = Fidelity::documented(
    "FailoverGroupBusy comes as 409 or through the async status",
    "API description 2021-11-01; azure-service-operator 1297",
);
const REJOINED: Fidelity = Fidelity::documented(
    "A returning old primary joins as secondary by itself and loses what was not replicated",
    "sql: failover groups overview",
);
const FROZEN: Fidelity = Fidelity::guess(
    "In the last seconds of a planned failover neither server takes writes",
    "connections drop at the role change; the length is not published",
);
const UNFENCED: Fidelity = Fidelity::guess(
    "A returned old primary takes writes for some seconds before it learns that it was replaced",
    "the documentation says only that it rejoins",
);
const SHOWN: Fidelity = Fidelity::guess(
    "The old primary's view of the group follows some seconds after the new one's",
    "recorded views disagreed for a moment; no figure",
);
