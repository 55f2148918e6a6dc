//! `cargo rehearse`: a scenario on the local Azure, live, and a verdict. See `docs/rehearsal.md`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Parser, ValueEnum as _};
use rehearsal::live::Terminal;
use rehearsal::report::{self, Report, Setup};
use rehearsal::{
    Audience, Binaries, Entry, Options, Rehearsal, Scenario, StoreKind, Strike, Strikes, Wanted,
    binaries, checks,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Plays a disaster on the local Azure, with the real app as a process, and judges what it did.
///
/// Exit code 0 if everything is as it must be, 1 if not, 130 if it was interrupted.
#[derive(Debug, Parser)]
#[command(name = "cargo rehearse", version)]
struct Arguments {
    #[arg(long, value_enum, default_value_t)]
    scenario: Scenario,
    /// Every scenario, one after the other, each in a folder of its own.
    #[arg(long, conflicts_with_all = ["scenario", "keep_running"])]
    all: bool,
    /// Simulated seconds per second.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    speed: u32,
    /// Where reports and logs go; with --all, a folder in it for each [default:
    /// target/rehearsals/SCENARIO].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where the app keeps its journals [default: sqlite; stale-executor needs azurite].
    #[arg(long, value_enum)]
    store: Option<StoreKind>,
    /// Same seed, same durations.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What Traffic Manager's endpoints lead to.
    #[arg(long, value_enum, default_value_t)]
    entry: Entry,
    /// So many times the app, or it and its host, are killed at instants of the seed; checks of time
    /// are left out then.
    #[arg(long, value_name = "N", default_value_t = 0)]
    kills: usize,
    /// What else befalls the processes, so many seconds after the beginning or when the seed says;
    /// may be repeated. Checks of time are left out then.
    #[arg(long = "strike", value_name = "NAME[@SECONDS]")]
    strikes: Vec<Wanted>,
    /// Prints the names of all strikes, each with the stores where it means something, and ends.
    #[arg(long)]
    list_strikes: bool,
    /// Takes the programs as the build before has left them.
    #[arg(long)]
    no_build: bool,
    /// Leaves everything running after the report, until Ctrl-C.
    #[arg(long)]
    keep_running: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut terminal = Terminal::stdout();
    if arguments.list_strikes {
        list_strikes(&mut terminal);
        return ExitCode::SUCCESS;
    }
    let end = if arguments.all {
        rehearse_all(&arguments, &mut terminal).await
    } else {
        rehearse_or_tell(&arguments, arguments.scenario, &mut terminal).await
    };
    ExitCode::from(match end {
        End::Passed => 0,
        End::Failed => 1,
        End::Interrupted => 130,
    })
}

/// How a rehearsal came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Passed,
    Failed,
    Interrupted,
}

/// Each scenario, whatever becomes of the others; the last line sums up.
async fn rehearse_all(arguments: &Arguments, terminal: &mut Terminal) -> End {
    let mut failed = Vec::new();
    for scenario in Scenario::ALL {
        match rehearse_or_tell(arguments, scenario, terminal).await {
            End::Passed => {}
            End::Failed => failed.push(scenario.name()),
            End::Interrupted => return End::Interrupted,
        }
    }
    let all = Scenario::ALL.len();
    if failed.is_empty() {
        terminal.head(&format!("{all} rehearsals, all ended as they must"));
        return End::Passed;
    }
    let names = failed.join(", ");
    terminal.head(&format!("{all} rehearsals, {} did not end as they must: {names}", failed.len()));
    End::Failed
}

/// What cannot be played has failed.
async fn rehearse_or_tell(
    arguments: &Arguments,
    scenario: Scenario,
    terminal: &mut Terminal,
) -> End {
    rehearse(arguments, scenario, terminal).await.unwrap_or_else(|error| {
        terminal.leave_panel();
        terminal.say(&format!("error: {error:#}"));
        End::Failed
    })
}

async fn rehearse(
    arguments: &Arguments,
    scenario: Scenario,
    terminal: &mut Terminal,
) -> Result<End> {
    let mut interrupts = Interrupts::new()?;
    let out = match &arguments.out {
        Some(out) if arguments.all => out.join(scenario.name()),
        Some(out) => out.clone(),
        None => binaries::root().join("target/rehearsals").join(scenario.name()),
    };
    let out = std::path::absolute(out)?;
    let logs = out.join("logs");
    std::fs::create_dir_all(&logs).with_context(|| format!("cannot create {}", logs.display()))?;
    let _alone = lock(&out)?;

    let Some(binaries) = interrupts.or(find_binaries(arguments, terminal)).await else {
        return Ok(stopped(terminal));
    };
    let mut options = Options::new(scenario, arguments.entry, binaries?, logs);
    options.speed = arguments.speed;
    options.seed = arguments.seed;
    options.store = scenario.store(arguments.store)?;
    let strikes =
        Strikes::kills(arguments.kills, arguments.seed).and(&arguments.strikes, arguments.seed);
    strikes.prepare(&mut options)?;
    let setup = Setup::new(&options, binaries::revision().await);

    let Some(rehearsal) = interrupts.or(Rehearsal::start(options, terminal)).await else {
        return Ok(stopped(terminal));
    };
    let rehearsal = rehearsal.with_context(|| logs_at(&out))?;
    terminal.head(&format!("{} (speed {})", scenario.title(), arguments.speed));
    let play = rehearsal.play_with_strikes(scenario, &strikes, terminal);
    let played = interrupts.or(play).await;
    terminal.leave_panel();
    let Some(evidence) = played else {
        rehearsal.end().await?;
        return Ok(stopped(terminal));
    };
    let passed = match evidence {
        Ok(evidence) => {
            let checks = checks::check(&evidence);
            let report = Report::new(&evidence, &checks, setup);
            report::write(&out, &report, &evidence)?;
            show(terminal, &report, &out);
            report.passed
        }
        Err(error) => {
            terminal.say(&format!("error: {error:#}; {}", logs_at(&out)));
            false
        }
    };
    if arguments.keep_running {
        urls(terminal, &rehearsal);
        interrupts.next().await;
    }
    rehearsal.end().await?;
    Ok(if passed { End::Passed } else { End::Failed })
}

async fn find_binaries(arguments: &Arguments, terminal: &mut Terminal) -> Result<Binaries> {
    if arguments.no_build {
        return Binaries::existing();
    }
    terminal.say("building what is not up to date");
    Binaries::build().await
}

fn show(terminal: &mut Terminal, report: &Report, out: &Path) {
    terminal.head(&format!("Outcome: {}", report.outcome.name()));
    let seconds = |value: Option<f64>| value.map_or("–".to_owned(), |it| format!("{it:.1} s"));
    terminal.say(&format!(
        "detection {} · recovery {} · critical path {:.1} s · lost writes {} · two primaries {:.0} s",
        seconds(report.detection_s),
        seconds(report.rto_s),
        report.critical_path_s,
        report.lost_writes,
        report.dual_writable_s,
    ));
    terminal.say("");
    for check in &report.checks {
        terminal.check(check);
    }
    terminal.say("");
    let guesses = report.hinges_on.len();
    terminal.say(&format!(
        "This verdict rests on {guesses} guesses about Azure; report.md names them."
    ));
    terminal.say("");
    terminal.say(&format!("report  {}", out.join("report.md").display()));
    terminal.say(&format!("        {}", out.join("report.json").display()));
    terminal.say(&logs_at(out));
    if !report.passed {
        let failed = report.checks.iter().filter(|check| !check.passed).count();
        terminal.head(&format!("FAILED: {failed} of {} checks", report.checks.len()));
    }
}

fn list_strikes(terminal: &mut Terminal) {
    for strike in Strike::value_variants() {
        let fits = |store: &&StoreKind| strike.fits(**store);
        let stores = StoreKind::value_variants().iter().filter(fits).map(|store| store.name());
        terminal.say(&format!("{} {}", strike.name(), stores.collect::<Vec<_>>().join(" ")));
    }
}

fn urls(terminal: &mut Terminal, rehearsal: &Rehearsal) {
    let (at, operator) = (&rehearsal.azure.endpoints, rehearsal.operator());
    terminal.head("Everything still runs; Ctrl-C ends it");
    for (name, url) in [
        ("workload", format!("{}/workloads/{}", operator.base, rehearsal::WORKLOAD)),
        ("runs", format!("{}/runs", operator.base)),
        ("key", format!("x-functions-key: {}", operator.key)),
        ("world", format!("{}/control/state", at.control)),
        ("ledger", format!("{}/control/ledger", at.control)),
        ("ARM", at.arm.clone()),
        ("names", at.dns.clone()),
    ] {
        terminal.say(&format!("{name:<9} {url}"));
    }
}

fn logs_at(out: &Path) -> String {
    format!("logs    {}", out.join("logs").display())
}

fn stopped(terminal: &mut Terminal) -> End {
    terminal.leave_panel();
    terminal.say("interrupted");
    End::Interrupted
}

/// Two rehearsals with one folder would mix their logs.
fn lock(out: &Path) -> Result<std::fs::File> {
    let file = std::fs::File::create(out.join(".lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            bail!("another rehearsal writes to {}: give another --out", out.display())
        }
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Ctrl-C, and what else asks a program to end.
struct Interrupts([Signal; 3]);

impl Interrupts {
    fn new() -> Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }

    /// What a future gives, if nobody interrupts it.
    async fn or<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            value = future => Some(value),
            () = self.next() => None,
        }
    }
}
