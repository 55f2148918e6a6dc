//! Whether a story that was cut came to the same. What it came to in the world, the simulator's
//! ledger says.

use recovery::event::Outcome;
use simulator::ledger::Effects;

use crate::play::{Ending, Mark};
use crate::rig::Io;
use crate::story::Story;

/// How a cut story differs from the undisturbed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Same,
    /// A person is asked, which the protocol allows where nobody can know what became of a request.
    NeedsHuman(String),
    Wrong(String),
}

/// Why the effects protocol may give a request up, in the core's own words.
const REASONS: [&str; 3] = [
    "without an answer and nothing came of it",
    "without an answer, and the world has changed since in a way that it does not explain",
    "without an answer, and the old primary accepts connections",
];

/// Compares by what the world shows.
pub fn judge(undisturbed: &Ending, story: &Story, cut: &Ending) -> Verdict {
    if let Some(failure) = &cut.failure {
        return Verdict::Wrong(format!("{}: {}", failure.check, failure.what));
    }
    if !cut.all_cut {
        return Verdict::Wrong("the story ended before its cut".to_owned());
    }
    let (Some(expected), Some(world)) = (&undisturbed.world, &cut.world) else {
        return Verdict::Wrong("it was not played to its end".to_owned());
    };
    if cut.outcomes == undisturbed.outcomes {
        let differences = world.differences(expected);
        return match differences.as_slice() {
            [] => Verdict::Same,
            _ => Verdict::Wrong(differences.join("; ")),
        };
    }
    match may_ask(undisturbed, story, cut) {
        Ok(()) => Verdict::NeedsHuman(cut.needs_human.clone().unwrap_or_default()),
        Err(what) => Verdict::Wrong(format!("{}, not {}: {what}", cut.name(), undisturbed.name())),
    }
}

/// Whether a person may be asked where none is without the cut.
fn may_ask(undisturbed: &Ending, story: &Story, cut: &Ending) -> Result<(), String> {
    let pairs = || cut.outcomes.iter().zip(&undisturbed.outcomes);
    let asks = |(ended, expected): (&Outcome, &Outcome)| {
        ended == expected || *ended == Outcome::NeedsHuman
    };
    if cut.outcomes.len() != undisturbed.outcomes.len() || !pairs().all(asks) {
        return Err("nobody is asked".to_owned());
    }
    let is_of_an_effect = |io: usize| cut.ios.get(io - 1) == Some(&Io::Effect);
    if !story.cuts.iter().any(|cut| is_of_an_effect(cut.io)) {
        return Err("no request that changes Azure was cut".to_owned());
    }
    let reason = cut.needs_human.as_deref().unwrap_or_default();
    if !REASONS.iter().any(|known| reason.contains(known)) {
        return Err(format!("the protocol asks nobody because of {reason:?}"));
    }
    let (did, may) = (&cut.world, &undisturbed.world);
    if !did.iter().zip(may).all(|(did, may)| is_no_more(did, may)) {
        return Err(format!("{did:?}, and {may:?} at most"));
    }
    Ok(())
}

/// A request that was given up may have had no effect, but none has more than one.
fn is_no_more(did: &Mark, may: &Mark) -> bool {
    let counts = |mark: &Mark| {
        let Effects {
            sql_forced,
            sql_planned,
            recovery_plan_failovers,
            recovery_plan_test_failovers,
            recovery_plan_test_cleanups,
            recovery_plan_commits,
        } = mark.effects;
        [
            sql_forced,
            sql_planned,
            recovery_plan_failovers,
            recovery_plan_test_failovers,
            recovery_plan_test_cleanups,
            recovery_plan_commits,
            mark.avoidable_losses,
        ]
    };
    counts(did).iter().zip(counts(may)).all(|(did, may)| *did <= may)
}
