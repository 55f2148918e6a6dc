//! The copy of the sources that the bugs are planted into.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::bugs::{self, Bug};
use super::layers::{Layer, Seeds};
use super::programs::{Program, Programs, SWITCH};
use crate::workspace::{self, Workspace};

/// Whose tests are run; the others start processes, or test what is not shipped and not planted into.
const TESTED: &[&str] =
    &["recovery", "azure", "engine", "store", "bus", "clock", "simulator", "farshore"];
/// Whose programs are run.
const RUN: &[(&str, &str, Layer)] = &[
    ("model", "model", Layer::Model),
    ("simulation", "simulation", Layer::Simulation),
    ("simulation", "cuts", Layer::Cuts),
];

#[derive(Debug)]
pub(super) struct Copy {
    root: PathBuf,
    /// Tells these sources, without any bug, from all others.
    digest: u64,
    /// What property tests have failed with before: they add to it what a bug makes them fail with.
    remembered: Vec<(PathBuf, Vec<u8>)>,
}

impl Copy {
    /// Writes only what has changed since the last time, so that only that is built again.
    pub(super) fn make(workspace: &Workspace, root: &Path, bugs: &[Bug]) -> Result<Self> {
        let files = files(workspace)?;
        let mut hash = DefaultHasher::new();
        let mut remembered = Vec::new();
        let texts = |file: &str| {
            fs::read_to_string(workspace.path(file)).with_context(|| format!("cannot read {file}"))
        };
        let mut planted = bugs::plant(bugs, texts)?;
        let switched: BTreeSet<_> = bugs.iter().map(|bug| root_module(&bug.file)).collect();
        for file in switched {
            let text = planted.remove(&file).map_or_else(|| texts(&file), Ok)?;
            planted.insert(file, format!("{text}\n{}", switch()));
        }
        for file in &files {
            let bytes = fs::read(workspace.path(file))?;
            if is_built(file) {
                (file, &bytes).hash(&mut hash);
            }
            if file.contains("/regressions/") {
                remembered.push((root.join(file), bytes.clone()));
            }
            let bytes = planted.remove(file).map_or(bytes, String::into_bytes);
            write(&root.join(file), &bytes)?;
        }
        let modules = root.join("node_modules");
        if workspace.path("node_modules").exists() && !modules.exists() {
            std::os::unix::fs::symlink(workspace.path("node_modules"), modules)?;
        }
        Ok(Self { root: root.to_owned(), digest: hash.finish(), remembered })
    }

    /// Names a result: what was run, on which sources, with which bug.
    pub(super) fn key(&self, bug: Option<&Bug>, layer: Layer, seeds: &Seeds) -> String {
        let mut hash = DefaultHasher::new();
        (self.digest, bug, layer, layer.arguments(seeds)).hash(&mut hash);
        format!("{:016x}", hash.finish())
    }

    /// Builds everything once.
    pub(super) fn build(&self, workspace: &Workspace) -> Result<Programs> {
        let mut test = self.cargo(workspace, "test");
        test.arg("--no-run");
        let mut build = self.cargo(workspace, "build");
        build.arg("--bins");
        for package in TESTED {
            test.args(["--package", package]);
        }
        for package in RUN.iter().map(|(package, ..)| *package).collect::<BTreeSet<_>>() {
            build.args(["--package", package]);
        }
        let mut all = programs(&self.root, &workspace::answer(&mut test)?)?;
        all.extend(programs(&self.root, &workspace::answer(&mut build)?)?);
        Ok(Programs { all, remembered: self.remembered.clone() })
    }

    fn cargo(&self, workspace: &Workspace, verb: &str) -> std::process::Command {
        let mut cargo = workspace.cargo();
        cargo.current_dir(&self.root).args([verb, "--locked"]);
        cargo.args(["--message-format", "json-render-diagnostics"]);
        cargo.arg("--target-dir").arg(self.root.join("target"));
        cargo
    }
}

/// What git tracks or would track.
fn files(workspace: &Workspace) -> Result<Vec<String>> {
    let mut git = workspace.program("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]);
    let answer = workspace::answer(&mut git)?;
    let names = answer.split('\0').filter(|it| !it.is_empty());
    Ok(names.filter(|it| workspace.path(it).is_file()).map(str::to_owned).collect())
}

/// What the programs are made of; the lists of bugs, the documents and this command are not.
fn is_built(file: &str) -> bool {
    let of_us = ["handlers/", "crates/", "tests/", "schemas/", "plans/", "Cargo."];
    of_us.iter().any(|start| file.starts_with(start))
}

/// The file that is the root of the crate that this file is part of.
fn root_module(file: &str) -> String {
    match file.split_once("/src/") {
        Some((package, _)) => format!("{package}/src/lib.rs"),
        None => "handlers/lib.rs".to_owned(),
    }
}

/// The module that says whether a bug is switched on.
fn switch() -> String {
    format!(
        r#"
pub(crate) mod planted {{
    use std::sync::OnceLock;

    static PLANTED: OnceLock<Option<String>> = OnceLock::new();

    #[inline(never)]
    pub(crate) fn is(name: &str) -> bool {{
        PLANTED.get_or_init(|| std::env::var("{SWITCH}").ok()).as_deref() == Some(name)
    }}
}}
"#
    )
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().context("a file has a folder")?)?;
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[derive(Debug, Deserialize)]
struct Built {
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    profile: Option<Profile>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Profile {
    test: bool,
}

/// The programs among what cargo says that it has built.
fn programs(root: &Path, said: &str) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for line in said.lines().filter(|line| line.starts_with('{')) {
        let built: Built = serde_json::from_str(line)?;
        let (Some(path), Some(manifest), Some(target), Some(profile)) =
            (built.executable, built.manifest_path, built.target, built.profile)
        else {
            continue;
        };
        let folder = manifest.parent().context("a manifest has a folder")?.to_path_buf();
        let layer = if profile.test {
            Some(Layer::Tests)
        } else {
            RUN.iter().find(|(_, name, _)| *name == target.name).map(|(.., layer)| *layer)
        };
        let root = root.to_owned();
        programs.extend(layer.map(|layer| Program {
            name: target.name,
            layer,
            path,
            folder,
            root,
        }));
    }
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_goes_into_the_root_of_the_crate() {
        assert_eq!(root_module("crates/store/src/blob/lease.rs"), "crates/store/src/lib.rs");
        assert_eq!(root_module("handlers/queue.rs"), "handlers/lib.rs");
    }

    #[test]
    fn tests_and_programs_are_told_apart() {
        let line = |name: &str, test: bool| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/c/{name}/Cargo.toml","target":{{"name":"{name}"}},"profile":{{"test":{test}}},"executable":"/t/{name}"}}"#
            )
        };
        let said = [line("it", true), line("cuts", false), line("farshore", false)].join("\n");
        let found =
            programs(Path::new("/c"), &format!("{said}\n{{\"reason\":\"build-finished\"}}"))
                .unwrap();
        let found: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.layer)).collect();
        assert_eq!(found, [("it", Layer::Tests), ("cuts", Layer::Cuts)]);
    }
}
