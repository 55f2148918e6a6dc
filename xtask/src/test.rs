//! `cargo xtask test`: what CI runs, and all that it runs.

use anyhow::{Context, Result};
use clap::Args;

use crate::phases::Phases;
use crate::stage::{self, Profile};
use crate::workspace::{self, Workspace};
use crate::{azurite_setup, official_sdks_setup, simulation, tidy};

/// Not where the release is staged, which a person may want to keep.
const STAGED_OUT: &str = "target/staged-for-tests";

/// With the cells three and a half thousand stories, some six minutes; `cargo xtask prove` takes its
/// time.
const STORIES: &str = "--seeds 3000";
/// Each kind of fault at each step.
const CELLS: &str = "--cells";
/// Every request that changes Azure and a sample of all other I/Os, cut in every way.
const CUTS: &str = "--scenario region+loss --scenario planned --scenario drill \
                    --changes-every 40 --reads-every 900 --pairs 5";
/// The same where people step in, or a machine is failed over by itself, at some of the requests.
const OTHER_CUTS: &str = "--scenario aborted+failover --scenario a+machine+fails \
                          --scenario kill+switch+in+the+middle \
                          --scenario planned,+then+forced \
                          --effects-every 4 --changes-every 0 --reads-every 0 --pairs 0";
/// On both sides of whatever a failover writes or sends.
const DEATHS: &str = "--scenario region+loss --way die-before --way die-after \
                      --reads-every 97 --pairs 0";
/// Between any two requests to Azure Blob Storage, in a sample.
const ON_BLOB: &str = "--store blob --scenario region+loss \
                       --changes-every 30 --reads-every 0 --pairs 5";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only set up and test: no formatting, lints, documentation, staged app, stories or cuts
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let linked = if arguments.quick { None } else { stage::linked_as_it_ships(workspace)? };
    let self_contained = linked.is_some();
    let workspace = linked.as_ref().unwrap_or(workspace);
    let mut phases = Phases::default();
    phases.run("tidy", || tidy::run(workspace))?;
    if !arguments.quick {
        phases.run("format", || {
            workspace::run(workspace.cargo().args(["fmt", "--all", "--check"]))
        })?;
    }
    phases.run("azurite", || azurite_setup::set_up(workspace))?;
    phases.run("sdks", || official_sdks_setup::set_up(workspace))?;
    if !arguments.quick {
        let deny = lints_are_fatal(workspace)?;
        phases.run("lint", || lint(workspace, deny))?;
        phases.run("document", || document(workspace, deny))?;
    }
    // The tests that start the app, the host or the local Azure as processes need all of them.
    phases.run("build", || workspace::run(workspace.cargo().args(["build", "--workspace"])))?;
    phases.run("test", || test(workspace))?;
    if !arguments.quick {
        phases.run("stage", || {
            if !self_contained {
                println!("this machine cannot link statically: not checked to be self-contained");
            }
            let out = workspace.path(STAGED_OUT);
            stage::stage(workspace, Profile::Dev, self_contained, &out)
        })?;
        phases.run("stories", || simulation::play(workspace, "simulation", words(STORIES)))?;
        phases.run("cells", || simulation::play(workspace, "simulation", words(CELLS)))?;
        phases.run("cuts", || {
            [CUTS, OTHER_CUTS, DEATHS, ON_BLOB]
                .into_iter()
                .try_for_each(|chosen| simulation::play(workspace, "cuts", words(chosen)))
        })?;
    }
    phases.print_summary();
    Ok(())
}

/// A plus is a space within a word.
fn words(arguments: &str) -> impl Iterator<Item = String> {
    arguments.split_whitespace().map(|word| word.replace('+', " "))
}

fn lint(workspace: &Workspace, deny: bool) -> Result<()> {
    let mut clippy = workspace.cargo();
    clippy.args(["clippy", "--workspace", "--all-targets"]);
    if deny {
        clippy.args(["--", "-D", "warnings"]);
    }
    workspace::run(&mut clippy)
}

fn document(workspace: &Workspace, deny: bool) -> Result<()> {
    let mut doc = workspace.cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--document-private-items"]);
    if deny {
        doc.env("RUSTDOCFLAGS", "-D warnings");
    }
    workspace::run(&mut doc)
}

/// All tests run even if one fails: a red run should say all that is wrong.
fn test(workspace: &Workspace) -> Result<()> {
    if workspace::is_installed(workspace.cargo().args(["nextest", "--version"])) {
        let profile = if std::env::var_os("CI").is_some() { "ci" } else { "default" };
        let arguments = ["nextest", "run", "--workspace", "--no-fail-fast", "--profile", profile];
        return workspace::run(workspace.cargo().args(arguments));
    }
    println!("cargo-nextest is not installed: using cargo test");
    workspace::run(workspace.cargo().args(["test", "--workspace", "--no-fail-fast"]))
}

/// Warnings are errors only for the compiler that the workspace is written against: a newer one
/// knows lints that nobody has seen here, and a stranger's first run should not fail by them.
fn lints_are_fatal(workspace: &Workspace) -> Result<bool> {
    let version = workspace::answer(workspace.program("rustc").arg("--version"))?;
    let manifest = std::fs::read_to_string(workspace.path("Cargo.toml"))?;
    let expected = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'))
        .context("Cargo.toml names no rust-version")?;
    let fatal = is_release_of(&version, expected);
    if !fatal {
        println!("note: lints are written for Rust {expected}; with {version} they only warn");
    }
    Ok(fatal)
}

fn is_release_of(version: &str, expected: &str) -> bool {
    let number = version.split_whitespace().nth(1).unwrap_or_default();
    number
        .strip_prefix(expected)
        .is_some_and(|rest| rest.starts_with('.') && !rest.contains("nightly"))
}

#[cfg(test)]
mod tests {
    use super::is_release_of;

    #[test]
    fn only_a_release_of_the_stated_version_makes_lints_fatal() {
        assert!(is_release_of("rustc 1.95.0 (59807616e 2026-04-14)", "1.95"));
        assert!(is_release_of("rustc 1.95.1", "1.95"));
        assert!(!is_release_of("rustc 1.96.0 (abc 2026-06-01)", "1.95"));
        assert!(!is_release_of("rustc 1.95.0-nightly (abc 2026-01-01)", "1.95"));
        assert!(!is_release_of("rustc 1.9.5", "1.95"));
    }
}
