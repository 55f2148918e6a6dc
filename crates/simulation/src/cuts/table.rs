//! What came of the cuts.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use super::Verdict;
use crate::story::Story;

/// One story, cut in one way.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// The story's name.
    pub case: &'static str,
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
    pub(super) fn undisturbed_fails(case: &'static str, story: Story, what: String) -> Self {
        let way = "undisturbed".to_owned();
        Self { case, way, wrong: vec![(story, what)], ..Self::default() }
    }

    pub(super) fn asked(&self) -> usize {
        self.needs_human.values().sum()
    }
}

/// Those of one story, in order of their ways.
#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<String, Row>,
}

impl Table {
    pub(super) fn note(&mut self, case: &'static str, story: &Story, verdict: &Verdict) {
        let ways: Vec<&str> = story.cuts.iter().map(|cut| cut.way.name()).collect();
        let way = ways.join(", then ");
        let new = || Row { case, way: way.clone(), ..Row::default() };
        let row = self.rows.entry(way.clone()).or_insert_with(new);
        row.cut += 1;
        match verdict {
            Verdict::Same => {}
            Verdict::NeedsHuman(why) => *row.needs_human.entry(why.clone()).or_default() += 1,
            Verdict::Wrong(what) => row.wrong.push((story.clone(), what.clone())),
        }
    }

    pub(super) fn set_ios(&mut self, ios: usize) {
        self.rows.values_mut().for_each(|row| row.ios = ios);
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
            self.case,
            self.ios,
            self.way,
            self.cut,
            self.asked(),
            self.wrong.len()
        )
    }
}
