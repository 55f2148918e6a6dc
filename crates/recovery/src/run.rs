//! A run: what a journal adds up to. `apply` is the only way in which it changes, in the first
//! life of a run as after a crash.

mod apply;
mod attempt;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub use self::apply::IllegalEvent;
pub use self::attempt::{Attempt, AttemptState};
use crate::effect::{Effect, Manner};
use crate::event::{Event, Outcome, Record, Sight, Start, StepOutcome};
use crate::limits::is_told_by_a_clock;
use crate::look::Look;
use crate::runbook::{Goal, Milestone, StepKind};
use crate::view::{Role, View};

/// One execution of a runbook.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Run {
    pub start: Start,
    pub started_at: Timestamp,
    /// Counts the turns that took the run over; the latest is the holder.
    pub epoch: u64,
    pub sights: BTreeMap<Look, Seen>,
    pub steps: BTreeMap<StepKind, StepRun>,
    pub abort: Option<Asked>,
    /// Somebody asked too late and was told so.
    pub abort_refused: bool,
    /// A planned move is forced from then on.
    pub forced: Option<Asked>,
    pub ended: Option<(Outcome, Timestamp, String)>,
    /// When this turn looked last; not part of the journal, so a new turn looks for itself.
    pub looked: BTreeMap<Look, Looked>,
    /// The kill switch is on: look, but change nothing. Not part of the journal either.
    pub halted: bool,
}

/// A look of this turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Looked {
    /// What it saw may be as old as this.
    pub asked: Timestamp,
    pub answered: Timestamp,
}

/// What a look saw when it last changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Seen {
    pub at: Timestamp,
    pub sight: Sight,
}

/// How far one step is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct StepRun {
    pub state: StepState,
    pub overdue: bool,
    pub reached: BTreeSet<Milestone>,
    pub attempts: Vec<Attempt>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum StepState {
    #[default]
    Waiting,
    Active {
        since: Timestamp,
    },
    Ended {
        since: Option<Timestamp>,
        at: Timestamp,
        outcome: StepOutcome,
        detail: String,
    },
}

/// What a person asked for, and got.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    pub by: String,
    pub reason: String,
}

/// Why a journal could not be replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    #[error("the journal is empty")]
    Empty,
    #[error("record 0: the first event is not run_started")]
    NoStart,
    #[error("record 0: no clock has told its time")]
    NoTime,
    #[error("record {record}: {error}")]
    Illegal { record: usize, error: IllegalEvent },
}

impl Run {
    /// Replays a journal.
    pub fn replay(records: &[Record]) -> Result<Self, ReplayError> {
        let (first, rest) = records.split_first().ok_or(ReplayError::Empty)?;
        let Some((Event::RunStarted(start), events)) = first.events.split_first() else {
            return Err(ReplayError::NoStart);
        };
        if !is_told_by_a_clock(first.at) {
            return Err(ReplayError::NoTime);
        }
        let mut run = Self::begin((**start).clone(), first.at);
        let illegal =
            |record: usize| move |error: IllegalEvent| ReplayError::Illegal { record, error };
        for event in events {
            run.apply(first.at, event).map_err(illegal(0))?;
        }
        for (index, record) in rest.iter().enumerate() {
            for event in &record.events {
                run.apply(record.at, event).map_err(illegal(index + 1))?;
            }
        }
        Ok(run)
    }

    fn begin(start: Start, at: Timestamp) -> Self {
        let steps =
            start.runbook.steps.iter().map(|step| (step.kind, StepRun::default())).collect();
        Self {
            start,
            started_at: at,
            epoch: 0,
            sights: BTreeMap::new(),
            steps,
            abort: None,
            abort_refused: false,
            forced: None,
            ended: None,
            looked: BTreeMap::new(),
            halted: false,
        }
    }

    pub fn step(&self, kind: StepKind) -> Option<&StepRun> {
        self.steps.get(&kind)
    }

    /// How the workload is moved now; a drill moves nothing.
    pub fn manner(&self) -> Option<Manner> {
        match self.start.runbook.goal {
            Goal::Drill => None,
            Goal::Failover(_) if self.forced.is_some() => Some(Manner::Forced),
            Goal::Failover(manner) => Some(manner),
        }
    }

    /// What a look last saw, however long ago.
    pub fn last(&self, look: &Look) -> Option<&View> {
        match &self.sights.get(look)?.sight {
            Sight::Seen(view) => Some(view),
            Sight::Unknown(_) => None,
        }
    }

    /// Notes that this turn looked; what it saw is an event only if it changed.
    pub fn note_look(&mut self, look: &Look, looked: Looked) {
        self.looked.insert(look.clone(), looked);
    }

    /// Whether this turn has made a look that it began at that moment or later.
    pub fn has_looked_since(&self, look: &Look, moment: Timestamp) -> bool {
        self.looked.get(look).is_some_and(|looked| looked.asked >= moment)
    }

    /// Whether a promotion or a failover may have been sent, or the database that is being moved was
    /// last seen to be promoted by whomever: from there on only forward.
    pub fn is_past_no_return(&self) -> bool {
        (self.is_promoted() && !self.start.runbook.is_drill())
            || self.attempts().any(|(_, attempt)| {
                attempt.effect.is_point_of_no_return() && attempt.may_have_been_sent()
            })
    }

    /// Whether somebody has taken the news of how it ended. A step that went on beside the closing
    /// may have changed that since.
    pub fn has_told(&self) -> bool {
        let ended = self.ended.as_ref().map(|(outcome, ..)| *outcome);
        let tells = |effect: &Effect| match effect {
            Effect::Notify { outcome, .. } => outcome.is_none() || *outcome == ended,
            _ => false,
        };
        self.step(StepKind::Close).is_some_and(|close| {
            close.attempts.iter().any(|attempt| attempt.is_accepted() && tells(&attempt.effect))
        })
    }

    /// The database of the place that the run goes to was last seen to be the primary.
    pub fn is_promoted(&self) -> bool {
        let look = Look::failover_group(&self.start.plan, self.start.runbook.to);
        matches!(self.last(&look), Some(View::FailoverGroup(group)) if group.role == Role::Primary)
    }

    /// Whether the run has seen to it, or found, that the database is promoted.
    pub fn has_promoted(&self) -> bool {
        let step = self.step(StepKind::PromoteSql);
        step.and_then(StepRun::outcome).is_some_and(StepOutcome::is_good)
    }

    /// It was, and was last seen to be back where it came from: by somebody else's hand, since a run
    /// promotes in one direction only.
    pub fn is_taken_back(&self) -> bool {
        let look = Look::failover_group(&self.start.plan, self.start.runbook.to);
        let role = match self.last(&look) {
            Some(View::FailoverGroup(group)) => Some(group.role),
            _ => None,
        };
        self.has_promoted() && role == Some(Role::Secondary)
    }

    /// Whether a request is out that must not be crossed: it has no answer and may still arrive.
    pub fn has_unresolved(&self, now: Timestamp) -> bool {
        let open = self.steps.values().filter(|step| !step.has_ended());
        open.flat_map(|step| &step.attempts)
            .any(|attempt| attempt.is_unresolved() && attempt.may_still_arrive(now))
    }

    pub fn attempts(&self) -> impl Iterator<Item = (StepKind, &Attempt)> {
        self.steps
            .iter()
            .flat_map(|(kind, step)| step.attempts.iter().map(move |attempt| (*kind, attempt)))
    }
}

impl StepRun {
    pub fn has_ended(&self) -> bool {
        matches!(self.state, StepState::Ended { .. })
    }

    pub fn is_active(&self) -> bool {
        matches!(self.state, StepState::Active { .. })
    }

    pub fn outcome(&self) -> Option<StepOutcome> {
        self.end().map(|(_, outcome)| outcome)
    }

    /// When and how it ended.
    pub fn end(&self) -> Option<(Timestamp, StepOutcome)> {
        match &self.state {
            StepState::Ended { at, outcome, .. } => Some((*at, *outcome)),
            StepState::Waiting | StepState::Active { .. } => None,
        }
    }

    pub fn active_since(&self) -> Option<Timestamp> {
        match &self.state {
            StepState::Active { since } => Some(*since),
            StepState::Waiting | StepState::Ended { .. } => None,
        }
    }
}
