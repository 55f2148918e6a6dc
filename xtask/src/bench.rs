//! `cargo xtask bench`: figures of the staged release, printed beside their budgets.
//!
//! No test asserts them: a shared machine has slow minutes, and a person should judge.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;

use crate::azurite_setup;
use crate::metadata::Metadata;
use crate::stage::{self, Profile};
use crate::workspace::{self, Workspace};

mod alert;
mod app;
mod azure;
mod measurement;
mod memory;
mod start;
mod turn;

use app::StagedApp;
use measurement::Measurement;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Also write the figures as JSON to this file
    #[arg(long)]
    out: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let folder = Metadata::load(workspace)?.target_directory.join("bench");
    let staged = folder.join("function-app");
    stage::stage(workspace, Profile::Release, true, &staged)?;
    let app = StagedApp::new(&staged, &folder.join("logs"))?;

    azurite_setup::set_up(workspace)?;
    let measurements = [
        start::measure(&app)?,
        memory::measure_fresh(&app)?,
        memory::measure_used(workspace, &app)?,
        alert::measure(workspace, &app)?,
        turn::measure_sqlite(workspace, &app)?,
        turn::measure_blob(workspace, &app)?,
    ];

    print_table(&measurements);
    if let Some(out) = &arguments.out {
        let text = serde_json::to_string_pretty(&json!({
            "commit": commit(workspace),
            "machine": machine(),
            "measurements": measurements.iter().map(Measurement::as_json).collect::<Vec<_>>(),
        }))?;
        let path = workspace.path(out);
        fs::write(&path, text + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn print_table(measurements: &[Measurement]) {
    println!(
        "\n{:<34} {:>10} {:>10} {:>10} {:>5} {:>10}",
        "", "median", "least", "most", "runs", "budget"
    );
    for measurement in measurements {
        println!("{measurement}");
    }
}

fn commit(workspace: &Workspace) -> Option<String> {
    let mut git = workspace.program("git");
    let text = workspace::answer(git.args(["describe", "--always", "--dirty", "--abbrev=12"]));
    text.ok().map(|it| it.trim().to_owned())
}

fn machine() -> serde_json::Value {
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|it| it.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    json!({ "processors": processors, "model": model })
}
