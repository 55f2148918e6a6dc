//! The real compiler, where there is one.

use std::path::Path;
use std::process::Command;

/// Without `bicep` this passes and says so: the templates are then read by this package's own reader
/// alone, which knows no resource types.
#[test]
fn the_real_compiler_accepts_the_templates() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let template = root.join("infra/main.bicep");
    let mut compiler = Command::new("bicep");
    let Ok(output) = compiler.args(["build", "--stdout"]).arg(template).output() else {
        eprintln!("bicep is not on the PATH: resource types were not checked");
        return;
    };

    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");
}
