//! Decides which request of the app meets which fault, and remembers where it did.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use azure::Response;
use jiff::{SignedDuration, Timestamp};

use crate::fault::{Fault, Kind};

/// The faults of a story while it goes on.
#[derive(Debug, Default)]
pub struct Weather {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    began: Timestamp,
    faults: Vec<Armed>,
    hits: Vec<Hit>,
    sent: Vec<Sent>,
    /// Counts what was sent and what was answered.
    exchanges: usize,
    /// What reads were answered, for stale ones.
    answers: BTreeMap<String, (Timestamp, Response)>,
    keeps_answers: bool,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    dice: fastrand::Rng,
    hits: u32,
}

/// A fault that took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub at: Timestamp,
    pub kind: Kind,
}

/// A request that could change something, as its sender knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub at: Timestamp,
    pub app: usize,
    pub method: &'static str,
    pub path: String,
    /// The answer that came, if one did and its sender was still alive.
    pub status: Option<u16>,
}

impl Sent {
    /// Taken, or a definite no: 408 and 5xx say nothing.
    pub fn is_definite(&self) -> bool {
        self.status.is_some_and(|status| status < 500 && status != 408)
    }
}

impl Weather {
    /// Lets these faults happen, counted from `began`.
    pub fn begin(&self, began: Timestamp, faults: &[Fault]) {
        let mut state = self.state();
        state.began = began;
        state.keeps_answers =
            faults.iter().any(|fault| matches!(fault.kind, Kind::StaleRead { .. }));
        state.faults = faults
            .iter()
            .filter(|fault| !fault.kind.is_event())
            .map(|fault| Armed {
                fault: fault.clone(),
                dice: fastrand::Rng::with_seed(fault.dice.into()),
                hits: 0,
            })
            .collect();
    }

    /// From now on nothing goes wrong.
    pub fn clear(&self) {
        self.state().faults.clear();
    }

    pub fn hits(&self) -> Vec<Hit> {
        self.state().hits.clone()
    }

    pub fn exchanges(&self) -> usize {
        self.state().exchanges
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.state().sent.clone()
    }

    /// Notes a sending; its number.
    pub(super) fn sends(&self, sent: Sent) -> usize {
        let mut state = self.state();
        state.exchanges += 1;
        state.sent.push(sent);
        state.sent.len() - 1
    }

    pub(super) fn answered(&self, number: usize, status: Option<u16>) {
        let mut state = self.state();
        state.exchanges += 1;
        if let Some(sent) = state.sent.get_mut(number) {
            sent.status = status;
        }
    }

    /// Something that happened to more than a request.
    pub fn note(&self, at: Timestamp, kind: Kind) {
        self.state().hits.push(Hit { at, kind });
    }

    pub(super) fn on_arm(&self, now: Timestamp, is_read: bool, path: &str) -> Option<Kind> {
        let mut state = self.state();
        let fits = |fault: &Fault| {
            let fit = match fault.kind {
                Kind::StaleRead { .. } => is_read,
                // Of a read nobody could tell these from a lost answer.
                Kind::LateRequest { .. } | Kind::ErrorAfterEffect => !is_read,
                other => other.is_of_arm(),
            };
            fit && fault.target.takes(is_read, path)
        };
        state.strike(now, fits)
    }

    pub(super) fn on(&self, now: Timestamp, of: impl Fn(Kind) -> bool) -> Option<Kind> {
        self.state().strike(now, |fault| of(fault.kind))
    }

    pub(super) fn keep(&self, now: Timestamp, target: &str, response: &Response) {
        let mut state = self.state();
        if state.keeps_answers {
            // The oldest that is still young enough: a newer one comes in when it is too old.
            let old = SignedDuration::from_secs(5);
            let kept =
                state.answers.get(target).is_some_and(|(at, _)| now.duration_since(*at) < old);
            if !kept {
                state.answers.insert(target.to_owned(), (now, response.clone()));
            }
        }
    }

    pub(super) fn stale(&self, now: Timestamp, target: &str, most_s: u16) -> Option<Response> {
        let state = self.state();
        let (at, response) = state.answers.get(target)?;
        let young = now.duration_since(*at) <= SignedDuration::from_secs(most_s.into());
        young.then(|| response.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The first fault that fits, has hits to give and whose dice say so.
    fn strike(&mut self, now: Timestamp, fits: impl Fn(&Fault) -> bool) -> Option<Kind> {
        let since = now.duration_since(self.began);
        for armed in &mut self.faults {
            let fault = &armed.fault;
            let may = fault.lasts_at(since) && fault.at_most.is_none_or(|most| armed.hits < most);
            if may && fits(fault) && armed.dice.u8(..100) < fault.percent {
                armed.hits += 1;
                self.hits.push(Hit { at: now, kind: fault.kind });
                return Some(fault.kind);
            }
        }
        None
    }
}
