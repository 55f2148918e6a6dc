//! People have the last word before a request leaves: an abort that came in since it was intended
//! is obeyed if it is possible without that request, and the kill switch holds it back.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::effect::Effect;
use crate::event::Event;
use crate::request::{self, Request};
use crate::run::Run;
use crate::runbook::StepKind;

/// Sends that wait for the lease, with the latest moment of each.
pub(super) type ToSend = BTreeMap<(StepKind, u32), (Effect, Timestamp)>;

/// What is not sent after all, and the abort because of which it is not.
pub(super) fn withheld(
    run: &Run,
    to_send: &ToSend,
    requests: &[Request],
    now: Timestamp,
) -> Vec<Event> {
    let mut events = not_sent(to_send, "a person aborted the run", |_| true);
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
        not_sent(to_send, "the kill switch is on", Effect::changes_something)
    } else {
        Vec::new()
    }
}

fn not_sent(to_send: &ToSend, why: &str, which: fn(&Effect) -> bool) -> Vec<Event> {
    to_send
        .iter()
        .filter(|(_, (effect, _))| which(effect))
        .map(|(&(step, attempt), _)| Event::NotSent { step, attempt, reason: why.to_owned() })
        .collect()
}
