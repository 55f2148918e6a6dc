//! What came of the cuts.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use super::Verdict;
use crate::play::Failure;
use crate::story::{Scenario, Story};

/// One scenario, cut in one way.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub scenario: &'static str,
    /// How many I/Os the undisturbed story has.
    pub ios: usize,
    pub way: String,
    pub cut: usize,
    /// Why a person was asked, and how often.
    pub needs_human: BTreeMap<String, usize>,
    /// Told so that they can be played again.
    pub wrong: Vec<(Story, String)>,
}

impl Row {
    pub(super) fn undisturbed_fails(scenario: Scenario, failure: &Failure) -> Self {
        let what = format!("{}: {}", failure.check, failure.what);
        Self {
            scenario: scenario.name(),
            way: "undisturbed".to_owned(),
            wrong: vec![(Story::undisturbed(0, scenario), what)],
            ..Self::default()
        }
    }

    pub(super) fn asked(&self) -> usize {
        self.needs_human.values().sum()
    }
}

/// All of them, in order.
#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<(&'static str, String), Row>,
}

impl Table {
    pub(super) fn note(&mut self, story: &Story, verdict: &Verdict) {
        let ways: Vec<&str> = story.cuts.iter().map(|cut| cut.way.name()).collect();
        let (scenario, way) = (story.scenario.name(), ways.join(", then "));
        let row = self.rows.entry((scenario, way.clone())).or_insert_with(|| Row {
            scenario,
            way,
            ..Row::default()
        });
        row.cut += 1;
        match verdict {
            Verdict::Same => {}
            Verdict::NeedsHuman(why) => *row.needs_human.entry(why.clone()).or_default() += 1,
            Verdict::Wrong(what) => row.wrong.push((story.clone(), what.clone())),
        }
    }

    pub(super) fn set_ios(&mut self, scenario: Scenario, ios: usize) {
        let of = |row: &&mut Row| row.scenario == scenario.name();
        self.rows.values_mut().filter(of).for_each(|row| row.ios = ios);
    }

    pub(super) fn into_rows(self) -> Vec<Row> {
        self.rows.into_values().collect()
    }

    pub fn header() -> &'static str {
        "| scenario | I/Os | cut | stories | as undisturbed | a person asked | wrong |\n\
         |---|---|---|---|---|---|---|"
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let same = self.cut.saturating_sub(self.asked() + self.wrong.len());
        write!(
            f,
            "| {} | {} | {} | {} | {same} | {} | {} |",
            self.scenario,
            self.ios,
            self.way,
            self.cut,
            self.asked(),
            self.wrong.len()
        )
    }
}
