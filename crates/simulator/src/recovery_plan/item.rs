//! Replicated machines as Site Recovery sees them: protected items.

use jiff::{SignedDuration, Timestamp};

use super::names::{guid_of, opaque};
use super::scenario::Scenario;
use super::{FIDELITY, fidelity};
use crate::resource_id::ResourceId;
use crate::virtual_machine::Role;

/// A protected item.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// An opaque hash: to be discovered, not guessed.
    pub(super) name: String,
    pub(super) machine_name: &'static str,
    pub(super) role: Role,
    /// The plan's boot group.
    pub(super) group: u8,
    /// The last part of its private address, the same in both regions.
    pub(super) host: u8,
    pub(super) protection: Protection,
    pub(super) drill: Drill,
    /// The operation that has it in hand: none other is let in.
    pub(super) busy: Option<String>,
    /// `currentScenario`, when it is not `None`: what, which job, since when.
    pub(super) scenario: Option<(Scenario, String, Timestamp)>,
    /// When the last recovery point was calculated, and how far behind the machine it was.
    pub(super) replicated_at: Timestamp,
    pub(super) lag: SignedDuration,
    /// The recovery point that it was failed over to.
    pub(super) point: Option<Point>,
    /// Target disks are there; the machine is not.
    pub(super) disks_ready: bool,
    pub(super) failed_over_at: Option<Timestamp>,
    pub(super) tested_at: Option<Timestamp>,
    pub(super) recovered: Option<ResourceId>,
    pub(super) test_machine: Option<ResourceId>,
    pub(super) settings: Settings,
}

/// `protectionState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    Protected,
    /// Failed over, not committed: `UnplannedFailoverCommitPendingStatesBegin` (recorded of other
    /// providers).
    CommitPending,
    Committed,
}

/// `testFailoverState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drill {
    None,
    Running,
    /// There is a test machine, and until it is cleaned up nothing else is allowed.
    Waiting,
}

#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) id: String,
    pub(super) time: Timestamp,
}

/// What can be set by PATCH: the target interface.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    /// Whether a PATCH ever came: empty fields then read `""` and `[]` instead of null (recorded).
    pub(super) touched: bool,
    pub(super) public_address: Option<String>,
    pub(super) interface_name: Option<String>,
}

impl Item {
    pub(super) fn new(
        machine_name: &'static str,
        role: Role,
        group: u8,
        host: u8,
        replicated_at: Timestamp,
    ) -> Self {
        Self {
            name: opaque(machine_name),
            machine_name,
            role,
            group,
            host,
            protection: Protection::Protected,
            drill: Drill::None,
            busy: None,
            scenario: None,
            replicated_at,
            lag: SignedDuration::from_secs(46),
            point: None,
            disks_ready: false,
            failed_over_at: None,
            tested_at: None,
            recovered: None,
            test_machine: None,
            settings: Settings::default(),
        }
    }

    /// `virtualMachineId`: a hash GUID, not the ARM id (recorded).
    pub(super) fn machine_guid(&self) -> String {
        guid_of(self.machine_name)
    }

    pub(super) fn interface_name(&self) -> String {
        self.settings
            .interface_name
            .clone()
            .unwrap_or_else(|| format!("{}-nic-asr", self.machine_name))
    }

    /// What may be done with it: the guard that the plan's own list is not.
    pub(super) fn allowed_operations(&self) -> &'static [&'static str] {
        fidelity::of_item(self.drill, self.protection).assert_listed(FIDELITY);
        match (self.drill, self.protection) {
            (Drill::Running, _) => &[],
            (Drill::Waiting, _) => &["TestFailoverCleanup"],
            (Drill::None, Protection::Protected) => {
                &["UnplannedFailover", "DisableProtection", "TestFailover"]
            }
            (Drill::None, Protection::CommitPending) => {
                &["CompleteMigration", "Commit", "DisableProtection", "ChangePit"]
            }
            (Drill::None, Protection::Committed) => {
                &["CompleteMigration", "DisableProtection", "SwitchProtection"]
            }
        }
    }

    /// Whether an action may begin now.
    pub(super) fn permits(&self, scenario: Scenario) -> bool {
        self.busy.is_none()
            && scenario.operation().is_none_or(|name| self.allowed_operations().contains(&name))
    }
}
