//! Of the last word that people have.

use jiff::{SignedDuration, Timestamp};
use recovery::event::Event;
use recovery::limits::{CLOCKS_DIFFER_S, SEND_WITHIN_S};

use super::{CLOCK_OFF, Scene, Verdict};
use crate::effects::Act;
use crate::journals::Journal;

/// What was on its way when the switch was turned may still leave: a request within its time, after
/// an answer of the store that took its time too.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(SEND_WITHIN_S + 20 + CLOCKS_DIFFER_S);

/// Whoever was told that a run is aborted may rely on it: nothing irreversible arrives any more.
pub(super) fn nothing_goes_on_after_an_abort(scene: &Scene<'_>) -> Verdict {
    for journal in scene.journals {
        let Some(aborted) = aborted_at(journal) else { continue };
        let goes_on = |act: Act| match act {
            Act::TestFailOver => journal.name.contains("-drill-"),
            Act::PromotePlanned | Act::PromoteForced | Act::FailOver | Act::FailOverItem => {
                journal.name.contains("-incident-")
            }
            Act::SetEndpoint | Act::CleanUp | Act::AttachAddress | Act::StopMachine => false,
        };
        let late = scene.arrived.iter().find(|request| {
            request.at > aborted + CLOCK_OFF
                && !journal.is_followed(scene.journals, request.at)
                && Act::of_request(&request.method, &request.path).is_some_and(goes_on)
        });
        if let Some(request) = late {
            let (run, path, at) = (&journal.name, &request.path, request.at);
            return Err(format!("{run} was aborted at {aborted}; {path} arrived at {at}"));
        }
    }
    Ok(())
}

/// When the run has taken the abort.
fn aborted_at(journal: &Journal) -> Option<Timestamp> {
    let has_abort = |event: &Event| matches!(event, Event::AbortRequested { .. });
    let record = journal.records.iter().find(|record| record.events.iter().any(has_abort));
    record.map(|record| record.at)
}

pub(super) fn nothing_is_sent_while_halted(scene: &Scene<'_>) -> Verdict {
    let halted = |at: Timestamp| {
        scene.halts.iter().find(|(from, until)| *from + ON_ITS_WAY < at && at < *until)
    };
    let found = scene.sent.iter().find_map(|sent| Some((sent, halted(sent.at)?)));
    match found {
        Some((sent, (from, _))) => {
            Err(format!("{} sent at {}, all being stopped since {from}", sent.path, sent.at))
        }
        None => Ok(()),
    }
}
