//! Resident memory of an idle app: the smallest instances of Azure Functions have 512 MB.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::app::StagedApp;
use super::azure::Azure;
use super::measurement::Measurement;
use super::turn;
use crate::workspace::Workspace;

const RUNS: usize = 3;
const REST: Duration = Duration::from_secs(2);

/// Of a process that has only answered the host's probe.
pub(super) fn measure_fresh(app: &StagedApp) -> Result<Measurement> {
    let sample = || {
        let running = app.start(&[])?;
        rest();
        resident_megabytes(running.id())
    };
    measurement("resident memory, idle", sample)
}

/// Of a process that has had its connections, its store and a turn.
pub(super) fn measure_used(workspace: &Workspace, app: &StagedApp) -> Result<Measurement> {
    let azure = Azure::start()?;
    let sample = || {
        let folder = tempfile::tempdir()?;
        let mut settings = azure.settings();
        let store = format!("sqlite:{}", folder.path().join("farshore.db").display());
        settings.push(("FARSHORE_STORE", store));
        let running = app.start(&settings)?;
        let (_, wake) = turn::begin_run(workspace, &running)?;
        running.call("POST", "/advance_run", &wake)?;
        rest();
        resident_megabytes(running.id())
    };
    measurement("resident memory, idle after a turn", sample)
}

fn measurement(name: &'static str, sample: impl Fn() -> Result<f64>) -> Result<Measurement> {
    let samples: Result<Vec<f64>> = (0..RUNS).map(|_| sample()).collect();
    Ok(Measurement { name, unit: "MB", budget: Some(30.0), samples: samples? })
}

/// Parking may end early by its contract, so the clock decides.
fn rest() {
    let started = Instant::now();
    while let Some(left) = REST.checked_sub(started.elapsed()).filter(|it| !it.is_zero()) {
        thread::park_timeout(left);
    }
}

fn resident_megabytes(process: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    kibibytes(&status).map(|it| it * 1024.0 / 1e6).context("the kernel tells no VmRSS")
}

fn kibibytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::kibibytes;

    #[test]
    fn the_resident_set_is_read_and_not_its_peak() {
        let status = "Name:\tfarshore\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\nThreads:\t3\n";

        assert_eq!(kibibytes(status), Some(10240.0));
    }
}
