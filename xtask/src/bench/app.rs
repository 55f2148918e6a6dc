//! Starting the staged app as the Functions host does, but with nothing behind it.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::function_app::EXECUTABLE;

/// Nothing listens on the discard port: a bench reaches no one.
const NOBODY: &str = "http://127.0.0.1:9";
const PATIENCE: Duration = Duration::from_secs(10);
/// A turn ends after half a minute at the latest.
const LONGEST_CALL: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub(super) struct StagedApp {
    folder: PathBuf,
    log: PathBuf,
    /// Shared by all runs: a cold start in Azure finds its store made, and so should these.
    store: TempDir,
}

impl StagedApp {
    pub(super) fn new(folder: &Path, logs: &Path) -> Result<Self> {
        fs::create_dir_all(logs)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            log: logs.join("app.log"),
            store: tempfile::tempdir()?,
        })
    }

    /// Starts the app and waits for its first answer. The settings given here win.
    pub(super) fn start(&self, settings: &[(&str, String)]) -> Result<RunningApp> {
        let port = free_port()?;
        let log = File::create(&self.log)?;
        let mut command = Command::new(self.folder.join(EXECUTABLE));
        command
            .current_dir(&self.folder)
            .env_clear()
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
            .env(
                "FARSHORE_STORE",
                format!("sqlite:{}", self.store.path().join("farshore.db").display()),
            )
            .env("FARSHORE_ARM_ENDPOINT", NOBODY)
            .env("FARSHORE_AUTHORITY_HOST", NOBODY)
            .env("FARSHORE_SERVICE_BUS_ENDPOINT", NOBODY)
            .env("IDENTITY_ENDPOINT", format!("{NOBODY}/msi/token"))
            .env("IDENTITY_HEADER", "bench")
            .env("FARSHORE_LOG", "warn")
            .envs(settings.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::null())
            .stderr(log.try_clone()?)
            .stdout(log);
        let started = Instant::now();
        let process = command.spawn().context("cannot start the staged app")?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut app = RunningApp { process, address, to_first_answer: Duration::ZERO };
        while !answers(address) {
            if let Some(status) = app.process.try_wait()? {
                bail!("the app ended at its start with {status}; see {}", self.log.display());
            }
            if started.elapsed() > PATIENCE {
                bail!("the app did not answer in {PATIENCE:?}; see {}", self.log.display());
            }
            // Short, so that the figure is the app's and not ours; not zero, so that we do not
            // take one of few processors away from it.
            thread::park_timeout(Duration::from_micros(100));
        }
        app.to_first_answer = started.elapsed();
        Ok(app)
    }
}

/// A started app; it is killed, as the host does, when this is dropped.
#[derive(Debug)]
pub(super) struct RunningApp {
    process: Child,
    address: SocketAddr,
    pub(super) to_first_answer: Duration,
}

impl RunningApp {
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Calls the app as the host does, and returns the body of its answer, which must be good.
    pub(super) fn call(&self, method: &str, path: &str, body: &str) -> Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(LONGEST_CALL))?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).with_context(|| format!("{method} {path}"))?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the answer broke off")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        ensure!(status.starts_with('2'), "{method} {path} was answered {status}: {body}");
        Ok(body.to_owned())
    }
}

impl Drop for RunningApp {
    fn drop(&mut self) {
        // Both fail only if the process has ended already, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The host's readiness probe: any answer to `GET /` will do.
fn answers(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let request = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    let mut start = [0; 5];
    stream.set_read_timeout(Some(PATIENCE)).is_ok()
        && stream.write_all(request).is_ok()
        && stream.read_exact(&mut start).is_ok()
        && start == *b"HTTP/"
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    Ok(listener.local_addr()?.port())
}
