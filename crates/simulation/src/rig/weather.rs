//! Decides which request of the app meets which fault, and remembers where it did.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use azure::Response;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, sleep_until};

use super::steps::Steps;
use crate::fault::{Fault, Kind};

/// The faults of a story while it goes on.
#[derive(Debug, Default)]
pub struct Weather {
    state: Mutex<State>,
    /// Something has become due at a moment.
    scheduled: Notify,
}

#[derive(Debug, Default)]
struct State {
    began: Timestamp,
    faults: Vec<Armed>,
    steps: Steps,
    /// What happens at a moment that a step's beginning sets.
    aimed: Vec<Fault>,
    due: Vec<(Instant, Kind)>,
    /// When the last of what has been set off by steps is over.
    troubled_until: Timestamp,
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
        (state.began, state.troubled_until) = (began, began);
        let is_aimed = |fault: &&Fault| fault.kind.is_event() && fault.at.is_some();
        state.aimed = faults.iter().filter(is_aimed).cloned().collect();
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

    /// A record is in the store: what is aimed at the steps that it begins is set off.
    pub(super) fn recorded(&self, now: Timestamp, journal: &str, seq: u64, record: &[u8]) {
        if self.state().set_off(now, journal, seq, record) {
            self.scheduled.notify_one();
        }
    }

    /// Ready when something is due that is aimed at a step.
    pub async fn strikes(&self) {
        loop {
            let next = self.state().due.iter().map(|(at, _)| *at).min();
            match next {
                Some(at) if at <= Instant::now() => return,
                Some(at) => tokio::select! {
                    () = sleep_until(at) => {}
                    () = self.scheduled.notified() => {}
                },
                None => self.scheduled.notified().await,
            }
        }
    }

    /// What is due now, and is to happen.
    pub fn take_due(&self) -> Vec<Kind> {
        let now = Instant::now();
        let due = &mut self.state().due;
        due.extract_if(.., |(at, _)| *at <= now).map(|(_, kind)| kind).collect()
    }

    /// When the last of what has been set off by steps is over.
    pub fn troubled_until(&self) -> Timestamp {
        self.state().troubled_until
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
        let age = state.answers.get(path).map(|(at, _)| now.duration_since(*at).as_secs());
        let fits = |fault: &Fault| {
            let fit = match fault.kind {
                Kind::StaleRead { s } => is_read && age.is_some_and(|age| age < i64::from(s)),
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
    /// Whether anything is due now or later that was not before.
    fn set_off(&mut self, now: Timestamp, journal: &str, seq: u64, record: &[u8]) -> bool {
        let started = self.steps.read(now, journal, seq, record);
        let is_at = |fault: &&Fault| fault.at.is_some_and(|step| started.contains(&step));
        let armed = self.faults.iter().map(|armed| &armed.fault);
        let lasting = armed.chain(&self.aimed).filter(is_at).map(Fault::until_s).max();
        if let Some(until_s) = lasting {
            let until = now + SignedDuration::from_secs(until_s.into());
            self.troubled_until = self.troubled_until.max(until);
        }
        let before = self.due.len();
        let at = |fault: &Fault| Instant::now() + Duration::from_secs(fault.from_s.into());
        let due = self.aimed.iter().filter(is_at).map(|fault| (at(fault), fault.kind));
        self.due.extend(due);
        self.due.len() > before
    }

    /// The first fault that fits, has hits to give and whose dice say so.
    fn strike(&mut self, now: Timestamp, fits: impl Fn(&Fault) -> bool) -> Option<Kind> {
        for armed in &mut self.faults {
            let fault = &armed.fault;
            let began = match fault.at {
                Some(step) => self.steps.began(step),
                None => Some(self.began),
            };
            let Some(began) = began else { continue };
            let lasts = fault.lasts_at(now.duration_since(began).as_secs());
            let may = lasts && fault.at_most.is_none_or(|most| armed.hits < most);
            if may && fits(fault) && armed.dice.u8(..100) < fault.percent {
                armed.hits += 1;
                self.hits.push(Hit { at: now, kind: fault.kind });
                return Some(fault.kind);
            }
        }
        None
    }
}
