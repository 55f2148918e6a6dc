//! `cargo xtask simulate`: tells stories and judges their endings.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use simulation::batch::{self, Told};
use simulation::play::{Ending, play};
use simulation::story::cells::{self, Cell};
use simulation::story::{Story, shrunken};
use simulation::table::Table;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask simulate", about = "Tells stories and judges their endings")]
struct Arguments {
    /// How many seeds
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Only this one
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// Only this story, as JSON in a file
    #[arg(long, conflicts_with_all = ["seeds", "from", "seed"])]
    replay: Option<PathBuf>,
    /// A story for each cell of fault × step, and none may stay empty
    #[arg(long, conflicts_with_all = ["seeds", "from", "seed", "replay"])]
    cells: bool,
    /// Every story is gentle: nothing is taken away for good
    #[arg(long, conflicts_with_all = ["replay", "cells"])]
    gentle: bool,
    /// Print the story, too
    #[arg(long)]
    story: bool,
    /// Print every I/O, too
    #[arg(long)]
    log: bool,
    /// How many at once; as many as there are processors if left out
    #[arg(long)]
    jobs: Option<usize>,
    /// Of how many failures the story is shrunk
    #[arg(long, default_value_t = 5)]
    shrink: usize,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let story = match (&arguments.replay, arguments.seed) {
        (Some(path), _) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            Some(serde_json::from_str(&text).context("this is no story")?)
        }
        (None, Some(seed)) => Some(story_of(seed, &arguments)),
        (None, None) => None,
    };
    let is_good = match story {
        Some(story) => tell_one(&story, &arguments),
        None if arguments.cells => tell_cells(&arguments),
        None => tell_seeds(&arguments),
    };
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn story_of(seed: u64, arguments: &Arguments) -> Story {
    let story = Story::of(seed);
    if arguments.gentle { story.gently() } else { story }
}

fn tell_one(story: &Story, arguments: &Arguments) -> bool {
    let ending = play(story, arguments.log);
    for line in &ending.log {
        println!("{line}");
    }
    if arguments.story {
        print!("{story}");
    }
    println!("after {} s: {}", ending.seconds, ending.name());
    if let Some(why) = &ending.needs_human {
        println!("needs a person: {why}");
    }
    for ((fault, step), count) in &ending.coverage {
        println!("{fault} while {step} was at work: {count}");
    }
    show_failure(&ending);
    ending.failure.is_none()
}

fn tell_seeds(arguments: &Arguments) -> bool {
    let began = Instant::now();
    let seeds = arguments.from..arguments.from + arguments.seeds;
    let stories = seeds.map(|seed| story_of(seed, arguments)).collect();
    let told = batch::tell(stories, jobs(arguments), |one| {
        if let Some(failure) = &one.ending.failure {
            eprintln!("seed {}: {}: {}", one.story.seed, failure.check, failure.what);
        }
    });
    are_good(&told, began, arguments)
}

fn tell_cells(arguments: &Arguments) -> bool {
    let began = Instant::now();
    let told = batch::tell(cells::all().map(Cell::story).collect(), jobs(arguments), |_| {});
    let good = are_good(&told, began, arguments);
    let empty: Vec<Cell> = cells::all()
        .filter(|cell| {
            let story = cell.story();
            let of = told.iter().find(|one| one.story == story);
            of.is_none_or(|one| !one.ending.coverage.contains_key(&cell.key()))
        })
        .collect();
    for cell in &empty {
        println!("{cell} is empty: --replay a file with: {}", serde_json::json!(cell.story()));
    }
    println!("{} of {} cells are empty", empty.len(), cells::all().count());
    good && empty.is_empty()
}

fn jobs(arguments: &Arguments) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    arguments.jobs.unwrap_or_else(processors)
}

/// Prints what came of them.
fn are_good(told: &[Told], began: Instant, arguments: &Arguments) -> bool {
    println!("{}", Table::of(told, began.elapsed().as_secs_f64()));
    let failed: Vec<&Told> = told.iter().filter(|one| one.ending.failure.is_some()).collect();
    for (number, one) in failed.iter().enumerate() {
        show_failure(&one.ending);
        let story = if number < arguments.shrink { shrink(one) } else { one.story.clone() };
        print!("{story}");
        let gentle = if arguments.gentle { " --gentle" } else { "" };
        println!("  cargo xtask simulate --seed {}{gentle} --story", story.seed);
        println!("  or --replay a file with: {}", serde_json::json!(story));
    }
    println!(
        "{} stories in {:.0} s, {} failed",
        told.len(),
        began.elapsed().as_secs_f64(),
        failed.len()
    );
    failed.is_empty()
}

/// The least of the story in which the same check does not hold.
fn shrink(told: &Told) -> Story {
    let check = |ending: &Ending| ending.failure.as_ref().map(|failure| failure.check);
    shrunken(&told.story, |story| check(&play(story, false)) == check(&told.ending))
}

fn show_failure(ending: &Ending) {
    if let Some(failure) = &ending.failure {
        println!("{} does not hold after {} s: {}", failure.check, failure.at_s, failure.what);
    }
}
