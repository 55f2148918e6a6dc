//! How long things take: one table of named waits, each with its source.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::fidelity::Tag;

/// Something that takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// A planned failover of the failover group, from 202 to both roles changed.
    SqlPlannedFailover,
    /// A forced failover, from 202 to the new primary.
    SqlForcedFailover,
    /// How long a planned failover tries before it gives up when the primary does not answer.
    SqlPlannedGiveUp,
    /// How long a returned old primary still takes writes before it learns that it was replaced.
    SqlUnfenced,
    /// From the return of the old primary's region until it has joined again as secondary.
    SqlRejoin,
    /// From rejoining until replication has caught up.
    SqlCatchUp,
    /// The last part of a planned failover, when neither server takes writes.
    SqlRoleSwitch,
    /// By how much the old primary's view of the group follows the new one's.
    SqlViewLag,
    /// From 202 to the failure of a failover that finds the group busy.
    SqlRefusal,
    /// How far the secondary lags behind an acknowledged write.
    SqlReplicationLag,
    /// Site Recovery: from 202 until a job shows its tasks.
    AsrJobStart,
    /// Site Recovery: the prerequisites check of a plan's job.
    AsrPrerequisites,
    /// Site Recovery: the prerequisites check of a plan's clean-up.
    AsrCleanupPrerequisites,
    /// Site Recovery: the prerequisites check of an item's job.
    AsrItemPrerequisites,
    /// Site Recovery: shutting down the source machines.
    AsrShutdown,
    /// Site Recovery: trying to shut down machines that do not answer.
    AsrShutdownGiveUp,
    /// Site Recovery: the failover phase of a plan, all machines in parallel.
    AsrFailover,
    /// Site Recovery: on top of that, processing what has arrived, for `Latest` without a shutdown.
    AsrBacklog,
    /// Site Recovery: the failover task of an item's own job: disks and machine.
    AsrItemFailover,
    /// Site Recovery: the last task of an item's own job, and other formalities.
    AsrStartReplica,
    /// Site Recovery: a plan's boot group: its machines are created and get power.
    AsrBootGroup,
    /// Site Recovery: finalising a job.
    AsrFinalise,
    /// Site Recovery: the failover phase of a drill.
    AsrTestFailover,
    /// Site Recovery: a boot group of a drill.
    AsrTestBoot,
    /// Site Recovery: creating or deleting the test environment.
    AsrTestNetwork,
    /// Site Recovery: deleting a drill's machines, all groups at once.
    AsrTestCleanup,
    /// Site Recovery: committing.
    AsrCommit,
    /// Site Recovery: restarting a failed job.
    AsrRestart,
    /// Site Recovery: changing an item's settings.
    AsrUpdateItem,
    /// Site Recovery: switching protection (re-protect) of one item.
    AsrSwitchProtection,
    /// A machine's operating system, from power to network.
    MachineBoot,
    /// `start` of a deallocated machine, from 202 to power.
    MachineStart,
    MachineDeallocate,
    MachinePowerOff,
    /// `WebSphere`'s deployment manager, after its machine's boot.
    DeploymentManagerStart,
    /// A cluster member with the application, after its machine's boot.
    MemberStart,
    /// IBM HTTP Server, after its machine's boot.
    HttpServerStart,
    /// The gateway's backend health call.
    GatewayBackendHealth,
    /// A change of the gateway's configuration.
    GatewayUpdate,
    /// An update of a network interface.
    InterfaceUpdate,
    /// From a change in Traffic Manager to all its name servers answering so.
    TrafficManagerPropagation,
    /// From a platform metric's sample to its being there for alert rules.
    MetricIngestion,
    /// From an alert rule's decision to the action group's call.
    ActionGroupDelivery,
    /// From an event to its Resource Health record and activity log alert.
    ResourceHealthDelay,
    /// From an outage to its Service Health notice.
    ServiceHealthDelay,
    /// From a query's time range to a log search alert.
    LogSearchDelay,
    /// An ordinary ARM read.
    ArmRead,
    /// An ordinary ARM write or action, up to its answer.
    ArmWrite,
    /// How long ARM waits for a resource provider before it answers 504 for it.
    ArmGatewayTimeout,
    /// The workload's answer to a page or a query.
    WorkloadAnswer,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub wait: Wait,
    pub least: SignedDuration,
    pub most: SignedDuration,
    pub tag: Tag,
    pub source: &'static str,
}

/// The table of a world, and what was drawn from it.
#[derive(Debug, Clone)]
pub struct Durations {
    table: BTreeMap<Wait, Entry>,
    drawn: BTreeMap<Wait, Vec<SignedDuration>>,
}

impl Durations {
    /// The durations of the tutorial.
    pub fn tutorial() -> Self {
        let table = TUTORIAL.iter().map(|entry| (entry.wait, *entry)).collect();
        Self { table, drawn: BTreeMap::new() }
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.table.values()
    }

    /// The range of a wait.
    pub fn range(&self, wait: Wait) -> (SignedDuration, SignedDuration) {
        let entry = &self.table[&wait];
        (entry.least, entry.most)
    }

    /// The middle of a wait's range.
    pub fn typical(&self, wait: Wait) -> SignedDuration {
        let (least, most) = self.range(wait);
        (least + most) / 2
    }

    /// Changes a wait, for tests and the control API.
    pub fn set(&mut self, wait: Wait, least: SignedDuration, most: SignedDuration) {
        if let Some(entry) = self.table.get_mut(&wait) {
            entry.least = least;
            entry.most = most.max(least);
        }
    }

    /// What was drawn for a wait so far, in order (answers' latencies are not kept).
    pub fn drawn(&self, wait: Wait) -> &[SignedDuration] {
        self.drawn.get(&wait).map_or(&[], Vec::as_slice)
    }

    /// A value from the range, all equally likely. Use `World::sample`.
    pub(crate) fn sample(&mut self, wait: Wait, random: &mut fastrand::Rng) -> SignedDuration {
        let (least, most) = self.range(wait);
        let width = i64::try_from((most - least).as_millis()).unwrap_or(0).max(0);
        let value = least + SignedDuration::from_millis(random.i64(0..=width));
        if !matches!(
            wait,
            Wait::ArmRead | Wait::ArmWrite | Wait::WorkloadAnswer | Wait::SqlReplicationLag
        ) {
            self.drawn.entry(wait).or_default().push(value);
        }
        value
    }
}

const fn row(wait: Wait, least_ms: i64, most_ms: i64, tag: Tag, source: &'static str) -> Entry {
    Entry {
        wait,
        least: SignedDuration::from_millis(least_ms),
        most: SignedDuration::from_millis(most_ms),
        tag,
        source,
    }
}

/// The tutorial's table, in milliseconds.
#[rustfmt::skip]
pub const TUTORIAL: &[Entry] = &[
    row(Wait::SqlPlannedFailover, 40_000, 70_000, Tag::Recorded, "azure-cli test_sql_failover_group_mgmt: 14:38:56 to 14:39:37, both views right at 14:40:09"),
    row(Wait::SqlForcedFailover, 5_000, 10_000, Tag::Recorded, "azure-cli test_sql_failover_group_mgmt: Succeeded within 10 s"),
    row(Wait::SqlPlannedGiveUp, 60_000, 90_000, Tag::Guess, "PlannedFailoverTimedOut exists in the API description; its time does not"),
    row(Wait::SqlUnfenced, 3_000, 8_000, Tag::Guess, "the old primary rejoins by itself (doc); how long it takes writes before is not said"),
    row(Wait::SqlRejoin, 20_000, 40_000, Tag::Guess, "doc says only that it rejoins when its region returns"),
    row(Wait::SqlCatchUp, 60_000, 300_000, Tag::Recorded, "azure-cli test_sql_failover_group_mgmt: SUSPENDED to CATCH_UP within 5 min"),
    row(Wait::SqlRoleSwitch, 2_000, 5_000, Tag::Guess, "connections drop at the role change; the length is not published"),
    row(Wait::SqlViewLag, 0, 5_000, Tag::Guess, "recorded views disagreed for a moment; no figure"),
    row(Wait::SqlRefusal, 1_000, 3_000, Tag::Guess, "azure-service-operator 1297 shows the refusal, not its time"),
    row(Wait::SqlReplicationLag, 200, 3_000, Tag::Documented, "business continuity overview: RPO typically under 5 s"),
    row(Wait::AsrJobStart, 1_300, 3_000, Tag::Recorded, "azure-powershell A2ARecoveryPlanReplication: the first task 1.3 s after the job was accepted; A2AVMNicConfig: 3.2 s"),
    row(Wait::AsrPrerequisites, 3_000, 4_000, Tag::Recorded, "azure-powershell A2ARecoveryPlanReplication: 3.3 s"),
    row(Wait::AsrCleanupPrerequisites, 29_000, 33_000, Tag::Guess, "recorded of Hyper-V to Azure: azure-sdk-for-net RPTestFailoverCleanup: 31 s"),
    row(Wait::AsrItemPrerequisites, 1_400, 1_800, Tag::Recorded, "azure-powershell A2AVMNicConfig: 1.6 s"),
    row(Wait::AsrShutdown, 63_000, 65_000, Tag::Recorded, "azure-powershell A2ARecoveryPlanReplication, A2AZoneToZoneRecoveryPlanReplication: 63.8 and 64.8 s"),
    row(Wait::AsrShutdownGiveUp, 180_000, 300_000, Tag::Guess, "documented only to continue when the shutdown fails"),
    row(Wait::AsrFailover, 95_000, 98_000, Tag::Recorded, "azure-powershell A2ARecoveryPlanReplication, A2AZoneToZoneRecoveryPlanReplication: 95.0 and 97.4 s"),
    row(Wait::AsrBacklog, 5_000, 20_000, Tag::Guess, "documented as slower than LatestProcessed, without a figure"),
    row(Wait::AsrItemFailover, 132_000, 138_000, Tag::Recorded, "azure-powershell A2AVMNicConfig: 134.8 s; azure-cli-extensions site-recovery A2A: the job 139 to 140 s"),
    row(Wait::AsrStartReplica, 500, 800, Tag::Recorded, "azure-powershell A2AVMNicConfig: 0.6 s"),
    row(Wait::AsrBootGroup, 39_000, 45_000, Tag::Recorded, "azure-powershell A2ARecoveryPlanReplication, A2AZoneToZoneRecoveryPlanReplication: 39.6 and 44.6 s"),
    row(Wait::AsrFinalise, 100, 100, Tag::Recorded, "azure-powershell A2ARecoveryPlanReplication: 0.1 s"),
    row(Wait::AsrTestFailover, 69_000, 73_000, Tag::Guess, "recorded of Hyper-V to Azure: azure-sdk-for-net RPTestFailover: 71 s; azure-to-azure-powershell shows an item's whole job of 203 s"),
    row(Wait::AsrTestBoot, 128_000, 136_000, Tag::Guess, "recorded of Hyper-V to Azure: azure-sdk-for-net RPTestFailover: 132 s"),
    row(Wait::AsrTestNetwork, 500, 1_000, Tag::Guess, "recorded of Hyper-V to Azure: azure-sdk-for-net RPTestFailover, RPTestFailoverCleanup: 0.5 and 1 s"),
    row(Wait::AsrTestCleanup, 155_000, 165_000, Tag::Guess, "recorded of Hyper-V to Azure: azure-sdk-for-net RPTestFailoverCleanup: 160 s; machines of a cluster, Azure to Azure, took 83 and 143 s"),
    row(Wait::AsrCommit, 2_000, 8_000, Tag::Guess, "recorded of a plan of Hyper-V to Azure: azure-sdk-for-net RPCommitFailover: 2 to 3 s; of an item: azure-cli-extensions site-recovery A2A: 8 s"),
    row(Wait::AsrRestart, 2_000, 2_000, Tag::Documented, "example ReplicationJobs_Restart: 2 s"),
    row(Wait::AsrUpdateItem, 3_000, 8_000, Tag::Recorded, "azure-powershell A2AVMNicConfig: one task, over within 23 s"),
    row(Wait::AsrSwitchProtection, 490_000, 520_000, Tag::Recorded, "azure-cli-extensions site-recovery A2A: 506 s"),
    row(Wait::MachineBoot, 20_000, 30_000, Tag::Guess, "Red Hat Enterprise Linux on a D-series machine"),
    row(Wait::MachineStart, 6_000, 10_000, Tag::Recorded, "azure-cli vm recordings: start within 10 s"),
    row(Wait::MachineDeallocate, 44_000, 52_000, Tag::Recorded, "azure-cli vm recordings: 48 s"),
    row(Wait::MachinePowerOff, 20_000, 30_000, Tag::Recorded, "azure-cli vm recordings: within 30 s"),
    row(Wait::DeploymentManagerStart, 40_000, 60_000, Tag::Guess, "WebSphere 9 deployment manager on 2 cores"),
    row(Wait::MemberStart, 50_000, 80_000, Tag::Guess, "WebSphere 9 node agent and cluster member with a small application"),
    row(Wait::HttpServerStart, 3_000, 6_000, Tag::Guess, "IBM HTTP Server as a service"),
    row(Wait::GatewayBackendHealth, 2_000, 10_000, Tag::Recorded, "azure-cli application gateway recordings: one poll after 10 s had the answer"),
    row(Wait::GatewayUpdate, 60_000, 180_000, Tag::Guess, "known to take minutes; no figure"),
    row(Wait::InterfaceUpdate, 2_000, 10_000, Tag::Recorded, "azure-cli network interface recordings: 1 to 30 s"),
    row(Wait::TrafficManagerPropagation, 1_000, 5_000, Tag::Guess, "doc says changes reach the name servers quickly; no figure"),
    row(Wait::MetricIngestion, 30_000, 60_000, Tag::Documented, "platform metrics arrive in under a minute"),
    row(Wait::ActionGroupDelivery, 2_000, 10_000, Tag::Guess, "no figure is published"),
    row(Wait::ResourceHealthDelay, 180_000, 600_000, Tag::Documented, "activity logs are 3 to 20 minutes late"),
    row(Wait::ServiceHealthDelay, 600_000, 1_200_000, Tag::Documented, "a communicated outage; activity logs are 3 to 20 minutes late"),
    row(Wait::LogSearchDelay, 120_000, 600_000, Tag::Documented, "ingestion takes 2 to 10 minutes"),
    row(Wait::ArmRead, 80, 300, Tag::Guess, "usual from a machine in the same region"),
    row(Wait::ArmWrite, 200, 900, Tag::Guess, "usual from a machine in the same region"),
    row(Wait::ArmGatewayTimeout, 55_000, 62_000, Tag::Documented, "ARM gives a resource provider 60 s"),
    row(Wait::WorkloadAnswer, 15, 60, Tag::Guess, "a small page with one query"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_range_with_a_source_and_no_wait_is_there_twice() {
        for entry in TUTORIAL {
            assert!(entry.least <= entry.most, "{:?}", entry.wait);
            assert!(!entry.source.is_empty(), "{:?}", entry.wait);
        }
        assert_eq!(Durations::tutorial().entries().count(), TUTORIAL.len());
    }

    #[test]
    fn samples_stay_within_the_range_and_follow_the_seed() {
        let draw = |seed| {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut durations = Durations::tutorial();
            let drawn: Vec<_> =
                (0..100).map(|_| durations.sample(Wait::SqlPlannedFailover, &mut random)).collect();
            assert_eq!(durations.drawn(Wait::SqlPlannedFailover), drawn);
            drawn
        };
        assert!(draw(1).iter().all(|drawn| (40..=70).contains(&drawn.as_secs())));
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}
