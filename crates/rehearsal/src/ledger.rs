//! What the simulator saw, as far as a rehearsal makes figures of it.
//!
//! These are shapes of our own: the simulator is another process, and what it says more is kept
//! as it came.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::rehearsal::seconds;

/// The ledger at a moment.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    pub figures: Figures,
    /// All of it, as it came.
    pub whole: Value,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Figures {
    pub started_at: Option<Timestamp>,
    pub now: Timestamp,
    pub loss: Option<Outage>,
    pub answers: Answers,
    pub downtime_s: f64,
    pub detection_s: Option<f64>,
    pub rto_s: Option<f64>,
    pub critical_path: CriticalPath,
    pub switch_s: Option<f64>,
    pub overhead_s: Option<f64>,
    pub acknowledged_writes: usize,
    pub lost_writes: LostWrites,
    pub rpo_s: f64,
    pub dual_writable_s: f64,
    pub servable: Vec<Servable>,
    pub azure_calls: Calls,
    pub mutating_requests: Vec<NotedRequest>,
    pub destructive_requests: Vec<NotedRequest>,
    pub effects: Effects,
    pub promotions: Vec<Promotion>,
    pub alerts: Vec<Alert>,
    pub notifications: Vec<Notification>,
    pub waits: Vec<Wait>,
    pub outages: Vec<Outage>,
    pub production: Production,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Outage {
    pub region: String,
    pub from: Timestamp,
    pub to: Option<Timestamp>,
}

/// A time in which a site would have served whoever came to an address of its own.
#[derive(Debug, Clone, Deserialize)]
pub struct Servable {
    pub site: String,
    pub database: String,
    pub from: Timestamp,
    pub to: Timestamp,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Answers {
    pub good: usize,
    pub failed: usize,
    pub spans: Vec<Span>,
    pub last: Option<Attempt>,
}

/// Tries of the user with the same result, one after the other.
#[derive(Debug, Clone, Deserialize)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
    pub tries: usize,
    pub good: bool,
    pub served_by: Option<String>,
    pub database: Option<String>,
    pub problem: Option<String>,
}

/// One try of the user.
#[derive(Debug, Clone, Deserialize)]
pub struct Attempt {
    pub at: Timestamp,
    pub good: bool,
    pub served_by: Option<String>,
    pub database: Option<String>,
    pub problem: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct CriticalPath {
    pub seconds: f64,
    pub path: Vec<Leg>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Leg {
    pub what: String,
    pub seconds: f64,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct LostWrites {
    pub total: usize,
    pub not_replicated_at_the_loss: Vec<Value>,
    pub other: Vec<Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Calls {
    pub total: u64,
    pub reads: u64,
}

/// A request that could change something.
#[derive(Debug, Clone, Deserialize)]
pub struct NotedRequest {
    pub at: Timestamp,
    pub method: String,
    pub path: String,
    /// None: it was lost or hung.
    pub status: Option<u16>,
}

/// What was brought about.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Effects {
    pub sql_forced: usize,
    pub sql_planned: usize,
    pub recovery_plan_failovers: usize,
    pub recovery_plan_test_failovers: usize,
    pub recovery_plan_test_cleanups: usize,
    pub recovery_plan_commits: usize,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Promotion {
    pub at: Timestamp,
    pub region: String,
    pub lossless: bool,
    pub left_behind: usize,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Alert {
    pub at: Timestamp,
    pub rule: String,
    pub condition: String,
    pub outcome: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Notification {
    pub at: Timestamp,
    pub body: Value,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Wait {
    pub what: String,
    pub from: Timestamp,
    pub to: Timestamp,
}

/// Production now, compared with the world's beginning.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Production {
    pub unchanged: bool,
    pub changes: Vec<Change>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Change {
    pub what: String,
    pub before: Value,
    pub now: Value,
}

impl Ledger {
    pub fn read(whole: Value) -> Result<Self> {
        let figures = Figures::deserialize(&whole).context("the ledger is not as expected")?;
        Ok(Self { figures, whole })
    }
}

impl Figures {
    /// The requests that could change something, from a moment on.
    pub fn mutating_since(&self, at: Timestamp) -> impl Iterator<Item = &NotedRequest> {
        self.mutating_requests.iter().filter(move |request| request.at >= at)
    }

    /// How many tries of the user a region served from a moment on.
    pub fn served_since(&self, at: Timestamp, region: &str) -> usize {
        let served = self.answers.spans.iter().filter(|span| span.to > at);
        served.filter(|span| span.served_by.as_deref() == Some(region)).map(|span| span.tries).sum()
    }

    /// For how long a site could have served somebody, each time that its region was back.
    pub fn servable_after_each_return(&self, region: &str) -> Vec<f64> {
        let outages: Vec<&Outage> = self.outages.iter().filter(|it| it.region == region).collect();
        let ends = outages.iter().skip(1).map(|outage| outage.from).chain([self.now]);
        let back = outages.iter().zip(ends).filter_map(|(outage, end)| Some((outage.to?, end)));
        let could_serve = |(from, to): (Timestamp, Timestamp)| {
            let spans = self.servable.iter().filter(|span| span.site == region);
            let spans = spans.filter(|span| span.from >= from && span.to <= to);
            spans.map(|span| seconds(span.from, span.to)).sum()
        };
        back.map(could_serve).collect()
    }

    /// How many tries of the user failed from a moment on. A span counts whole, if it touches it.
    pub fn failed_since(&self, at: Timestamp) -> usize {
        let failed = self.answers.spans.iter().filter(|span| !span.good && span.to >= at);
        failed.map(|span| span.tries).sum()
    }
}

impl NotedRequest {
    /// Whether it asks for an action, or a change of a resource, of this name.
    pub fn is(&self, name: &str) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        path.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(name))
    }

    pub fn was_accepted(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// `POST …/failoverGroups/failovergroup-cafe/failover`: method and the end of the path.
    pub fn short(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let is_action = parts.len() % 2 == 1;
        let shown = if is_action { 3 } else { 2 };
        let from = parts.len().saturating_sub(shown);
        format!("{} …/{}", self.method, parts[from..].join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, path: &str) -> NotedRequest {
        let at = Timestamp::UNIX_EPOCH;
        NotedRequest { at, method: method.to_owned(), path: path.to_owned(), status: Some(200) }
    }

    #[test]
    fn a_request_is_shown_by_the_end_of_its_path() {
        let provider = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/x";
        let action = format!("{provider}/failoverGroups/cafe/failover?api-version=2021-11-01");
        assert_eq!(request("POST", &action).short(), "POST …/failoverGroups/cafe/failover");
        let resource = format!("{provider}?api-version=1");
        assert_eq!(request("PUT", &resource).short(), "PUT …/servers/x");
        assert_eq!(request("GET", "").short(), "GET …/");
    }

    #[test]
    fn a_ledger_without_its_figures_is_refused() {
        let error = Ledger::read(serde_json::json!({"now": "2026-11-22T10:00:00Z"})).unwrap_err();
        assert!(format!("{error:#}").contains("missing field"), "{error:#}");
    }
}
