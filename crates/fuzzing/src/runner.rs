//! Plays a target: every input of its corpus, inputs too large for a file, and as many mutations as
//! are asked for. The same seed plays the same.

use std::fmt;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use allocation_counter::measure;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::corpus::{self, Sample};
use crate::mutate::{self, Recipe};
use crate::{BASE, Target, sizes};

/// How much is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    pub seed: u64,
    pub mutations: u32,
}

/// What was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Played {
    pub samples: usize,
    pub large: usize,
    pub mutations: u32,
}

/// An input that a target does not bear.
#[derive(Debug)]
pub struct Failure {
    pub target: &'static str,
    pub effort: Effort,
    /// What input it is.
    pub input: String,
    pub why: String,
    pub bytes: Vec<u8>,
    /// Where it was put, if it could be.
    pub kept: Option<PathBuf>,
}

/// Shrinking ends after this many tries: an input that is a little longer is good enough.
const SHRINK_MAX: u32 = 400;

impl Effort {
    /// `FARSHORE_FUZZ_SEED` and `FARSHORE_FUZZ_MUTATIONS`, else what the tests play.
    pub fn from_environment(mutations: u32) -> Self {
        let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
        let asked = number("FARSHORE_FUZZ_MUTATIONS").and_then(|count| u32::try_from(count).ok());
        Self {
            seed: number("FARSHORE_FUZZ_SEED").unwrap_or(1),
            mutations: asked.unwrap_or(mutations),
        }
    }
}

/// Plays a target on its corpus; inputs that fail are kept under `fuzz/artifacts/TARGET/`.
pub fn play(target: &Target, effort: Effort) -> Result<Played, Box<Failure>> {
    let samples = corpus::read(target.name).unwrap_or_else(|error| {
        panic!("{}: the corpus cannot be read: {error}", target.name);
    });
    let artifacts = corpus::folder().join("artifacts").join(target.name);
    play_on(target, &samples, effort, &artifacts)
}

/// The same on other inputs.
pub fn play_on(
    target: &Target,
    samples: &[Sample],
    effort: Effort,
    artifacts: &Path,
) -> Result<Played, Box<Failure>> {
    let fail = |input: String, why: String, bytes: Vec<u8>| {
        let kept = keep(artifacts, &bytes);
        Box::new(Failure { target: target.name, effort, input, why, bytes, kept })
    };
    let large = sizes::large(samples);
    for sample in samples.iter().chain(&large) {
        if let Err(why) = bears(target, &sample.bytes) {
            return Err(fail(sample.name.clone(), why, sample.bytes.clone()));
        }
    }
    let config = Config {
        cases: effort.mutations,
        max_shrink_iters: SHRINK_MAX,
        failure_persistence: None,
        ..Config::default()
    };
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&effort.seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let end = TestRunner::new_with_rng(config, rng).run(&mutate::recipes(), |recipe: Recipe| {
        bears(target, &recipe.cook(samples)).map_err(TestCaseError::fail)
    });
    match end {
        Ok(()) => {
            Ok(Played { samples: samples.len(), large: large.len(), mutations: effort.mutations })
        }
        Err(TestError::Fail(why, recipe)) => {
            Err(fail("a mutation".to_owned(), why.message().to_owned(), recipe.cook(samples)))
        }
        Err(TestError::Abort(why)) => {
            Err(fail("a mutation".to_owned(), why.message().to_owned(), Vec::new()))
        }
    }
}

/// Whether the target bears an input: it does not panic, and it does not work out of proportion.
fn bears(target: &Target, bytes: &[u8]) -> Result<(), String> {
    let mut end = Ok(());
    let work = measure(|| end = catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))));
    end.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "a panic without words".to_owned())
    })?;
    let length = u64::try_from(bytes.len()).expect("a length fits");
    let allowed = BASE + target.bytes_per_byte * length;
    if work.bytes_total > allowed {
        return Err(format!(
            "{length} bytes made it allocate {} bytes, more than {allowed}",
            work.bytes_total
        ));
    }
    Ok(())
}

/// Keeps an input where `cargo fuzz` keeps its own.
fn keep(artifacts: &Path, bytes: &[u8]) -> Option<PathBuf> {
    let sum = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let path = artifacts.join(format!("crash-{sum:016x}"));
    fs::create_dir_all(artifacts).ok()?;
    fs::write(&path, bytes).ok()?;
    Some(path)
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, effort, input, why, bytes, kept } = self;
        let Effort { seed, mutations } = effort;
        let shown: String = String::from_utf8_lossy(bytes).chars().take(600).collect();
        write!(
            formatter,
            "{target} does not bear {input} (seed {seed}, {mutations} mutations): {why}\n\
             {} bytes: {shown:?}",
            bytes.len()
        )?;
        if let Some(path) = kept {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            write!(formatter, "\nkept as fuzz/artifacts/{target}/{name}")?;
        }
        Ok(())
    }
}
