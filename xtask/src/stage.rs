//! `cargo xtask stage`: the function app as the Azure Functions host wants it, from an allow-list.
//!
//! host.json, the executable and one `function.json` per function; nothing else of the
//! repository can get in by accident.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};

use crate::function_app::{EXECUTABLE, FunctionApp};
use crate::workspace::Workspace;
use crate::{elf, function_app};

mod build;

pub(crate) use build::linked_as_it_ships;

pub(crate) const DEFAULT_OUT: &str = "target/function-app";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// `release` is what Azure gets; `dev` is for rehearsals on this machine
    #[arg(long, value_enum, default_value_t = Profile::Release)]
    profile: Profile,
    /// The folder to fill; what does not belong there is removed
    #[arg(long, default_value = DEFAULT_OUT)]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    Release,
    Dev,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let out = workspace.path(&arguments.out);
    stage(workspace, arguments.profile, arguments.profile == Profile::Release, &out)
}

/// Self-contained is what runs on a machine that has nothing but a kernel.
pub(crate) fn stage(
    workspace: &Workspace,
    profile: Profile,
    self_contained: bool,
    out: &Path,
) -> Result<()> {
    let app = FunctionApp::read(workspace.root())?;
    let problems = function_app::problems(&app);
    ensure!(problems.is_empty(), "the function app is not valid:\n  {}", problems.join("\n  "));
    let executable = build::executable(workspace, profile)?;
    let mut files = files_of(&app)?;
    let binary = fs::read(&executable)
        .with_context(|| format!("cannot read the built {}", executable.display()))?;
    if self_contained {
        elf::check_self_contained(&binary)
            .with_context(|| format!("{} cannot go to Azure", executable.display()))?;
    }
    files.push(File { path: EXECUTABLE.into(), bytes: binary, mode: 0o755 });
    lay_out(out, &mut files)?;
    print_tree(out, &files);
    Ok(())
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    bytes: Vec<u8>,
    mode: u32,
}

/// The allow-list, but for the executable.
fn files_of(app: &FunctionApp) -> Result<Vec<File>> {
    let read = |from: &Path, to: PathBuf| -> Result<File> {
        let bytes = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
        Ok(File { path: to, bytes, mode: 0o644 })
    };
    let mut files = vec![read(&app.host_path, "host.json".into())?];
    for function in &app.functions {
        files.push(read(&function.path, Path::new(&function.name).join("function.json"))?);
    }
    Ok(files)
}

/// Makes the folder hold exactly these files.
fn lay_out(out: &Path, files: &mut [File]) -> Result<()> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    refuse_a_folder_of_others(out)?;
    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    remove_stale(out, out, files)?;
    for file in files.iter() {
        let path = out.join(&file.path);
        let folder = path.parent().context("a staged file has a folder")?;
        fs::create_dir_all(folder)?;
        // Renamed into place: a running app keeps its old executable, where writing into it
        // would fail with "text file busy".
        let new = tempfile::Builder::new().prefix(".staging-").tempfile_in(folder)?;
        fs::write(new.path(), &file.bytes)?;
        fs::set_permissions(new.path(), fs::Permissions::from_mode(file.mode))?;
        new.persist(&path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Staging removes what does not belong; a mistyped `--out` must not cost anybody a folder.
fn refuse_a_folder_of_others(out: &Path) -> Result<()> {
    let occupied = match fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", out.display())),
    };
    let is_staged = out.join("host.json").is_file() && !out.join("Cargo.toml").exists();
    if occupied && !is_staged {
        bail!("{} holds something else than a staged function app", out.display());
    }
    Ok(())
}

fn remove_stale(out: &Path, folder: &Path, files: &[File]) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let relative = path.strip_prefix(out).context("an entry of the folder is below it")?;
        let is_folder = fs::symlink_metadata(&path)?.is_dir();
        if is_folder && files.iter().any(|file| file.path.starts_with(relative)) {
            remove_stale(out, &path, files)?;
        } else if is_folder {
            fs::remove_dir_all(&path)?;
        } else if !files.iter().any(|file| file.path == relative) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn print_tree(out: &Path, files: &[File]) {
    println!("{}", out.display());
    for file in files {
        println!("  {:>10}  {:o}  {}", file.bytes.len(), file.mode, file.path.display());
    }
}

#[cfg(test)]
mod tests;
