//! What the first instance's host has written down of its invocations.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

/// The host's log from a moment on.
#[derive(Debug)]
pub(crate) struct HostLog {
    path: PathBuf,
    from: usize,
}

/// An invocation that the host calls failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) function: String,
    pub(crate) why: String,
}

const FAILED: &str = " functions_host: failed function=";
const TOLD: &str = " host: ";
/// What the functions that give runs their turns have the host write down.
const OF_TURNS: [&str; 2] =
    [" category=Function.advance_run.User", " category=Function.sweep.User"];

impl HostLog {
    pub(super) fn from_now(path: PathBuf) -> Result<Self> {
        let mut log = Self { path, from: 0 };
        log.from = log.bytes()?.len();
        Ok(log)
    }

    /// What has failed since.
    pub(crate) fn failed(&self) -> Result<Vec<Failure>> {
        let bytes = self.bytes()?;
        let since = bytes.get(self.from..).unwrap_or_default();
        Ok(failures(&String::from_utf8_lossy(since)))
    }

    /// How the turns of runs ended since, in the app's word for each.
    pub(crate) fn turns(&self) -> Result<Vec<String>> {
        let bytes = self.bytes()?;
        let since = bytes.get(self.from..).unwrap_or_default();
        Ok(turns(&String::from_utf8_lossy(since)))
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        fs::read(&self.path).with_context(|| format!("cannot read {}", self.path.display()))
    }
}

fn failures(text: &str) -> Vec<Failure> {
    let of_line = |line: &str| {
        let (function, rest) = line.split_once(FAILED)?.1.split_once(' ')?;
        let why = rest.split_once("failure=")?.1;
        Some(Failure { function: function.to_owned(), why: why.trim_end().to_owned() })
    };
    text.lines().filter_map(of_line).collect()
}

/// `websphere-cafe-incident-1: Overtaken`: the run and how its turn ended. The last line may not be
/// whole yet.
fn turns(text: &str) -> Vec<String> {
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let of_line = |line: &str| {
        let told = OF_TURNS.iter().find_map(|whose| line.strip_suffix(whose))?;
        let told = told.split_once(TOLD)?.1;
        Some(told.split_once(": ")?.1.to_owned())
    };
    whole.lines().filter_map(of_line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_invocation_is_told_from_what_the_app_prints() {
        let text = "\
2026-11-23T02:45:40Z ERROR functions_host: failed function=advance_run invocation=d3f47ab8 failure=Timeout value exceeded by function.
2026-11-23T02:45:41Z ERROR host: a step has failed function=none category=Host.Function.Console
2026-11-23T02:45:41Z ERROR functions_host: failed fun";
        let timeout = "Timeout value exceeded by function.".to_owned();
        assert_eq!(failures(text), [Failure { function: "advance_run".to_owned(), why: timeout }]);
    }

    #[test]
    fn the_end_of_a_turn_is_read_when_its_line_is_whole() {
        let text = "\
2026-11-23T02:45:40Z  INFO host: Executing category=Function.advance_run
2026-11-23T02:45:41Z  INFO host: websphere-cafe-incident-1: Overtaken category=Function.advance_run.User
2026-11-23T02:45:41Z  INFO host: websphere-cafe-incident-1: Ended category=Function.sweep.User
2026-11-23T02:45:41Z  INFO host: websphere-cafe: East US is lost category=Function.watch.User
2026-11-23T02:45:42Z  INFO host: websphere-cafe-incident-1: Wai";
        assert_eq!(turns(text), ["Overtaken", "Ended"]);
    }
}
