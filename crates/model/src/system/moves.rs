//! Which moves there are in a state. What cannot be told apart by anybody is not tried twice: people
//! act, and lost requests arrive, right before somebody could notice.

use recovery::look::Look;
use recovery::turn::Action;

use super::{Move, State};
use crate::scenario::Scenario;
use crate::worker::Worker;

impl State {
    pub(crate) fn moves(&self, scenario: &Scenario, moves: &mut Vec<Move>) {
        let over = self.has_ended() && self.wire.is_empty() && self.workers().next().is_none();
        if over || scenario.laws.iter().any(|law| self.breaches.contains(law)) {
            return;
        }
        let noticed = !self.is_anybody_working() || self.is_next(is_about_the_database);
        if noticed {
            self.arrivals(moves);
            self.portal(moves);
        }
        if self.is_next(|action| matches!(action, Action::Load | Action::RenewLease)) {
            self.words(moves);
        }
        let mut free = false;
        for (slot, worker) in self.slots.iter().enumerate() {
            match worker {
                Some(worker) => self.of_a_process(slot, worker, moves),
                // Free places are alike, unless their clocks differ.
                None if free && scenario.skew_s == 0 => {}
                None => {
                    free = true;
                    self.beginnings(slot, moves);
                }
            }
        }
        if self.can_pass(scenario) {
            moves.push(Move::Pass);
        }
    }

    fn is_next(&self, what: fn(&Action) -> bool) -> bool {
        self.workers().any(|worker| worker.next(self.now).is_some_and(what))
    }

    fn arrivals(&self, moves: &mut Vec<Move>) {
        for post in 0..self.wire.len() {
            moves.extend([Move::Arrive(post), Move::Drop(post)]);
        }
    }

    fn portal(&self, moves: &mut Vec<Move>) {
        if self.left.by_hand > 0 && self.azure.can_be_promoted_by_hand() {
            moves.push(Move::PromoteByHand);
        }
        if self.left.fail_backs > 0 && self.azure.can_be_failed_back() {
            moves.push(Move::FailBack);
        }
    }

    fn words(&self, moves: &mut Vec<Move>) {
        if self.left.aborts > 0 && !self.store.aborting {
            moves.push(Move::Abort);
        }
        if self.store.halted {
            moves.push(Move::Resume);
        } else if self.left.halts > 0 {
            moves.push(Move::Halt);
        }
    }

    fn beginnings(&self, slot: usize, moves: &mut Vec<Move>) {
        if self.is_due() && !self.is_anybody_working() {
            moves.push(Move::Begin(slot));
        } else if self.left.intruders > 0 && self.workers().next().is_some() && !self.has_ended() {
            moves.push(Move::Intrude(slot));
        }
    }

    fn of_a_process(&self, slot: usize, worker: &Worker, moves: &mut Vec<Move>) {
        if worker.frozen {
            moves.extend([Move::Thaw(slot), Move::Die(slot)]);
            return;
        }
        if !worker.is_working(self.now) {
            return;
        }
        moves.push(Move::Run(slot));
        let Some(next) = worker.next(self.now) else { return };
        if self.left.freezes > 0 {
            // Elsewhere freezing before a thing is freezing after the one before it.
            if matches!(next, Action::Append { .. } | Action::Send { .. } | Action::ReleaseLease) {
                moves.push(Move::FreezeBefore(slot));
            }
            if !matches!(next, Action::ReleaseLease) {
                moves.push(Move::FreezeAfter(slot));
            }
        }
        if self.left.lost > 0 && matches!(next, Action::Send { .. }) {
            moves.push(Move::Lose(slot));
        }
        if self.left.blind > 0 && matches!(next, Action::Look { .. }) {
            moves.push(Move::Blind(slot));
        }
        if self.left.unconfirmed > 0 && matches!(next, Action::Append { .. }) {
            moves.extend([Move::Unconfirmed(slot), Move::Unwritten(slot)]);
        }
    }
}

fn is_about_the_database(action: &Action) -> bool {
    match action {
        Action::Look { look, .. } => {
            matches!(look, Look::FailoverGroup { .. } | Look::SqlPort { .. })
        }
        Action::Send { .. } => true,
        _ => false,
    }
}
