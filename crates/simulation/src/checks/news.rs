//! What people have been told by the webhook, which remembers everything.

use serde_json::Value;
use simulator::ledger::Notification;

use super::Verdict;
use crate::journals::Journal;

/// Of each failover that it begins, and of each run how it has ended.
pub fn people_are_told(told: &[Notification], journals: &[Journal]) -> Verdict {
    let told = || told.iter().map(|notification| &notification.body);
    for journal in journals.iter().filter(|journal| !journal.records.is_empty()) {
        let name = journal.name.as_str();
        if !journal.is_drill() && !told().any(|body| says_that_it_begins(body, name)) {
            return Err(format!("nobody was told that {name} begins"));
        }
        if journal.ended.is_some() && !told().any(|body| says_how_it_ended(body, journal)) {
            return Err(format!("nobody was told how {name} ended"));
        }
    }
    Ok(())
}

/// Whether people know that somebody else is moving the workload.
pub(super) fn is_left_to_others(told: &[Notification]) -> bool {
    told.iter().any(|notification| {
        let detail = notification.body["detail"].as_str().unwrap_or_default();
        detail.contains("somebody is moving the workload")
    })
}

fn says_that_it_begins(body: &Value, run: &str) -> bool {
    body["detail"].as_str().is_some_and(|text| text.contains(&format!("{run} begins")))
}

fn says_how_it_ended(body: &Value, journal: &Journal) -> bool {
    let ended = journal.ended.as_ref().and_then(|(outcome, _)| serde_json::to_value(outcome).ok());
    body["run"] == journal.name.as_str() && Some(&body["outcome"]) == ended.as_ref()
}
