//! Ends what a killed process leaves behind.
//!
//! SIGKILL gives the host no chance to end its handler, and asking the kernel for it
//! (`PR_SET_PDEATHSIG`) is unsafe code. So the host starts a guard: this program again, in a process
//! group of its own, that reads from a pipe which only the host holds. The host tells it the
//! handler's process group; when the pipe ends, the host is gone, and the guard kills the group.

use std::collections::BTreeSet;
use std::io::{BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;

use rustix::process::{Pid, Signal, kill_process_group};

/// The argument that makes the program a guard.
pub const ARGUMENT: &str = "--guard";

/// The host's side of the pipe.
#[derive(Debug)]
pub struct Guard {
    pipe: Mutex<ChildStdin>,
    _process: Child,
}

impl Guard {
    /// Starts a guard from this executable.
    pub fn start(executable: &Path) -> std::io::Result<Self> {
        let mut process = Command::new(executable)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()?;
        let pipe = process.stdin.take().ok_or_else(|| std::io::Error::other("no pipe"))?;
        Ok(Self { pipe: Mutex::new(pipe), _process: process })
    }

    /// From now on the group of this process dies with us.
    pub fn watch(&self, group: u32) {
        self.tell('+', group);
    }

    /// The process has ended by itself.
    pub fn forget(&self, group: u32) {
        self.tell('-', group);
    }

    fn tell(&self, sign: char, group: u32) {
        let mut pipe = self.pipe.lock().expect("no code panics while it holds this lock");
        // Without its guard the host still works.
        let _ = writeln!(pipe, "{sign}{group}").and_then(|()| pipe.flush());
    }
}

/// The guard's side: reads until the pipe ends, then kills.
pub fn run(pipe: impl BufRead) {
    let mut groups = BTreeSet::new();
    for line in pipe.lines().map_while(Result::ok) {
        let (sign, group) = line.split_at_checked(1).unwrap_or_default();
        let Some(group) = group.parse().ok().and_then(Pid::from_raw) else { continue };
        if sign == "+" {
            groups.insert(group.as_raw_nonzero());
        } else {
            groups.remove(&group.as_raw_nonzero());
        }
    }
    for group in groups {
        if let Some(group) = Pid::from_raw(group.get()) {
            // A group that is gone already is what was wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
