//! May this request be sent now? The effects protocol, per request.
//!
//! The control plane is at least once and takes no idempotency key, so nothing here promises
//! "once". What is promised is *effectively once*: observe right before, journal the intent, adopt
//! what is already under way, and after an ambiguous outcome wait until a lost request can no
//! longer arrive before even thinking of sending it again.

use jiff::Timestamp;

use crate::effect::{Effect, Manner, OperationState, Repeat};
use crate::limits::{REFUSAL_PAUSE_S, REFUSALS_MAX, REPEAT_PAUSE_S, SENDS_MAX, seconds};
use crate::look::Look;
use crate::run::{Attempt, AttemptState, Run, StepRun};
use crate::view::View;

/// The protocol's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Permit {
    /// Record the intent, then send.
    Intend,
    /// Not before this.
    Until(Timestamp),
    /// Something of it is on its way; only looking helps.
    Pending,
    /// Nobody can know what a further sending would do.
    NeedsHuman(String),
}

/// Judges a request that the step would send now.
pub(crate) fn permit(run: &Run, step: &StepRun, effect: &Effect, now: Timestamp) -> Permit {
    match effect.repeat() {
        Repeat::Safe => permit_safe(run, step, effect, now),
        Repeat::Unsafe => permit_unsafe(run, step, effect, now),
    }
}

/// The same end state, however often it is asked for: only pauses are needed.
fn permit_safe(run: &Run, step: &StepRun, effect: &Effect, now: Timestamp) -> Permit {
    let Some(last) = step.attempts.iter().rfind(|attempt| attempt.effect == *effect) else {
        return Permit::Intend;
    };
    let earliest = match &last.state {
        AttemptState::Intended if last.epoch == run.epoch => return Permit::Pending,
        AttemptState::Accepted { at, .. } => *at + seconds(REPEAT_PAUSE_S),
        AttemptState::Refused { retry_at, .. } => *retry_at,
        AttemptState::Intended | AttemptState::Unresolved { .. } | AttemptState::NotSent => {
            last.intended_at + seconds(REPEAT_PAUSE_S)
        }
    };
    if now < earliest { Permit::Until(earliest) } else { Permit::Intend }
}

fn permit_unsafe(run: &Run, step: &StepRun, effect: &Effect, now: Timestamp) -> Permit {
    // Another request of this step whose fate is open may still arrive and cross this one.
    if let Some(open) = step
        .attempts
        .iter()
        .filter(|attempt| attempt.is_unresolved() && attempt.effect != *effect)
        .filter(|attempt| attempt.effect.shown_by() == effect.shown_by())
        .find(|attempt| now < attempt.quiet_from())
    {
        return Permit::Until(open.quiet_from());
    }
    let same: Vec<_> = step.attempts.iter().filter(|attempt| attempt.effect == *effect).collect();
    let Some(last) = same.last() else { return Permit::Intend };
    match &last.state {
        AttemptState::Intended if last.epoch == run.epoch && now < last.send_before => {
            Permit::Pending
        }
        AttemptState::Intended | AttemptState::Unresolved { .. } => {
            after_ambiguity(run, &same, last, effect, now)
        }
        AttemptState::Accepted { at, .. } if last.has_failed() => {
            let failures = same.iter().filter(|attempt| attempt.has_failed()).count();
            again(failures, *at + seconds(REFUSAL_PAUSE_S), now)
        }
        // A clean-up's operation succeeds even if the job left something standing (recorded); that
        // the step still wants it, with no job running, shows that it did.
        AttemptState::Accepted { at, seen: Some(OperationState::Succeeded), .. }
            if matches!(effect, Effect::CleanUpTestFailOver { .. }) =>
        {
            again(same.len(), *at + seconds(REFUSAL_PAUSE_S), now)
        }
        AttemptState::Accepted { .. } => Permit::Pending,
        AttemptState::Refused { retry_at, .. } => {
            let refusals = same
                .iter()
                .filter(|attempt| matches!(attempt.state, AttemptState::Refused { .. }))
                .count();
            again(refusals, *retry_at, now).or_as_after(run, &same, effect, now)
        }
        AttemptState::NotSent => {
            let unsent =
                same.iter().filter(|attempt| attempt.state == AttemptState::NotSent).count();
            // What cannot leave now cannot leave a moment later either.
            again(unsent, last.intended_at + seconds(REFUSAL_PAUSE_S), now)
                .or_as_after(run, &same, effect, now)
        }
    }
}

impl Permit {
    /// A no to the latest request says nothing of an earlier one without an answer; it may even be
    /// because of it.
    fn or_as_after(self, run: &Run, same: &[&Attempt], effect: &Effect, now: Timestamp) -> Self {
        match same.iter().rfind(|attempt| attempt.is_unresolved()) {
            Some(open) if self == Self::Intend => after_ambiguity(run, same, open, effect, now),
            _ => self,
        }
    }
}

/// A definite no is not a sending; it may be repeated, within a limit.
fn again(so_far: usize, earliest: Timestamp, now: Timestamp) -> Permit {
    if so_far >= REFUSALS_MAX {
        Permit::NeedsHuman(format!("refused or failed {so_far} times"))
    } else if now < earliest {
        Permit::Until(earliest)
    } else {
        Permit::Intend
    }
}

fn after_ambiguity(
    run: &Run,
    same: &[&Attempt],
    last: &Attempt,
    effect: &Effect,
    now: Timestamp,
) -> Permit {
    let shown_from = last.shown_from().unwrap_or(now);
    if now < shown_from {
        return Permit::Until(shown_from);
    }
    // The looks that permit this must themselves have been begun after the quiet time.
    if !witnesses(run, effect).iter().all(|look| run.has_looked_since(look, shown_from)) {
        return Permit::Until(now);
    }
    if baseline(run, effect) != last.baseline {
        return Permit::NeedsHuman(format!(
            "\"{}\" was sent without an answer, and the world has changed since in a way that it \
             does not explain",
            effect.subject()
        ));
    }
    // If the old primary has answered all along, a fail-back would show in nothing.
    if matches!(effect, Effect::PromoteDatabase { manner: Manner::Forced, .. })
        && old_primary_accepts(run)
    {
        return Permit::NeedsHuman(format!(
            "\"{}\" was sent without an answer, and the old primary accepts connections: it may \
             have been failed back since",
            effect.subject()
        ));
    }
    let sent = same
        .iter()
        .filter(|attempt| {
            matches!(attempt.state, AttemptState::Intended | AttemptState::Unresolved { .. })
        })
        .count();
    if sent >= SENDS_MAX {
        return Permit::NeedsHuman(format!(
            "\"{}\" was sent {sent} times without an answer and nothing came of it",
            effect.subject()
        ));
    }
    Permit::Intend
}

/// What must be looked at again before a request without an answer is repeated.
pub(crate) fn witnesses(run: &Run, effect: &Effect) -> Vec<Look> {
    let port = matches!(effect, Effect::PromoteDatabase { .. }).then(|| port_left(run));
    effect.shown_by().into_iter().chain(port).collect()
}

/// Somebody may have failed back what we promoted without being told: the roles would then be as
/// before, but the primary that they are left to answers again.
fn old_primary(run: &Run) -> &'static str {
    if old_primary_accepts(run) {
        "the old primary accepts connections"
    } else {
        "the old primary is silent"
    }
}

fn old_primary_accepts(run: &Run) -> bool {
    matches!(run.last(&port_left(run)), Some(View::SqlPort(port)) if port.accepts)
}

fn port_left(run: &Run) -> Look {
    let left = run.start.plan.site(run.start.runbook.from);
    Look::SqlPort { server: left.sql_server.clone() }
}

/// Roles, jobs and times of what the effect would change, as they were last seen.
pub(crate) fn baseline(run: &Run, effect: &Effect) -> Vec<String> {
    let Some(view) = effect.shown_by().and_then(|look| run.last(&look)) else {
        return Vec::new();
    };
    match view {
        View::FailoverGroup(group) => {
            vec![format!("role {:?}", group.role), old_primary(run).to_owned()]
        }
        // One machine's failover is no scenario of the plan, and others may move meanwhile.
        View::RecoveryPlan(plan) if matches!(effect, Effect::FailOverItem { .. }) => plan
            .items
            .iter()
            .filter(
                |known| matches!(effect, Effect::FailOverItem { item, .. } if *item == known.id),
            )
            .map(|item| format!("{} {:?} {:?}", item.name, item.state, item.drill))
            .collect(),
        View::RecoveryPlan(plan) => {
            let scenario = match &plan.scenario {
                None => "no scenario".to_owned(),
                Some(job) => {
                    format!("{:?} {} {:?} {:?}", job.kind, job.job, job.started_at, job.state)
                }
            };
            let items = plan
                .items
                .iter()
                .map(|item| format!("{} {:?} {:?}", item.name, item.state, item.drill));
            std::iter::once(scenario).chain(items).collect()
        }
        // Repeat-safe effects need no baseline.
        _ => Vec::new(),
    }
}
