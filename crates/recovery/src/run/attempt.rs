//! One sending of one request, and what is known of it.

use jiff::Timestamp;

use crate::effect::{Effect, Manner, Operation, OperationState, Repeat};
use crate::limits::{PLANNED_PATIENCE_S, QUIESCE_S, SHOWN_S, seconds};

/// A recorded intent and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// Counts within its step, from 1.
    pub number: u32,
    pub effect: Effect,
    pub intended_at: Timestamp,
    /// After this it is not sent any more.
    pub send_before: Timestamp,
    /// The turn that was going to send it.
    pub epoch: u64,
    /// Roles, jobs and times as they were just before.
    pub baseline: Vec<String>,
    pub state: AttemptState,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AttemptState {
    /// To be sent, or sent without a recorded answer if its turn has gone.
    Intended,
    Accepted {
        at: Timestamp,
        operation: Option<Operation>,
        seen: Option<OperationState>,
    },
    Refused {
        code: String,
        message: String,
        retry_at: Timestamp,
    },
    Unresolved {
        reason: String,
    },
    NotSent,
}

impl Attempt {
    pub fn is_unresolved(&self) -> bool {
        self.effect.repeat() == Repeat::Unsafe && self.is_open()
    }

    pub fn may_have_been_sent(&self) -> bool {
        match self.state {
            AttemptState::Intended
            | AttemptState::Accepted { .. }
            | AttemptState::Unresolved { .. } => true,
            AttemptState::Refused { .. } | AttemptState::NotSent => false,
        }
    }

    /// Nobody knows yet whether it took effect, however harmless a repeat would be.
    pub fn is_open(&self) -> bool {
        matches!(self.state, AttemptState::Intended | AttemptState::Unresolved { .. })
    }

    /// From when on a lost request can no longer arrive, under the stated assumptions.
    pub fn quiet_from(&self) -> Timestamp {
        self.intended_at + seconds(QUIESCE_S)
    }

    /// It has no answer, and it may still take effect.
    pub fn may_still_arrive(&self, now: Timestamp) -> bool {
        self.is_open() && now < self.quiet_from()
    }

    /// A look that was begun then or later shows what became of it; `None` if it started nothing.
    pub fn shown_from(&self) -> Option<Timestamp> {
        match (&self.state, self.effect.repeat()) {
            (AttemptState::Intended | AttemptState::Unresolved { .. }, _) => {
                Some(self.quiet_from() + seconds(self.unseen_s()))
            }
            (AttemptState::Accepted { at, .. }, Repeat::Safe) => Some(*at),
            (AttemptState::Accepted { at, .. }, Repeat::Unsafe) => Some(*at + seconds(SHOWN_S)),
            (AttemptState::Refused { .. } | AttemptState::NotSent, _) => None,
        }
    }

    /// For how long nothing shows of it while it is under way.
    fn unseen_s(&self) -> i64 {
        match self.effect {
            Effect::PromoteDatabase { manner: Manner::Planned, .. } => PLANNED_PATIENCE_S,
            _ => 0,
        }
    }

    /// The operation to ask about, as long as it may still change.
    pub fn open_operation(&self) -> Option<&Operation> {
        match &self.state {
            AttemptState::Accepted {
                operation: Some(operation),
                seen: None | Some(OperationState::Running),
                ..
            } => Some(operation),
            _ => None,
        }
    }

    /// Something that takes its time has been started and has not been seen to end.
    pub fn is_under_way(&self) -> bool {
        self.effect.repeat() == Repeat::Unsafe && self.open_operation().is_some()
    }

    pub fn has_failed(&self) -> bool {
        matches!(
            &self.state,
            AttemptState::Accepted { seen: Some(OperationState::Failed { .. }), .. }
        )
    }

    pub fn accepted_at(&self) -> Option<Timestamp> {
        match &self.state {
            AttemptState::Accepted { at, .. } => Some(*at),
            _ => None,
        }
    }

    /// Accepted, and its operation has not failed.
    pub fn is_accepted(&self) -> bool {
        matches!(&self.state, AttemptState::Accepted { .. }) && !self.has_failed()
    }
}
