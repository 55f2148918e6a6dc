//! Resident memory of an idle app: the smallest instances of Azure Functions have 512 MB.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::app::StagedApp;
use super::measurement::Measurement;

const RUNS: usize = 3;
const REST: Duration = Duration::from_secs(2);

pub(super) fn measure(app: &StagedApp) -> Result<Measurement> {
    let samples: Result<Vec<f64>> = (0..RUNS)
        .map(|_| {
            let running = app.start(&[])?;
            rest();
            resident_megabytes(running.id())
        })
        .collect();
    Ok(Measurement {
        name: "resident memory, idle",
        unit: "MB",
        budget: Some(30.0),
        samples: samples?,
    })
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
