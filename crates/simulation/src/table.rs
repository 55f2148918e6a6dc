//! One table of many stories.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use recovery::event::Outcome;

use crate::batch::Told;

/// The sums.
#[derive(Debug, Default)]
pub struct Table {
    seeds: usize,
    wall_s: f64,
    simulated_s: i64,
    /// By scenario and outcome.
    outcomes: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// How often for which reason, and the first seed with it.
    needs_human: BTreeMap<String, (u64, u64)>,
    faults: BTreeMap<&'static str, u64>,
    coverage: BTreeMap<(&'static str, &'static str), u64>,
}

impl Table {
    pub fn of(told: &[Told], wall_s: f64) -> Self {
        let mut table = Self { seeds: told.len(), wall_s, ..Self::default() };
        for Told { story, ending } in told {
            table.simulated_s += ending.seconds;
            let outcomes = table.outcomes.entry(story.scenario.name()).or_default();
            *outcomes.entry(ending.name()).or_default() += 1;
            if ending.outcomes.contains(&Outcome::NeedsHuman)
                && let Some(why) = &ending.needs_human
            {
                table.needs_human.entry(why.clone()).or_insert((0, story.seed)).0 += 1;
            }
            for (fault, count) in &ending.faults {
                *table.faults.entry(fault).or_default() += count;
            }
            for (cell, count) in &ending.coverage {
                *table.coverage.entry(*cell).or_default() += count;
            }
        }
        table
    }

    fn write_coverage(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let faults: BTreeSet<_> = self.coverage.keys().map(|(fault, _)| *fault).collect();
        let steps: BTreeSet<_> = self.coverage.keys().map(|(_, step)| *step).collect();
        writeln!(f, "\nfault × step: how often a fault took place while the step was at work")?;
        for (number, step) in steps.iter().enumerate() {
            writeln!(f, "  {:>2} {step}", number + 1)?;
        }
        write!(f, "{:<20}", "")?;
        for number in 1..=steps.len() {
            write!(f, "{number:>8}")?;
        }
        writeln!(f)?;
        for fault in faults {
            write!(f, "{fault:<20}")?;
            for step in &steps {
                write!(f, "{:>8}", self.coverage.get(&(fault, step)).copied().unwrap_or(0))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        #[expect(clippy::cast_precision_loss, reason = "nobody plays 2^52 stories")]
        let (rate, hours) =
            (self.seeds as f64 / self.wall_s.max(0.001), self.simulated_s as f64 / 3600.0);
        writeln!(f, "{} seeds in {:.0} s: {rate:.2} seeds/s", self.seeds, self.wall_s)?;
        writeln!(f, "{hours:.0} simulated hours")?;
        writeln!(f, "\nscenario, and how its runs ended")?;
        for (scenario, outcomes) in &self.outcomes {
            for (outcome, count) in outcomes {
                writeln!(f, "  {scenario:<24} {outcome:<28} {count:>8}")?;
            }
        }
        let needy: u64 = self.needs_human.values().map(|(count, _)| count).sum();
        writeln!(f, "\nneeds_human: {needy}")?;
        for (why, (count, seed)) in &self.needs_human {
            writeln!(f, "{count:>8}  seed {seed}: {why}")?;
        }
        writeln!(f, "\nfaults that took place")?;
        for (fault, count) in &self.faults {
            writeln!(f, "  {fault:<20} {count:>10}")?;
        }
        self.write_coverage(f)
    }
}
