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
}
