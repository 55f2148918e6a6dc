//! How well each behaviour of Site Recovery is known. Recorded is what was seen of Azure to Azure; what
//! only another replication provider's traffic shows is a guess that names that recording.

use super::Due;
use super::item::{Drill, Protection};
use super::job::Outcome;
use super::scenario::Work;
use crate::fidelity::Fidelity;

/// What is known of Site Recovery.
pub(crate) const FIDELITY: &[Fidelity] = &[
    Fidelity::recorded(
        "the operation of a plan's action has another GUID than its job; an item's has the same",
        "azure-powershell A2ARecoveryPlanReplication and A2AVMNicConfig; with other providers in 8 of 8 plan actions and 32 of 32 others",
    ),
    Fidelity::recorded(
        "a fresh job has three faces: NotStarted of a ProtectionEntity without startTime; InProgress without tasks; the tree under its own name",
        "azure-powershell A2ARecoveryPlanReplication",
    ),
    BEGUN,
    Fidelity::recorded(
        "202 without body, Azure-AsyncOperation and Location, Retry-After 30, the job's id twice as x-ms-request-id",
        "azure-powershell A2ARecoveryPlanReplication, A2AReprotectTest",
    ),
    TREE,
    Fidelity::documented(
        "machines fail over side by side, boot groups start one after the other",
        "recovery-plan-overview, which elsewhere says 'in group order'; the recorded tree has one phase for all, but one machine",
    ),
    Fidelity::guess(
        "several shutdown groups run side by side; so do several clean-up or commit groups",
        "recordings have one group",
    ),
    Fidelity::guess(
        "no shutdown group with sourceSiteOperations NotRequired",
        "recorded of Hyper-V to Azure: azure-sdk-for-net RPUnplannedFailover",
    ),
    Fidelity::documented(
        "a failover goes on when the shutdown of the source fails",
        "site-recovery-failover",
    ),
    NOT_STOPPED,
    Fidelity::guess("the tasks of a plan job's child jobs", "no recording shows one"),
    Fidelity::recorded("the tasks of an item's own failover", "azure-powershell A2AVMNicConfig"),
    Fidelity::documented(
        "what the tasks of an item's own test failover and commit are called for people",
        "azure-to-azure-powershell",
    ),
    Fidelity::guess(
        "the other names of these tasks, and the tasks of an item's own clean-up",
        "recorded of Hyper-V to Azure: azure-sdk-for-net TestFailover, TestFailoverCleanup, CommitFailover",
    ),
    DRILL_TREE,
    FAILED_OVER,
    Fidelity::guess(
        "the plan offers a failover again after one; its items do not",
        "recorded of Hyper-V to Azure: azure-sdk-for-net RPUnplannedFailover",
    ),
    UNCLEANED,
    IN_HAND,
    REFUSED,
    MACHINES_FAIL,
    PARTIAL,
    Fidelity::documented(
        "or it is a description of the state Succeeded; selectable",
        "the API's description",
    ),
    Fidelity::recorded(
        "skipped tasks are Other/Skipped, times not reached 0001-01-01T00:00:00 without Z",
        "azure-powershell A2AVMNicConfig",
    ),
    Fidelity::recorded(
        "protectedItemDetails with the recovery point come at the end",
        "azure-powershell A2ARecoveryPlanReplication",
    ),
    CANCELLED,
    Fidelity::guess(
        "a manual action suspends the job with WaitingForManualAction until it is resumed",
        "vocabulary of the API's description",
    ),
    Fidelity::guess(
        "Latest without a shutdown first takes some seconds for what has arrived",
        "documented as slower, without figures",
    ),
    Fidelity::guess(
        "a failed-over machine's interface is called <machine>-nic-asr, a test machine's -nic-asrtest",
        "the name is Site Recovery's own: clients must discover it",
    ),
    PROTECTED,
    REPLICATED,
    STOPPED,
    RECOVERY_POINT,
    Fidelity::guess(
        "a machine and its interface are there when its boot begins, and have power when that ends",
        "only the length of the boot group is recorded",
    ),
    CLEANED_UP,
    COMMITTED,
    PATCHED,
    Fidelity::documented(
        "an item's recoveryPublicIPAddressId makes Site Recovery attach that address",
        "API description 2024-04-01; no recording has one",
    ),
    TRIED_AGAIN,
    FAILED,
    Fidelity::guess(
        "a plan's failover wants every item to allow it; a clean-up or a commit is of the items that do",
        "nothing says what becomes of a plan whose items differ",
    ),
    Fidelity::guess(
        "after a drill the plan is Suspended, WaitingForStopTestFailover, and its job Succeeded and Active",
        "recorded of Hyper-V to Azure: azure-sdk-for-net RPTestFailover",
    ),
    Fidelity::guess(
        "a plan tells no lastUnplannedFailoverTime, not even right after a failover",
        "recorded of Hyper-V to Azure: azure-sdk-for-net RPUnplannedFailover",
    ),
    STALLED,
    Fidelity::recorded(
        "refreshing the vault's health is a job of about a second",
        "azure-cli-extensions site-recovery vault",
    ),
];

/// What is known of something that happens by itself: a new one does not compile without an entry,
/// nor does a new one of the enumerations below.
pub(super) fn of_due(due: &Due) -> Fidelity {
    match due {
        Due::Begin(_) => BEGUN,
        Due::TaskEnds { .. } => TREE,
        Due::Replicate => REPLICATED,
    }
}

/// What is known of that which the end of a task does.
pub(super) fn of_work(work: Work) -> Fidelity {
    match work {
        Work::Formality(_) | Work::Skipped => TREE,
        Work::Prerequisites(_) => REFUSED,
        Work::StopSource => STOPPED,
        Work::FailOver(_) => RECOVERY_POINT,
        Work::StartReplica(_) => FAILED_OVER,
        Work::TestFailOver(_) | Work::TestStart(_) => DRILL_TREE,
        Work::DeleteTestMachine(_) => CLEANED_UP,
        Work::Commit(_) => COMMITTED,
        Work::ApplySettings(_) => PATCHED,
        Work::Remediate(_) => CANCELLED,
    }
}

/// What is known of an item's states and of what they allow.
pub(super) fn of_item(drill: Drill, protection: Protection) -> Fidelity {
    match (drill, protection) {
        (Drill::Running, _) => IN_HAND,
        (Drill::Waiting, _) => UNCLEANED,
        (Drill::None, Protection::Protected) => PROTECTED,
        (Drill::None, Protection::CommitPending) => FAILED_OVER,
        (Drill::None, Protection::Committed) => COMMITTED,
    }
}

/// What is known of how a job ends.
pub(super) fn of_outcome(outcome: Outcome) -> Fidelity {
    match outcome {
        Outcome::Succeeded => TREE,
        Outcome::Partial => PARTIAL,
        Outcome::Failed => FAILED,
        Outcome::Cancelled => CANCELLED,
    }
}

const BEGUN: Fidelity = Fidelity::guess(
    "the first face lasts 0.9 s, the second until the tasks begin; the plan's currentScenario changes then",
    "the recording has both in the second of the POST and the third 20 s later",
);
const TREE: Fidelity = Fidelity::recorded(
    "the tree of a failover: names, groups, machine nodes with child jobs, all NotStarted from the start",
    "azure-powershell A2ARecoveryPlanReplication",
);
pub(super) const NOT_STOPPED: Fidelity = Fidelity::guess(
    "shutting down machines of a dead region gives up after some minutes, its task Failed",
    "only that it goes on is documented",
);
const FAILED_OVER: Fidelity = Fidelity::guess(
    "after a failover: UnplannedFailoverCommitPendingStatesBegin, Failover completed, Recovery",
    "recorded of Hyper-V to Azure (azure-sdk-for-net UnplannedFailover) and InMageRcm (azure-cli-extensions V2A_RCM); of Azure to Azure only users tell so, and a cluster's shared disk says UnplannedFailoverCommitRequired (azure-powershell A2AClusterCommitFailoverJob)",
);
const UNCLEANED: Fidelity = Fidelity::guess(
    "an uncleaned drill leaves only TestFailoverCleanup, on plan and items",
    "recorded of Hyper-V to Azure: azure-sdk-for-net RPTestFailover, TestFailover",
);
const DRILL_TREE: Fidelity = Fidelity::guess(
    "trees of a plan's test failover, clean-up and commit",
    "recorded of Hyper-V to Azure: azure-sdk-for-net RPTestFailover, RPTestFailoverCleanup, RPCommitFailover",
);
const IN_HAND: Fidelity = Fidelity::guess(
    "while an operation runs, nothing is offered; an item keeps its protectionState until its machine runs",
    "no recording of that moment",
);
const REFUSED: Fidelity = Fidelity::guess(
    "an action that the state does not allow: 400 or 409 at once, or 202 and a job that fails its prerequisites check",
    "not found anywhere; selectable",
);
pub(super) const MACHINES_FAIL: Fidelity = Fidelity::guess(
    "machines that fail do not stop a plan's other machines; their boot nodes are skipped",
    "that a job can succeed in part is known; a plan's tree of one was not found",
);
const PARTIAL: Fidelity = Fidelity::guess(
    "partial success is a state of its own while the operation says Succeeded",
    "recorded of a job of VMM clouds: azure-sdk-for-net EnumerateJobsTest (2016), CloudPairing",
);
const CANCELLED: Fidelity = Fidelity::guess(
    "a cancelled job stops after the phase it is in; restart runs failed parts again",
    "only that both exist is known",
);
const PROTECTED: Fidelity = Fidelity::recorded(
    "a protected item allows UnplannedFailover, DisableProtection and TestFailover",
    "azure-cli-extensions site-recovery A2A",
);
const REPLICATED: Fidelity = Fidelity::guess(
    "an item tells every minute how far its replication is: 30 to 240 s behind",
    "46 to 393 s are recorded (azure-cli-extensions site-recovery A2A), how often it is told is not",
);
const STOPPED: Fidelity = Fidelity::guess(
    "a source machine that was shut down is deallocated",
    "recorded is the task, not the machine",
);
const RECOVERY_POINT: Fidelity = Fidelity::guess(
    "Latest is of the failover's beginning while the source lives, else of the last replication; other recovery points are older by the item's lag",
    "documented without figures",
);
const CLEANED_UP: Fidelity = Fidelity::guess(
    "a clean-up deletes the test machine and its interface; the item is as before the drill",
    "recorded of Hyper-V to Azure: azure-sdk-for-net RPTestFailoverCleanup",
);
const COMMITTED: Fidelity = Fidelity::recorded(
    "after a commit: UnplannedFailoverCommitted, allowing CompleteMigration, DisableProtection and SwitchProtection; its replication figures stand still",
    "azure-powershell A2AReprotectTest",
);
const PATCHED: Fidelity = Fidelity::recorded(
    "a PATCH of an item is a job; its names in the request are others than in the answer, and what it leaves out turns from null to empty",
    "azure-powershell A2AVMNicConfig",
);
pub(super) const TRIED_AGAIN: Fidelity = Fidelity::guess(
    "a machine that could not be created can be when its item is failed over by itself or its job restarted",
    "the cause is taken to have passed",
);
const FAILED: Fidelity = Fidelity::guess(
    "a failed job and its plan say Failed; the job allows Restart",
    "recorded of other providers: azure-sdk-for-net EnumerateJobsTest (2016)",
);
pub(super) const STALLED: Fidelity = Fidelity::guess(
    "while the vault's region is down its jobs stand still, and go on where they were when it is back",
    "reliability of Site Recovery says only that its operations are blocked",
);
