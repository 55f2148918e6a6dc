//! From the start of the process to its first answer: what a cold start adds to an alert.

use anyhow::Result;

use super::app::StagedApp;
use super::measurement::Measurement;

const RUNS: usize = 15;

pub(super) fn measure(app: &StagedApp) -> Result<Measurement> {
    // The first run reads the executable from disk and makes the store; it is not counted.
    app.start(&[])?;
    let samples: Result<Vec<f64>> =
        (0..RUNS).map(|_| Ok(app.start(&[])?.to_first_answer.as_secs_f64() * 1e3)).collect();
    Ok(Measurement {
        name: "process start to first answer",
        unit: "ms",
        budget: Some(25.0),
        samples: samples?,
    })
}
