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

const STATIC: [&str; 2] = ["-C", "target-feature=+crt-static"];

/// Wins over `RUSTFLAGS`.
const FLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";
/// Between the flags in it.
const SEPARATOR: &str = "\u{1f}";

/// Builds the app and says where cargo put it.
pub(super) fn executable(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--message-format=json-render-diagnostics"]);
    match profile {
        Profile::Release => cargo.args(["--release", "--package", "farshore", "--bin", EXECUTABLE]),
        // With the features that the whole workspace asks for, so that nothing is built twice.
        Profile::Dev => cargo.args(["--workspace", "--bin", EXECUTABLE]),
    };
    if profile == Profile::Release {
        for_any_linux(workspace, &mut cargo);
    }
    let messages = workspace::answer(&mut cargo)?;
    messages.lines().find_map(executable_in).context("cargo built no executable")
}

/// A binary without a C library of its own machine. With the GNU target the explicit `--target`
/// matters: without it the flag would reach procedural macros too, which must be dynamic.
fn for_any_linux(workspace: &Workspace, cargo: &mut Command) {
    let mut flags = flags_of_the_caller();
    flags.extend(without_local_paths(workspace));
    if can_build_musl(workspace) {
        println!("building for {MUSL}");
        cargo.args(["--target", MUSL]);
    } else {
        println!("building for {GNU} with a static C library");
        cargo.args(["--target", GNU]);
        flags.extend(STATIC.map(str::to_owned));
    }
    cargo.env_remove("RUSTFLAGS").env(FLAGS, flags.join(SEPARATOR));
}

/// The workspace in which cargo links all that it builds as what ships is linked, so that the tests
/// and the staged app can be one build. None where they could not be linked, or would not run.
pub(crate) fn linked_as_it_ships(workspace: &Workspace) -> Result<Option<Workspace>> {
    let rustc = workspace::answer(workspace.program("rustc").arg("-vV"))?;
    let is_host = rustc.lines().any(|line| line == format!("host: {GNU}"));
    if !is_host || !has_static_c_library(workspace) {
        return Ok(None);
    }
    let mut flags = flags_of_the_caller();
    flags.extend(STATIC.map(str::to_owned));
    let environment = [("CARGO_BUILD_TARGET", GNU.to_owned()), (FLAGS, flags.join(SEPARATOR))];
    Ok(Some(workspace.with(environment.into())))
}

fn has_static_c_library(workspace: &Workspace) -> bool {
    let mut cc = workspace.program("cc");
    // A compiler that does not find the file says its name, and no more.
    workspace::answer(cc.arg("-print-file-name=libc.a"))
        .is_ok_and(|path| PathBuf::from(path.trim()).is_absolute())
}

/// The variable that we set replaces both of these.
fn flags_of_the_caller() -> Vec<String> {
    let words = |text: String, by: &str| -> Vec<String> {
        text.split(by).filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    env::var(FLAGS).map_or_else(
        |_| words(env::var("RUSTFLAGS").unwrap_or_default(), " "),
        |text| words(text, SEPARATOR),
    )
}

/// Panic messages name source files; the folders of the machine that built them are nobody's
/// business, and would make two machines build two different binaries.
fn without_local_paths(workspace: &Workspace) -> Vec<String> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|it| it.join(".cargo")));
    let remapped = [(Some(workspace.root().to_path_buf()), "/farshore"), (home, "/cargo")];
    remapped
        .into_iter()
        .filter_map(|(from, to)| Some(format!("--remap-path-prefix={}={to}", from?.display())))
        .collect()
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
