//! Of what is written before what is done.

use jiff::{SignedDuration, Timestamp};
use recovery::effect::Effect;
use recovery::limits::QUIESCE_S;

use super::{CLOCK_OFF, Scene, Verdict};
use crate::effects::Act;
use crate::journals::Journal;
use crate::rig::Way;

pub(super) fn journal_replays(scene: &Scene<'_>) -> Verdict {
    let broken = scene.journals.iter().find_map(|journal| {
        journal.broken.as_ref().map(|problem| format!("{}: {problem}", journal.name))
    });
    broken.map_or(Ok(()), Err)
}

/// Whatever arrives was intended in the store, of that resource and not too long ago, once per arrival; but for what the
/// story itself delivers a second time.
pub(super) fn nothing_without_intent(scene: &Scene<'_>) -> Verdict {
    let mut intents: Vec<_> = scene.journals.iter().flat_map(Journal::intents).collect();
    intents.sort_by_key(|(at, _)| *at);
    let mut doubled = scene.story.cuts.iter().filter(|cut| cut.way == Way::Twice).count();
    for (number, request) in scene.arrived.iter().enumerate() {
        let Some(act) = Act::of_request(&request.method, &request.path) else {
            return Err(format!("nobody asks for {} {}", request.method, request.path));
        };
        let lasts = SignedDuration::from_secs(QUIESCE_S) + CLOCK_OFF;
        let covers = |(at, intended): &(Timestamp, &Effect)| {
            *at <= request.at + CLOCK_OFF
                && request.at <= *at + lasts
                && Act::asks_for(intended, &request.method, &request.path)
        };
        match intents.iter().position(covers) {
            Some(used) => drop(intents.remove(used)),
            None if doubled > 0
                && scene.arrived[..number].iter().any(|before| before.path == request.path) =>
            {
                doubled -= 1;
            }
            None => {
                return Err(format!("{act:?} arrived at {}: {}", request.at, request.path));
            }
        }
    }
    Ok(())
}
