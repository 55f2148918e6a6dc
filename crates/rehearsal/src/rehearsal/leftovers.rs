//! What stays of a rehearsal beside the logs.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::storage::SQLITE_FILE;

/// How the host marks what the app has printed.
const OF_APP: &str = " category=Host.Function.Console";
const BY_HOST: &str = " host: ";

/// Copies what the app has printed out of the host's log into one of its own.
pub(super) fn keep_app_log(logs: &Path) -> Result<()> {
    let host = fs::read_to_string(logs.join("functions-host.log")).unwrap_or_default();
    let to = logs.join("app.log");
    fs::write(&to, lines_of_app(&host)).with_context(|| format!("cannot write {}", to.display()))
}

fn lines_of_app(host: &str) -> String {
    let printed = host.lines().filter_map(|line| {
        let line = line.trim_end().strip_suffix(OF_APP)?;
        Some(line.split_once(BY_HOST).map_or(line, |(_, printed)| printed))
    });
    printed.flat_map(|line| [line, "\n"]).collect()
}

/// Copies the embedded store to where the logs are, for whoever wants to know more.
pub(super) fn keep_store(folder: &Path, logs: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let name = format!("{SQLITE_FILE}{suffix}");
        let from = folder.join(&name);
        let to = logs.join(&name);
        if from.is_file() {
            fs::copy(&from, &to).with_context(|| format!("cannot write {}", to.display()))?;
        } else if to.is_file() {
            // Of an earlier rehearsal; it would belong to another database.
            fs::remove_file(&to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_app_printed_is_told_from_what_the_host_says() {
        let host = "\
2026-11-23T00:01:33Z  INFO host: 2026-11-23T00:01:33Z  INFO farshore: listens on host: x category=Host.Function.Console
2026-11-23T00:01:34Z  INFO host: run: Waiting category=Function.advance_run.User
2026-11-23T00:01:35Z ERROR host: thread panicked category=Host.Function.Console
";
        assert_eq!(
            lines_of_app(host),
            "2026-11-23T00:01:33Z  INFO farshore: listens on host: x\nthread panicked\n"
        );
    }
}
