//! The local Azure as a process: `simulator --speed 10`. See `docs/simulator.md`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use clock::Clock;
use simulator::shell::{Authority, InProcess, Listeners, Recorder, Settings};
use simulator::{EntryForm, Options, World};
use tracing_subscriber::EnvFilter;

/// Plays Azure on loopback ports, and prints one line of JSON with all endpoints when it is ready.
#[derive(Debug, Parser)]
#[command(name = "simulator", version)]
struct Arguments {
    /// The clock of another process: `speed=10;wall=<RFC 3339>;simulated=<RFC 3339>`.
    #[arg(long, value_name = "SETTING", conflicts_with = "speed")]
    clock: Option<String>,
    /// Simulated seconds per second, from the tutorial's start on.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    speed: u32,
    /// Same seed and same requests: same world.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What Traffic Manager's endpoints lead to.
    #[arg(long, value_enum, default_value_t = Entry::ApplicationGateway)]
    entry: Entry,
    /// Where alerts go; can be set later by the control API.
    #[arg(long, value_name = "URL")]
    alert_url: Option<String>,
    /// A fixed port for a door: `arm=8080`, `dns=5353`, `203.0.113.10:80=8081`. May be repeated.
    #[arg(long, value_name = "DOOR=PORT", value_parser = door_and_port)]
    port: Vec<(String, u16)>,
    /// Azure Resource Manager, Entra and Service Bus speak https; writes the certificate of the
    /// authority to trust, made anew at each start.
    #[arg(long, value_name = "CA_FILE")]
    https: Option<PathBuf>,
    /// Writes what passes through Azure's doors, a line of JSON for each request.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Entry {
    ApplicationGateway,
    IbmHttpServer,
}

fn door_and_port(argument: &str) -> Result<(String, u16), String> {
    let (door, port) = argument.rsplit_once('=').ok_or("expected DOOR=PORT")?;
    let port = port.parse().map_err(|error| format!("{port:?} is not a port: {error}"))?;
    Ok((door.to_owned(), port))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let filter =
        EnvFilter::try_from_env("SIMULATOR_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let mut options = Options {
        seed: arguments.seed,
        entry: match arguments.entry {
            Entry::ApplicationGateway => EntryForm::ApplicationGateway,
            Entry::IbmHttpServer => EntryForm::IbmHttpServer,
        },
        alert_url: arguments.alert_url,
        ..Options::default()
    };
    let clock = match &arguments.clock {
        Some(setting) => {
            let clock = Clock::parse(setting)?;
            options.started_at = clock.now();
            clock
        }
        None => Clock::simulated(options.started_at, arguments.speed),
    };
    let world = InProcess::new(World::tutorial(&options), clock);
    let mut settings =
        Settings { ports: arguments.port.into_iter().collect(), ..Settings::default() };
    if let Some(file) = &arguments.https {
        let authority = Authority::new()?;
        std::fs::write(file, authority.certificate())
            .with_context(|| format!("cannot write {}", file.display()))?;
        settings.https = Some(authority);
    }
    if let Some(file) = &arguments.record {
        let recorder = Recorder::create(file);
        settings.record =
            Some(recorder.with_context(|| format!("cannot write {}", file.display()))?);
    }
    let mut listeners =
        Listeners::start(&world, &settings).await.context("cannot open the doors on loopback")?;
    announce(&serde_json::to_string(&listeners.endpoints)?);

    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
        () = listeners.ended() => anyhow::bail!("a door closed by itself"),
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the line is the program's answer to who started it")]
fn announce(line: &str) {
    println!("{line}");
}
