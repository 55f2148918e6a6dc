//! Time jumps from one instant to the next at which anything could come out differently: a message
//! is due, something changes by itself, a request must have arrived, an attempt or a step reaches
//! one of its times. In between, turns would see and do nothing new; to the protocol their messages
//! are late.

use std::collections::BTreeSet;

use recovery::limits::{LOOK_LIMIT_S, PLANNED_PATIENCE_S, SEND_LIMIT_S, SHOWN_S};
use recovery::run::{AttemptState, StepRun};

use super::{State, second, skew};
use crate::scenario::Scenario;

impl State {
    /// A message about the run is there, and there is a run to be about.
    pub(super) fn is_due(&self) -> bool {
        !self.has_ended() && self.wake.is_some_and(|at| at <= self.now)
    }

    pub(super) fn can_pass(&self, scenario: &Scenario) -> bool {
        let must_begin = self.is_due() && self.slots.iter().any(Option::is_none);
        let must_arrive = self.wire.iter().any(|post| post.latest <= self.now);
        !self.is_anybody_working()
            && !must_begin
            && !must_arrive
            && self.next_instant(scenario).is_some()
    }

    pub(super) fn pass(&mut self, scenario: &Scenario) {
        if let Some(next) = self.next_instant(scenario) {
            self.now = next;
            self.ticks = 0;
            self.azure.settle(next);
            self.store.forget_old_lease(next, scenario.broken);
            self.be_woken(scenario);
        }
    }

    /// A message whose turn could change nothing is late until one can.
    fn be_woken(&mut self, scenario: &Scenario) {
        if let Some(at) = self.wake.filter(|at| *at > self.now) {
            let instants = self.instants(scenario);
            self.wake = Some(instants.range(at..).next().copied().unwrap_or(at));
        }
    }

    fn next_instant(&self, scenario: &Scenario) -> Option<i64> {
        let instants = self.instants(scenario);
        let wake = self.wake.filter(|at| !self.has_ended() && *at > self.now);
        let wake = wake.map(|at| instants.range(at..).next().copied().unwrap_or(at));
        let given_up = self.workers().flat_map(|worker| &worker.awaiting).map(|it| it.until);
        let arrived = self.wire.iter().map(|post| post.latest);
        // Whoever is frozen may wake at any of them.
        let frozen = self.is_anybody_frozen() || !self.wire.is_empty();
        let any = instants.range(self.now + 1..).next().copied().filter(|_| frozen);
        let all = wake.into_iter().chain(given_up).chain(arrived).chain(any);
        all.chain(self.azure.next_change()).filter(|at| *at > self.now).min()
    }

    /// The times of attempts and of steps, by each of the clocks.
    fn instants(&self, scenario: &Scenario) -> BTreeSet<i64> {
        let mut instants = BTreeSet::new();
        let run = &self.store.journal.run;
        for (_, attempt) in run.attempts() {
            let intended = second(attempt.intended_at);
            match &attempt.state {
                AttemptState::Intended | AttemptState::Unresolved { .. } => {
                    let send_before = second(attempt.send_before);
                    instants.extend([send_before - 1, send_before]);
                    instants.insert(second(attempt.quiet_from()));
                }
                AttemptState::Accepted { at, .. } => {
                    instants.extend([second(*at) + SEND_LIMIT_S, second(*at) + SHOWN_S]);
                }
                AttemptState::Refused { retry_at, .. } => {
                    instants.insert(second(*retry_at));
                }
                AttemptState::NotSent => {
                    instants.insert(intended + SEND_LIMIT_S);
                }
            }
            instants.extend(attempt.shown_from().map(second));
            instants.insert(intended + PLANNED_PATIENCE_S + 1);
        }
        for spec in &run.start.runbook.steps {
            let Some(since) = run.step(spec.kind).and_then(StepRun::active_since) else {
                continue;
            };
            let since = second(since);
            instants.insert(since + SEND_LIMIT_S + LOOK_LIMIT_S);
            instants.insert(since + spec.deadline_s);
            instants.extend(spec.patience_s.map(|patience| since + patience));
        }
        instants.extend(self.azure.next_change());
        instants.extend(self.store.leased_until());
        let clocks = (0..scenario.workers).map(|slot| skew(scenario, slot));
        let skews: BTreeSet<_> = clocks.collect();
        instants.iter().flat_map(|at| skews.iter().map(move |skew| at - skew)).collect()
    }
}
