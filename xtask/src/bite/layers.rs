//! The layers of the proof, and how each is asked whether it finds a bug.

use anyhow::Result;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::bugs::Bug;
use super::programs::{Ended, Program, Programs};

/// What looks for bugs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub(super) enum Layer {
    /// The test suites of the parts, and of the app at its front door.
    Tests,
    /// The protocol under a model checker.
    Model,
    /// Stories of seeds.
    Simulation,
    /// Region losses that are cut at their I/Os.
    Cuts,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Finding {
    Nothing,
    /// By what, and for the simulation at which seed.
    Found {
        by: String,
        seeds: Option<u64>,
    },
    /// It did not end: somebody would have looked.
    TimeOut,
}

/// The seeds that the simulation may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seeds {
    pub(super) from: u64,
    pub(super) most: u64,
}

impl Layer {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tests => "tests",
            Self::Model => "model",
            Self::Simulation => "simulation",
            Self::Cuts => "cuts",
        }
    }

    /// Whether it runs what is in this file at all; the doors of the rig stand in for the wires.
    pub(super) fn runs(self, file: &str) -> bool {
        const WIRES: &[&str] = &[
            "crates/azure/src/http.rs",
            "crates/azure/src/transport.rs",
            "crates/bus/src/service_bus.rs",
        ];
        let is_wire = WIRES.iter().any(|wire| file.starts_with(wire));
        match self {
            Self::Tests => true,
            Self::Model => file.starts_with("crates/recovery/"),
            Self::Simulation => !is_wire,
            // These cuts are made on SQLite.
            Self::Cuts => !is_wire && !file.starts_with("crates/store/src/blob"),
        }
    }

    /// What is run besides the switch, for the reader and for the key of the results.
    pub(super) fn arguments(self, seeds: &Seeds) -> Vec<String> {
        let words = match self {
            Self::Tests => format!("--test-threads 2{}", skipped()),
            Self::Model => "--quick --minutes 1".to_owned(),
            Self::Simulation => format!("--from {} --seeds {} --shrink 0", seeds.from, seeds.most),
            Self::Cuts => {
                "--scenario,region loss,--scenario,planned,--scenario,drill,--changes-every,0,\
                 --reads-every,0,--pairs,0"
                    .replace(' ', "\u{a0}")
                    .replace(',', " ")
            }
        };
        words.split(' ').map(|word| word.replace('\u{a0}', " ")).collect()
    }

    /// A layer that takes this long with a bug hangs; without one it takes a fifth at most.
    fn limit_s(self) -> u64 {
        match self {
            Self::Tests => 180,
            Self::Model => 300,
            Self::Simulation | Self::Cuts => 600,
        }
    }

    /// The line by which a program says that it has found something.
    fn found(self, line: &str, from: u64) -> Option<Finding> {
        let by = |by: &str, seeds| Some(Finding::Found { by: by.trim().to_owned(), seeds });
        match self {
            Self::Tests => by(line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?, None),
            Self::Model => {
                by(line.strip_prefix('|')?.strip_suffix("| BROKEN |")?.split('|').next()?, None)
            }
            Self::Simulation => {
                let (seed, what) = line.strip_prefix("seed ")?.split_once(": ")?;
                let seed: u64 = seed.parse().ok()?;
                by(what.split(':').next()?, Some((seed + 1).saturating_sub(from)))
            }
            Self::Cuts => {
                let cells: Vec<_> = line.split('|').map(str::trim).collect();
                let [_, _, ios, way, _, _, _, wrong, _] = cells[..] else { return None };
                let is_row = ios.parse::<usize>().is_ok() && wrong != "0";
                if is_row { by(way, None) } else { None }
            }
        }
    }
}

/// What needs a compiler of Bicep or another process, or has a layer of its own.
fn skipped() -> String {
    ["crash::", "infra::", "process::", "docs::", "official_sdks"]
        .map(|part| format!(" --skip {part}"))
        .concat()
}

/// Lets a layer look for a bug, or for none.
pub(super) fn look(
    programs: &Programs,
    layer: Layer,
    bug: Option<&Bug>,
    seeds: &Seeds,
) -> Result<Finding> {
    let mut all: Vec<_> = programs.of(layer).collect();
    // Who tests the part that the bug is in is asked first.
    all.sort_by_key(|program| !bug.is_some_and(|bug| program.tests(&bug.file)));
    for program in all {
        programs.forget()?;
        let finding = ask(program, layer, bug.map(|bug| bug.name.as_str()), seeds)?;
        if finding != Finding::Nothing {
            return Ok(finding);
        }
    }
    Ok(Finding::Nothing)
}

fn ask(program: &Program, layer: Layer, bug: Option<&str>, seeds: &Seeds) -> Result<Finding> {
    let arguments = layer.arguments(seeds);
    // Whatever it says after its first finding is of no interest.
    let mut finding = None;
    let ended = program.run(&arguments, bug, layer.limit_s(), |line| {
        finding = layer.found(line, seeds.from);
        finding.is_some()
    })?;
    let unnamed = || Finding::Found { by: program.name.clone(), seeds: None };
    Ok(match ended {
        Ended::Stopped => finding.unwrap_or_else(unnamed),
        Ended::Well => Finding::Nothing,
        Ended::Badly => unnamed(),
        Ended::TimeOut => Finding::TimeOut,
    })
}

impl Finding {
    pub(super) fn told(&self) -> String {
        match self {
            Self::Nothing => "not found".to_owned(),
            Self::Found { by, seeds: None } => format!("found by {by}"),
            Self::Found { by, seeds: Some(seeds) } => format!("found after {seeds} seeds by {by}"),
            Self::TimeOut => "found: it does not end".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Finding, Layer, Seeds};

    fn found(layer: Layer, line: &str) -> Option<(String, Option<u64>)> {
        match layer.found(line, 80)? {
            Finding::Found { by, seeds } => Some((by, seeds)),
            Finding::Nothing | Finding::TimeOut => None,
        }
    }

    #[test]
    fn each_layer_says_in_its_own_words_that_it_has_found_something() {
        let some = |by: &str, seed| Some((by.to_owned(), seed));
        let tests = |line| found(Layer::Tests, line);
        assert_eq!(tests("test drills::a_drill ... FAILED"), some("drills::a_drill", None));
        assert_eq!(tests("test drills::a_drill ... ok"), None);
        let model = |line| found(Layer::Model, line);
        assert_eq!(
            model("| drill | 2 | 1 abort | 7 | 8 | 9 | 1.0 | BROKEN |"),
            some("drill", None)
        );
        assert_eq!(model("| drill | 2 | 1 abort | 7 | 8 | 9 | 1.0 | all hold |"), None);
        let cuts = |line| found(Layer::Cuts, line);
        assert_eq!(cuts("| region loss | 1081 | twice | 34 | 33 | 0 | 1 |"), some("twice", None));
        assert_eq!(cuts("| region loss | 1081 | twice | 34 | 34 | 0 | 0 |"), None);
        assert_eq!(
            cuts("| scenario | I/Os | cut | stories | as undisturbed | a person asked | wrong |"),
            None
        );
        let story = "seed 81: nothing-is-accepted-twice: two promotions";
        assert_eq!(found(Layer::Simulation, story), some("nothing-is-accepted-twice", Some(2)));
    }

    #[test]
    fn a_word_with_a_space_stays_one_argument() {
        let seeds = Seeds { from: 3, most: 7 };
        let arguments = Layer::Cuts.arguments(&seeds);
        assert_eq!(&arguments[..3], ["--scenario", "region loss", "--scenario"]);
        let simulation = Layer::Simulation.arguments(&seeds).join(" ");
        assert_eq!(simulation, "--from 3 --seeds 7 --shrink 0");
    }
}
