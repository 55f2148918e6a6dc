//! The cut proof: a story in which nothing goes wrong is told again, once for each I/O and each way
//! in which that I/O can be cut, and it must come to the same in the world. What "the same" is, the
//! simulator's ledger says.

mod choice;
mod table;

use std::sync::Mutex;

use recovery::event::Outcome;

use crate::batch::{self, Told};
use crate::play::{Ending, play};
use crate::rig::Io;
use crate::story::{Scenario, Story};

pub use choice::{Choice, Pairs};
pub use table::{Row, Table};

/// What the proof is made for.
pub const SCENARIOS: [Scenario; 8] = [
    Scenario::RegionLoss,
    Scenario::RegionLossAlertsOnly,
    Scenario::RegionLossInPlanned { after_s: 100 },
    Scenario::RegionLossInDrill { after_s: 300 },
    Scenario::Planned,
    Scenario::Drill,
    Scenario::Blip { s: 43 },
    Scenario::Nothing,
];

/// How a cut story differs from the undisturbed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Same,
    /// A person is asked, which the protocol allows where nobody can know what became of a request.
    NeedsHuman(String),
    Wrong(String),
}

/// Cuts one scenario everywhere that is chosen.
pub fn prove(scenario: Scenario, choice: &Choice, jobs: usize) -> Vec<Row> {
    let undisturbed = play(&choice.undisturbed(scenario), false);
    if let Some(failure) = &undisturbed.failure {
        return vec![Row::undisturbed_fails(scenario, failure)];
    }
    let rows = Mutex::new(Table::default());
    // How the I/Os went on after a first cut, where a second one may be made.
    let after_first = Mutex::new(Vec::new());
    let judge = |told: &Told| {
        let verdict = judge(&undisturbed, &told.ending);
        rows.lock().unwrap().note(&told.story, &verdict);
    };
    batch::play_all(choice.singles(scenario, &undisturbed.ios), jobs, |told| {
        judge(&told);
        if choice.may_be_first(&told.story, &undisturbed.ios) {
            after_first.lock().unwrap().push((told.story, told.ending.ios));
        }
    });
    let mut after_first: Vec<(Story, Vec<Io>)> = after_first.into_inner().unwrap();
    after_first.sort_by_key(|(story, _)| (story.cuts[0].io, story.cuts[0].way));
    batch::play_all(choice.pairs(&after_first), jobs, |told| judge(&told));
    let mut table = rows.into_inner().unwrap();
    table.set_ios(scenario, undisturbed.ios.len());
    table.into_rows()
}

/// Compares by what the world shows.
pub fn judge(undisturbed: &Ending, cut: &Ending) -> Verdict {
    if let Some(failure) = &cut.failure {
        return Verdict::Wrong(format!("{}: {}", failure.check, failure.what));
    }
    if !cut.all_cut {
        return Verdict::Wrong("the story ended before its cut".to_owned());
    }
    if cut.outcomes != undisturbed.outcomes {
        if cut.outcomes.contains(&Outcome::NeedsHuman) {
            return Verdict::NeedsHuman(cut.needs_human.clone().unwrap_or_default());
        }
        return Verdict::Wrong(format!("{}, not {}", cut.name(), undisturbed.name()));
    }
    if cut.world != undisturbed.world {
        return Verdict::Wrong(format!("{:?}, not {:?}", cut.world, undisturbed.world));
    }
    Verdict::Same
}

#[cfg(test)]
mod tests;
