//! What a turn and the engine say to each other.

use jiff::Timestamp;

use crate::decide::Pending;
use crate::effect::{Effect, Operation, OperationState};
use crate::event::{Record, Sight};
use crate::look::Look;
use crate::request::Request;
use crate::runbook::StepKind;

/// What the engine is to do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Action {
    AcquireLease,
    Load,
    /// Write this record if nobody has written one of this number.
    Append {
        sequence: u64,
        record: Record,
    },
    /// Right before something is sent: prolong the lease, and see what people have said since.
    RenewLease,
    Look {
        look: Look,
        operations: Vec<Pending>,
        asked: Option<Operation>,
    },
    /// Send one request, once, unless `send_before` has passed on this machine's clock.
    Send {
        step: StepKind,
        attempt: u32,
        effect: Effect,
        send_before: Timestamp,
    },
    /// Ask to be called again at that time.
    WakeAt(Timestamp),
    ReleaseLease,
    Finish(Finish),
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Finish {
    /// Nothing more to do now; a wake has been asked for.
    Waiting,
    /// The run has ended.
    Ended,
    /// Somebody else works on it.
    Busy,
    /// Somebody else has taken it over.
    Overtaken,
    /// The store did not answer; the sweep will come back.
    StoreFailed(String),
    /// The journal cannot be replayed: a person must look.
    Unreadable(String),
}

/// What the engine tells back.
#[expect(clippy::large_enum_variant, reason = "inputs are passed once, never stored in bulk")]
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Input {
    Leased {
        until: Timestamp,
    },
    LeaseBusy {
        until: Option<Timestamp>,
    },
    /// The lease was renewed; the inbox and the kill switch as they were just then.
    Renewed {
        until: Timestamp,
        requests: Vec<Request>,
        halted: bool,
    },
    LeaseLost,
    Loaded {
        records: Vec<Record>,
        requests: Vec<Request>,
        halted: bool,
    },
    Appended,
    /// A record of this number is there already, and it is not ours.
    AppendTaken,
    StoreFailed(String),
    /// What was loaded is no journal, or a person has set the run aside.
    Unreadable(String),
    Looked {
        look: Look,
        sight: Sight,
        operations: Vec<(StepKind, u32, OperationState)>,
    },
    Sent {
        step: StepKind,
        attempt: u32,
        outcome: SendOutcome,
    },
}

/// What became of a request, as far as its sender knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SendOutcome {
    Accepted { operation: Option<Operation> },
    Refused { code: String, message: String, retry_after_s: Option<i64> },
    Unresolved { reason: String },
    NotSent { reason: String },
}
