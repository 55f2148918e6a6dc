//! Region losses on real processes, one after the other, each with something that strikes at them.
//! Every failover must end as if nothing had; the local Azure's ledger judges.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::metadata::Metadata;
use crate::workspace::{self, Workspace};

pub(crate) const STORES: [&str; 2] = ["sqlite", "azurite"];

/// The rehearsals of one command, and what has come of them.
#[derive(Debug)]
pub(crate) struct Rehearsals<'a> {
    workspace: &'a Workspace,
    program: PathBuf,
    /// Where reports and logs go, below the root; a folder for each.
    folder: &'static str,
    speed: u32,
    played: usize,
    hits: usize,
    failed: usize,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Round<'a> {
    /// Its folder.
    pub(crate) name: &'a str,
    pub(crate) seed: u64,
    pub(crate) store: &'a str,
    /// What strikes, as arguments of `cargo rehearse`.
    pub(crate) strikes: &'a [&'a str],
}

/// What is read of a rehearsal's report.
#[derive(Debug, Deserialize)]
struct Report {
    outcome: String,
    passed: bool,
    checks: Vec<Check>,
    strikes: Vec<Struck>,
}

#[derive(Debug, Deserialize)]
struct Check {
    what: String,
    passed: bool,
}

#[derive(Debug, Deserialize)]
struct Struck {
    strike: String,
    at_s: f64,
    hits: u64,
    seen: String,
}

impl<'a> Rehearsals<'a> {
    /// Builds what is not up to date, and writes the head of the table.
    pub(crate) fn begin(
        workspace: &'a Workspace,
        folder: &'static str,
        speed: u32,
    ) -> Result<Self> {
        workspace::run(workspace.cargo().args(["build", "--quiet", "-p", "rehearsal"]))?;
        let program = Metadata::load(workspace)?.target_directory.join("debug/rehearsal");
        Ok(Self { workspace, program, folder, speed, played: 0, hits: 0, failed: 0 })
    }

    /// Every strike that there is, with the stores where it means something.
    pub(crate) fn strikes(&self) -> Result<Vec<(String, Vec<String>)>> {
        let output = self.workspace.program(&self.program).arg("--list-strikes").output()?;
        ensure!(output.status.success(), "{}", text(&output.stderr));
        let strikes = text(&output.stdout);
        let strikes = strikes.lines().filter_map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            Some((words.next()?, words.collect()))
        });
        Ok(strikes.collect())
    }

    /// Plays one and writes its row.
    pub(crate) fn play(&mut self, round: &Round<'_>) -> Result<()> {
        if self.played == 0 {
            println!("| seed | store | struck | outcome | failed checks |\n|---|---|---|---|---|");
        }
        let out = self.workspace.path(self.folder).join(round.name);
        let mut command = self.workspace.program(&self.program);
        command.args(["--scenario", "region-loss", "--store", round.store]);
        command.args(["--seed", &round.seed.to_string(), "--speed", &self.speed.to_string()]);
        command.args(round.strikes).arg("--out").arg(&out);
        if self.played > 0 {
            command.arg("--no-build");
        }
        let report = carry_out(&mut command, &out)
            .with_context(|| format!("the rehearsal {}", round.name))?;
        self.played += 1;
        self.hits += report.strikes.iter().filter(|strike| strike.hits > 0).count();
        self.failed += usize::from(!report.passed);
        println!("{}", report.row(round));
        Ok(())
    }

    /// Sums up; an error if one did not end as it must, or was not struck.
    pub(crate) fn end(&self) -> Result<()> {
        println!(
            "\n{} strikes hit in {} rehearsals; {} did not end as they must",
            self.hits, self.played, self.failed
        );
        ensure!(self.failed == 0, "see the report.md of each in {}", self.folder);
        Ok(())
    }
}

/// A rehearsal that fails writes its report all the same; one that cannot be played writes none.
fn carry_out(command: &mut Command, out: &Path) -> Result<Report> {
    let path = out.join("report.json");
    if path.exists() {
        fs::remove_file(&path)?;
    }
    let output = command.output()?;
    let Ok(report) = fs::read(&path) else {
        bail!("{}{}", text(&output.stdout), text(&output.stderr));
    };
    Ok(serde_json::from_slice(&report)?)
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

impl Report {
    fn row(&self, round: &Round<'_>) -> String {
        // Of one strike it is told what shows it; of many only which and when.
        let struck: Vec<_> = match self.strikes.as_slice() {
            [one] => vec![format!("{} {:.0} s: {}", one.strike, one.at_s, one.seen)],
            many => many.iter().map(|it| format!("{} {:.0} s", it.strike, it.at_s)).collect(),
        };
        let failed = self.checks.iter().filter(|check| !check.passed);
        let failed: Vec<_> = failed.map(|check| check.what.as_str()).collect();
        let cells = [
            &round.seed.to_string(),
            round.store,
            &struck.join(", "),
            &self.outcome,
            &failed.join("; "),
        ];
        format!("| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
    }
}
