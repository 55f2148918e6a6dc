//! How well each behaviour of Site Recovery is known. Recorded is what was seen of Azure to Azure; what
//! only another replication provider's traffic shows is a guess that names that recording.

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
    Fidelity::guess(
        "the first face lasts 0.9 s, the second until the tasks begin; the plan's currentScenario changes then",
        "the recording has both in the second of the POST and the third 20 s later",
    ),
    Fidelity::recorded(
        "202 without body, Azure-AsyncOperation and Location, Retry-After 30, the job's id twice as x-ms-request-id",
        "azure-powershell A2ARecoveryPlanReplication, A2AReprotectTest",
    ),
    Fidelity::recorded(
        "the tree of a failover: names, groups, machine nodes with child jobs, all NotStarted from the start",
        "azure-powershell A2ARecoveryPlanReplication",
    ),
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
    Fidelity::guess(
        "shutting down machines of a dead region gives up after some minutes, its task Failed",
        "only that it goes on is documented",
    ),
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
    Fidelity::guess(
        "trees of a plan's test failover, clean-up and commit",
        "recorded of Hyper-V to Azure: azure-sdk-for-net RPTestFailover, RPTestFailoverCleanup, RPCommitFailover",
    ),
    Fidelity::guess(
        "after a failover: UnplannedFailoverCommitPendingStatesBegin, Failover completed, Recovery",
        "recorded of Hyper-V to Azure (azure-sdk-for-net UnplannedFailover) and InMageRcm (azure-cli-extensions V2A_RCM); of Azure to Azure only users tell so",
    ),
    Fidelity::guess(
        "the plan offers a failover again after one; its items do not",
        "recorded of Hyper-V to Azure: azure-sdk-for-net RPUnplannedFailover",
    ),
    Fidelity::guess(
        "an uncleaned drill leaves only TestFailoverCleanup, on plan and items",
        "recorded of Hyper-V to Azure: azure-sdk-for-net RPTestFailover, TestFailover",
    ),
    Fidelity::guess(
        "while an operation runs, nothing is offered; an item keeps its protectionState until its machine runs",
        "no recording of that moment",
    ),
    Fidelity::guess(
        "an action that the state does not allow: 400 or 409 at once, or 202 and a job that fails its prerequisites check",
        "not found anywhere; selectable",
    ),
    Fidelity::guess(
        "machines that fail do not stop a plan's other machines; their boot nodes are skipped",
        "that a job can succeed in part is known; a plan's tree of one was not found",
    ),
    Fidelity::guess(
        "partial success is a state of its own while the operation says Succeeded",
        "recorded of a job of VMM clouds: azure-sdk-for-net EnumerateJobsTest (2016), CloudPairing",
    ),
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
    Fidelity::guess(
        "a cancelled job stops after the phase it is in; restart runs failed parts again",
        "only that both exist is known",
    ),
    Fidelity::guess(
        "a manual action suspends the job with WaitingForManualAction until it is resumed",
        "vocabulary of the API's description",
    ),
    Fidelity::guess(
        "Latest without a shutdown first takes some seconds for what has arrived",
        "documented as slower, without figures",
    ),
    Fidelity::guess(
        "a failed-over machine's interface is called <machine>-nic-asr",
        "the name is Site Recovery's own: clients must discover it",
    ),
];
