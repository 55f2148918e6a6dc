//! `cargo xtask strikes`: everything that can befall the processes, one strike in each lost region,
//! with each store where it means something.

use anyhow::{Result, ensure};
use clap::Args;

use crate::rehearsals::{Rehearsals, Round};
use crate::workspace::Workspace;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only these, as `cargo rehearse --list-strikes` names them; may be repeated
    #[arg(long = "strike", value_name = "NAME")]
    strikes: Vec<String>,
    /// How often each strikes with each store
    #[arg(long, default_value_t = 1)]
    rounds: u64,
    /// The seed of the first round; the next ones count on
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Simulated seconds per second
    #[arg(long, default_value_t = 20)]
    speed: u32,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let mut rehearsals = Rehearsals::begin(workspace, "target/strikes", arguments.speed)?;
    let mut all = rehearsals.strikes()?;
    for name in &arguments.strikes {
        ensure!(all.iter().any(|(known, _)| known == name), "there is no strike {name:?}");
    }
    all.retain(|(name, _)| arguments.strikes.is_empty() || arguments.strikes.contains(name));
    for seed in arguments.seed..arguments.seed + arguments.rounds {
        for (strike, stores) in &all {
            for store in stores {
                let name = format!("{strike}-{store}-{seed}");
                let strikes = ["--strike", strike];
                rehearsals.play(&Round { name: &name, seed, store, strikes: &strikes })?;
            }
        }
    }
    rehearsals.end()
}
