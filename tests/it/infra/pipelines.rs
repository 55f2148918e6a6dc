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
    let sources = Sources::with("azure.yaml", "before-provision.sh", "before-the-provision.sh");

    assert!(!problems(&sources).is_empty());
}

/// The package is what `cargo xtask stage` lays out: it has the execute bit, and nothing else.
#[test]
fn azd_packages_what_was_staged() {
    let text = Sources::default().read("azure.yaml");

    assert!(text.contains("cargo xtask stage"), "azure.yaml does not stage");
    assert!(text.contains("dist: target/function-app"), "azure.yaml packages something else");
}

/// A new runner remembers nothing: what the pipeline does not give is deployed as if it had never been
/// set. What hooks look up or remember by themselves is not its business.
fn forgotten_settings(sources: &Sources) -> Vec<String> {
    let pipeline = sources.read(".github/workflows/infra.yml");
    let parameters = sources.read("infra/main.parameters.json");
    let hooks = ["FARSHORE_VAULT_", "FARSHORE_WORKLOAD_MOVED", "FARSHORE_APP_IS_PUBLISHED"];
    let names = parameters.split("${").skip(1).filter_map(|rest| rest.split(['=', '}']).next());
    let asked = names.filter(|name| !hooks.iter().any(|hook| name.starts_with(hook)));
    asked.filter(|name| !pipeline.contains(&format!(" {name}: "))).map(str::to_owned).collect()
}

#[test]
fn the_pipeline_gives_whatever_the_parameter_file_asks_for() {
    let file = ".github/workflows/infra.yml";
    let forgotten = Sources::with(file, "      FARSHORE_MODE: ${{ vars.FARSHORE_MODE }}\n", "");

    assert_eq!(forgotten_settings(&Sources::default()), Vec::<String>::new());
    assert_eq!(forgotten_settings(&forgotten), ["FARSHORE_MODE"]);
}

/// A tag can be moved to other code by whoever owns, or has taken over, an action's repository.
fn loose_actions(sources: &Sources) -> Vec<String> {
    let mut problems = Vec::new();
    for path in Sources::below(".github/workflows", ".yml") {
        let text = sources.read(&path);
        let uses = text.lines().filter_map(|line| line.split_once("uses: ")).map(|(_, it)| it);
        for action in uses {
            let (commit, tag) = action
                .split_once('@')
                .and_then(|(_, version)| version.split_once(" # v"))
                .unwrap_or_default();
            let is_commit = commit.len() == 40 && commit.chars().all(|it| it.is_ascii_hexdigit());
            if !is_commit || tag.is_empty() {
                problems.push(format!("{path}: {action} is not a commit with its tag beside it"));
            }
        }
    }
    problems
}

#[test]
fn each_action_is_pinned_to_a_commit() {
    assert_eq!(loose_actions(&Sources::default()), Vec::<String>::new());
}

#[test]
fn an_action_that_its_owner_can_exchange_is_found() {
    let file = ".github/workflows/infra.yml";
    let pinned = "azure/login@f5d393ae46f8fde4be8b75f32e3fc50e654ad0ca # v3.0.1";
    for loose in ["azure/login@v3", "azure/login@f5d393a # v3.0.1", &pinned[..52]] {
        let found = loose_actions(&Sources::with(file, pinned, loose));

        assert_eq!(found, [format!("{file}: {loose} is not a commit with its tag beside it")]);
    }
}

/// In a test or a list, a command that fails counts as an empty answer, whatever `set -e` says: "it
/// cannot be asked" would become "it is not there".
fn unheard_failures(sources: &Sources) -> Vec<String> {
    let mut problems = Vec::new();
    for path in Sources::below("infra", ".sh") {
        let text = sources.read(&path);
        if text.starts_with("#!") && !text.contains("set -euo pipefail") {
            problems.push(format!("{path} goes on after a failure"));
        }
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let is_lost =
                ["[ \"$(", "[ -n \"$(", "[ -z \"$(", "in $(az", "in $(ids", "in $(output"];
            if is_lost.iter().any(|start| line.contains(start)) {
                problems.push(format!("{path} takes a failure for an answer: {}", line.trim()));
            }
        }
    }
    problems
}

#[test]
fn a_script_ends_when_a_question_fails() {
    assert_eq!(unheard_failures(&Sources::default()), Vec::<String>::new());
}

#[test]
fn a_failure_that_nobody_hears_is_found() {
    let file = "infra/hooks/teardown.sh";
    let right = "all=$(ids \"$1\")\n  for id in $all";
    let lost = Sources::with(file, right, "for id in $(ids \"$1\")");
    let loose = Sources::with(file, "set -euo pipefail", "set -u");

    assert_eq!(unheard_failures(&lost).len(), 2, "{:?}", unheard_failures(&lost));
    assert_eq!(unheard_failures(&loose), [format!("{file} goes on after a failure")]);
}

/// Security rules that are skipped, each with a reason beside it; and the pipeline reads just these.
fn unreasoned_skips(sources: &Sources) -> Vec<String> {
    let pipeline = sources.read(".github/workflows/infra.yml");
    let mut problems = Vec::new();
    for file in ["infra/.checkov.yaml", "infra/controller/.checkov.yaml"] {
        if !pipeline.contains(file) {
            problems.push(format!("the pipeline does not know {file}"));
        }
        let text = sources.read(file);
        for line in text.lines().map(str::trim).filter(|line| line.starts_with("- ")) {
            let reason = line.split_once('#').map(|(_, reason)| reason.trim());
            if reason.is_none_or(|reason| reason.split(' ').count() < 2) {
                problems.push(format!("{file}: {line} has no reason"));
            }
        }
    }
    // A file that the scanner cannot read is not a finding to it.
    if !pipeline.contains("all(.summary.parsing_errors == 0)") {
        problems.push("a file that cannot be read passes".to_owned());
    }
    problems
}

#[test]
fn each_security_rule_that_is_skipped_has_a_reason() {
    assert_eq!(unreasoned_skips(&Sources::default()), Vec::<String>::new());
}

#[test]
fn a_skip_without_a_reason_is_found() {
    for (path, right, wrong) in [
        ("infra/.checkov.yaml", " # The same.", ""),
        ("infra/controller/.checkov.yaml", "# No .NET Framework here.", "#"),
        (".github/workflows/infra.yml", "infra/controller/.checkov.yaml", ""),
        (".github/workflows/infra.yml", ".summary.parsing_errors == 0", "true"),
    ] {
        let found = unreasoned_skips(&Sources::with(path, right, wrong));

        assert!(!found.is_empty(), "{path}: {wrong}");
    }
}
