//! `cargo xtask simulate`: stories of failovers among faults, played in virtual time.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use crate::workspace::{self, Workspace};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// --seeds N [--from S], or --cells, or --seed S [--story] [--log], or --replay FILE
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--quiet", "--bin", "simulation", "--"]);
    workspace::run(cargo.args(&arguments.arguments))
}
