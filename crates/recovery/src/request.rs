//! What is asked of a run. What people ask lies in its inbox until the holder turns it into events,
//! so that a person never races a worker; a drill is asked to give way by a failover.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::decide::is_retreating;
use crate::effect::Manner;
use crate::event::Event;
use crate::run::Run;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    Abort {
        by: String,
        reason: String,
    },
    /// Force what is left of a planned failover.
    Force {
        by: String,
        reason: String,
    },
}

/// Why a run cannot be aborted now; `None` if it can.
pub fn abort_refusal(run: &Run, now: Timestamp) -> Option<&'static str> {
    if run.ended.is_some() {
        Some("the run has ended")
    } else if run.has_unresolved(now) {
        Some("a request is out of which nobody knows what became; try again in a minute")
    } else if run.is_past_no_return() {
        Some("the promotion has been sent: from here only forward")
    } else {
        None
    }
}

/// Why what is left of a run cannot be forced now; `None` if it can.
pub fn force_refusal(run: &Run) -> Option<&'static str> {
    if run.ended.is_some() {
        Some("the run has ended")
    } else if run.manner() != Some(Manner::Planned) {
        Some("it is no planned failover, or it is forced already")
    } else if is_retreating(run) {
        Some("it puts things back: start a forced failover when it has ended")
    } else {
        None
    }
}

/// The events that the inbox amounts to. A request that was answered before is not answered again.
pub(crate) fn answer(run: &Run, requests: &[Request], now: Timestamp) -> Vec<Event> {
    let abort = requests.iter().find_map(|request| match request {
        Request::Abort { by, reason } => answer_to_abort(run, by, reason, now),
        Request::Force { .. } => None,
    });
    // Who wants to stop is not overruled by who wants to go faster, nor while the abort waits for a
    // request of which nobody knows what became.
    let is_refused = run.abort_refused || matches!(abort, Some(Event::AbortRefused { .. }));
    let stops = !is_refused && requests.iter().any(|it| matches!(it, Request::Abort { .. }));
    let force = requests.iter().find_map(|request| match request {
        Request::Force { by, reason } if !stops && force_refusal(run).is_none() => {
            Some(Event::ForceRequested { by: by.clone(), reason: reason.clone() })
        }
        Request::Force { .. } | Request::Abort { .. } => None,
    });
    abort.into_iter().chain(force).collect()
}

fn answer_to_abort(run: &Run, by: &str, reason: &str, now: Timestamp) -> Option<Event> {
    if run.abort.is_some() {
        return None;
    }
    match abort_refusal(run, now) {
        None => Some(Event::AbortRequested { by: by.to_owned(), reason: reason.to_owned() }),
        // Refused for now: the request stays in the inbox and is looked at by the next turn.
        Some(_) if run.has_unresolved(now) && !run.is_past_no_return() => None,
        Some(_) if run.abort_refused => None,
        Some(why) => Some(Event::AbortRefused { by: by.to_owned(), why: why.to_owned() }),
    }
}
