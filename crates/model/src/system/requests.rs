//! Requests leave and arrive.

use recovery::effect::{Effect, Manner, Repeat};
use recovery::limits::SEND_LIMIT_S;
use recovery::turn::{Input, SendOutcome};

use super::{Post, State};
use crate::law::Law;
use crate::scenario::Broken;
use crate::shared::digest;
use crate::worker::{Awaited, Told, Worker};

impl State {
    /// A request leaves. Its answer, if it comes at once.
    pub(super) fn leave(&mut self, worker: &mut Worker, post: Post, lost: bool) -> Option<Input> {
        match worker.told {
            Told::GoOn => {}
            Told::ChangeNothing if !post.effect.changes_something() => {}
            Told::ChangeNothing | Told::Abort => {
                self.breaches.insert(Law::LastWord);
            }
        }
        if post.effect.repeat() == Repeat::Unsafe {
            let key = (digest(&post.effect), post.step, post.attempt);
            *self.unknown.entry(key).or_default() += 1;
        }
        self.ticks += 1;
        let (step, attempt) = (post.step, post.attempt);
        let outcome = if lost {
            None
        } else {
            match self.arrive(&post) {
                SendOutcome::Unresolved { .. } => None,
                outcome => Some(outcome),
            }
        };
        if let Some(outcome) = outcome {
            return Some(Input::Sent { step, attempt, outcome });
        }
        let until = self.now + SEND_LIMIT_S;
        worker.awaiting.push(Awaited { until, step, attempt, effect: post.effect.clone() });
        if lost {
            self.wire.push(post);
        }
        None
    }

    pub(super) fn arrive(&mut self, post: &Post) -> SendOutcome {
        self.judge_arrival(post);
        let plan = &self.store.journal.run.start.plan;
        self.azure.arrive(plan, &post.effect, self.now)
    }
}

/// What leaves: the effect, or what an engine makes of it that takes everything for an emergency.
pub(super) fn as_sent(effect: Effect, broken: Option<Broken>) -> Effect {
    if broken != Some(Broken::SendsInEarnest) {
        return effect;
    }
    match effect {
        Effect::TestFailOver { vault, recovery_plan, recovery_point, .. } => {
            Effect::FailOver { vault, recovery_plan, recovery_point, stop_source: false }
        }
        Effect::PromoteDatabase { server, group, .. } => {
            Effect::PromoteDatabase { server, group, manner: Manner::Forced }
        }
        other => other,
    }
}
