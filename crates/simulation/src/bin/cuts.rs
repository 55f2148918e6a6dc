//! `cargo xtask cuts`: cuts stories at their I/Os and prints one table.
#![expect(clippy::print_stdout, reason = "a command line tool talks")]

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use simulation::cuts::{Case, Choice, Pairs, Row, Table, prove};
use simulation::rig::Way;
use simulation::story::Backend;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask cuts", about = "Cuts stories at their I/Os, in every way")]
struct Arguments {
    /// Only this scenario or story; may be given more than once
    #[arg(long = "scenario", value_parser = case)]
    cases: Vec<Case>,
    /// Only cuts of this way; may be given more than once
    #[arg(long = "way", value_enum)]
    ways: Vec<Way>,
    /// Only every so many-th of the requests that change Azure or tell people; with 0 none
    #[arg(long, default_value_t = 1)]
    effects_every: usize,
    /// The same of what is written to the store
    #[arg(long, default_value_t = 1)]
    changes_every: usize,
    /// The same of the other I/Os
    #[arg(long, default_value_t = 1)]
    reads_every: usize,
    /// How many pairs of deaths in each scenario, or "all"
    #[arg(long, default_value = "100", value_parser = pairs)]
    pairs: Pairs,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the app keeps everything; `blob` is cut at each of the store's own requests
    #[arg(long, value_enum, default_value = "sqlite")]
    store: Backend,
    /// How many at once; as many as there are processors if left out
    #[arg(long)]
    jobs: Option<usize>,
}

fn case(text: &str) -> Result<Case, String> {
    let all = Case::all();
    let names: Vec<&str> = all.iter().map(|case| case.name).collect();
    let none = format!("one of \"{}\"", names.join("\", \""));
    all.into_iter().find(|case| case.name == text).ok_or(none)
}

fn pairs(text: &str) -> Result<Pairs, String> {
    match text {
        "all" => Ok(Pairs::All),
        number => number.parse().map(Pairs::Some).map_err(|_| "a number, or \"all\"".to_owned()),
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let choice = Choice {
        seed: arguments.seed,
        backend: arguments.store,
        ways: if arguments.ways.is_empty() { Way::ALL.to_vec() } else { arguments.ways },
        effects_every: arguments.effects_every,
        changes_every: arguments.changes_every,
        reads_every: arguments.reads_every,
        pairs: arguments.pairs,
    };
    let began = Instant::now();
    let mut rows: Vec<Row> = Vec::new();
    println!("{}", Table::header());
    let cases = if arguments.cases.is_empty() { Case::all() } else { arguments.cases };
    for case in &cases {
        for row in prove(case, &choice, arguments.jobs.unwrap_or(processors)) {
            println!("{row}");
            rows.push(row);
        }
    }
    let (stories, wrong) = (
        rows.iter().map(|row| row.cut).sum::<usize>(),
        rows.iter().map(|row| row.wrong.len()).sum::<usize>(),
    );
    for (why, count) in rows.iter().flat_map(|row| &row.needs_human) {
        println!("a person asked, {count} times: {why}");
    }
    for (story, what) in rows.iter().flat_map(|row| &row.wrong) {
        println!("{what}\n  --replay a file with: {}", serde_json::json!(story));
    }
    println!("\n{stories} stories in {:.0} s, {wrong} wrong", began.elapsed().as_secs_f64());
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
