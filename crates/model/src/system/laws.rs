//! Where the laws are looked after: at what is written, at what arrives, and in every state.

use jiff::Timestamp;
use recovery::effect::{Effect, Manner, Repeat};
use recovery::event::{Event, Outcome, Record};
use recovery::limits::{FRESH_S, SENDS_MAX};
use recovery::request::abort_refusal;
use recovery::run::{AttemptState, StepRun};
use recovery::runbook::StepKind;

use super::{HOME, Post, State};
use crate::law::Law;
use crate::plan::PLANNED;
use crate::worker::Worker;

impl State {
    /// A record has been written by this process.
    pub(super) fn judge_record(&mut self, worker: &Worker, record: &Record) {
        for event in &record.events {
            match event {
                Event::Intended { effect, .. } => {
                    if !looked_before(worker, effect, record.at) {
                        self.breaches.insert(Law::LookedBefore);
                    }
                    if matches!(effect, Effect::PromoteDatabase { .. }) && !self.is_fenced() {
                        self.breaches.insert(Law::FenceFirst);
                    }
                }
                Event::RunEnded { outcome: Outcome::Recovered, .. }
                    if self.azure.primary == HOME && !self.azure.moved_by_hand =>
                {
                    self.breaches.insert(Law::Truthful);
                }
                _ => {}
            }
        }
    }

    fn is_fenced(&self) -> bool {
        let run = &self.store.journal.run;
        run.step(StepKind::WithdrawTraffic).is_none_or(|step| step.has_ended() || step.overdue)
    }

    /// A request arrives.
    pub(super) fn judge_arrival(&mut self, post: &Post) {
        let run = &self.store.journal.run;
        let journaled = run.attempts().any(|(step, attempt)| {
            (step, attempt.number, attempt.epoch) == (post.step, post.attempt, post.epoch)
                && attempt.effect == post.effect
        });
        let own_drill =
            matches!(post.effect, Effect::TestFailOver { .. } | Effect::CleanUpTestFailOver { .. });
        let apart = !run.start.runbook.is_drill() || own_drill;
        let obeyed = run.abort.is_none() || !post.effect.is_point_of_no_return();
        let forces = matches!(post.effect, Effect::PromoteDatabase { manner: Manner::Forced, .. });
        let unhurried = run.start.runbook.goal != PLANNED || !forces;
        for (kept, law) in [
            (journaled, Law::Journaled),
            (apart, Law::DrillApart),
            (unhurried, Law::PlannedStaysPlanned),
            (obeyed, Law::AbortObeyed),
        ] {
            if !kept {
                self.breaches.insert(law);
            }
        }
    }

    /// What must hold in every state.
    pub(super) fn judge(&mut self) {
        if self.azure.forced > 1 {
            self.breaches.insert(Law::OneForcedFailover);
        }
        let most = self.unknown.keys().map(|(effect, ..)| {
            let same = self.unknown.iter().filter(|((other, ..), _)| other == effect);
            same.map(|(_, count)| usize::from(*count)).sum::<usize>()
        });
        if most.max().is_some_and(|count| count > SENDS_MAX) {
            self.breaches.insert(Law::AtMostTwoUnknown);
        }
        let run = &self.store.journal.run;
        let Some((outcome, ..)) = &run.ended else { return };
        let is_out = |effect: fn(&Effect) -> bool| self.wire.iter().any(|it| effect(&it.effect));
        if run.start.runbook.is_drill() {
            let needless = matches!(outcome, Outcome::Drilled | Outcome::Aborted | Outcome::Failed);
            let may_appear = is_out(|effect| matches!(effect, Effect::TestFailOver { .. }));
            if needless && (self.azure.is_drilling() || may_appear) {
                self.breaches.insert(Law::DrillTidy);
            }
        } else if *outcome == Outcome::Aborted {
            let may_arrive = is_out(|effect| effect.repeat() == Repeat::Unsafe);
            let changed = self.azure.promoted_by_run || !self.azure.preferred_enabled;
            if may_arrive || changed {
                self.breaches.insert(Law::AbortedAsBefore);
            }
        }
    }

    /// Whether an abort lies there that could be obeyed if what waits for the lease is not sent.
    pub(super) fn could_be_aborted(&self, worker: &Worker, now: Timestamp) -> bool {
        let Some(mut run) = worker.turn.run().cloned() else { return false };
        if !self.store.aborting || run.abort.is_some() {
            return false;
        }
        let waiting: Vec<_> = run
            .attempts()
            .filter(|(_, it)| it.epoch == run.epoch && it.state == AttemptState::Intended)
            .map(|(step, it)| (step, it.number))
            .filter(|of| !worker.awaiting.iter().any(|out| (out.step, out.attempt) == *of))
            .filter(|(step, _)| run.step(*step).is_some_and(StepRun::is_active))
            .collect();
        for (step, attempt) in waiting {
            let event = Event::NotSent { step, attempt, reason: String::new() };
            if run.apply(now, &event).is_err() {
                return false;
            }
        }
        abort_refusal(&run, now).is_none()
    }
}

/// Whether what shows the effect was looked at so recently that the look permits it, as the turn
/// remembers it and as it was.
fn looked_before(worker: &Worker, effect: &Effect, at: Timestamp) -> bool {
    let (Some(look), Some(run)) = (effect.shown_by(), worker.turn.run()) else { return true };
    let asked = run.looked.get(&look).map(|looked| looked.asked);
    [asked, worker.seen.get(&look).copied()].into_iter().all(|moment| {
        let age = moment.map(|moment| at.duration_since(moment).as_secs());
        age.is_some_and(|age| age <= FRESH_S + look.limit_s())
    })
}
