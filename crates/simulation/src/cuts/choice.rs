//! Which I/Os are cut, and how.

use super::Case;
use crate::rig::{Cut, Io, Way};
use crate::story::{Backend, Story};

/// How much of the proof is made.
#[derive(Debug, Clone)]
pub struct Choice {
    pub seed: u64,
    pub backend: Backend,
    pub ways: Vec<Way>,
    /// Of the requests that change something outside, every so many-th; with 0 none, here and below.
    pub effects_every: usize,
    /// Of what is written to the store.
    pub changes_every: usize,
    /// Of the other I/Os.
    pub reads_every: usize,
    pub pairs: Pairs,
}

/// Two cuts in one story: deaths at two I/Os that change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// So many, drawn by the seed.
    Some(usize),
    All,
}

const DEATHS: [Way; 2] = [Way::DieBefore, Way::DieAfter];

impl Choice {
    /// The story that is cut.
    pub(super) fn undisturbed(&self, case: &Case) -> Story {
        Story { backend: self.backend, ..case.story(self.seed) }
    }

    /// The stories with one cut.
    pub(super) fn singles(&self, case: &Case, ios: &[Io]) -> Vec<Story> {
        let chosen = [
            (Io::Effect, self.effects_every),
            (Io::Change, self.changes_every),
            (Io::Read, self.reads_every),
        ];
        let mut chosen: Vec<usize> = chosen
            .into_iter()
            .filter(|(_, every)| *every > 0)
            .flat_map(|(kind, every)| numbers(ios, kind).skip(every - 1).step_by(every))
            .collect();
        chosen.sort_unstable();
        chosen
            .into_iter()
            .flat_map(|io| self.ways.iter().map(move |way| Cut { io, way: *way }))
            .map(|cut| Story { cuts: vec![cut], ..self.undisturbed(case) })
            .collect()
    }

    pub(super) fn may_be_first(&self, story: &Story, ios: &[Io]) -> bool {
        let Some(cut) = story.cuts.first() else { return false };
        self.pairs != Pairs::Some(0)
            && DEATHS.contains(&cut.way)
            && ios.get(cut.io - 1).is_some_and(|io| io.leaves_something())
    }

    /// The stories with two: the second cut is at a change after the first, as it comes then.
    pub(super) fn pairs(&self, after_first: &[(Story, Vec<Io>)]) -> Vec<Story> {
        let all = after_first.iter().flat_map(|(story, ios)| {
            let first = story.cuts[0].io;
            let changes = (first + 1..=ios.len()).filter(|io| ios[io - 1].leaves_something());
            changes.flat_map(move |io| {
                DEATHS.map(|way| {
                    let mut story = story.clone();
                    story.cuts.push(Cut { io, way });
                    story
                })
            })
        });
        match self.pairs {
            Pairs::All => all.collect(),
            Pairs::Some(count) => fastrand::Rng::with_seed(self.seed).choose_multiple(all, count),
        }
    }
}

/// Where the I/Os of a kind are, counted from 1.
fn numbers(ios: &[Io], kind: Io) -> impl Iterator<Item = usize> {
    ios.iter().enumerate().filter(move |(_, io)| **io == kind).map(|(index, _)| index + 1)
}
