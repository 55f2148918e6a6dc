//! What must be true when the instance that executes a failover freezes and another takes it over.

use jiff::Timestamp;

use super::{Check, ToldBy};
use crate::Evidence;
use crate::ledger::NotedRequest;
use crate::rehearsal::seconds;
use crate::world_state::PREFERRED_ENDPOINT;

/// The actions that promote a server by force, and fail a recovery plan over.
const PROMOTION: &str = "forceFailoverAllowDataLoss";
const MACHINES: &str = "unplannedFailover";
/// How a turn ends in whose place another one has written.
pub(crate) const OVERTAKEN: &str = "Overtaken";

/// The first instance froze when the promotion was what it would have sent next.
pub(crate) fn froze_before_promoting(evidence: &Evidence) -> Check {
    let what = "the first instance freezes when it has withdrawn the traffic and promoted nothing";
    let Some(freeze) = evidence.freezes.first() else {
        return Check::new(what, false, "it was not frozen");
    };
    let sent: Vec<_> = between(evidence, evidence.begun.at, freeze.from).collect();
    let accepted: Vec<_> = sent.iter().filter(|request| request.was_accepted()).collect();
    let passed = matches!(accepted[..], [only] if only.is(PREFERRED_ENDPOINT));
    let seen: Vec<_> = sent.iter().map(|request| request.short()).collect();
    Check::new(what, passed, seen.join(", "))
}

/// What arrives while the first instance stands still, another one has sent. That it took effect, and
/// once, are checks of every lost region.
pub(crate) fn another_instance_promoted(evidence: &Evidence) -> Check {
    let what = "another instance promotes the database and fails the machines over meanwhile";
    let Some((from, to)) = frozen(evidence) else {
        return Check::new(what, false, "the first was not frozen, or did not wake");
    };
    let accepted = |name: &str| {
        between(evidence, from, to).filter(|it| it.is(name) && it.was_accepted()).count()
    };
    let (promotions, failovers) = (accepted(PROMOTION), accepted(MACHINES));
    let seen = format!("{promotions} and {failovers} in {:.0} s", seconds(from, to));
    Check::new(what, (promotions, failovers) == (1, 1), seen)
}

/// The turn that woke could write nothing any more, and so sent nothing.
pub(crate) fn woken_turn_was_overtaken(evidence: &Evidence) -> Check {
    let woken = evidence.freezes.first().and_then(|freeze| freeze.woken.as_deref());
    Check::new(
        "the first instance wakes, and its turn ends as overtaken",
        woken == Some(OVERTAKEN),
        woken.unwrap_or("no turn woke"),
    )
    .told_by(ToldBy::App)
}

fn frozen(evidence: &Evidence) -> Option<(Timestamp, Timestamp)> {
    let freeze = evidence.freezes.first()?;
    Some((freeze.from, freeze.to?))
}

fn between(
    evidence: &Evidence,
    from: Timestamp,
    to: Timestamp,
) -> impl Iterator<Item = &NotedRequest> {
    evidence.ledger.figures.mutating_since(from).filter(move |request| request.at < to)
}
