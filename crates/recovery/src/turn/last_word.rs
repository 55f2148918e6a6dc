//! People have the last word before a request leaves: an abort that came in since it was intended
//! is obeyed if it is possible without that request, and the kill switch holds it back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::effect::Effect;
use crate::event::Event;
use crate::request::{self, Request};
use crate::run::{AttemptState, Run};
use crate::runbook::StepKind;

/// Sends that wait for the lease, with the latest moment of each.
pub(super) type ToSend = BTreeMap<Key, (Effect, Timestamp)>;

/// Names a request of a run.
pub(super) type Key = (StepKind, u32);

/// What is not sent after all, and the abort because of which it is not.
pub(super) fn withheld(
    run: &Run,
    sending: &BTreeSet<Key>,
    requests: &[Request],
    now: Timestamp,
) -> Vec<Event> {
    let mut events = not_sent(run, sending, "the run was aborted", |_| true);
    let mut without = run.clone();
    if events.iter().any(|event| without.apply(now, event).is_err()) {
        return Vec::new();
    }
    let abort = request::answer(&without, requests, now)
        .into_iter()
        .find(|answer| matches!(answer, Event::AbortRequested { .. }));
    if abort.is_some() {
        events.extend(abort);
        events
    } else if run.halted {
        not_sent(run, sending, "the kill switch is on", Effect::changes_something)
    } else {
        Vec::new()
    }
}

/// Everything that this turn has intended and that has not left: what waits for this lease, and what
/// was intended beside it.
fn not_sent(
    run: &Run,
    sending: &BTreeSet<Key>,
    why: &str,
    which: fn(&Effect) -> bool,
) -> Vec<Event> {
    run.attempts()
        .filter(|(step, attempt)| {
            attempt.epoch == run.epoch
                && attempt.state == AttemptState::Intended
                && !sending.contains(&(*step, attempt.number))
        })
        .filter(|(_, attempt)| which(&attempt.effect))
        .map(|(step, attempt)| Event::NotSent {
            step,
            attempt: attempt.number,
            reason: why.to_owned(),
        })
        .collect()
}
