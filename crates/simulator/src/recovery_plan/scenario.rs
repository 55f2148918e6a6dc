//! What a job is about, and what its tasks do.

use crate::durations::Wait;

/// The kind of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scenario {
    UnplannedFailover,
    TestFailover,
    TestFailoverCleanup,
    CommitFailover,
    UpdateItem,
    RefreshVaultHealth,
    RestartJob,
}

/// What one leaf task does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// A check or a formality: it only takes its time.
    Formality(Wait),
    /// Like a formality, and where an operation that was let in although it is not allowed fails.
    Prerequisites(Wait),
    /// Never done: shown as `Other`/`Skipped`.
    Skipped,
    /// Shut the source machine down.
    StopSource,
    /// Make the target disks from a recovery point.
    FailOver(Wait),
    /// Create the target machine and start it.
    StartReplica(Wait),
    TestFailOver(Wait),
    TestStart(Wait),
    DeleteTestMachine(Wait),
    Commit(Wait),
    ApplySettings(Wait),
    /// Run the failed parts of another job again.
    Remediate(Wait),
}

/// What a plan's machine node stands for: each has its own child job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    ShutDown,
    FailOver,
    Boot,
    TestFailOver,
    TestBoot,
    CleanUp,
    Commit,
}

impl Scenario {
    /// `scenarioName` (recorded).
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::UnplannedFailover => "UnplannedFailover",
            Self::TestFailover => "TestFailover",
            Self::TestFailoverCleanup => "TestFailoverCleanup",
            Self::CommitFailover => "CommitFailover",
            Self::UpdateItem => "UpdateVmProperties",
            Self::RefreshVaultHealth => "RefreshVaultHealth",
            Self::RestartJob => "RestartJob",
        }
    }

    /// `friendlyName` (recorded).
    pub(super) fn friendly_name(self) -> &'static str {
        match self {
            Self::UnplannedFailover => "Failover",
            Self::TestFailover => "Test failover",
            Self::TestFailoverCleanup => "Test failover cleanup",
            Self::CommitFailover => "Commit",
            Self::UpdateItem => "Update the virtual machine",
            Self::RefreshVaultHealth => "Refresh vault health",
            Self::RestartJob => "Restart job",
        }
    }

    /// What `allowedOperations` calls it, for the scenarios that are offered there.
    pub(super) fn operation(self) -> Option<&'static str> {
        match self {
            Self::UnplannedFailover => Some("UnplannedFailover"),
            Self::TestFailover => Some("TestFailover"),
            Self::TestFailoverCleanup => Some("TestFailoverCleanup"),
            Self::CommitFailover => Some("Commit"),
            Self::UpdateItem | Self::RefreshVaultHealth | Self::RestartJob => None,
        }
    }
}

impl Stage {
    /// The scenario of the stage's child job: all three phases of a failover say
    /// `UnplannedFailover` (recorded).
    pub(super) fn scenario(self) -> Scenario {
        match self {
            Self::ShutDown | Self::FailOver | Self::Boot => Scenario::UnplannedFailover,
            Self::TestFailOver | Self::TestBoot => Scenario::TestFailover,
            Self::CleanUp => Scenario::TestFailoverCleanup,
            Self::Commit => Scenario::CommitFailover,
        }
    }
}

impl Work {
    /// How long it takes; `None`: it is over at once.
    pub(super) fn wait(self) -> Option<Wait> {
        match self {
            Self::Skipped => None,
            Self::StopSource => Some(Wait::AsrShutdown),
            Self::Formality(wait)
            | Self::Prerequisites(wait)
            | Self::FailOver(wait)
            | Self::StartReplica(wait)
            | Self::TestFailOver(wait)
            | Self::TestStart(wait)
            | Self::DeleteTestMachine(wait)
            | Self::Commit(wait)
            | Self::ApplySettings(wait)
            | Self::Remediate(wait) => Some(wait),
        }
    }

    /// Whether the job goes on when this failed: a failover does without the shutdown (doc).
    pub(super) fn may_fail(self) -> bool {
        self == Self::StopSource
    }
}
