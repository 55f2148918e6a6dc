//! The answer to "has the workload moved?" decides whether a deployment gives traffic and database back
//! to a lost region. The script that asks runs here against a stand-in for the Azure CLI.

use std::process::Command;

const NORMAL: [(&str, &str); 5] = [
    ("group exists --name rg-cafe-global", "echo true"),
    ("group exists --name rg-cafe-standby", "echo true"),
    ("sql server list", "echo sql-cafe-standby"),
    ("sql failover-group list", "echo Secondary"),
    ("network traffic-manager profile list", "printf 'Enabled\\nEnabled\\n'"),
];

/// What the script prints when the Azure CLI answers so; nothing if it fails. An exported function
/// stands in, so that no program has to be written and found.
fn moved(answers: &[(&str, &str)]) -> Option<String> {
    let cases: Vec<String> =
        answers.iter().map(|(ask, say)| format!("'{ask}'*) {say} ;;")).collect();
    let cases = cases.join(" ");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/infra/workload/scripts/workload-moved.sh");
    let run = format!(
        "az() {{ case \"$*\" in {cases} *) return 9 ;; esac; }}; export -f az; \"$0\" cafe"
    );
    let output = Command::new("bash").args(["-c", &run, script]).output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

/// As in the normal state, but for one answer.
fn but(ask: &'static str, say: &'static str) -> Option<String> {
    moved(&NORMAL.map(|(known, answer)| if known == ask { (ask, say) } else { (known, answer) }))
}

#[test]
fn a_workload_that_has_not_moved_is_in_its_preferred_place() {
    let nothing = [("group exists", "echo false")];

    assert_eq!(moved(&NORMAL).as_deref(), Some("false"));
    assert_eq!(moved(&nothing).as_deref(), Some("false"));
}

#[test]
fn a_promoted_database_or_a_withdrawn_endpoint_means_that_it_has_moved() {
    let database = but("sql failover-group list", "echo Primary");
    let traffic = but("network traffic-manager profile list", "printf 'Disabled\\nEnabled\\n'");

    assert_eq!(database.as_deref(), Some("true"));
    assert_eq!(traffic.as_deref(), Some("true"));
}

#[test]
fn a_question_without_an_answer_is_no_answer() {
    for (ask, _) in NORMAL {
        assert_eq!(but(ask, "return 1"), None, "{ask}");
    }
}
