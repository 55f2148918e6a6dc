//! Microsoft's Python SDKs for Azure, pinned with their hashes, for the simulator's tests.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::metadata::Metadata;
use crate::workspace::{self, Workspace};

const PINS: &str = "crates/simulator/tests/official_sdks/requirements.txt";

/// Where in cargo's target folder they are; the tests look there too.
const FOLDER: &str = "official-sdks";

/// Written last: says which pins are installed whole.
const INSTALLED: &str = "installed.txt";

const FITS: &str = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";

/// Installs what the pins say, unless that is what is there.
pub(crate) fn set_up(workspace: &Workspace) -> Result<()> {
    let pins = workspace.path(PINS);
    let folder = Metadata::load(workspace)?.target_directory.join(FOLDER);
    if is_current(&pins, &folder)? {
        println!("the official SDKs are installed");
        return Ok(());
    }
    ensure!(
        workspace::is_installed(workspace.program("python3").args(["-c", FITS])),
        "the local Azure is tested with the official Python SDKs, which needs `python3` 3.11 or \
         later with venv (Debian: python3-venv); install it and run this again"
    );
    workspace::run(workspace.program("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    // Wheels only: nothing of a package runs before a test asks for it.
    let mut pip = workspace.program(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--require-hashes", "--only-binary=:all:", "--requirement"]).arg(&pins);
    workspace::run(&mut pip)?;
    fs::copy(&pins, folder.join(INSTALLED))
        .with_context(|| format!("cannot write into {}", folder.display()))?;
    Ok(())
}

fn is_current(pins: &Path, folder: &Path) -> Result<bool> {
    let wanted = fs::read(pins).with_context(|| format!("cannot read {}", pins.display()))?;
    let found = fs::read(folder.join(INSTALLED)).ok();
    Ok(found == Some(wanted) && folder.join("bin/python").exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{INSTALLED, is_current};

    #[test]
    fn other_pins_and_a_python_that_is_gone_ask_for_another_installation() {
        let folder = tempfile::tempdir().unwrap();
        let (pins, venv) = (folder.path().join("pins"), folder.path().join("venv"));
        fs::write(&pins, "one").unwrap();
        assert!(!is_current(&pins, &venv).unwrap(), "nothing was ever installed");

        fs::create_dir_all(venv.join("bin")).unwrap();
        fs::write(venv.join("bin/python"), "").unwrap();
        assert!(!is_current(&pins, &venv).unwrap(), "pip never finished");

        fs::write(venv.join(INSTALLED), "one").unwrap();
        assert!(is_current(&pins, &venv).unwrap());

        fs::write(&pins, "two").unwrap();
        assert!(!is_current(&pins, &venv).unwrap(), "the pins changed since");

        fs::write(venv.join(INSTALLED), "two").unwrap();
        fs::remove_file(venv.join("bin/python")).unwrap();
        assert!(!is_current(&pins, &venv).unwrap(), "the system's Python changed since");
    }
}
