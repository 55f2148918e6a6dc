//! Jobs and their trees of tasks.

use jiff::Timestamp;
use serde_json::Value;

use super::scenario::{Scenario, Stage, Work};

/// A job: of the plan, of an item (asked for, or a plan job's child), or of the vault.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// *J*: what the job is called once it has begun.
    pub(super) name: String,
    /// *O*: what the 202 named. Another GUID than *J* for the plan's actions (recorded).
    pub(super) operation: String,
    pub(super) scenario: Scenario,
    pub(super) target: Target,
    /// The plan job and its machine node, for a child job.
    pub(super) parent: Option<(String, usize)>,
    pub(super) activity: String,
    pub(super) accepted_at: Timestamp,
    /// When its tasks began and it took its real name.
    pub(super) begun_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) outcome: Option<Outcome>,
    pub(super) cancelling: bool,
    pub(super) order: Order,
    /// The tree, each node after its parent.
    pub(super) tasks: Vec<Task>,
    /// `protectedItemDetails`: empty until the end (recorded).
    pub(super) details: Vec<Value>,
    /// Why it is going to fail its prerequisites check.
    pub(super) refusal: Option<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Plan,
    /// The number of the item.
    Item(usize),
    Vault,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Succeeded,
    /// Some machines made it, some did not.
    Partial,
    Failed,
    Cancelled,
}

/// What the request asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    /// `sourceSiteOperations: Required`.
    pub(super) shut_down: bool,
    /// `recoveryPointType: Latest`: process what has arrived before failing over.
    pub(super) latest: bool,
    /// The drill's network.
    pub(super) network: Option<String>,
    pub(super) network_type: Option<String>,
    pub(super) comments: Option<String>,
    /// New settings of an item.
    pub(super) settings: Option<Value>,
    /// The job that a `RestartJob` runs again.
    pub(super) restarts: Option<String>,
}

/// A node of the tree.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) parent: Option<usize>,
    pub(super) id: String,
    pub(super) name: &'static str,
    pub(super) friendly_name: String,
    pub(super) node: Node,
    pub(super) state: TaskState,
    pub(super) started_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) problem: Option<Problem>,
    /// Starts together with the task before it.
    pub(super) together: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Leaf(Work),
    Group {
        /// `rpGroupType`.
        kind: &'static str,
    },
    Machine {
        item: usize,
        stage: Stage,
        child: Option<String>,
    },
    /// Waits for a person.
    Manual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskState {
    NotStarted,
    InProgress,
    Suspended,
    Succeeded,
    Partial,
    Failed,
    Skipped,
}

/// An error in a job or of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) causes: String,
    pub(super) action: String,
}

impl Job {
    pub(super) fn is_suspended(&self) -> bool {
        self.tasks.iter().any(|task| task.state == TaskState::Suspended)
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.operation.eq_ignore_ascii_case(name)
    }

    /// The numbers of a node's children; of the top when `None`.
    pub(super) fn children(&self, parent: Option<usize>) -> Vec<usize> {
        (0..self.tasks.len()).filter(|index| self.tasks[*index].parent == parent).collect()
    }
}

impl Task {
    pub(super) fn leaf(
        id: impl Into<String>,
        name: &'static str,
        friendly: &str,
        work: Work,
    ) -> Self {
        Self::new(None, id.into(), name, friendly.to_owned(), Node::Leaf(work))
    }

    pub(super) fn new(
        parent: Option<usize>,
        id: String,
        name: &'static str,
        friendly_name: String,
        node: Node,
    ) -> Self {
        Self {
            parent,
            id,
            name,
            friendly_name,
            node,
            state: TaskState::NotStarted,
            started_at: None,
            ended_at: None,
            problem: None,
            together: false,
        }
    }
}

impl TaskState {
    pub(super) fn is_over(self) -> bool {
        !matches!(self, Self::NotStarted | Self::InProgress | Self::Suspended)
    }
}

impl Problem {
    pub(super) fn new(code: &str, message: String, causes: &str, action: &str) -> Self {
        Self {
            code: code.to_owned(),
            message,
            causes: causes.to_owned(),
            action: action.to_owned(),
        }
    }
}
