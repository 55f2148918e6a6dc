//! Starts Azurite, Microsoft's Azure Storage emulator, for tests and rehearsals.
//!
//! Only its blob service, on a free port of 127.0.0.1, with its data in a directory of the
//! caller or in memory. It stops when the [`Azurite`] is dropped, and also when this process is killed: it
//! watches a pipe that only this process holds.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

mod sas;

/// How long Azurite may take until it listens; it needs about a second on an idle machine.
const START_LIMIT: Duration = Duration::from_mins(1);

/// How long it may take to end when it is asked to.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// What its process runs beside it.
const LIFETIME: &str = include_str!("lifetime.mjs");

/// A running Azurite.
#[derive(Debug)]
pub struct Azurite {
    child: Child,
    /// Open as long as this process lives; closing it ends Azurite.
    alive: Option<ChildStdin>,
    /// Its standard output; behind a lock so that threads may share an Azurite.
    said: Mutex<mpsc::Receiver<String>>,
    endpoint: String,
    root: PathBuf,
    dir: Option<PathBuf>,
}

/// Why Azurite did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("Azurite is not installed ({} is missing): run `npm ci` in {}", missing.display(), root.display())]
    NotInstalled { missing: PathBuf, root: PathBuf },
    #[error("`node` did not start Azurite: {0}; Azurite needs Node.js 20 or newer in the PATH")]
    Node(#[source] std::io::Error),
    #[error("Azurite did not listen within {START_LIMIT:?}; it said: {0:?}")]
    Silent(String),
}

/// Why Azurite did not stop in order.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    #[error("Azurite cannot be reached: {0}")]
    Gone(#[from] std::io::Error),
    #[error("Azurite did not end within {STOP_LIMIT:?} of being asked to")]
    Deaf,
    #[error("Azurite ended with {0}")]
    Failed(ExitStatus),
}

impl Azurite {
    /// Starts Azurite with its data in `dir` and returns when it listens.
    ///
    /// Azurite writes its index some seconds late, so that a killed Azurite forgets the latest;
    /// [`Azurite::stop`] forgets nothing.
    pub fn start(dir: &Path) -> Result<Self, StartError> {
        Self::start_from(&workspace_root(), Some(dir), 0)
    }

    /// Starts Azurite with its data in memory and returns when it listens.
    pub fn in_memory() -> Result<Self, StartError> {
        Self::start_from(&workspace_root(), None, 0)
    }

    /// Stops Azurite in order and returns when its process has ended: what it has confirmed is in
    /// its directory.
    pub fn stop(&mut self) -> Result<(), StopError> {
        if let Some(alive) = &mut self.alive {
            alive.write_all(b"stop\n")?;
        }
        let said = self.said.get_mut().unwrap_or_else(PoisonError::into_inner);
        loop {
            match said.recv_timeout(STOP_LIMIT) {
                Ok(line) if line.contains("successfully closed") => break,
                Ok(_) => {}
                Err(mpsc::RecvTimeoutError::Timeout) => return Err(StopError::Deaf),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
        // Timers of its own keep the process up; the end of its input ends it.
        drop(self.alive.take());
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(StopError::Failed(status)) }
    }

    /// Starts an Azurite that was stopped again, on the same port and with the same directory.
    pub fn start_again(&mut self) -> Result<(), StartError> {
        let port = self.endpoint.rsplit(':').next().and_then(|port| port.parse().ok());
        *self = Self::start_from(&self.root, self.dir.as_deref(), port.unwrap_or_default())?;
        Ok(())
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The URL of `container`, with a token that may do everything and does not expire.
    pub fn url_with_sas(&self, container: &str) -> String {
        format!("{}/{}/{container}?{}", self.endpoint, sas::ACCOUNT, sas::account_token())
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Port 0 is a free one.
    fn start_from(root: &Path, dir: Option<&Path>, port: u16) -> Result<Self, StartError> {
        let main = root.join("node_modules/azurite/dist/src/blob/main.js");
        if !main.is_file() {
            return Err(StartError::NotInstalled { missing: main, root: root.to_owned() });
        }
        let mut command = Command::new("node");
        command
            .args(["--import", &lifetime()])
            .arg(main)
            .args(["--disableTelemetry", "--silent", "--blobHost", "127.0.0.1"])
            .args(["--blobPort", &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        match dir {
            Some(dir) => command.arg("--location").arg(dir),
            None => command.arg("--inMemoryPersistence"),
        };
        let mut child = command.spawn().map_err(StartError::Node)?;
        let alive = child.stdin.take();
        let output = child.stdout.take().expect("standard output is piped above");
        // The thread reads on after the start: a full or closed pipe would stop Azurite.
        let (lines, said) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = lines.send(line);
            }
        });
        let mut heard = String::new();
        while let Ok(line) = said.recv_timeout(START_LIMIT) {
            if let Some((_, endpoint)) = line.split_once("successfully listens on ") {
                let endpoint = endpoint.trim().to_owned();
                let (root, dir) = (root.to_owned(), dir.map(Path::to_owned));
                return Ok(Self { child, alive, said: Mutex::new(said), endpoint, root, dir });
            }
            heard.push_str(&line);
            heard.push('\n');
        }
        let _ = child.kill();
        let _ = child.wait();
        Err(StartError::Silent(heard))
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        drop(self.alive.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The module in an address, as node takes it without a file.
fn lifetime() -> String {
    format!("data:text/javascript,{}", utf8_percent_encode(LIFETIME, NON_ALPHANUMERIC))
}

/// Where `npm ci` puts `node_modules`.
fn workspace_root() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    crates.and_then(Path::parent).expect("this crate lies two folders below the root").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_azurite_is_named_with_the_command_that_installs_it() {
        let root = tempfile::tempdir().unwrap();
        let error = Azurite::start_from(root.path(), None, 0).unwrap_err().to_string();
        assert!(error.contains("run `npm ci` in"), "{error}");
        assert!(error.contains(&root.path().display().to_string()), "{error}");
    }

    #[test]
    fn azurite_listens_on_a_port_of_its_own_and_ends_with_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let azurite = Azurite::start(dir.path()).unwrap();
        let address = azurite.endpoint().strip_prefix("http://").unwrap().to_owned();
        std::net::TcpStream::connect(&address).unwrap();
        assert!(
            azurite
                .url_with_sas("box")
                .starts_with(&format!("http://{address}/devstoreaccount1/box?sv="))
        );
        drop(azurite);
        std::net::TcpStream::connect(&address).unwrap_err();
    }

    #[test]
    fn azurite_that_is_stopped_in_order_starts_again_on_the_same_port() {
        let dir = tempfile::tempdir().unwrap();
        let mut azurite = Azurite::start(dir.path()).unwrap();
        let (endpoint, first) = (azurite.endpoint().to_owned(), azurite.id());
        let address = endpoint.strip_prefix("http://").unwrap();

        azurite.stop().unwrap();
        std::net::TcpStream::connect(address).unwrap_err();
        assert!(dir.path().join("__azurite_db_blob__.json").is_file(), "its index is written");

        azurite.start_again().unwrap();
        assert_eq!(azurite.endpoint(), endpoint);
        assert_ne!(azurite.id(), first);
        std::net::TcpStream::connect(address).unwrap();
    }

    #[test]
    fn azurite_ends_when_the_pipe_to_its_owner_closes() {
        let mut azurite = Azurite::in_memory().unwrap();
        drop(azurite.alive.take());
        assert!(azurite.child.wait().unwrap().success(), "it leaves by itself, with code 0");
    }
}
