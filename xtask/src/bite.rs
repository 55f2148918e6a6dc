//! `cargo xtask bite`: does the test suite bite? Plants the bugs of `planted-bugs/` into a copy of
//! the sources, all at once and each behind a switch, builds the copy once, and lets every layer of
//! the proof look for every bug.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use crate::workspace::Workspace;

mod bugs;
mod copy;
mod layers;
mod page;
mod programs;
mod results;
mod toml;

use self::bugs::Bug;
use self::copy::Copy;
use self::layers::{Finding, Layer, Seeds};
use self::programs::Programs;
use self::results::{Line, Results};

const FOLDER: &str = "target/planted";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only bugs whose name contains this; may be given more than once
    #[arg(long = "bug")]
    bugs: Vec<String>,
    /// Only this layer; may be given more than once
    #[arg(long = "layer", value_enum)]
    layers: Vec<Layer>,
    /// How many seeds the simulation may take to find a bug
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Where the results are kept; a run that was interrupted goes on from them
    #[arg(long, default_value = "target/planted/results.jsonl")]
    out: PathBuf,
    /// Plant and build, and run nothing
    #[arg(long)]
    build_only: bool,
    /// Only write what the results say into docs/planted-bugs.md
    #[arg(long)]
    page_only: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let bugs = bugs::read(workspace.root())?;
    let copy = Copy::make(workspace, &workspace.path(FOLDER), &bugs)?;
    let mut results = Results::open(&workspace.path(&arguments.out))?;
    let seeds = Seeds { from: arguments.from, most: arguments.seeds };
    let key = |bug: Option<&Bug>, layer: Layer| copy.key(bug, layer, &seeds);
    if !arguments.page_only {
        let programs = copy.build(workspace)?;
        if arguments.build_only {
            return Ok(());
        }
        for layer in arguments.layers() {
            sound(&programs, &mut results, layer, &key(None, layer), &seeds)?;
            let wanted = bugs.iter().filter(|bug| arguments.wants(bug) && layer.runs(&bug.file));
            for bug in wanted {
                look_for(&programs, &mut results, bug, layer, key(Some(bug), layer), &seeds)?;
            }
        }
    }
    let text =
        page::generated(&bugs, &seeds, |bug, layer| results.find(&key(Some(bug), layer)).cloned());
    println!("{text}");
    page::write(workspace, &text)?;
    let found = |bug: &&Bug| {
        let mut lines = Layer::value_variants()
            .iter()
            .filter_map(|&layer| results.find(&key(Some(bug), layer)));
        lines.any(|line| line.finding != Finding::Nothing)
    };
    println!("{} bugs, {} of them found", bugs.len(), bugs.iter().filter(found).count());
    Ok(())
}

impl Arguments {
    fn layers(&self) -> Vec<Layer> {
        if self.layers.is_empty() { Layer::value_variants().to_vec() } else { self.layers.clone() }
    }

    fn wants(&self, bug: &Bug) -> bool {
        self.bugs.is_empty() || self.bugs.iter().any(|part| bug.name.contains(part.as_str()))
    }
}

/// A layer that finds something where nothing is planted finds nothing.
fn sound(
    programs: &Programs,
    results: &mut Results,
    layer: Layer,
    key: &str,
    seeds: &Seeds,
) -> Result<()> {
    if results.find(key).is_none() {
        results.add(measured(programs, layer, None, key.to_owned(), seeds)?)?;
    }
    let line = results.find(key).expect("it was added just now");
    ensure!(
        line.finding == Finding::Nothing,
        "with nothing planted, {} finds {:?}: its figures would mean nothing",
        layer.name(),
        line.finding
    );
    Ok(())
}

fn look_for(
    programs: &Programs,
    results: &mut Results,
    bug: &Bug,
    layer: Layer,
    key: String,
    seeds: &Seeds,
) -> Result<()> {
    if results.find(&key).is_some() {
        return Ok(());
    }
    let line = measured(programs, layer, Some(bug), key, seeds)?;
    println!("{:<12} {:<45} {}", layer.name(), bug.name, line.finding.told());
    results.add(line)
}

fn measured(
    programs: &Programs,
    layer: Layer,
    bug: Option<&Bug>,
    key: String,
    seeds: &Seeds,
) -> Result<Line> {
    let began = Instant::now();
    let finding = layers::look(programs, layer, bug, seeds)?;
    let bug = bug.map_or("nothing", |bug| bug.name.as_str()).to_owned();
    Ok(Line { key, bug, layer, finding, seconds: began.elapsed().as_secs() })
}
