//! Builds the executable that is staged.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Profile;
use crate::function_app::EXECUTABLE;
use crate::workspace::{self, Workspace};

const MUSL: &str = "x86_64-unknown-linux-musl";
const GNU: &str = "x86_64-unknown-linux-gnu";

/// Builds the app and says where cargo put it.
pub(super) fn executable(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "farshore", "--bin", EXECUTABLE]);
    cargo.arg("--message-format=json-render-diagnostics");
    if profile == Profile::Release {
        cargo.arg("--release");
        for_any_linux(workspace, &mut cargo);
    }
    let messages = workspace::answer(&mut cargo)?;
    messages.lines().find_map(executable_in).context("cargo built no executable")
}

/// A binary without a C library of its own machine. With the GNU target the explicit `--target`
/// matters: without it the flag would reach procedural macros too, which must be dynamic.
fn for_any_linux(workspace: &Workspace, cargo: &mut Command) {
    if can_build_musl(workspace) {
        println!("building for {MUSL}");
        cargo.args(["--target", MUSL]);
        return;
    }
    println!("building for {GNU} with a static C library");
    cargo.args(["--target", GNU]);
    let flags = env::var("RUSTFLAGS").unwrap_or_default();
    cargo.env("RUSTFLAGS", format!("{flags} -C target-feature=+crt-static").trim_start());
    cargo.env_remove("CARGO_ENCODED_RUSTFLAGS");
}

/// The database and the TLS library are C, so the target alone is not enough.
fn can_build_musl(workspace: &Workspace) -> bool {
    let mut libdir = workspace.program("rustc");
    libdir.args(["--print", "target-libdir", "--target", MUSL]);
    let has_target = workspace::answer(&mut libdir)
        .is_ok_and(|folder| PathBuf::from(folder.trim()).join("self-contained").is_dir());
    has_target && workspace::is_installed(workspace.program("musl-gcc").arg("--version"))
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    executable: Option<PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

fn executable_in(line: &str) -> Option<PathBuf> {
    let message: Message = serde_json::from_str(line).ok()?;
    let is_ours = message.target.is_some_and(|target| target.name == EXECUTABLE);
    if message.reason == "compiler-artifact" && is_ours { message.executable } else { None }
}

#[cfg(test)]
mod tests {
    use super::executable_in;

    #[test]
    fn the_library_of_the_same_name_is_not_the_executable() {
        let library =
            r#"{"reason":"compiler-artifact","target":{"name":"farshore"},"executable":null}"#;
        let binary = r#"{"reason":"compiler-artifact","target":{"name":"farshore"},"executable":"/t/farshore"}"#;

        assert_eq!(executable_in(library), None);
        assert_eq!(executable_in(binary), Some("/t/farshore".into()));
        assert_eq!(executable_in("a line of a build script"), None);
    }
}
