//! A worker's whole loop as a value: take the run over, load, decide, append, check the lease, act,
//! end. The engine only performs the actions and feeds the answers back, so that the model checker
//! and the simulator run the very code that ships.
//!
//! ```text
//! lease ─▶ load ─▶ decide ─▶ append ─▶ (renew lease ─▶ send) ─▶ decide … ─▶ wake later, release
//! ```
//!
//! With the lease comes what people have said since: they have the last word before each request.
//!
//! The sequence number is the fence: the first append of a turn says that the holder changed, so
//! the append of whoever held the run before collides. The lease only avoids contention.

mod exchange;
mod last_word;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

pub use self::exchange::{Action, Finish, Input, SendOutcome};
use self::last_word::{Key, ToSend};
use crate::decide::{Command, decide, due, next_due};
use crate::effect::OperationState;
use crate::event::{Event, Record};
use crate::limits::{LEASE_MARGIN_S, SEND_LIMIT_S, TURN_S, WAKE_MAX_S, seconds};
use crate::look::Look;
use crate::request::{self, Request};
use crate::run::{Looked, ReplayError, Run};
use crate::runbook::StepKind;

/// One turn of one worker on one run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Turn {
    holder: String,
    began: Timestamp,
    phase: Phase,
    /// By this worker's own clock; what must not be outlived.
    lease_until: Timestamp,
    run: Option<Run>,
    /// The sequence number of the next record.
    next: u64,
    /// The event that goes before everything this turn appends first.
    announcement: Option<Event>,
    appending: bool,
    renewing: bool,
    waiting: VecDeque<Input>,
    /// Looks that are out, and since when.
    looking: BTreeMap<Look, Timestamp>,
    sending: BTreeSet<Key>,
    /// Sends whose intent is in the journal and that wait for the lease to be renewed.
    to_send: ToSend,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    Leasing,
    Loading,
    Working,
    Over,
}

impl Turn {
    /// A turn of this holder; the name must be unique to the turn.
    pub fn begin(holder: impl Into<String>, now: Timestamp) -> (Self, Vec<Action>) {
        let turn = Self {
            holder: holder.into(),
            began: now,
            phase: Phase::Leasing,
            lease_until: now,
            run: None,
            next: 0,
            announcement: None,
            appending: false,
            renewing: false,
            waiting: VecDeque::new(),
            looking: BTreeMap::new(),
            sending: BTreeSet::new(),
            to_send: ToSend::new(),
        };
        (turn, vec![Action::AcquireLease])
    }

    /// The run as this turn knows it, once it is loaded.
    pub fn run(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// Takes one answer in and says what to do next.
    pub fn step(&mut self, now: Timestamp, input: Input) -> Vec<Action> {
        match (self.phase, input) {
            (Phase::Over, _) => Vec::new(),
            (Phase::Leasing, Input::Leased { until }) => {
                self.lease_until = until;
                self.phase = Phase::Loading;
                vec![Action::Load]
            }
            (Phase::Leasing, Input::LeaseBusy { until }) => {
                self.phase = Phase::Over;
                let back = until.unwrap_or(now).max(now + seconds(1));
                let back = back.min(now + seconds(WAKE_MAX_S));
                vec![Action::WakeAt(back), Action::Finish(Finish::Busy)]
            }
            (Phase::Loading, Input::Loaded { records, requests, halted }) => {
                self.loaded(now, &records, &requests, halted)
            }
            (_, Input::StoreFailed(why)) => self.give_up(now, Finish::StoreFailed(why)),
            (_, Input::Unreadable(why)) => self.give_up(now, Finish::Unreadable(why)),
            (_, Input::AppendTaken) => self.give_up(now, Finish::Overtaken),
            (Phase::Working, input) => self.work(now, input),
            (Phase::Leasing | Phase::Loading, other) => {
                self.give_up(now, Finish::StoreFailed(format!("unexpected {other:?}")))
            }
        }
    }

    fn loaded(
        &mut self,
        now: Timestamp,
        records: &[Record],
        requests: &[Request],
        halted: bool,
    ) -> Vec<Action> {
        let mut run = match Run::replay(records) {
            Ok(run) => run,
            Err(ReplayError::Empty) => {
                return self.give_up(now, Finish::Unreadable("there is no such run".to_owned()));
            }
            Err(error) => return self.give_up(now, Finish::Unreadable(error.to_string())),
        };
        self.next = u64::try_from(records.len()).expect("a journal fits into memory");
        self.phase = Phase::Working;
        if run.ended.is_some() {
            self.run = Some(run);
            return self.finish(Finish::Ended);
        }
        // The epoch is this turn's own from here on; it is written with the first append, and a
        // turn that appends nothing has sent nothing and needs no fence.
        run.halted = halted;
        run.epoch = run.epoch.saturating_add(1);
        let holder = self.holder.clone();
        self.announcement = Some(Event::HolderChanged { epoch: run.epoch, holder });
        let answers = request::answer(&run, requests, now);
        self.run = Some(run);
        self.record(now, answers)
    }

    /// An answer while working. While an append is out, answers wait: they are facts for the next.
    fn work(&mut self, now: Timestamp, input: Input) -> Vec<Action> {
        match input {
            Input::Appended => {
                self.appending = false;
                self.next += 1;
                self.proceed(now)
            }
            Input::LeaseLost | Input::LeaseBusy { .. } => {
                self.renewing = false;
                // What was to be sent certainly was not. The next holder may find no record of
                // that and will wait it out: slower, and safe.
                self.to_send.clear();
                self.give_up(now, Finish::Overtaken)
            }
            Input::Looked { .. } | Input::Sent { .. } | Input::Renewed { .. } if self.appending => {
                self.waiting.push_back(input);
                Vec::new()
            }
            Input::Renewed { until, requests, halted } if self.renewing => {
                self.renewing = false;
                self.lease_until = until;
                self.renewed(now, &requests, halted)
            }
            Input::Looked { .. } | Input::Sent { .. } => {
                let events = self.learn(now, input);
                self.record(now, events)
            }
            Input::Leased { .. }
            | Input::Renewed { .. }
            | Input::Loaded { .. }
            | Input::AppendTaken
            | Input::StoreFailed(_)
            | Input::Unreadable(_) => Vec::new(),
        }
    }

    /// Turns an answer into the events that it is. What comes in after the end is no event: the
    /// journal is closed, and the attempt stays in it as it stood.
    fn learn(&mut self, now: Timestamp, input: Input) -> Vec<Event> {
        let Some(run) = self.run.as_mut() else { return Vec::new() };
        match input {
            Input::Looked { look, sight, operations } => {
                let asked = self.looking.remove(&look).unwrap_or(now);
                if run.ended.is_some() {
                    return Vec::new();
                }
                run.note_look(&look, Looked { asked, answered: now });
                let mut events = Vec::new();
                for (step, attempt, state) in operations {
                    if operation_is_news(run, step, attempt, &state) {
                        events.push(Event::OperationSeen { step, attempt, state });
                    }
                }
                if run.sights.get(&look).map(|seen| &seen.sight) != Some(&sight) {
                    events.push(Event::Saw { look, sight });
                }
                events
            }
            Input::Sent { step, attempt, outcome } => {
                self.sending.remove(&(step, attempt));
                if run.ended.is_some() {
                    return Vec::new();
                }
                vec![match outcome {
                    SendOutcome::Accepted { operation } => {
                        Event::Accepted { step, attempt, operation }
                    }
                    SendOutcome::Refused { code, message, retry_after_s } => {
                        Event::Refused { step, attempt, code, message, retry_after_s }
                    }
                    SendOutcome::Unresolved { reason } => {
                        Event::Unresolved { step, attempt, reason }
                    }
                    SendOutcome::NotSent { reason } => Event::NotSent { step, attempt, reason },
                }]
            }
            _ => Vec::new(),
        }
    }

    /// Applies what was learned and all that follows from it; appends it if it is anything.
    fn record(&mut self, now: Timestamp, learned: Vec<Event>) -> Vec<Action> {
        let Some(run) = self.run.as_mut() else { return Vec::new() };
        let mut events = learned;
        let mut applied = 0;
        loop {
            for event in &events[applied..] {
                if let Err(error) = run.apply(now, event) {
                    return self.give_up(now, Finish::Unreadable(error.to_string()));
                }
            }
            applied = events.len();
            let follows = decide(run, now);
            if follows.is_empty() {
                break;
            }
            events.extend(follows);
        }
        if events.is_empty() {
            return self.proceed(now);
        }
        if let Some(announcement) = self.announcement.take() {
            events.insert(0, announcement);
        }
        self.appending = true;
        vec![Action::Append { sequence: self.next, record: Record { at: now, events } }]
    }

    /// Nothing is being appended: take in what has waited, then do what is due.
    fn proceed(&mut self, now: Timestamp) -> Vec<Action> {
        if let Some(input) = self.waiting.pop_front() {
            return self.work(now, input);
        }
        let Some(run) = self.run.as_ref() else { return Vec::new() };
        if run.ended.is_some() {
            return if self.sending.is_empty() { self.finish(Finish::Ended) } else { Vec::new() };
        }
        let mut actions = Vec::new();
        let may_look = now.duration_since(self.began) < seconds(TURN_S);
        for command in due(run, now) {
            match command {
                Command::Look { look, operations, asked } => {
                    if may_look && !self.looking.contains_key(&look) {
                        self.looking.insert(look.clone(), now);
                        actions.push(Action::Look { look, operations, asked });
                    }
                }
                // What was intended is sent, however late the turn: left unsent, it would look to
                // the next turn like a lost request and be waited out.
                Command::Send { step, attempt, effect, send_before } => {
                    let key = (step, attempt);
                    if !self.sending.contains(&key) {
                        self.to_send.entry(key).or_insert((effect, send_before));
                    }
                }
            }
        }
        if !self.to_send.is_empty() && !self.renewing {
            self.renewing = true;
            actions.push(Action::RenewLease);
        }
        if actions.is_empty() && self.is_idle() {
            let at = next_due(run, now).unwrap_or(now + seconds(WAKE_MAX_S));
            actions.push(Action::WakeAt(at));
            actions.extend(self.finish(Finish::Waiting));
        }
        actions
    }

    /// The lease was renewed; what people have said meanwhile goes before what was to be sent.
    fn renewed(&mut self, now: Timestamp, requests: &[Request], halted: bool) -> Vec<Action> {
        let Some(run) = self.run.as_mut() else { return Vec::new() };
        run.halted = halted;
        let withheld = last_word::withheld(run, &self.sending, requests, now);
        for event in &withheld {
            if let Event::NotSent { step, attempt, .. } = event {
                self.to_send.remove(&(*step, *attempt));
            }
        }
        let mut actions = Vec::new();
        if !withheld.is_empty() {
            actions = self.record(now, withheld);
        }
        if !self.is_over() {
            actions.extend(self.send(now));
        }
        actions
    }

    /// The lease was renewed just now: send what its own clock still allows.
    fn send(&mut self, now: Timestamp) -> Vec<Action> {
        let give_up_at = self.lease_until - seconds(SEND_LIMIT_S + LEASE_MARGIN_S);
        let mut actions = Vec::new();
        for ((step, attempt), (effect, send_before)) in std::mem::take(&mut self.to_send) {
            self.sending.insert((step, attempt));
            let send_before = send_before.min(give_up_at);
            if now >= send_before {
                let reason = "its time to be sent had passed".to_owned();
                let outcome = SendOutcome::NotSent { reason };
                self.waiting.push_back(Input::Sent { step, attempt, outcome });
            } else {
                actions.push(Action::Send { step, attempt, effect, send_before });
            }
        }
        if !self.appending {
            actions.extend(self.proceed(now));
        }
        actions
    }

    fn is_idle(&self) -> bool {
        self.looking.is_empty()
            && self.sending.is_empty()
            && self.to_send.is_empty()
            && !self.renewing
            && !self.appending
    }

    fn finish(&mut self, finish: Finish) -> Vec<Action> {
        self.phase = Phase::Over;
        vec![Action::ReleaseLease, Action::Finish(finish)]
    }

    /// Drops everything. What was sent stays as the journal has it: an intent without an outcome.
    fn give_up(&mut self, now: Timestamp, finish: Finish) -> Vec<Action> {
        self.phase = Phase::Over;
        let mut actions = Vec::new();
        if !matches!(finish, Finish::Unreadable(_)) {
            actions.push(Action::WakeAt(now + seconds(1)));
        }
        actions.push(Action::ReleaseLease);
        actions.push(Action::Finish(finish));
        actions
    }
}

fn operation_is_news(run: &Run, step: StepKind, attempt: u32, state: &OperationState) -> bool {
    use crate::run::AttemptState;
    run.step(step)
        .and_then(|step| step.attempts.iter().find(|known| known.number == attempt))
        .is_some_and(|known| match &known.state {
            AttemptState::Accepted { seen, .. } => seen.as_ref() != Some(state),
            _ => false,
        })
}
