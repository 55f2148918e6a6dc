//! `cargo run -p model`: explores the published scenarios and prints one table.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use model::Scenario;

#[derive(Parser)]
#[command(about = "Explores what several workers on one run can come to")]
struct Options {
    /// Only the small bounds, those of the tests.
    #[arg(long)]
    quick: bool,
    /// Only the scenarios whose name contains this.
    name: Option<String>,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Give a scenario up after so many minutes; its row then says "in part".
    #[arg(long)]
    minutes: Option<u64>,
}

#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
fn main() -> ExitCode {
    let options = Options::parse();
    let limit = options.minutes.map(|minutes| Duration::from_secs(minutes * 60));
    let all = if options.quick { Scenario::quick() } else { Scenario::large() };
    let wanted = |it: &Scenario| options.name.as_ref().is_none_or(|name| it.name.contains(name));
    println!("| scenario | processes | at most | states | transitions | depth | seconds | laws |");
    println!("|---|---|---|---|---|---|---|---|");
    let (mut sound, mut states, mut rows, mut whole) = (true, 0, 0, 0);
    for scenario in all.into_iter().filter(wanted) {
        let began = Instant::now();
        let found = scenario.check(options.threads, limit);
        let verdict = match (found.findings.is_empty(), found.complete) {
            (true, true) => "all hold",
            (true, false) => "all hold, in part",
            (false, _) => "BROKEN",
        };
        println!(
            "| {} | {} | {} | {} | {} | {} | {:.1} | {verdict} |",
            scenario.name,
            scenario.workers,
            scenario.budget,
            found.states,
            found.transitions,
            found.depth,
            began.elapsed().as_secs_f64(),
        );
        states += found.states;
        rows += 1;
        whole += usize::from(found.complete);
        for finding in found.findings {
            sound = false;
            println!("\n{}:\n\n{}", finding.law.name(), finding.story);
        }
    }
    let laws = if sound { "all laws hold" } else { "a law is broken" };
    println!("\n{rows} scenarios, {whole} explored whole: {states} states, {laws}");
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
