//! Every alert says what to do, and how bad it is.

use serde_json::Value;

use super::sources::Sources;
use super::system;

const PAGE: &str = "docs/operating.md";

/// Kinds of rules, and whether they have a severity: what comes from an activity log has none.
const RULES: [(&str, bool); 3] = [
    ("Microsoft.Insights/metricAlerts", true),
    ("Microsoft.Insights/scheduledQueryRules", true),
    ("Microsoft.Insights/activityLogAlerts", false),
];

fn problems(sources: &Sources) -> Vec<String> {
    let system = system(sources, &Value::Null).unwrap();
    let page = sources.read(PAGE);
    let headings: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("## ")).map(str::trim).collect();
    let mut problems = Vec::new();
    for (kind, has_severity) in RULES {
        let rules = system.all(kind);
        if rules.is_empty() {
            problems.push(format!("there are no {kind}"));
        }
        for rule in rules {
            let properties = &rule.body["properties"];
            let text = properties["description"].as_str().unwrap_or_default();
            let section = text.split(&format!("{PAGE}, \"")).nth(1);
            match section.and_then(|rest| rest.split('"').next()) {
                Some(section) if headings.contains(&section) => {}
                Some(section) => {
                    problems.push(format!("{}: {PAGE} has no {section:?}", rule.name));
                }
                None => problems.push(format!("{} does not say what to do", rule.name)),
            }
            if has_severity && properties["severity"].as_u64().is_none_or(|it| it > 2) {
                problems.push(format!("{} has no severity, or a low one", rule.name));
            }
            // People are told by the worst alert that a failover went wrong, and by nothing worse.
            let is_worst = rule.name.ends_with("-failed-run");
            if has_severity && (properties["severity"] == 0) != is_worst {
                problems.push(format!("{} is not as bad as it says", rule.name));
            }
        }
    }
    problems
}

#[test]
fn every_rule_says_what_to_do_and_how_bad_it_is() {
    assert_eq!(problems(&Sources::default()), Vec::<String>::new());
}

#[test]
fn a_rule_that_says_nothing_is_found() {
    for (path, right, wrong, says) in [
        ("infra/alerts/logs.bicep", "\"When nothing works\"", "\"When all fails\"", "has no"),
        ("infra/alerts/queues.bicep", "    description: rule.description\n", "", "what to do"),
        ("infra/alerts/traffic-manager.bicep", "severity: 1", "severity: 4", "a low one"),
        ("infra/alerts/logs.bicep", "severity: 0", "severity: 1", "is not as bad"),
        ("infra/alerts/health.bicep", "(docs/operating.md, \"Look\")", "", "what to do"),
    ] {
        let found = problems(&Sources::with(path, right, wrong));

        assert!(found.iter().any(|it| it.contains(says)), "{path}: {wrong}: {found:?}");
    }
}
