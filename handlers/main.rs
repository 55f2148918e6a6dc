//! The process that the Azure Functions host starts.

use std::io::Write;
use std::net::Ipv4Addr;
use std::process::ExitCode;

use farshore::config::Config;
use farshore::{App, log, router};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// The host never restarts a handler that ends with 0 (Azure/azure-functions-host,
/// `HttpWorkerProcess`), so no end of ours is a 0: not even the one that was asked for.
const TERMINATED: u8 = 128 + 15;
const INTERRUPTED: u8 = 128 + 2;
const FAILED: u8 = 1;

fn main() -> ExitCode {
    let variable = |name: &str| Some(std::env::var_os(name)?.to_string_lossy().into_owned());
    let app = Config::read(variable).and_then(|config| {
        log::start(&config.log);
        Ok((config.port, App::open(config)?))
    });
    let (port, app) = match app {
        Ok(app) => app,
        Err(problems) => return complain(&problems),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime {
        // Dropping the runtime would wait for blocking work; the process ends as it stands.
        Ok(runtime) => {
            let code = runtime.block_on(serve(port, app));
            runtime.shutdown_background();
            code
        }
        Err(error) => complain(&error),
    }
}

async fn serve(port: u16, app: App) -> ExitCode {
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => listener,
        Err(error) => return complain(&format!("cannot listen on 127.0.0.1:{port}: {error}")),
    };
    let (mut term, mut int) =
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(term), Ok(int)) => (term, int),
            (Err(error), _) | (_, Err(error)) => return complain(&error),
        };
    tracing::info!(port, version = env!("CARGO_PKG_VERSION"), "farshore listens");
    // What is under way is cut: recovery after a crash is the ordinary path.
    tokio::select! {
        ended = async { axum::serve(listener, router(app)).await } => match ended {
            Ok(()) => complain(&"the listener ended"),
            Err(error) => complain(&error),
        },
        _ = term.recv() => ExitCode::from(TERMINATED),
        _ = int.recv() => ExitCode::from(INTERRUPTED),
    }
}

/// The host shows the last lines of standard error as the reason of an exit.
fn complain(problem: &dyn std::fmt::Display) -> ExitCode {
    // Nobody may be listening, and there is nothing else to do about it.
    drop(writeln!(std::io::stderr(), "farshore cannot run: {problem}"));
    ExitCode::from(FAILED)
}
