//! `cargo xtask judge`: recorded traffic, judged by Microsoft's descriptions of its own services.
//!
//! The judge itself is `oav`, the validator that Microsoft runs on its live traffic; a script asks
//! it and explains what it says by a list of known differences. `docs/fidelity.md` has the figures.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::metadata::Metadata;
use crate::workspace::{self, Workspace};

const SOURCES: &str = "xtask/judge";
const FILES: [&str; 4] = ["judge.mjs", "known-differences.json", LOCK, "package.json"];
const LOCK: &str = "package-lock.json";

/// Where npm notes what it has installed; written last.
const INSTALLED: &str = "node_modules/.package-lock.json";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folder with the `OpenAPI` files, laid out like `specification` of Azure/azure-rest-api-specs
    #[arg(long, value_name = "DIR")]
    specs: PathBuf,
    /// What the simulator recorded (`--record`); a rehearsal leaves it in `logs/traffic.jsonl`
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    traffic: Vec<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let folder = Metadata::load(workspace)?.target_directory.join("judge");
    install(workspace, &folder)?;
    let mut judge = workspace.program("node");
    judge.arg(folder.join("judge.mjs")).arg(found(&arguments.specs)?);
    for file in &arguments.traffic {
        judge.arg(found(file)?);
    }
    workspace::run(&mut judge)
}

/// The judge runs in cargo's target folder, so that its packages do not lie among the sources.
fn install(workspace: &Workspace, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let sources = workspace.path(SOURCES);
    let is_current = folder.join(INSTALLED).is_file()
        && fs::read(folder.join(LOCK)).ok() == Some(fs::read(sources.join(LOCK))?);
    for file in FILES {
        fs::copy(sources.join(file), folder.join(file))
            .with_context(|| format!("cannot copy {file} into {}", folder.display()))?;
    }
    if is_current {
        return Ok(());
    }
    ensure!(
        workspace::is_installed(workspace.program("npm").arg("--version")),
        "`npm` is missing: the judge needs Node.js 20.11 or later with npm"
    );
    let mut npm = workspace.program("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
    workspace::run(&mut npm)
}

/// An absolute path of what the caller named, who may be in another folder than the root.
fn found(path: &Path) -> Result<PathBuf> {
    path.canonicalize().with_context(|| format!("{} is not there", path.display()))
}
