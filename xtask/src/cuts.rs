//! `cargo xtask cuts`: the crash proof. Every I/O of a story, cut in every way, in virtual time.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use crate::simulation;
use crate::workspace::Workspace;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// --scenario PART, --way WAY, --effects-every N, --changes-every N, --reads-every N,
    /// --pairs N|all, --store sqlite|blob, --seed N
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    simulation::play(workspace, "cuts", &arguments.arguments)
}
