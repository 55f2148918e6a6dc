//! `cargo xtask prove`: every part of the proof, one after the other, and one table in the end.
//!
//! Each part is a command that anyone can type; the last line that it prints is its figure.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::azurite_setup;
use crate::workspace::Workspace;

const PAGE: &str = "target/proof.md";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Minutes instead of hours: smaller numbers of everything
    #[arg(long)]
    quick: bool,
    /// Only the part of this name; may be given more than once
    #[arg(long = "only")]
    only: Vec<String>,
}

/// A part of the proof, as it is typed after `cargo`.
#[derive(Debug)]
struct Part {
    name: &'static str,
    long: &'static str,
    quick: &'static str,
    /// A variable, and what it is in the long form.
    variable: Option<(&'static str, &'static str)>,
}

const fn part(name: &'static str, long: &'static str, quick: &'static str) -> Part {
    Part { name, long, quick, variable: None }
}

/// From the inside to the outside.
const PARTS: &[Part] = &[
    part("core", "test --quiet --package recovery", "test --quiet --package recovery"),
    part("model", "run --quiet --package model", "run --quiet --package model -- --quick"),
    part("cuts", "xtask cuts", "xtask cuts --changes-every 25 --reads-every 300 --pairs 5"),
    part(
        "cuts on Blob",
        "xtask cuts --store blob",
        "xtask cuts --store blob --changes-every 50 --reads-every 600 --pairs 5",
    ),
    part(
        "conformance",
        "test --quiet --package store --test conformance",
        "test --quiet --package store --test conformance",
    ),
    part(
        "power cuts",
        "test --quiet --package store --test power_cut",
        "test --quiet --package store --test power_cut",
    ),
    part("simulation", "xtask simulate --seeds 100000", "xtask simulate --seeds 1000"),
    Part {
        variable: Some(("FARSHORE_FUZZ_MUTATIONS", "20000")),
        ..part("fuzzing", "test --quiet --package fuzzing", "test --quiet --package fuzzing")
    },
    part("planted bugs", "xtask bite", "xtask bite --layer tests"),
    part("rehearsals", "rehearse --all", "rehearse --all --speed 20"),
    part("kills", "xtask kills --rounds 25 --kills 8", "xtask kills --rounds 2 --kills 8"),
    part("strikes", "xtask strikes --rounds 2", "xtask strikes --rounds 1"),
];

/// What came of a part.
#[derive(Debug)]
struct Row {
    name: &'static str,
    command: String,
    holds: bool,
    figure: String,
    took: Duration,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let known = |name: &String| PARTS.iter().any(|part| part.name == name);
    let names = || PARTS.iter().map(|part| part.name).collect::<Vec<_>>().join("\", \"");
    for name in &arguments.only {
        ensure!(known(name), "--only {name}: there is no such part; one of \"{}\"", names());
    }
    let wanted = |part: &&Part| {
        arguments.only.is_empty() || arguments.only.iter().any(|name| name == part.name)
    };
    // Several parts keep journals in it.
    azurite_setup::set_up(workspace)?;
    let mut rows = Vec::new();
    for part in PARTS.iter().filter(wanted) {
        rows.push(prove(workspace, part, arguments.quick)?);
        // Written each time: hours of work should not be lost with the last part.
        fs::create_dir_all(workspace.path("target"))?;
        fs::write(workspace.path(PAGE), table(&rows))?;
    }
    println!("\n{}", table(&rows));
    let broken: Vec<_> = rows.iter().filter(|row| !row.holds).map(|row| row.name).collect();
    ensure!(broken.is_empty(), "these parts of the proof do not hold: {}", broken.join(", "));
    Ok(())
}

/// A part that does not hold does not stop the others.
fn prove(workspace: &Workspace, part: &Part, quick: bool) -> Result<Row> {
    let words = if quick { part.quick } else { part.long };
    let mut cargo = workspace.cargo();
    cargo.args(words.split(' ')).stdout(Stdio::piped());
    let mut command = format!("cargo {words}");
    if let Some((name, value)) = part.variable.filter(|_| !quick) {
        cargo.env(name, value);
        command = format!("{name}={value} {command}");
    }
    println!("\n=== {}: {command}", part.name);
    let began = Instant::now();
    let mut child = cargo.spawn().with_context(|| format!("cannot start {command}"))?;
    let mut figure = String::new();
    let lines = BufReader::new(child.stdout.take().context("its output is ours")?).lines();
    for line in lines {
        let line = line.with_context(|| format!("{command} does not talk in UTF-8"))?;
        println!("{line}");
        if !line.trim().is_empty() {
            figure = line;
        }
    }
    let holds = child.wait()?.success();
    Ok(Row { name: part.name, command, holds, figure, took: began.elapsed() })
}

fn table(rows: &[Row]) -> String {
    let mut text =
        "| part | holds | figure | minutes | command |\n|---|---|---|---|---|\n".to_owned();
    for row in rows {
        let holds = if row.holds { "yes" } else { "**no**" };
        let minutes = row.took.as_secs_f64() / 60.0;
        let figure = row.figure.replace('|', "\\|");
        writeln!(text, "| {} | {holds} | {figure} | {minutes:.1} | `{}` |", row.name, row.command)
            .expect("a string takes everything");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_does_not_hold_is_seen_in_the_table() {
        let row = |name, holds| Row {
            name,
            command: "cargo xtask cuts".to_owned(),
            holds,
            figure: "3 stories | 1 wrong".to_owned(),
            took: Duration::from_secs(90),
        };

        let text = table(&[row("cuts", false), row("model", true)]);

        assert!(
            text.contains("| cuts | **no** | 3 stories \\| 1 wrong | 1.5 | `cargo xtask cuts` |")
        );
        assert!(text.contains("| model | yes |"));
    }

    #[test]
    fn everything_that_the_page_on_reliability_counts_as_proof_is_run() {
        let page = include_str!("../../docs/reliability.md");
        let (_, section) = page.split_once("## How it is shown").unwrap();
        let table = section.lines().skip_while(|line| !line.starts_with("|---"));
        let rows = table.skip(1).take_while(|line| line.starts_with("| "));
        let told: Vec<&str> = rows.filter_map(|row| row.split(" | ").next()?.get(2..)).collect();
        assert!(!told.is_empty());
        for name in told {
            assert!(PARTS.iter().any(|part| part.name == name), "no part proves {name:?}");
        }
    }

    #[test]
    fn the_last_line_of_a_part_is_its_figure_and_its_exit_says_whether_it_holds() {
        let workspace = Workspace::find().unwrap();
        let version = part("a version", "--version", "no-such-command");

        let long = prove(&workspace, &version, false).unwrap();
        let quick = prove(&workspace, &version, true).unwrap();

        assert!(long.holds && long.figure.starts_with("cargo "), "{long:?}");
        assert!(!quick.holds, "{quick:?}");
    }
}
