//! What azure.yaml and the workflows call is there, and can be called.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::sources::Sources;

/// Paths below `infra/` that end in `.sh` or `.bicep`, wherever they are named.
fn called(text: &str) -> Vec<String> {
    let is_part = |it: char| it.is_alphanumeric() || "/._-".contains(it);
    let words = text.split(|it| !is_part(it)).map(|it| it.trim_start_matches("../"));
    let paths = words.filter(|it| it.starts_with("infra/"));
    let ends = [".sh", ".bicep"];
    paths.filter(|it| ends.iter().any(|end| it.ends_with(end))).map(str::to_owned).collect()
}

fn problems(sources: &Sources) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec!["azure.yaml".to_owned()];
    files.extend(Sources::below(".github/workflows", ".yml"));
    files.extend(Sources::below("infra", ".sh"));
    let mut problems = Vec::new();
    for file in files {
        for path in called(&sources.read(&file)) {
            let Ok(about) = root.join(&path).metadata() else {
                problems.push(format!("{file} names {path}, which is not there"));
                continue;
            };
            // What is only sourced has no first line for a shell.
            let is_program = !path.ends_with("bicep") && sources.read(&path).starts_with("#!");
            if is_program && about.permissions().mode() & 0o111 == 0 {
                problems.push(format!("{path} cannot be executed"));
            }
        }
    }
    problems
}

#[test]
fn what_the_pipelines_call_is_there() {
    assert_eq!(problems(&Sources::default()), Vec::<String>::new());
}

#[test]
fn a_hook_that_is_not_there_is_found() {
    let sources = Sources::with("azure.yaml", "before-system.sh", "before-the-system.sh");

    assert!(!problems(&sources).is_empty());
}

/// The package is what `cargo xtask stage` lays out: it has the execute bit, and nothing else.
#[test]
fn azd_packages_what_was_staged() {
    let text = Sources::default().read("azure.yaml");

    assert!(text.contains("cargo xtask stage"), "azure.yaml does not stage");
    assert!(text.contains("dist: target/function-app"), "azure.yaml packages something else");
}
