//! One thing after another: actions are performed, answers are delivered, workers die.

use jiff::SignedDuration;
use recovery::decide::decide;
use recovery::effect::{Operation, OperationState};
use recovery::event::{Event, Sight};
use recovery::limits::{SEND_LIMIT_S, WAKE_MAX_S};
use recovery::look::Look;
use recovery::run::{AttemptState, Run};
use recovery::turn::{Action, Finish, Input, SendOutcome, Turn};

use super::{Bench, Due, SWEEP_S, Worker};
use crate::script::{Disturbance, Fate};
use crate::world::Reply;

const STORE_MS: i64 = 30;
const LOOK_MS: i64 = 400;
/// From the request to its arrival, and from there to the answer.
const WIRE_MS: i64 = 500;

impl Bench {
    pub(super) fn happen(&mut self, due: Due) {
        match due {
            Due::Begin => self.begin(),
            Due::Wake => {
                // Only the earliest wake is kept; a later one that was overtaken is void.
                if self.next_wake.is_some_and(|at| at <= self.now) {
                    self.next_wake = None;
                    self.begin();
                }
            }
            Due::Sweep => {
                self.after(SWEEP_S, Due::Sweep);
                if self.ended().is_none() {
                    self.begin();
                }
            }
            Due::Input { worker, input } => self.deliver(worker, input),
            Due::Looked { worker, action } => self.looked(worker, action),
            Due::Leave { worker, action, fate } => self.leave(worker, action, &fate),
            Due::Arrive { worker, action } => self.arrive(worker, &action),
            Due::Happen(what) => what(self),
        }
    }

    fn begin(&mut self) {
        if self.down.contains(&self.second()) {
            return;
        }
        self.counter += 1;
        let id = self.counter;
        let holder = format!("worker-{id}");
        let (turn, actions) = Turn::begin(&holder, self.now);
        self.workers.insert(id, Worker { turn, holder });
        self.perform_all(id, actions);
    }

    fn deliver(&mut self, id: u64, input: Input) {
        let Some(worker) = self.workers.get_mut(&id) else { return };
        let actions = worker.turn.step(self.now, input);
        self.perform_all(id, actions);
    }

    fn perform_all(&mut self, id: u64, actions: Vec<Action>) {
        for action in actions {
            let disturbance = self.script.disturbances.get(&self.performed).copied();
            self.performed += 1;
            if disturbance == Some(Disturbance::CrashBefore) {
                self.workers.remove(&id);
                return;
            }
            self.perform(id, action, disturbance);
            if disturbance == Some(Disturbance::CrashAfter) {
                self.workers.remove(&id);
            }
            if !self.workers.contains_key(&id) {
                return;
            }
        }
    }

    fn perform(&mut self, id: u64, action: Action, disturbance: Option<Disturbance>) {
        let holder = self.workers[&id].holder.clone();
        let fails = disturbance == Some(Disturbance::StoreFails);
        let fails_after = disturbance == Some(Disturbance::StoreFailsAfter);
        match action {
            Action::AcquireLease | Action::RenewLease | Action::Load | Action::Append { .. }
                if fails =>
            {
                self.store_fails(id);
            }
            Action::AcquireLease | Action::RenewLease => {
                if action == Action::RenewLease {
                    self.spring_ambush();
                }
                let input = match self.store.acquire(&holder, self.now) {
                    Ok(until) if action == Action::RenewLease => Input::Renewed {
                        until,
                        requests: self.store.inbox.clone(),
                        halted: self.store.kill_switch,
                    },
                    Ok(until) => Input::Leased { until },
                    Err(until) => Input::LeaseBusy { until: Some(until) },
                };
                self.answer(id, input, fails_after);
            }
            Action::Load => {
                let records = self.store.records().to_vec();
                let requests = self.store.inbox.clone();
                let halted = self.store.kill_switch;
                self.answer(id, Input::Loaded { records, requests, halted }, fails_after);
            }
            Action::Append { sequence, record } => {
                let written = self.store.append(sequence, &holder, &record);
                if written {
                    self.journal_tells_all(id);
                }
                let input = if written { Input::Appended } else { Input::AppendTaken };
                self.answer(id, input, fails_after);
            }
            Action::Look { look, operations, asked } => {
                let blind = disturbance == Some(Disturbance::Blind)
                    || self.script.is_blind(&look.subject(), self.second());
                if blind {
                    let limit_ms = look.limit_s() * 1000;
                    self.unseen(id, look, limit_ms);
                } else {
                    let action = Action::Look { look, operations, asked };
                    self.after_ms(LOOK_MS, Due::Looked { worker: id, action });
                }
            }
            Action::Send { ref effect, .. } => {
                let fate = self.script.fate(effect);
                let frozen = if let Fate::Frozen(seconds) = fate { seconds } else { 0 };
                self.after(frozen, Due::Leave { worker: id, action, fate });
            }
            Action::WakeAt(at) => {
                assert!(at > self.now, "a wake for now would be a turn for nothing");
                assert!(at.duration_since(self.now).as_secs() <= WAKE_MAX_S);
                if self.every_wake_wakes {
                    self.counter += 1;
                    self.queue.insert((at, self.counter), Due::Begin);
                } else if disturbance != Some(Disturbance::WakeLost)
                    && self.next_wake.is_none_or(|known| at < known)
                {
                    self.next_wake = Some(at);
                    self.counter += 1;
                    self.queue.insert((at, self.counter), Due::Wake);
                }
            }
            Action::ReleaseLease => self.store.release(&holder),
            Action::Finish(finish) => {
                assert!(!matches!(finish, Finish::Unreadable(_)), "{finish:?}");
                self.nothing_is_left_behind(id, &finish);
                self.finishes.push(finish);
                self.workers.remove(&id);
            }
        }
    }

    fn spring_ambush(&mut self) {
        let Some((subject, what)) = self.ambush.take() else { return };
        let intended = self.store.records().last().is_some_and(|record| {
            record.events.iter().any(|event| match event {
                Event::Intended { effect, .. } => effect.subject().contains(subject),
                _ => false,
            })
        });
        if intended {
            what(self);
        } else {
            self.ambush = Some((subject, what));
        }
    }

    fn answer(&mut self, worker: u64, input: Input, lost: bool) {
        if lost {
            self.store_fails(worker);
        } else {
            self.after_ms(STORE_MS, Due::Input { worker, input });
        }
    }

    fn store_fails(&mut self, worker: u64) {
        let input = Input::StoreFailed("the store does not answer".to_owned());
        self.after_ms(STORE_MS, Due::Input { worker, input });
    }

    fn unseen(&mut self, worker: u64, look: Look, after_ms: i64) {
        let sight = Sight::Unknown("no answer in time".to_owned());
        let input = Input::Looked { look, sight, operations: Vec::new() };
        self.after_ms(after_ms, Due::Input { worker, input });
    }

    fn looked(&mut self, worker: u64, action: Action) {
        let Action::Look { look, operations, asked } = action else { unreachable!() };
        let Some(sight) = self.world.see(&look, asked.as_ref()) else {
            let left_ms = look.limit_s() * 1000 - LOOK_MS;
            return self.unseen(worker, look, left_ms);
        };
        let operations = operations
            .into_iter()
            .filter_map(|pending| {
                let state: &OperationState = self.world.operations.get(&pending.operation.0)?;
                Some((pending.step, pending.attempt, state.clone()))
            })
            .collect();
        self.deliver(worker, Input::Looked { look, sight, operations });
    }

    /// The last moment before the wire, where the engine checks the time once more.
    fn leave(&mut self, worker: u64, action: Action, fate: &Fate) {
        let Some(holder) = self.workers.get(&worker).map(|worker| worker.holder.clone()) else {
            return;
        };
        let Action::Send { send_before, .. } = &action else { unreachable!() };
        if *fate == Fate::CrashBefore {
            self.workers.remove(&worker);
            return;
        }
        let offline = self.world.offline_until_s.is_some_and(|until| self.second() < until);
        if self.now >= *send_before || *fate == Fate::NotSent || offline {
            let reason = "it did not leave".to_owned();
            return self.sent(worker, &action, SendOutcome::NotSent { reason });
        }
        if !self.store.lease_lies {
            let until = self.store.held_until(&holder).expect("whoever sends holds the lease");
            assert!(until >= self.now + SignedDuration::from_secs(SEND_LIMIT_S));
        }
        self.sent += 1;
        match fate {
            Fate::LostBefore => self.no_answer(worker, &action),
            Fate::LostAfter => {
                self.no_answer(worker, &action);
                self.after_ms(WIRE_MS, Due::Arrive { worker: None, action });
            }
            Fate::Late(seconds) => {
                self.no_answer(worker, &action);
                self.after(SEND_LIMIT_S + seconds, Due::Arrive { worker: None, action });
            }
            Fate::CrashAfter => {
                self.workers.remove(&worker);
                self.after_ms(WIRE_MS, Due::Arrive { worker: None, action });
            }
            Fate::Refused(retry_after_s) => {
                let (code, message) = ("Scripted".to_owned(), "not now".to_owned());
                let retry_after_s = *retry_after_s;
                self.sent(worker, &action, SendOutcome::Refused { code, message, retry_after_s });
            }
            Fate::Answered | Fate::Frozen(_) | Fate::NotSent | Fate::CrashBefore => {
                self.after_ms(WIRE_MS, Due::Arrive { worker: Some(worker), action });
            }
        }
    }

    fn no_answer(&mut self, worker: u64, action: &Action) {
        let reason = "no answer in time".to_owned();
        self.answered(worker, action, SEND_LIMIT_S * 1000, SendOutcome::Unresolved { reason });
    }

    fn arrive(&mut self, worker: Option<u64>, action: &Action) {
        let Action::Send { effect, .. } = action else { unreachable!() };
        let reply = self.world.arrive(effect);
        let Some(worker) = worker else { return };
        match reply {
            Reply::Accepted(operation) => {
                let operation = operation.map(Operation);
                self.sent(worker, action, SendOutcome::Accepted { operation });
            }
            Reply::Refused(code) => {
                let (code, message) = (code.to_owned(), "not in this state".to_owned());
                let outcome = SendOutcome::Refused { code, message, retry_after_s: None };
                self.sent(worker, action, outcome);
            }
            Reply::Silence => self.no_answer(worker, action),
        }
    }

    fn sent(&mut self, worker: u64, action: &Action, outcome: SendOutcome) {
        self.answered(worker, action, WIRE_MS, outcome);
    }

    fn answered(&mut self, worker: u64, action: &Action, after_ms: i64, outcome: SendOutcome) {
        let Action::Send { step, attempt, .. } = action else { unreachable!() };
        let input = Input::Sent { step: *step, attempt: *attempt, outcome };
        self.after_ms(after_ms, Due::Input { worker, input });
    }

    /// A turn that ends in peace has sent what it intended, unless its step needs it no more: what
    /// it leaves unsent looks to the next one like a lost request.
    fn nothing_is_left_behind(&self, id: u64, finish: &Finish) {
        if *finish != Finish::Waiting {
            return;
        }
        let run = self.workers[&id].turn.run().expect("who waits has loaded");
        for (step, attempt) in run.attempts() {
            let mine = attempt.epoch == run.epoch && attempt.state == AttemptState::Intended;
            let needed = run.steps[&step].is_active();
            assert!(!(mine && needed), "{} #{} is left unsent", step.name(), attempt.number);
        }
    }

    /// Whatever a turn knows, its journal tells; and nothing more follows from it at that moment.
    fn journal_tells_all(&self, id: u64) {
        let live = self.workers[&id].turn.run().expect("who appends has loaded");
        assert_eq!(durable(live.clone()), *self.store.run(), "the journal tells all");
        let left = decide(live, self.now);
        assert!(left.is_empty(), "more follows at the same moment: {left:?}");
    }
}

/// Without what a turn keeps to itself.
fn durable(mut run: Run) -> Run {
    run.looked.clear();
    run.halted = false;
    run
}
