//! Starts Azurite, Microsoft's Azure Storage emulator, for tests and rehearsals.
//!
//! Only its blob service, on a free port of 127.0.0.1, with its data in a directory of the
//! caller or in memory. It stops when the [`Azurite`] is dropped, and also when this process is killed: it
//! watches a pipe that only this process holds.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

mod sas;

/// How long Azurite may take until it listens; it needs about a second on an idle machine.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Ends Azurite when its standard input ends, that is when its parent is gone.
const STOP_WITH_PARENT: &str =
    "data:text/javascript,process.stdin.on('end',()=>process.exit(0)).resume()";

/// A running Azurite.
#[derive(Debug)]
pub struct Azurite {
    child: Child,
    /// Open as long as this process lives; closing it ends Azurite.
    alive: Option<ChildStdin>,
    endpoint: String,
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

impl Azurite {
    /// Starts Azurite with its data in `dir` and returns when it listens.
    ///
    /// Azurite writes its index some seconds late, so that a killed Azurite forgets the latest.
    pub fn start(dir: &Path) -> Result<Self, StartError> {
        Self::start_from(&workspace_root(), Some(dir))
    }

    /// Starts Azurite with its data in memory and returns when it listens.
    pub fn in_memory() -> Result<Self, StartError> {
        Self::start_from(&workspace_root(), None)
    }

    /// The URL of `container`, with a token that may do everything and does not expire.
    pub fn url_with_sas(&self, container: &str) -> String {
        format!("{}/{}/{container}?{}", self.endpoint, sas::ACCOUNT, sas::account_token())
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    fn start_from(root: &Path, dir: Option<&Path>) -> Result<Self, StartError> {
        let main = root.join("node_modules/azurite/dist/src/blob/main.js");
        if !main.is_file() {
            return Err(StartError::NotInstalled { missing: main, root: root.to_owned() });
        }
        let mut command = Command::new("node");
        command
            .args(["--import", STOP_WITH_PARENT])
            .arg(main)
            .args(["--disableTelemetry", "--silent", "--blobHost", "127.0.0.1", "--blobPort", "0"])
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
                return Ok(Self { child, alive, endpoint });
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
        let error = Azurite::start_from(root.path(), None).unwrap_err().to_string();
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
    fn azurite_ends_when_the_pipe_to_its_owner_closes() {
        let mut azurite = Azurite::in_memory().unwrap();
        drop(azurite.alive.take());
        assert!(azurite.child.wait().unwrap().success(), "it leaves by itself, with code 0");
    }
}
