//! The programs that were built with the bugs in them, and how one is run: with one bug switched on,
//! under a time limit, and only until it has found something.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::layers::Layer;

/// The variable that switches a bug on.
pub(super) const SWITCH: &str = "FARSHORE_PLANTED";

#[derive(Debug)]
pub(super) struct Program {
    pub(super) name: String,
    pub(super) layer: Layer,
    pub(super) path: PathBuf,
    /// The folder of its package: tests read files from there.
    pub(super) folder: PathBuf,
    /// The folder of the workspace: snapshots are named from there.
    pub(super) root: PathBuf,
}

#[derive(Debug)]
pub(super) struct Programs {
    pub(super) all: Vec<Program>,
    /// Files that the programs write to, as they are without any bug.
    pub(super) remembered: Vec<(PathBuf, Vec<u8>)>,
}

/// How a program came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Well,
    Badly,
    /// By us, because of what it said.
    Stopped,
    TimeOut,
}

impl Programs {
    pub(super) fn of(&self, layer: Layer) -> impl Iterator<Item = &Program> {
        self.all.iter().filter(move |program| program.layer == layer)
    }

    /// Makes the programs forget what the last bug has shown them: a case that fails by itself would
    /// find every bug after it.
    pub(super) fn forget(&self) -> Result<()> {
        self.remembered.iter().try_for_each(|(path, bytes)| {
            fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
        })
    }
}

impl Program {
    /// Whether it is built from the package that this file is part of.
    pub(super) fn tests(&self, file: &str) -> bool {
        match file.split_once("/src/") {
            Some((package, _)) => self.folder.ends_with(package),
            None => !self.folder.to_string_lossy().contains("/crates/"),
        }
    }

    /// Runs it until its end, its time or a line that is enough.
    pub(super) fn run(
        &self,
        arguments: &[String],
        bug: Option<&str>,
        limit_s: u64,
        mut is_enough: impl FnMut(&str) -> bool,
    ) -> Result<Ended> {
        let deadline = Instant::now() + Duration::from_secs(limit_s);
        let mut command = Command::new(&self.path);
        command.args(arguments).current_dir(&self.folder).env_remove(SWITCH);
        // What is found is a finding: never a case to remember, nor a new snapshot.
        command.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
        command.env("INSTA_UPDATE", "no").env("INSTA_WORKSPACE_ROOT", &self.root);
        if let Some(bug) = bug {
            command.env(SWITCH, bug);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().with_context(|| format!("cannot start {}", self.path.display()))?;
        let (said, lines) = mpsc::channel();
        read(child.stdout.take(), said.clone());
        read(child.stderr.take(), said);
        let mut ended = None;
        while ended.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            match lines.recv_timeout(left) {
                Ok(line) if is_enough(&line) => ended = Some(Ended::Stopped),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => ended = Some(Ended::TimeOut),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Some(ended) = ended {
            child.kill()?;
            child.wait()?;
            return Ok(ended);
        }
        let status = child.wait()?;
        // A crash is a finding; that somebody stops the program is none.
        ensure!(!matches!(status.signal(), Some(2 | 9 | 15)), "{} was stopped", self.name);
        Ok(if status.success() { Ended::Well } else { Ended::Badly })
    }
}

/// Reads in a thread of its own: a full pipe would stop the program.
fn read(pipe: Option<impl Read + Send + 'static>, said: mpsc::Sender<String>) {
    let Some(pipe) = pipe else { return };
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while pipe.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            if said.send(text).is_err() {
                break;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit_s: u64) -> Result<Ended> {
        let (name, layer) = ("sh".to_owned(), Layer::Tests);
        let (folder, root) = ("/".into(), "/".into());
        let program = Program { name, layer, path: "sh".into(), folder, root };
        let arguments = ["-c".to_owned(), script.to_owned()];
        program.run(&arguments, Some("a-bug"), limit_s, |line| line == "a-bug 1")
    }

    #[test]
    fn a_program_runs_until_it_has_said_enough_or_its_time_is_over() {
        let ended = |script: &str, limit_s| shell(script, limit_s).unwrap();
        assert_eq!(ended("echo fine", 60), Ended::Well);
        assert_eq!(ended("exit 3", 60), Ended::Badly);
        assert_eq!(ended("echo $FARSHORE_PLANTED 1; exec sleep 60", 60), Ended::Stopped);
        assert_eq!(ended("exec sleep 60", 0), Ended::TimeOut);
    }

    #[test]
    fn a_program_that_somebody_stops_has_found_nothing() {
        assert_eq!(shell("kill -6 $$", 60).unwrap(), Ended::Badly);
        assert!(shell("kill -15 $$", 60).is_err());
    }

    #[test]
    fn what_a_bug_has_taught_the_tests_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("properties.txt");
        fs::write(&path, "cc 1\ncc 2\n").unwrap();
        let remembered = vec![(path.clone(), b"cc 1\n".to_vec())];

        Programs { all: Vec::new(), remembered }.forget().unwrap();

        assert_eq!(fs::read_to_string(&path).unwrap(), "cc 1\n");
    }
}
