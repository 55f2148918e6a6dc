//! The programs of the simulation.

use std::ffi::OsStr;

use anyhow::Result;

use crate::workspace::{self, Workspace};

/// No package is named: with the features of the whole workspace nothing is built twice.
pub(crate) fn play(
    workspace: &Workspace,
    program: &str,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--quiet", "--bin", program, "--"]);
    workspace::run(cargo.args(arguments))
}
