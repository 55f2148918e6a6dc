//! What the verdicts rest on that nobody knows of Azure: guesses of the local Azure, in the words of
//! its own list (`GET /control/fidelity`), a behaviour's text or a wait's name.

/// Whatever moves the workload to the other region.
const MOVED: &[&str] = &[
    "while an operation runs, nothing is offered; an item keeps its protectionState until its machine runs",
    "after a failover: UnplannedFailoverCommitPendingStatesBegin, Failover completed, Recovery",
    "the plan offers a failover again after one; its items do not",
    "members keep their connection to the server they last used while it takes writes",
    "One prober; real ones are many and disagree for a moment",
    "Name servers know of a change after 1 to 5 s, all at once",
    "read-only properties that are written back with an interface are ignored",
    "a new association carries traffic when the operation ends",
];

/// On top of that, a region that is lost.
const LOST: &[&str] = &[
    "Requests for the standby and for global resources are answered while a region is lost",
    "Calls for resources of a dead region hang, fail or are answered from before the loss, at random",
    "A change sent to a dead region never takes effect",
    "The standby's view of a dead primary stays a Secondary in CATCH_UP",
    "no shutdown group with sourceSiteOperations NotRequired",
];

/// The controller's own time is made of requests to Azure.
const OWN_TIME: &[&str] = &["arm_read", "arm_write"];

const ALERTED: &[&str] = &[
    "a gateway of a dead region sends no metric, and its rule keeps its state",
    "action_group_delivery",
];

/// Before the machines of a returned region serve, its database has learnt that it was replaced.
const RETURNED: &[&str] = &[
    "machines of a region that returns start again by themselves",
    "processes survive a short loss of the network and start anew after a longer outage",
    "A returned old primary takes writes for some seconds before it learns that it was replaced",
    "sql_unfenced",
    "sql_rejoin",
    "machine_boot",
    "member_start",
];

/// When somebody else gets the messages of an instance that does not go on.
const TAKEN_OVER: &[&str] = &[
    "the lock of a receiver that died is held until it expires",
    "duplicate detection remembers a scheduled message from the moment it was sent",
];

/// The database moves between the stop of one site and the start of the other.
const PLANNED: &[&str] = &[
    "In the last seconds of a planned failover neither server takes writes",
    "sql_role_switch",
    "The old primary's view of the group follows some seconds after the new one's",
    "sql_view_lag",
    "several shutdown groups run side by side; so do several clean-up or commit groups",
];

const DRILLED: &[&str] = &[
    "while an operation runs, nothing is offered; an item keeps its protectionState until its machine runs",
    "trees of a plan's test failover, clean-up and commit",
    "an uncleaned drill leaves only TestFailoverCleanup, on plan and items",
    "a clean-up deletes the test machine and its interface; the item is as before the drill",
];

const BLIP: &[&str] = &[
    "processes survive a short loss of the network and start anew after a longer outage",
    "One prober; real ones are many and disagree for a moment",
    "Name servers know of a change after 1 to 5 s, all at once",
];

pub(super) fn of_a_lost_region() -> Vec<&'static str> {
    [MOVED, LOST, OWN_TIME].concat()
}

pub(super) fn of_alerts() -> Vec<&'static str> {
    [MOVED, LOST, OWN_TIME, ALERTED].concat()
}

pub(super) fn of_a_returned_region() -> Vec<&'static str> {
    [MOVED, LOST, OWN_TIME, RETURNED].concat()
}

/// Whoever is frozen is late: nothing is said of the time.
pub(super) fn of_a_takeover() -> Vec<&'static str> {
    [MOVED, LOST, TAKEN_OVER].concat()
}

pub(super) fn of_a_planned_move() -> Vec<&'static str> {
    [MOVED, PLANNED].concat()
}

pub(super) fn of_a_drill() -> Vec<&'static str> {
    DRILLED.to_vec()
}

pub(super) fn of_a_blip() -> Vec<&'static str> {
    BLIP.to_vec()
}
