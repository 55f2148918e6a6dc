//! Azurite, Microsoft's local Azure Storage, as the root's `package.json` pins it.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Result, ensure};

use crate::workspace::{self, Workspace};

/// Installs what the root's `package-lock.json` says, unless that is what is there.
///
/// No package needs a script of its own at installation, so none gets to run one.
pub(crate) fn set_up(workspace: &Workspace) -> Result<()> {
    let lock = workspace.path("package-lock.json");
    ensure!(lock.is_file(), "package-lock.json is missing: it pins Azurite for the store's tests");
    if is_current(&lock, &workspace.path("node_modules")) {
        println!("Azurite is installed");
        return Ok(());
    }
    for program in ["node", "npm"] {
        ensure!(
            workspace::is_installed(workspace.program(program).arg("--version")),
            "`{program}` is missing: the Blob store is tested on Azurite, which needs Node.js \
             20 or later with npm; install them and run this again"
        );
    }
    workspace::run(workspace.program("npm").args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ]))?;
    ensure!(is_current(&lock, &workspace.path("node_modules")), "npm did not install Azurite");
    Ok(())
}

/// npm writes `.package-lock.json` last, so its time is that of the last whole installation.
fn is_current(lock: &Path, modules: &Path) -> bool {
    let installed = modified(&modules.join(".package-lock.json"));
    modules.join(".bin/azurite-blob").exists() && installed >= modified(lock) && installed.is_some()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|it| it.modified()).ok()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::{Duration, SystemTime};

    use super::is_current;

    #[test]
    fn a_lock_file_newer_than_the_installation_asks_for_another() {
        let folder = tempfile::tempdir().unwrap();
        let modules = folder.path().join("node_modules");
        fs::create_dir_all(modules.join(".bin")).unwrap();
        fs::write(modules.join(".bin/azurite-blob"), "").unwrap();
        let lock = File::create(folder.path().join("package-lock.json")).unwrap();
        let lock_path = folder.path().join("package-lock.json");
        assert!(!is_current(&lock_path, &modules), "npm never finished");

        let installed = File::create(modules.join(".package-lock.json")).unwrap();
        let noon = SystemTime::UNIX_EPOCH + Duration::from_hours(12);
        installed.set_modified(noon).unwrap();
        lock.set_modified(noon - Duration::from_mins(1)).unwrap();
        assert!(is_current(&lock_path, &modules));

        lock.set_modified(noon + Duration::from_mins(1)).unwrap();
        assert!(!is_current(&lock_path, &modules), "the lock file changed since");
    }
}
