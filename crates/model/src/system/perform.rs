//! A process does the next thing: the store, the looks and the wire answer, and the turn says what
//! follows.

use jiff::{SignedDuration, Timestamp};
use recovery::effect::OperationState;
use recovery::event::{Event, Record, Sight};
use recovery::limits::LEASE_S;
use recovery::look::Look;
use recovery::runbook::StepKind;
use recovery::turn::{Action, Finish, Input, SendOutcome};

use super::people::Fate;
use super::requests::as_sent;
use super::{Post, State, second};
use crate::law::Law;
use crate::scenario::{Broken, Scenario};
use crate::shared::Shared;
use crate::worker::{Awaited, Told, Worker};

impl State {
    pub(super) fn run(&mut self, scenario: &Scenario, slot: usize, fate: Fate) {
        let Some(shared) = self.slots[slot].take() else { return };
        let mut worker = (*shared).clone();
        drop(shared);
        if let Some(input) = worker.unheard.take().or_else(|| self.silence(scenario, &mut worker)) {
            self.hear(scenario, slot, worker, input);
            return;
        }
        let Some(action) = worker.todo.pop_front() else {
            return self.put(slot, worker);
        };
        let input = match action {
            Action::ReleaseLease => {
                self.store.release(&worker.holder);
                return self.put(slot, worker);
            }
            Action::Finish(_) | Action::WakeAt(_) => return self.put(slot, worker),
            Action::Send { step, attempt, effect, send_before } => {
                let late = self.clock(scenario, slot) >= send_before;
                if late && scenario.broken != Some(Broken::UncheckedWire) {
                    let reason = "its time to be sent had passed".to_owned();
                    let outcome = SendOutcome::NotSent { reason };
                    Some(Input::Sent { step, attempt, outcome })
                } else {
                    let epoch = worker.turn.run().map_or(0, |run| run.epoch);
                    let latest = self.now + scenario.delay_s;
                    let effect = as_sent(effect, scenario.broken);
                    let post = Post { step, attempt, effect, epoch, latest };
                    self.leave(&mut worker, post, fate == Fate::Lost)
                }
            }
            other => Some(self.answer(scenario, slot, &mut worker, other, fate)),
        };
        match input {
            Some(input) if fate == Fate::Unheard => {
                worker.unheard = Some(input);
                self.put(slot, worker);
            }
            Some(input) => self.hear(scenario, slot, worker, input),
            None => self.put(slot, worker),
        }
    }

    /// What the store and the looks answer at once.
    fn answer(
        &mut self,
        scenario: &Scenario,
        slot: usize,
        worker: &mut Worker,
        action: Action,
        fate: Fate,
    ) -> Input {
        let until = self.clock(scenario, slot) + SignedDuration::from_secs(LEASE_S);
        match action {
            Action::AcquireLease => {
                if self.store.acquire(&worker.holder, self.now, scenario.broken) {
                    Input::Leased { until }
                } else {
                    self.busy()
                }
            }
            Action::RenewLease => {
                if !self.store.acquire(&worker.holder, self.now, scenario.broken) {
                    return self.busy();
                }
                worker.told = self.told(worker, self.clock(scenario, slot));
                let deaf = scenario.broken == Some(Broken::Deaf);
                let requests = if deaf { Vec::new() } else { self.store.requests() };
                Input::Renewed { until, requests, halted: self.store.halted && !deaf }
            }
            Action::Load => Input::Loaded {
                records: self.store.journal.load(),
                requests: self.store.requests(),
                halted: self.store.halted,
            },
            Action::Append { sequence, record } => {
                let input = match fate {
                    Fate::Undone => None,
                    _ => Some(self.append(scenario, worker, sequence, &record)),
                };
                // What has no answer tells its writer as little as a store that is away.
                input
                    .filter(|_| fate != Fate::Lost)
                    .unwrap_or_else(|| Input::StoreFailed("no answer in time".to_owned()))
            }
            Action::Look { look, operations, .. } => {
                let (sight, operations) = if fate == Fate::Lost {
                    (Sight::Unknown("no answer in time".to_owned()), Vec::new())
                } else {
                    let told = operations.into_iter().map(|pending| {
                        let state: OperationState = self.azure.state_of(&pending.operation);
                        (pending.step, pending.attempt, state)
                    });
                    let operations = told.collect();
                    let now = self.clock(scenario, slot);
                    (self.sight(scenario, worker, &look, now), operations)
                };
                Input::Looked { look, sight, operations }
            }
            Action::Send { .. } | Action::WakeAt(_) | Action::ReleaseLease | Action::Finish(_) => {
                Input::StoreFailed("is done elsewhere".to_owned())
            }
        }
    }

    fn append(
        &mut self,
        scenario: &Scenario,
        worker: &Worker,
        sequence: u64,
        record: &Record,
    ) -> Input {
        let end = u64::try_from(self.store.journal.len()).expect("it fits into memory");
        let anyway = scenario.broken == Some(Broken::AppendsAnyway);
        match self.store.journal.append(if anyway { end } else { sequence }, record) {
            Ok(true) => {
                self.judge_record(worker, record);
                Input::Appended
            }
            Ok(false) if scenario.broken == Some(Broken::AppendLies) => Input::Appended,
            Ok(false) => Input::AppendTaken,
            Err(error) => {
                self.breaches.insert(Law::Readable);
                Input::StoreFailed(error.to_string())
            }
        }
    }

    fn sight(
        &mut self,
        scenario: &Scenario,
        worker: &mut Worker,
        look: &Look,
        now: Timestamp,
    ) -> Sight {
        let plan = &self.store.journal.run.start.plan;
        let current = (now, self.azure.see(plan, look, scenario.broken));
        let (seen_at, sight) = if scenario.broken == Some(Broken::OldSights) {
            self.remembered.entry(look.clone()).or_insert(current).clone()
        } else {
            current
        };
        worker.seen.insert(look.clone(), seen_at);
        sight
    }

    fn busy(&self) -> Input {
        Input::LeaseBusy { until: self.store.leased_until().map(super::stamp) }
    }

    /// The turn takes an answer in.
    fn hear(&mut self, scenario: &Scenario, slot: usize, mut worker: Worker, input: Input) {
        if let Input::Sent { step, attempt, outcome } = &input {
            self.is_known(*step, *attempt, outcome);
        }
        let now = self.clock(scenario, slot);
        let renewed = matches!(input, Input::Renewed { .. });
        for action in worker.turn.step(now, input) {
            let withheld = match &action {
                Action::Append { record, .. } if renewed => withheld(&worker, record),
                _ => Vec::new(),
            };
            match action {
                Action::WakeAt(at) => {
                    let at = second(at);
                    self.wake = Some(self.wake.map_or(at, |known| known.min(at)));
                }
                Action::Finish(Finish::Unreadable(_)) => {
                    self.breaches.insert(Law::Readable);
                    worker.todo.push_back(action);
                }
                other => worker.todo.push_back(other),
            }
            if scenario.broken == Some(Broken::SendsTheWithheld) {
                worker.todo.extend(withheld);
            }
        }
        self.put(slot, worker);
    }

    /// Whoever has nothing left to do but to finish is gone.
    fn put(&mut self, slot: usize, worker: Worker) {
        let gone = matches!(worker.todo.front(), Some(Action::Finish(_)));
        self.slots[slot] = (!gone).then(|| Shared::new(worker));
    }

    /// The end of waiting for an answer.
    fn silence(&mut self, scenario: &Scenario, worker: &mut Worker) -> Option<Input> {
        let due = worker.awaiting.iter().position(|awaited| awaited.until <= self.now)?;
        let Awaited { step, attempt, effect, .. } = worker.awaiting.remove(due);
        let reason = "no answer in time".to_owned();
        let outcome = match scenario.broken {
            Some(Broken::LostIsNotSent) => SendOutcome::NotSent { reason },
            Some(Broken::Resends) => {
                let epoch = worker.turn.run().map_or(0, |run| run.epoch);
                let latest = self.now + scenario.delay_s;
                self.wire.push(Post { step, attempt, effect, epoch, latest });
                SendOutcome::Unresolved { reason }
            }
            _ => SendOutcome::Unresolved { reason },
        };
        Some(Input::Sent { step, attempt, outcome })
    }

    fn is_known(&mut self, step: StepKind, attempt: u32, outcome: &SendOutcome) {
        if matches!(outcome, SendOutcome::Accepted { .. } | SendOutcome::Refused { .. }) {
            self.unknown.retain(|(_, of, number), _| (*of, *number) != (step, attempt));
        }
    }

    fn told(&self, worker: &Worker, now: Timestamp) -> Told {
        if self.could_be_aborted(worker, now) {
            Told::Abort
        } else if self.store.halted {
            Told::ChangeNothing
        } else {
            Told::GoOn
        }
    }
}

/// What would be sent if this record, the answer to what people have said, were not minded.
fn withheld(worker: &Worker, record: &Record) -> Vec<Action> {
    let not_sent = |event: &Event| match event {
        Event::NotSent { step, attempt, .. } => {
            let step_run = worker.turn.run()?.step(*step)?;
            let it = step_run.attempts.iter().find(|it| it.number == *attempt)?;
            let (effect, send_before) = (it.effect.clone(), it.send_before);
            Some(Action::Send { step: *step, attempt: *attempt, effect, send_before })
        }
        _ => None,
    };
    record.events.iter().filter_map(not_sent).collect()
}
