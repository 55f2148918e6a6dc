//! What happened, in order, as the ledger has it.

use jiff::Timestamp;

use crate::Evidence;
use crate::ledger::Span;
use crate::rehearsal::seconds;
use crate::world_state::region_name;

/// A moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) who: &'static str,
    pub(super) what: String,
}

/// Everything from the scenario's beginning on.
pub(super) fn timeline(evidence: &Evidence) -> Vec<Entry> {
    let figures = &evidence.ledger.figures;
    let mut entries = Vec::new();
    let mut add = |at: Timestamp, who: &'static str, what: String| {
        if at >= evidence.begun.at {
            entries.push(Entry { at, who, what });
        }
    };
    for outage in &figures.outages {
        let name = region_name(&outage.region);
        add(outage.from, "world", format!("{name} does not answer any more"));
        if let Some(to) = outage.to {
            add(to, "world", format!("{name} answers again"));
        }
    }
    for alert in &figures.alerts {
        let what = format!("alert {}: {} ({})", alert.rule, alert.condition, alert.outcome);
        add(alert.at, "Azure Monitor", what);
    }
    for request in &figures.mutating_requests {
        let answer = match request.status {
            Some(status) => format!("answered {status}"),
            None => "no answer".to_owned(),
        };
        add(request.at, "app", format!("`{}`, {answer}", request.short()));
    }
    for promotion in &figures.promotions {
        let name = region_name(&promotion.region);
        let loss = match (promotion.lossless, promotion.left_behind) {
            (true, _) => "nothing left behind".to_owned(),
            (false, behind) => format!("forced, writes left behind: {behind}"),
        };
        add(promotion.at, "world", format!("the database of {name} is the primary ({loss})"));
    }
    for span in &figures.servable {
        let (site, database) = (region_name(&span.site), region_name(&span.database));
        let what = format!("whoever came to {site} would be served, on the database of {database}");
        add(span.from, "world", what);
    }
    for wait in &figures.waits {
        let what = format!("over: {} ({:.1} s)", wait.what, seconds(wait.from, wait.to));
        add(wait.to, "world", what);
    }
    for span in &figures.answers.spans {
        // The one that the scenario's beginning cuts in two is told too.
        let at = span.from.max(evidence.begun.at);
        if span.to >= evidence.begun.at {
            add(at, "user", experience(span));
        }
    }
    for notification in &figures.notifications {
        add(notification.at, "app", "tells people, by the plan's webhook".to_owned());
    }
    // Of one moment in the order above: causes first.
    entries.sort_by_key(|entry| entry.at);
    entries
}

/// What the user meets.
pub(super) fn experience(span: &Span) -> String {
    let tries = span.tries;
    match (&span.problem, &span.served_by, &span.database) {
        (None, Some(site), Some(database)) if site == database => {
            format!("served by {} ({tries} tries)", region_name(site))
        }
        (None, Some(site), Some(database)) => format!(
            "served by {} on the database of {} ({tries} tries)",
            region_name(site),
            region_name(database)
        ),
        (problem, _, _) => {
            format!("{} ({tries} tries)", problem.as_deref().unwrap_or("served by nobody known"))
        }
    }
}
