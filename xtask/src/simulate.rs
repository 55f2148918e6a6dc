//! `cargo xtask simulate`: stories of failovers among faults, played in virtual time.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use crate::simulation;
use crate::workspace::Workspace;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// --seeds N [--from S], or --cells, or --seed S [--story] [--log], or --replay FILE
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    simulation::play(workspace, "simulation", &arguments.arguments)
}
