//! What a move makes of a state.

use recovery::turn::Turn;

use super::{Move, State};
use crate::scenario::Scenario;
use crate::shared::Shared;
use crate::worker::Worker;

/// How the next thing that a process does goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Answered,
    /// Done, and the process froze before it heard the answer.
    Unheard,
    /// Nobody ever answers.
    Lost,
    /// It never gets there, and nobody answers.
    Undone,
}

impl State {
    pub(crate) fn after(&self, scenario: &Scenario, next: Move) -> Self {
        let mut state = self.clone();
        state.happen(scenario, next);
        state.judge();
        state
    }

    fn happen(&mut self, scenario: &Scenario, next: Move) {
        match next {
            Move::Begin(slot) => {
                self.wake = None;
                self.begin(scenario, slot);
            }
            Move::Intrude(slot) => {
                self.left.intruders -= 1;
                self.begin(scenario, slot);
            }
            Move::Run(slot) => self.run(scenario, slot, Fate::Answered),
            Move::FreezeBefore(slot) => self.freeze(slot),
            Move::FreezeAfter(slot) => {
                self.run(scenario, slot, Fate::Unheard);
                self.freeze(slot);
            }
            Move::Thaw(slot) => self.change(slot, |worker| worker.frozen = false),
            Move::Die(slot) => self.slots[slot] = None,
            Move::Lose(slot) => {
                self.left.lost -= 1;
                self.run(scenario, slot, Fate::Lost);
            }
            Move::Blind(slot) => {
                self.left.blind -= 1;
                self.run(scenario, slot, Fate::Lost);
            }
            Move::Unconfirmed(slot) => {
                self.left.unconfirmed -= 1;
                self.run(scenario, slot, Fate::Lost);
            }
            Move::Unwritten(slot) => {
                self.left.unconfirmed -= 1;
                self.run(scenario, slot, Fate::Undone);
            }
            Move::Arrive(post) => {
                let post = self.wire.remove(post);
                self.arrive(&post);
            }
            Move::Drop(post) => {
                self.wire.remove(post);
            }
            Move::PromoteByHand => {
                self.left.by_hand -= 1;
                self.azure.promote_by_hand();
            }
            Move::FailBack => {
                self.left.fail_backs -= 1;
                self.azure.fail_back();
            }
            Move::Abort => {
                self.left.aborts -= 1;
                self.store.aborting = true;
            }
            Move::Halt => {
                self.left.halts -= 1;
                self.store.halted = true;
            }
            Move::Resume => self.store.halted = false,
            Move::Pass => self.pass(scenario),
        }
    }

    fn begin(&mut self, scenario: &Scenario, slot: usize) {
        self.turns += 1;
        let holder = format!("turn-{}", self.turns);
        let (turn, todo) = Turn::begin(&holder, self.clock(scenario, slot));
        self.slots[slot] = Some(Shared::new(Worker::new(turn, holder, todo)));
    }

    fn freeze(&mut self, slot: usize) {
        self.left.freezes -= 1;
        self.change(slot, |worker| worker.frozen = true);
        // The sweep finds the run lying about; whoever comes earlier meets the lease.
        if self.wake.is_none() && !self.has_ended() {
            self.wake = Some(self.store.leased_until().unwrap_or(self.now).max(self.now + 1));
        }
    }

    /// Changes a process that is still there.
    pub(super) fn change(&mut self, slot: usize, how: impl FnOnce(&mut Worker)) {
        if let Some(worker) = &mut self.slots[slot] {
            worker.change(how);
        }
    }
}
