//! Microsoft's own Python clients drive the local Azure; what they do and assert is in
//! `official_sdks/`, a world for each test.

use std::path::Path;
use std::process::Command;

/// Where `cargo xtask test` installs them (`xtask/src/official_sdks_setup.rs`).
const PYTHON: &str = "official-sdks/bin/python";

fn drive(scheme: &str) {
    // With a target triple the folder for tests lies one deeper.
    let python = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .ancestors()
        .map(|folder| folder.join(PYTHON))
        .find(|python| python.exists())
        .expect("the official SDKs are not installed: run `cargo xtask test --quick` once");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official_sdks");
    let outcome = Command::new(python)
        // Nothing of it is written into the sources, and a warning is something to mend.
        .args(["-B", "-W", "error", "-m", "unittest", "discover", "--verbose"])
        .current_dir(tests)
        .env("FARSHORE_SIMULATOR", env!("CARGO_BIN_EXE_simulator"))
        .env("FARSHORE_SDK_SCHEME", scheme)
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&outcome.stderr);
    assert!(outcome.status.success(), "{said}");
    // A discovery that finds nothing is a success to `unittest`.
    assert!(!said.contains("Ran 0 tests"), "{said}");
}

#[test]
fn the_official_sdks_take_the_local_azure_for_azure_over_http() {
    drive("http");
}

#[test]
fn the_official_sdks_take_the_local_azure_for_azure_over_https() {
    drive("https");
}
