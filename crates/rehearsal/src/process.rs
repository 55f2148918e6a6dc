//! Child processes: each in a process group of its own with its log in a file, killed with us
//! whatever kills us.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use functions_host::guard::Guard;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

/// How long a process may take to say that it is ready.
const READY_LIMIT: Duration = Duration::from_mins(1);
/// How long a process may take to end when it is asked to.
const END_LIMIT: Duration = Duration::from_secs(5);
/// How much of a log goes into an error.
const TAIL: usize = 20;

/// A process that prints a line of JSON whenever it is ready.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
    group: u32,
    log: PathBuf,
    guard: Arc<Guard>,
    lines: watch::Receiver<Option<String>>,
}

impl Process {
    pub(crate) fn start(
        name: &str,
        mut command: Command,
        logs: &Path,
        guard: &Arc<Guard>,
    ) -> Result<Self> {
        let log = logs.join(format!("{name}.log"));
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let group = child.id().with_context(|| format!("{name} has ended at once"))?;
        guard.watch(group);
        let stdout = child.stdout.take().context("standard output is piped above")?;
        let (said, lines) = watch::channel(None);
        tokio::spawn(async move {
            let mut stdout = BufReader::new(stdout).lines();
            // Reads to the end: a full pipe would stop the process.
            while let Ok(Some(line)) = stdout.next_line().await {
                said.send_replace(Some(line));
            }
        });
        Ok(Self { name: name.to_owned(), child, group, log, guard: Arc::clone(guard), lines })
    }

    /// Waits for the first line.
    pub(crate) async fn ready<T: DeserializeOwned>(&mut self) -> Result<T> {
        let mut lines = self.lines.clone();
        let line = tokio::select! {
            line = lines.wait_for(Option::is_some) => {
                line.ok().and_then(|line| line.clone())
            }
            () = tokio::time::sleep(READY_LIMIT) => None,
        };
        match line {
            Some(line) => serde_json::from_str(&line)
                .with_context(|| format!("{}: not the line expected: {line}", self.name)),
            None => bail!("{} did not become ready; {}", self.name, self.last_words()),
        }
    }

    /// The line that was printed last.
    pub(crate) fn last_line<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.lines.borrow().as_ref()?).ok()
    }

    /// An error if the process has ended.
    pub(crate) fn still_runs(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} has ended with {status}; {}", self.name, self.last_words()),
        }
    }

    /// Asks the process to end, and kills it if it does not.
    pub(crate) async fn end(mut self) -> Result<()> {
        if let Some(pid) = self.child.id() {
            signal(pid, Signal::TERM);
        }
        let ended = tokio::time::timeout(END_LIMIT, self.child.wait()).await;
        if ended.is_err() {
            if let Some(group) = raw(self.group) {
                // A group that is gone already is what was wanted.
                let _ = kill_process_group(group, Signal::KILL);
            }
            self.child.wait().await?;
        }
        self.guard.forget(self.group);
        Ok(())
    }

    fn last_words(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let tail = &lines[lines.len().saturating_sub(TAIL)..];
        format!("its log {} ends with:\n{}", self.log.display(), tail.join("\n"))
    }
}

/// Sends one process a signal; whether there is such a process.
pub(crate) fn signal(pid: u32, signal: Signal) -> bool {
    raw(pid).is_some_and(|pid| kill_process(pid, signal).is_ok())
}

fn raw(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}
