//! One turn of a run on each store: take over, load, look at everything, write, let go. Azure
//! answers at once that it is out of order, so what is left is the store's time and our own.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use azurite::Azurite;
use serde_json::{Value, json};

use super::alert::{PLAN, PLAN_PATH, envelope};
use super::app::{RunningApp, StagedApp};
use super::azure::Azure;
use super::measurement::Measurement;
use crate::workspace::Workspace;

const RUNS: usize = 15;

pub(super) fn measure_sqlite(workspace: &Workspace, app: &StagedApp) -> Result<Measurement> {
    let folder = tempfile::tempdir()?;
    let store = format!("sqlite:{}", folder.path().join("farshore.db").display());
    measure(workspace, app, "one turn, SQLite", vec![("FARSHORE_STORE", store)])
}

pub(super) fn measure_blob(workspace: &Workspace, app: &StagedApp) -> Result<Measurement> {
    let folder = tempfile::tempdir()?;
    let azurite = Azurite::start(folder.path())?;
    let store = vec![
        ("FARSHORE_STORE", azurite.url_with_sas("bench")),
        ("FARSHORE_LEASE_STORE", azurite.url_with_sas("bench-leases")),
    ];
    measure(workspace, app, "one turn, Blob store on Azurite", store)
}

fn measure(
    workspace: &Workspace,
    app: &StagedApp,
    name: &'static str,
    store: Vec<(&'static str, String)>,
) -> Result<Measurement> {
    let azure = Azure::start()?;
    let mut settings = azure.settings();
    settings.extend(store);
    let running = app.start(&settings)?;
    let (run, wake) = begin_run(workspace, &running)?;
    // The first turn writes down what it saw; the ones after it find nothing new.
    running.call("POST", "/advance_run", &wake)?;
    let samples: Result<Vec<f64>> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            running.call("POST", "/advance_run", &wake)?;
            Ok(began.elapsed().as_secs_f64() * 1e3)
        })
        .collect();
    let open = running.call("GET", "/api/runs", "")?;
    ensure!(open.contains(&run), "{run} ended, so these were no turns of a run: {open}");
    Ok(Measurement { name, unit: "ms", budget: None, samples: samples? })
}

/// Begins a run; returns its name and what wakes it.
pub(super) fn begin_run(workspace: &Workspace, running: &RunningApp) -> Result<(String, String)> {
    running.call("PUT", PLAN_PATH, &fs::read_to_string(workspace.path(PLAN))?)?;
    let request = json!({ "manner": "planned", "reason": "bench" }).to_string();
    let path = "/api/workloads/websphere-cafe/failover";
    let started: Value = serde_json::from_str(&running.call("POST", path, &request)?)?;
    let run = started["run"].as_str().context("the app names no run")?;
    let wake = envelope(&json!({ "run": run }).to_string()).to_string();
    Ok((run.to_owned(), wake))
}
