//! `cargo xtask`: the project's own commands. Everything that CI does, a person can type.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks")]

mod azurite_setup;
mod bench;
mod bite;
mod cuts;
mod elf;
mod function_app;
mod judge;
mod kills;
mod metadata;
mod official_sdks_setup;
mod phases;
mod prove;
mod rehearsals;
mod simulate;
mod simulation;
mod stage;
mod strikes;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use workspace::Workspace;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Set up what the tests need and run every check that CI runs
    Test(test::Arguments),
    /// Lay out the function app as the Azure Functions host wants it
    Stage(stage::Arguments),
    /// Measure the staged release
    Bench(bench::Arguments),
    /// Kill app and host at many instants of many lost regions, as real processes
    Kills(kills::Arguments),
    /// Play everything that can befall the processes, each in a lost region of its own
    Strikes(strikes::Arguments),
    /// Judge recorded traffic by the official descriptions of Azure's services
    Judge(judge::Arguments),
    /// Cut stories at every I/O, in every way, in virtual time
    Cuts(cuts::Arguments),
    /// Play stories of failovers among faults, in virtual time
    Simulate(simulate::Arguments),
    /// Plant bugs into a copy of the sources and let every layer of the proof look for them
    Bite(bite::Arguments),
    /// Run every part of the proof, and print one table
    Prove(prove::Arguments),
    /// Check the rules of the house that no compiler knows
    Tidy,
}

fn main() -> ExitCode {
    let task = CommandLine::parse().task;
    let outcome = Workspace::find().and_then(|workspace| match task {
        Task::Test(arguments) => test::run(&workspace, &arguments),
        Task::Stage(arguments) => stage::run(&workspace, &arguments),
        Task::Bench(arguments) => bench::run(&workspace, &arguments),
        Task::Kills(arguments) => kills::run(&workspace, &arguments),
        Task::Strikes(arguments) => strikes::run(&workspace, &arguments),
        Task::Judge(arguments) => judge::run(&workspace, &arguments),
        Task::Cuts(arguments) => cuts::run(&workspace, &arguments),
        Task::Simulate(arguments) => simulate::run(&workspace, &arguments),
        Task::Bite(arguments) => bite::run(&workspace, &arguments),
        Task::Prove(arguments) => prove::run(&workspace, &arguments),
        Task::Tidy => tidy::run(&workspace),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
