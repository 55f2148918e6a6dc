//! `cargo xtask kills`: region losses, one after the other, in which app and host are killed as
//! SIGKILL does it. Every failover must end as if nobody had been killed; the local Azure's ledger
//! judges.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use crate::metadata::Metadata;
use crate::workspace::{self, Workspace};

const FOLDER: &str = "target/kills";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How many regions are lost; they take turns in where the journals are kept
    #[arg(long, default_value_t = 25)]
    rounds: u64,
    /// How many kills in each
    #[arg(long, default_value_t = 2)]
    kills: usize,
    /// The seed of the first; the next ones count on
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Simulated seconds per second
    #[arg(long, default_value_t = 20)]
    speed: u32,
}

/// What is read of a rehearsal's report.
#[derive(Debug, Deserialize)]
struct Report {
    outcome: String,
    passed: bool,
    checks: Vec<Check>,
    kills: Vec<Kill>,
    store: String,
}

#[derive(Debug, Deserialize)]
struct Check {
    what: String,
    passed: bool,
}

#[derive(Debug, Deserialize)]
struct Kill {
    victim: String,
    at_s: f64,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    workspace::run(workspace.cargo().args(["build", "--quiet", "-p", "rehearsal"]))?;
    let rehearsal = Metadata::load(workspace)?.target_directory.join("debug/rehearsal");
    println!("| seed | store | killed | outcome | failed checks |");
    println!("|---|---|---|---|---|");
    let (mut kills, mut failed) = (0, 0);
    for round in 0..arguments.rounds {
        let report = rehearse(workspace, &rehearsal, arguments, round)?;
        kills += report.kills.len();
        failed += usize::from(!report.passed);
        println!("{}", report.row(arguments.seed + round));
    }
    println!(
        "\n{kills} kills in {} rehearsals; {failed} did not end as they must",
        arguments.rounds
    );
    ensure!(failed == 0, "see {FOLDER}/SEED/report.md");
    Ok(())
}

fn rehearse(
    workspace: &Workspace,
    rehearsal: &Path,
    arguments: &Arguments,
    round: u64,
) -> Result<Report> {
    let seed = arguments.seed + round;
    let out = workspace.path(FOLDER).join(seed.to_string());
    let store = if round.is_multiple_of(2) { "sqlite" } else { "azurite" };
    let mut command = workspace.program(rehearsal);
    command.args(["--scenario", "region-loss"]);
    command.args(["--store", store, "--out"]).arg(&out);
    command.args(["--seed", &seed.to_string(), "--kills", &arguments.kills.to_string()]);
    command.args(["--speed", &arguments.speed.to_string()]);
    if round > 0 {
        command.arg("--no-build");
    }
    carry_out(&mut command, &out).with_context(|| format!("the rehearsal of seed {seed}"))
}

/// A rehearsal that fails writes its report all the same; one that cannot be played writes none.
fn carry_out(command: &mut Command, out: &Path) -> Result<Report> {
    let path = out.join("report.json");
    if path.exists() {
        fs::remove_file(&path)?;
    }
    let output = command.output()?;
    let Ok(report) = fs::read(&path) else {
        anyhow::bail!("{}{}", text(&output.stdout), text(&output.stderr));
    };
    Ok(serde_json::from_slice(&report)?)
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

impl Report {
    fn row(&self, seed: u64) -> String {
        let said = |kill: &Kill| format!("{} {:.1} s", kill.victim, kill.at_s);
        let kills: Vec<_> = self.kills.iter().map(said).collect();
        let failed = self.checks.iter().filter(|check| !check.passed);
        let failed: Vec<_> = failed.map(|check| check.what.as_str()).collect();
        format!(
            "| {seed} | {} | {} | {} | {} |",
            self.store,
            kills.join(", "),
            self.outcome,
            failed.join("; ")
        )
    }
}
