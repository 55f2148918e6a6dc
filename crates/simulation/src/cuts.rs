//! The cut proof: a story whose end is known is told again, once for each I/O and each way in which
//! that I/O can be cut, and it must come to the same in the world.

mod cases;
mod choice;
mod table;
mod verdict;

use std::sync::Mutex;

use crate::batch::{self, Told};
use crate::play::{Ending, play};
use crate::rig::Io;
use crate::story::Story;

pub use cases::Case;
pub use choice::{Choice, Pairs};
pub use table::{Row, Table};
pub use verdict::{Verdict, judge};

/// Cuts one story everywhere that is chosen.
pub fn prove(case: &Case, choice: &Choice, jobs: usize) -> Vec<Row> {
    let story = choice.undisturbed(case);
    let undisturbed = play(&story, false);
    if let Err(what) = is_as_expected(case, &undisturbed) {
        return vec![Row::undisturbed_fails(case.name, story, what)];
    }
    let rows = Mutex::new(Table::default());
    // How the I/Os went on after a first cut, where a second one may be made.
    let after_first = Mutex::new(Vec::new());
    let judge = |told: &Told| {
        let verdict = judge(&undisturbed, &told.story, &told.ending);
        rows.lock().unwrap().note(case.name, &told.story, &verdict);
    };
    batch::play_all(choice.singles(case, &undisturbed.ios), jobs, |told| {
        judge(&told);
        if choice.may_be_first(&told.story, &undisturbed.ios) {
            after_first.lock().unwrap().push((told.story, told.ending.ios));
        }
    });
    let mut after_first: Vec<(Story, Vec<Io>)> = after_first.into_inner().unwrap();
    after_first.sort_by_key(|(story, _)| (story.cuts[0].io, story.cuts[0].way));
    batch::play_all(choice.pairs(&after_first), jobs, |told| judge(&told));
    let mut table = rows.into_inner().unwrap();
    table.set_ios(undisturbed.ios.len());
    table.into_rows()
}

/// What all others are compared with must itself be right.
fn is_as_expected(case: &Case, undisturbed: &Ending) -> Result<(), String> {
    if let Some(failure) = &undisturbed.failure {
        return Err(format!("{}: {}", failure.check, failure.what));
    }
    if undisturbed.outcomes != case.outcomes {
        return Err(format!("{}, not {:?}", undisturbed.name(), case.outcomes));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
