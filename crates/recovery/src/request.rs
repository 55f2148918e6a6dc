//! What is asked of a run. What people ask lies in its inbox until the holder turns it into events,
//! so that a person never races a worker; a drill is asked to give way by a failover.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::run::Run;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    Abort { by: String, reason: String },
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

/// The events that the inbox amounts to. A request that was answered before is not answered again.
pub(crate) fn answer(run: &Run, requests: &[Request], now: Timestamp) -> Vec<Event> {
    let mut events = Vec::new();
    for Request::Abort { by, reason } in requests {
        if run.abort.is_some() || !events.is_empty() {
            break;
        }
        events.push(match abort_refusal(run, now) {
            None => Event::AbortRequested { by: by.clone(), reason: reason.clone() },
            // Refused for now: the request stays in the inbox and is looked at by the next turn.
            Some(_) if run.has_unresolved(now) && !run.is_past_no_return() => continue,
            Some(_) if run.abort_refused => continue,
            Some(why) => Event::AbortRefused { by: by.clone(), why: why.to_owned() },
        });
    }
    events
}
