//! The layers of the proof, and how each is asked whether it finds a bug.

use anyhow::Result;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

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
        seed: Option<u64>,
    },
    /// It did not end: somebody would have looked.
    TimeOut,
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
            "crates/store/src/blob",
        ];
        match self {
            Self::Tests => true,
            Self::Model => file.starts_with("crates/recovery/"),
            Self::Simulation | Self::Cuts => !WIRES.iter().any(|wire| file.starts_with(wire)),
        }
    }

    /// What is run besides the switch, for the reader and for the key of the results.
    pub(super) fn arguments(self, seeds: u64) -> Vec<String> {
        let words = match self {
            Self::Tests => format!("--test-threads 2{}", skipped()),
            Self::Model => "--quick --minutes 1".to_owned(),
            Self::Simulation => format!("--seeds {seeds} --shrink 0"),
            Self::Cuts => "--scenario,region loss,--changes-every,5,--reads-every,300,--pairs,0"
                .replace(' ', "\u{a0}")
                .replace(',', " "),
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
    fn found(self, line: &str) -> Option<Finding> {
        let by = |by: &str, seed| Some(Finding::Found { by: by.trim().to_owned(), seed });
        match self {
            Self::Tests => by(line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?, None),
            Self::Model => {
                by(line.strip_prefix('|')?.strip_suffix("| BROKEN |")?.split('|').next()?, None)
            }
            Self::Simulation => {
                let (seed, what) = line.strip_prefix("seed ")?.split_once(": ")?;
                by(what.split(':').next()?, Some(seed.parse().ok()?))
            }
            // It says what is wrong at its end.
            Self::Cuts => None,
        }
    }
}

/// What needs a compiler of Bicep or another process, or has a layer of its own.
fn skipped() -> String {
    ["crash::", "infra::", "process::", "docs::", "rehearsal", "many_processes"]
        .map(|part| format!(" --skip {part}"))
        .concat()
}

/// Lets a layer look for a bug, or for none.
pub(super) fn look(
    programs: &Programs,
    layer: Layer,
    bug: Option<&str>,
    seeds: u64,
) -> Result<Finding> {
    for program in programs.of(layer) {
        let finding = ask(program, layer, bug, seeds)?;
        if finding != Finding::Nothing {
            return Ok(finding);
        }
    }
    Ok(Finding::Nothing)
}

fn ask(program: &Program, layer: Layer, bug: Option<&str>, seeds: u64) -> Result<Finding> {
    let arguments = layer.arguments(seeds);
    // Whatever it says after its first finding is of no interest.
    let mut finding = None;
    let ended = program.run(&arguments, bug, layer.limit_s(), |line| {
        finding = layer.found(line);
        finding.is_some()
    })?;
    let unnamed = || Finding::Found { by: program.name.clone(), seed: None };
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
            Self::Found { by, seed: None } => format!("found by {by}"),
            Self::Found { by, seed: Some(seed) } => format!("found at seed {seed} by {by}"),
            Self::TimeOut => "found: it does not end".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Finding, Layer};

    fn found(layer: Layer, line: &str) -> Option<(String, Option<u64>)> {
        match layer.found(line)? {
            Finding::Found { by, seed } => Some((by, seed)),
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
        let story = "seed 81: nothing-is-accepted-twice: two promotions";
        assert_eq!(found(Layer::Simulation, story), some("nothing-is-accepted-twice", Some(81)));
    }

    #[test]
    fn a_word_with_a_space_stays_one_argument() {
        let arguments = Layer::Cuts.arguments(0);
        assert_eq!(&arguments[..3], ["--scenario", "region loss", "--changes-every"]);
        assert_eq!(Layer::Simulation.arguments(7), ["--seeds", "7", "--shrink", "0"]);
    }
}
