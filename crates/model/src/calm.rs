//! What happens when nothing goes wrong any more: frozen processes wake, or are dead; what is out
//! arrives; somebody turns the kill switch off; messages come when they are due. From every state
//! that leads to the end of the run.

use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::scenario::Scenario;
use crate::shared::{Shared, digest};
use crate::system::{Move, State};
use crate::worker::Worker;

/// Whoever needs more moves than this goes round in circles.
const MOVES_MAX: usize = 5_000;

/// States from which the end is known to be reached.
#[derive(Debug, Default)]
pub(crate) struct Calm {
    known: Mutex<BTreeSet<u64>>,
}

impl Calm {
    pub(crate) fn ends(&self, scenario: &Scenario, state: &State) -> bool {
        let dead = state.is_anybody_frozen().then_some(true);
        dead.into_iter().chain([false]).all(|dead| self.follow(scenario, state, dead))
    }

    fn follow(&self, scenario: &Scenario, state: &State, dead: bool) -> bool {
        let mut state = state.clone();
        let mut passed = Vec::new();
        let ends = loop {
            if !state.breaches.is_empty() {
                // Another law's affair.
                break true;
            }
            let mark = digest(&(&state, dead));
            if self.known.lock().is_ok_and(|known| known.contains(&mark)) {
                break true;
            }
            passed.push(mark);
            match next(scenario, &state, dead) {
                Some(next) => state = state.after(scenario, next),
                None => break state.has_ended(),
            }
            if passed.len() > MOVES_MAX {
                break false;
            }
        };
        if ends && let Ok(mut known) = self.known.lock() {
            known.extend(passed);
        }
        ends
    }
}

/// The one move of a world in which nothing goes wrong.
pub(crate) fn next(scenario: &Scenario, state: &State, dead: bool) -> Option<Move> {
    if state.store.halted {
        return Some(Move::Resume);
    }
    let frozen = state.slots.iter().position(|it| it.as_ref().is_some_and(|it| it.frozen));
    if let Some(slot) = frozen {
        return Some(if dead { Move::Die(slot) } else { Move::Thaw(slot) });
    }
    let working = |worker: &Shared<Worker>| worker.is_working(state.now);
    if let Some(slot) = state.slots.iter().position(|it| it.as_ref().is_some_and(working)) {
        return Some(Move::Run(slot));
    }
    if !state.wire.is_empty() {
        return Some(Move::Arrive(0));
    }
    let mut moves = Vec::new();
    state.moves(scenario, &mut moves);
    moves.into_iter().find(|next| matches!(next, Move::Begin(_) | Move::Pass))
}
