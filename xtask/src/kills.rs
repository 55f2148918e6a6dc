//! `cargo xtask kills`: app and host are killed, as SIGKILL does it, at many instants of many lost
//! regions.

use anyhow::Result;
use clap::Args;

use crate::rehearsals::{Rehearsals, Round, STORES};
use crate::workspace::Workspace;

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

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let mut rehearsals = Rehearsals::begin(workspace, "target/kills", arguments.speed)?;
    let kills = arguments.kills.to_string();
    let seeds = arguments.seed..arguments.seed + arguments.rounds;
    for (seed, store) in seeds.zip(STORES.into_iter().cycle()) {
        let strikes = ["--kills", kills.as_str()];
        rehearsals.play(&Round { name: &seed.to_string(), seed, store, strikes: &strikes })?;
    }
    rehearsals.end()
}
