//! Journals are evidence: what deletes by itself never deletes a record, and what somebody did to one
//! outlasts a year. What else is in the container is covered, so that nothing there grows for ever.

use serde_json::Value;

use super::sources::Sources;
use super::system;

const STORE: &str = "crates/store/src/blob.rs";

/// The store's folders, as its code names them.
fn folders(sources: &Sources) -> Vec<String> {
    let code = sources.read(STORE);
    let lines = code.lines().filter(|line| line.starts_with("const ") && line.contains("&str"));
    lines.filter_map(|line| Some(line.split('"').nth(1)?.to_owned())).collect()
}

fn problems(sources: &Sources) -> Vec<String> {
    let system = system(sources, &Value::Null).unwrap();
    let mut problems = Vec::new();
    let mut kept = Vec::new();
    for policy in system.all("Microsoft.Storage/storageAccounts/managementPolicies") {
        let rules = policy.body["properties"]["policy"]["rules"].as_array().unwrap();
        for definition in rules.iter().map(|rule| &rule["definition"]) {
            if definition["actions"].get("baseBlob").is_some() {
                problems.push("what is current would be deleted".to_owned());
            }
            let days = definition["actions"]["version"]["delete"]["daysAfterCreationGreaterThan"]
                .as_i64()
                .unwrap_or_default();
            for prefix in definition["filters"]["prefixMatch"].as_array().into_iter().flatten() {
                kept.push((prefix.as_str().unwrap_or_default().to_owned(), days));
            }
        }
    }
    for folder in folders(sources) {
        let prefix = format!("journals/{folder}");
        match kept.iter().find(|(known, _)| *known == prefix) {
            None => problems.push(format!("old versions in {prefix} stay for ever")),
            Some((_, days)) if folder == "journals/" && *days <= 365 => {
                problems.push(format!("what a record was is forgotten after {days} days"));
            }
            Some((_, days)) if *days < 7 => {
                problems.push(format!("what {prefix} had is forgotten after {days} days"));
            }
            Some(_) => {}
        }
    }
    problems
}

#[test]
fn records_never_expire_and_what_was_done_to_them_is_kept() {
    let sources = Sources::default();

    assert_eq!(folders(&sources).len(), 4, "{STORE} is not read as it should be");
    assert_eq!(problems(&sources), Vec::<String>::new());
}

#[test]
fn a_rule_that_forgets_is_found() {
    let file = "infra/controller/storage.bicep";
    for (path, right, wrong, says) in [
        (file, "actions: { version:", "actions: { baseBlob: {}, version:", "would be deleted"),
        (file, "'journals/inbox/'", "'inbox/'", "journals/inbox/ stay for ever"),
        ("infra/options.json", "\"evidenceDays\": 400", "\"evidenceDays\": 90", "is forgotten"),
    ] {
        let found = problems(&Sources::with(path, right, wrong));

        assert!(found.iter().any(|it| it.contains(says)), "{path}: {wrong}: {found:?}");
    }
}
