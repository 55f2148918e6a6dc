//! Where the repository is, and how other programs are run in it.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

const LIBRARY_TRACES: &str = "RUST_LIB_BACKTRACE";

#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    /// What each program is told besides.
    environment: Vec<(&'static str, String)>,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        // The variable that cargo sets for this run wins over the one of the build: a target
        // folder shared by two checkouts would otherwise lead into the other one.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.parent().context("xtask has no parent folder")?.to_path_buf();
        Ok(Self { root, environment: Vec::new() })
    }

    /// The same, with these variables for whatever is run in it.
    pub(crate) fn with(&self, environment: Vec<(&'static str, String)>) -> Self {
        Self { root: self.root.clone(), environment }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    pub(crate) fn cargo(&self) -> Command {
        self.program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// A program run in the root, without the variables that `cargo run` set for xtask itself:
    /// build scripts that watch them would run again at each change between the two.
    pub(crate) fn program(&self, name: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(name);
        command.current_dir(&self.root).stdin(Stdio::null());
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(is_of_this_run) {
                command.env_remove(name);
            }
        }
        // Whoever asks for the stack of a panic does not ask each error of a library to walk it.
        if env::var_os(LIBRARY_TRACES).is_none() {
            command.env(LIBRARY_TRACES, "0");
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// Runs a program to its end with its output going where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a program to its end and returns what it wrote to stdout; its stderr goes where ours goes.
pub(crate) fn answer(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("{} did not answer in UTF-8", shown(command)))
}

/// Whether a program can be started at all; nothing of its output is shown.
pub(crate) fn is_installed(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|it| it.success())
}

fn is_of_this_run(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
        .iter()
        .any(|prefix| variable.starts_with(prefix))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
