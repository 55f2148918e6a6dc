//! The programs of a rehearsal, built in the profile of this one, and the staged app.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;

/// Where the programs are.
#[derive(Debug, Clone)]
pub struct Binaries {
    pub simulator: PathBuf,
    pub functions_host: PathBuf,
    /// The staged app: a folder as the Functions host wants it.
    pub app: PathBuf,
}

/// The folder of the staged app.
const STAGED: &str = "rehearsed-app";

impl Binaries {
    /// Builds what is not up to date. Cargo's progress goes to standard error.
    pub async fn build() -> Result<Self> {
        let mut build = cargo();
        build.args(["build", "--message-format=json-render-diagnostics"]);
        // With the features that the whole workspace asks for, so that nothing is built twice.
        build.args(["--workspace", "--bin", "simulator", "--bin", "functions-host"]);
        build.args(profile_argument());
        let messages = answer(&mut build).await?;
        let binary = |name: &str| {
            executable(&messages, name).with_context(|| format!("cargo built no {name}"))
        };
        let functions_host = binary("functions-host")?;
        // Beside the programs, so that each profile and each target folder has its own.
        let beside = functions_host.parent().context("a program lies in a folder")?;
        let app = beside.join(STAGED);
        let mut stage = cargo();
        stage.args(["run", "--package", "xtask", "--", "stage"]);
        stage.args(["--profile", if cfg!(debug_assertions) { "dev" } else { "release" }]);
        stage.arg("--out").arg(&app);
        answer(&mut stage).await.context("the function app could not be staged")?;
        Ok(Self { simulator: binary("simulator")?, functions_host, app })
    }

    /// The programs beside this one, as the build before has left them.
    pub fn existing() -> Result<Self> {
        let ours = std::env::current_exe()?;
        let beside = ours.parent().context("a program lies in a folder")?;
        let found = |name: &str| {
            let path = beside.join(name);
            ensure!(path.exists(), "{} is missing: build it first", path.display());
            Ok(path)
        };
        Ok(Self {
            simulator: found("simulator")?,
            functions_host: found("functions-host")?,
            app: found(STAGED)?,
        })
    }
}

/// Installs Azurite if it is missing; whether it was.
pub async fn install_azurite(say: impl FnOnce(&str)) -> Result<()> {
    if root().join("node_modules/.bin/azurite-blob").exists() {
        return Ok(());
    }
    say("Azurite is not installed: npm ci --ignore-scripts");
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-fund", "--no-audit"]).current_dir(root());
    answer(&mut npm)
        .await
        .context("Azurite could not be installed (npm of Node.js 20 or newer)")?;
    Ok(())
}

/// The repository.
pub fn root() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    crates.and_then(Path::parent).expect("this crate lies two folders below the root").to_owned()
}

/// The commit that is checked out, with a plus sign if the work tree differs from it.
pub async fn revision() -> Option<String> {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--exclude=*", "--abbrev=12", "--dirty=+"]);
    git.current_dir(root()).stdin(Stdio::null()).stderr(Stdio::null());
    let output = git.output().await.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}

fn profile_argument() -> Option<&'static str> {
    (!cfg!(debug_assertions)).then_some("--release")
}

/// Cargo in the root, without the variables that `cargo run` set for us: build scripts that watch
/// them would run again.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    for name in std::env::vars_os().map(|(name, _)| name).filter(is_of_this_run) {
        command.env_remove(name);
    }
    command
}

fn is_of_this_run(variable: &OsString) -> bool {
    let variable = variable.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
        .iter()
        .any(|prefix| variable.starts_with(prefix))
}

/// What a command wrote to standard output; its other output goes where ours goes.
async fn answer(command: &mut Command) -> Result<String> {
    let what = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {what}"))?
        .wait_with_output()
        .await?;
    ensure!(output.status.success(), "{what} ended with {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    messages.lines().find_map(|line| {
        let message: Message = serde_json::from_str(line).ok()?;
        if message.target?.name == name { message.executable } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_among_the_messages_and_its_library_is_not() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"simulator"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"simulator"},"executable":"/t/debug/simulator"}
a line of a build script
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages, "simulator"), Some("/t/debug/simulator".into()));
        assert_eq!(executable(messages, "functions-host"), None);
    }
}
