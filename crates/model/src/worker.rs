//! One process at work: a real turn, what it is about to do, and what it has not heard yet.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use recovery::effect::Effect;
use recovery::look::Look;
use recovery::runbook::StepKind;
use recovery::turn::{Action, Input, Turn};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Worker {
    pub(crate) turn: Turn,
    pub(crate) holder: String,
    pub(crate) todo: VecDeque<Action>,
    /// It froze before it could take this answer in.
    pub(crate) unheard: Option<Input>,
    pub(crate) frozen: bool,
    pub(crate) awaiting: Vec<Awaited>,
    /// When what each look has shown it was so, by its own clock.
    pub(crate) seen: BTreeMap<Look, Timestamp>,
    /// What people had said when the lease was renewed.
    pub(crate) told: Told,
}

/// A request that left and whose answer has not come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Awaited {
    pub(crate) until: i64,
    pub(crate) step: StepKind,
    pub(crate) attempt: u32,
    pub(crate) effect: Effect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Told {
    GoOn,
    ChangeNothing,
    Abort,
}

impl Worker {
    pub(crate) fn new(turn: Turn, holder: String, todo: Vec<Action>) -> Self {
        Self {
            turn,
            holder,
            todo: todo.into(),
            unheard: None,
            frozen: false,
            awaiting: Vec::new(),
            seen: BTreeMap::new(),
            told: Told::GoOn,
        }
    }

    /// Whether it would do something now if it were let.
    pub(crate) fn is_working(&self, now: i64) -> bool {
        !self.frozen && (self.unheard.is_some() || self.has_given_up(now) || !self.todo.is_empty())
    }

    /// What it does next, unless it has an answer to take in first.
    pub(crate) fn next(&self, now: i64) -> Option<&Action> {
        let free = !self.frozen && self.unheard.is_none() && !self.has_given_up(now);
        self.todo.front().filter(|_| free)
    }

    fn has_given_up(&self, now: i64) -> bool {
        self.awaiting.iter().any(|awaited| awaited.until <= now)
    }
}
