//! Of what cannot be taken back.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use recovery::effect::Repeat;
use recovery::limits::{GRACE_S, QUIESCE_S, SEND_LIMIT_S};
use simulator::ledger::NotedRequest;
use simulator::regions::Region;

use super::{Scene, Verdict};
use crate::effects::Act;

/// What was on its way when the role changed may still arrive, and is refused.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(QUIESCE_S);

pub(super) fn at_most_one_forced_failover(scene: &Scene<'_>) -> Verdict {
    let forced = scene.promotions.iter().filter(|promotion| !promotion.lossless).count();
    if forced > 1 { Err(format!("{forced} forced failovers took effect")) } else { Ok(()) }
}

pub(super) fn no_failover_back_and_forth(scene: &Scene<'_>) -> Verdict {
    match scene.promotions {
        [] => Ok(()),
        [only] if only.region == Region::WestUs => Ok(()),
        others => Err(format!("{} promotions, the last to {:?}", others.len(), others.last())),
    }
}

pub(super) fn no_promotion_of_a_primary(scene: &Scene<'_>) -> Verdict {
    for request in scene.arrived {
        if !Act::of_request(&request.method, &request.path).is_some_and(Act::is_promotion) {
            continue;
        }
        let path = request.path.to_ascii_lowercase();
        let of_the_east = path.contains("/sqlserverprimary-cafe/");
        let before = || scene.moves.iter().rev().filter(|it| it.at <= request.at);
        let is_primary = before().next().is_some_and(|it| it.region == Region::WestUs);
        let has_just_moved = before().any(|it| request.at <= it.at + ON_ITS_WAY);
        // No app fails back here, so the east is never to be promoted.
        if of_the_east || is_primary && !has_just_moved {
            return Err(format!("{} at {}: it is primary", request.path, request.at));
        }
    }
    Ok(())
}

pub(super) fn nothing_is_accepted_twice(scene: &Scene<'_>) -> Verdict {
    let mut accepted: BTreeMap<(Act, &str), usize> = BTreeMap::new();
    for request in scene.arrived {
        let Some(act) = Act::of_request(&request.method, &request.path) else { continue };
        let is_taken = request.status.is_some_and(|status| status < 300);
        // What a clean-up has left standing is cleaned up again, and a planned promotion that has
        // failed for want of the primary may be tried again: it loses nothing.
        let may_follow = matches!(act, Act::CleanUp | Act::PromotePlanned);
        if !is_taken || act.repeat() == Repeat::Safe || may_follow {
            continue;
        }
        let count = accepted.entry((act, &request.path)).or_default();
        *count += 1;
        let in_vain = if act == Act::PromoteForced { scene.forced_in_vain } else { 0 };
        if *count > 1 + in_vain {
            return Err(format!("{act:?} was accepted again at {}: {}", request.at, request.path));
        }
    }
    Ok(())
}

/// After a request without a definite answer the next one waits until the first can no longer
/// arrive.
pub(super) fn no_repeat_before_it_is_quiet(scene: &Scene<'_>) -> Verdict {
    let pause = SignedDuration::from_secs(SEND_LIMIT_S + GRACE_S);
    let mut open: BTreeMap<&str, _> = BTreeMap::new();
    for sent in scene.sent {
        let Some(act) = Act::of_request(sent.method, &sent.path) else { continue };
        // A drill's own clean-up and that of the failover that interrupts it are two runs' requests,
        // and may cross: neither takes anything away.
        if act.repeat() == Repeat::Safe || act == Act::CleanUp {
            continue;
        }
        if let Some(before) = open.get(sent.path.as_str())
            && sent.at.duration_since(*before) < pause
        {
            return Err(format!("{act:?} sent at {before} and, without an answer, at {}", sent.at));
        }
        if sent.is_definite() {
            open.remove(sent.path.as_str());
        } else {
            open.insert(&sent.path, sent.at);
        }
    }
    Ok(())
}

/// Unless a person says so. Another failover may force what the planned one has left undone.
pub(super) fn planned_never_becomes_forced(scene: &Scene<'_>) -> Verdict {
    let planned = scene.story.scenario.is_planned() && !scene.story.is_forced();
    let forced = scene.arrived.iter().find(|request| {
        Act::of_request(&request.method, &request.path) == Some(Act::PromoteForced)
    });
    let is_anothers = |request: &NotedRequest| {
        scene.journals.iter().any(|journal| journal.is_followed(scene.journals, request.at))
    };
    match forced {
        Some(request) if planned && !is_anothers(request) => {
            Err(format!("forced at {}", request.at))
        }
        _ => Ok(()),
    }
}
