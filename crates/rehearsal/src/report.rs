//! What is written down: `report.json` for programs, `report.md` for people.

mod markdown;
mod timeline;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;
use serde_json::{Value, json};

use crate::checks::Check;
use crate::rehearsal::seconds;
use crate::{Evidence, Outcome, StoreKind};

pub use markdown::markdown;

/// How the rehearsal was set up.
#[derive(Debug, Clone, Serialize)]
pub struct Setup {
    /// Simulated seconds per second.
    pub speed: u32,
    pub seed: u64,
    pub store: &'static str,
    pub entry: &'static str,
    pub versions: Versions,
}

#[derive(Debug, Clone, Serialize)]
pub struct Versions {
    pub farshore: &'static str,
    /// The commit, with a plus sign if the work tree differs from it.
    pub revision: Option<String>,
}

/// `report.json`. Times are simulated seconds; those of `steps` count from the scenario's start.
/// Figures come from the simulator's ledger, `steps` are the app's own report, and each check says who
/// told it.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub scenario: &'static str,
    pub outcome: Outcome,
    pub detection_s: Option<f64>,
    pub rto_s: Option<f64>,
    pub critical_path_s: f64,
    pub critical_path: Vec<Leg>,
    pub lost_writes: usize,
    pub dual_writable_s: f64,
    pub rpo_s: f64,
    pub azure_calls: u64,
    pub destructive_calls: Vec<Call>,
    pub steps: Vec<Step>,
    pub strikes: Vec<StruckAt>,
    pub freezes: Vec<FrozenFor>,
    pub steps_source: &'static str,
    pub passed: bool,
    pub checks: Vec<Check>,
    /// What nobody knows of Azure and the verdict rests on.
    pub hinges_on: Vec<&'static str>,
    #[serde(flatten)]
    pub setup: Setup,
    pub started_at: String,
    /// All of the ledger, as it came.
    pub ledger: Value,
}

#[derive(Debug, Clone, Serialize)]
pub struct Leg {
    pub what: String,
    pub seconds: f64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Call {
    pub method: String,
    pub path: String,
    /// None: it was lost or hung.
    pub status: Option<u16>,
    pub at_s: f64,
}

/// What struck on purpose, and what shows that it hit.
#[derive(Debug, Clone, Serialize)]
pub struct StruckAt {
    pub strike: &'static str,
    pub at_s: f64,
    /// None: the scenario was over before it.
    pub to_s: Option<f64>,
    pub hits: u64,
    pub seen: String,
}

/// A time in which the first instance was frozen.
#[derive(Debug, Clone, Serialize)]
pub struct FrozenFor {
    pub from_s: f64,
    pub to_s: Option<f64>,
    /// How the turn ended in whose middle it woke.
    pub woken: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Step {
    pub name: String,
    pub started_s: Option<f64>,
    pub ended_s: Option<f64>,
    pub outcome: Option<String>,
}

impl Setup {
    pub fn new(options: &crate::Options, revision: Option<String>) -> Self {
        Self {
            speed: options.speed,
            seed: options.seed,
            store: StoreKind::name(options.store),
            entry: options.entry.name(),
            versions: Versions { farshore: env!("CARGO_PKG_VERSION"), revision },
        }
    }
}

impl Report {
    pub fn new(evidence: &Evidence, checks: &[Check], setup: Setup) -> Self {
        let figures = &evidence.ledger.figures;
        let begun_at = evidence.begun.at;
        let since = |at| milliseconds(seconds(begun_at, at));
        let steps = evidence.run.iter().flat_map(|report| &report.run.steps);
        Self {
            scenario: evidence.scenario.name(),
            outcome: Outcome::of(evidence),
            detection_s: figures.detection_s.map(milliseconds),
            rto_s: figures.rto_s.map(milliseconds),
            critical_path_s: milliseconds(figures.critical_path.seconds),
            critical_path: figures
                .critical_path
                .path
                .iter()
                .map(|leg| Leg { what: leg.what.clone(), seconds: milliseconds(leg.seconds) })
                .collect(),
            lost_writes: figures.lost_writes.total,
            dual_writable_s: milliseconds(figures.dual_writable_s),
            rpo_s: milliseconds(figures.rpo_s),
            azure_calls: figures.azure_calls.total,
            destructive_calls: figures
                .destructive_requests
                .iter()
                .map(|request| Call {
                    method: request.method.clone(),
                    path: request.path.clone(),
                    status: request.status,
                    at_s: since(request.at),
                })
                .collect(),
            steps: steps
                .map(|step| Step {
                    name: step.name.clone(),
                    started_s: step.started_at.map(since),
                    ended_s: step.ended_at.map(since),
                    outcome: step.outcome.clone(),
                })
                .collect(),
            strikes: evidence
                .strikes
                .iter()
                .map(|struck| StruckAt {
                    strike: struck.strike.name(),
                    at_s: since(struck.at),
                    to_s: struck.to.map(since),
                    hits: struck.proof.hits,
                    seen: struck.proof.seen.clone(),
                })
                .collect(),
            freezes: evidence
                .freezes
                .iter()
                .map(|freeze| FrozenFor {
                    from_s: since(freeze.from),
                    to_s: freeze.to.map(since),
                    woken: freeze.woken.clone(),
                })
                .collect(),
            steps_source: "the app's own report; figures are the simulator's ledger, and each check \
                           says who told it",
            passed: checks.iter().all(|check| check.passed),
            checks: checks.to_vec(),
            hinges_on: evidence.scenario.hinges_on(),
            setup,
            started_at: begun_at.to_string(),
            ledger: evidence.ledger.whole.clone(),
        }
    }
}

/// Writes `report.json`, `report.md`, `ledger.json` and `run.json`, the app's own report of its run (null if there was none).
pub fn write(out: &Path, report: &Report, evidence: &Evidence) -> Result<()> {
    let run = evidence.run.as_ref().map_or(Value::Null, |run| run.whole.clone());
    let files = [
        ("report.json", pretty(&json!(report))),
        ("report.md", markdown(report, evidence)),
        ("ledger.json", pretty(&report.ledger)),
        ("run.json", pretty(&run)),
    ];
    for (name, text) in files {
        let path = out.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Finer is noise of floating point.
pub(crate) fn milliseconds(seconds: f64) -> f64 {
    // Adding zero turns the -0.0 of a tiny negative number into 0.0.
    (seconds * 1000.0).round() / 1000.0 + 0.0
}

#[cfg(test)]
mod tests;
