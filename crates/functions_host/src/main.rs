//! `functions-host`: a local Azure Functions host for a staged app, and the platform around it.

use std::collections::BTreeMap;
use std::io::{BufReader, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser;
use clock::Clock;
use functions_host::guard::{self, Guard};
use functions_host::host::Level;
use functions_host::platform::{Platform, SUPERVISED};
use functions_host::wire::ScheduleStatus;
use functions_host::{App, HandlerProcess, Host, Note, Options, drive, http_broker, serve};
use jiff::SignedDuration;
use serde_json::json;
use tokio::net::TcpListener;

/// Runs a staged function app with a custom handler.
///
/// Each time the handler becomes ready, one line of JSON goes to standard output:
/// `{"url":…,"handler_port":…,"generation":…,"handler_pid":…,"host_pid":…}`. Logs go to standard
/// error.
#[derive(Debug, Clone, Parser)]
#[command(name = "functions-host")]
struct Arguments {
    /// Directory of the staged app: host.json, the executable, <function>/function.json.
    #[arg(long)]
    app: PathBuf,
    /// Where the broker of the local Azure answers, `http://127.0.0.1:PORT`.
    #[arg(long)]
    broker: String,
    /// Port for HTTP triggers, on 127.0.0.1; 0 for a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Function key; may be repeated.
    #[arg(long = "key")]
    keys: Vec<String>,
    /// Master key: opens every function, and /admin.
    #[arg(long)]
    master_key: Option<String>,
    /// Simulated time, as the clock setting of the local Azure; without it, the system's clock.
    #[arg(long)]
    clock: Option<String>,
    /// App setting NAME=VALUE; may be repeated. The host's own environment counts too.
    #[arg(long = "env")]
    settings: Vec<String>,
    /// File that keeps the statuses of timers between two lives of the host.
    #[arg(long)]
    schedules: Option<PathBuf>,
    /// Loses every so-manieth completion, so that its message is delivered again.
    #[arg(long)]
    duplicate_every: Option<u64>,
    /// Keeps a host alive: starts it again when it has stopped.
    #[arg(long)]
    platform: bool,
    /// With --platform: seconds of the clock from the end of a host to the next start.
    #[arg(long, default_value_t = 10)]
    restart_after: i64,
    /// Ends when standard input does.
    #[arg(long, hide = true)]
    supervised: bool,
}

fn main() -> anyhow::Result<()> {
    if std::env::args().nth(1).as_deref() == Some(guard::ARGUMENT) {
        guard::run(BufReader::new(std::io::stdin()));
        return Ok(());
    }
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("FUNCTIONS_HOST_LOG")
                .unwrap_or_else(|_| "info".into()),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let runtime = tokio::runtime::Runtime::new().context("no runtime")?;
    runtime.block_on(run(Arguments::parse()))
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let clock = match &arguments.clock {
        Some(setting) => Clock::parse(setting)?,
        None => Clock::System,
    };
    if arguments.platform {
        return run_platform(&arguments, clock).await;
    }
    let mut environment = Vec::new();
    for setting in &arguments.settings {
        let (name, value) =
            setting.split_once('=').with_context(|| format!("{setting:?} is not NAME=VALUE"))?;
        environment.push((name.to_owned(), value.to_owned()));
    }
    let mut settings: BTreeMap<String, String> = std::env::vars().collect();
    settings.extend(environment.iter().cloned());
    let app = App::read(&arguments.app, &settings)?;
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let handler_port = free_port().await?;
    let schedules = arguments.schedules.as_ref().map(read_schedules).unwrap_or_default();
    let options = Options {
        handler_port,
        function_keys: arguments.keys.clone(),
        master_key: arguments.master_key.clone(),
        receiver: format!("functions-host-{}-{}", std::process::id(), jiff::Timestamp::now()),
        poll_every: poll_every(clock),
        duplicate_every: arguments.duplicate_every,
        schedules: schedules.clone(),
        seed: u64::from(std::process::id()),
    };
    let guard = Guard::start(&std::env::current_exe()?)?;
    let handler = Arc::new(HandlerProcess::new(handler_port, environment, Some(guard)));
    let observer = Teller {
        handler: Arc::clone(&handler),
        url,
        handler_port,
        schedules,
        file: arguments.schedules.clone(),
    };
    let broker = Arc::new(http_broker(&arguments.broker));
    let mut running = drive(Host::new(app, options), clock, handler, broker, observer);
    let server = tokio::spawn(serve(listener, running.client(), std::future::pending()));
    let reason = tokio::select! {
        reason = running.stopped() => reason,
        () = asked_to_stop(arguments.supervised) => {
            running.shut_down();
            running.stopped().await;
            server.abort();
            return Ok(());
        }
    };
    server.abort();
    anyhow::bail!("{reason}")
}

async fn run_platform(arguments: &Arguments, clock: Clock) -> anyhow::Result<()> {
    // One port for all hosts: their URL stays.
    let port = if arguments.port == 0 { free_port().await? } else { arguments.port };
    let mut kept: Vec<String> = vec!["--port".into(), port.to_string()];
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--platform" | SUPERVISED => {}
            "--port" | "--restart-after" => drop(given.next()),
            other if other.starts_with("--port=") || other.starts_with("--restart-after=") => {}
            _ => kept.push(argument),
        }
    }
    let platform = Platform {
        executable: std::env::current_exe()?,
        arguments: kept,
        clock,
        restart_after: SignedDuration::from_secs(arguments.restart_after),
    };
    platform.run(asked_to_stop(arguments.supervised)).await?;
    Ok(())
}

/// SIGTERM, Ctrl-C, or for a supervised host the end of its input.
async fn asked_to_stop(supervised: bool) {
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    let input_ended = async {
        if !supervised {
            std::future::pending::<()>().await;
        }
        let (ended, end) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            // An input that cannot be read has ended too, and so has a host that does not listen.
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            let _ = ended.send(());
        });
        // The sender goes only after it has sent.
        let _ = end.await;
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
        () = input_ended => {}
    }
}

/// A port nobody listens on now.
async fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?.port())
}

/// A tenth of a second of the clock, but no more often than every 5 ms of the wall.
fn poll_every(clock: Clock) -> SignedDuration {
    let speed = i64::from(clock.speed());
    SignedDuration::from_millis(100.max(5 * speed))
}

fn read_schedules(file: &PathBuf) -> BTreeMap<String, ScheduleStatus> {
    // A file that is not there or not whole is a host that never ran.
    let text = std::fs::read(file).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Tells the outside what the host says.
struct Teller {
    handler: Arc<HandlerProcess>,
    url: String,
    handler_port: u16,
    schedules: BTreeMap<String, ScheduleStatus>,
    file: Option<PathBuf>,
}

impl functions_host::Observer for Teller {
    #[expect(clippy::print_stdout, reason = "the line that says where the host answers")]
    fn note(&mut self, note: Note) {
        match note {
            Note::Ready { generation } => {
                let line = json!({
                    "url": self.url,
                    "handler_port": self.handler_port,
                    "generation": generation,
                    "handler_pid": self.handler.id(generation),
                    "host_pid": std::process::id(),
                });
                println!("{line}");
            }
            Note::Started { function, invocation } => {
                tracing::debug!(%function, %invocation, "executing");
            }
            Note::Ended { function, invocation, failure: None } => {
                tracing::debug!(%function, %invocation, "succeeded");
            }
            Note::Ended { function, invocation, failure: Some(failure) } => {
                tracing::error!(%function, %invocation, %failure, "failed");
            }
            Note::Log { level, category, text } => match level {
                Level::Information => tracing::info!(target: "host", %category, "{text}"),
                Level::Warning => tracing::warn!(target: "host", %category, "{text}"),
                Level::Error => tracing::error!(target: "host", %category, "{text}"),
            },
            Note::Stopped { reason } => tracing::info!(%reason, "the host has stopped"),
        }
    }

    fn save(&mut self, function: String, status: ScheduleStatus) {
        self.schedules.insert(function, status);
        let Some(file) = &self.file else { return };
        let text = json!(self.schedules).to_string();
        if let Err(error) = std::fs::write(file, text) {
            tracing::error!(%error, file = %file.display(), "the statuses of timers are not kept");
        }
    }
}
