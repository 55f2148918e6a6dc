//! What must be true when a scenario is over. Each check is a pure function of the evidence and says
//! who told it: nearly all look only at the simulator's ledger and world.

mod takeover;

use serde::Serialize;

use crate::ledger::Alert;
use crate::outcome::{attached_addresses, served_by};
use crate::rehearsal::seconds;
use crate::world_state::{PREFERRED_ENDPOINT, STANDBY_ENDPOINT, region_name};
use crate::{Entry, Evidence, Outcome, Proof, Struck};

pub(crate) use takeover::{
    OVERTAKEN, another_instance_promoted, froze_before_promoting, woken_turn_was_overtaken,
};

/// One check and its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What must be true.
    pub what: String,
    pub passed: bool,
    /// What was seen.
    pub seen: String,
    pub told_by: ToldBy,
    /// It is about how long something takes.
    #[serde(skip)]
    pub of_time: bool,
}

/// Who told what a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldBy {
    /// The local Azure, by its ledger and its state.
    World,
    /// Host, broker and operating system.
    Platform,
    /// The app itself, by its API or its log.
    App,
    /// World and app, who must agree.
    Both,
}

impl ToldBy {
    pub fn name(self) -> &'static str {
        match self {
            Self::World => "world",
            Self::Platform => "platform",
            Self::App => "app",
            Self::Both => "both",
        }
    }
}

impl Check {
    fn new(what: impl Into<String>, passed: bool, seen: impl Into<String>) -> Self {
        let (what, seen) = (what.into(), seen.into());
        Self { what, passed, seen, told_by: ToldBy::World, of_time: false }
    }

    fn told_by(self, told_by: ToldBy) -> Self {
        Self { told_by, ..self }
    }

    fn of_time(self) -> Self {
        Self { of_time: true, ..self }
    }
}

/// All checks of the scenario that was played.
pub fn check(evidence: &Evidence) -> Vec<Check> {
    let mut checks = Vec::new();
    if evidence.overtime {
        let goes_on = Check::new("the run ends in time", false, "it goes on");
        checks.push(goes_on.told_by(ToldBy::App));
    }
    checks.extend(evidence.scenario.script().checks(evidence));
    // Whoever is struck or frozen is late, and nothing else may differ.
    let disturbed = !evidence.strikes.is_empty() || !evidence.freezes.is_empty();
    checks.retain(|check| !disturbed || !check.of_time);
    checks.extend(evidence.strikes.iter().map(hits));
    checks
}

/// A strike that hit nothing leaves open what would have happened.
fn hits(struck: &Struck) -> Check {
    let Proof { hits, seen } = &struck.proof;
    let what = format!("the strike {} hits", struck.strike.name());
    Check::new(what, *hits > 0, seen.as_str()).told_by(ToldBy::Platform)
}

/// World and app agree on how it ended, and it is what should be.
pub(crate) fn ended_as(evidence: &Evidence, wanted: Outcome) -> Check {
    let outcome = Outcome::of(evidence);
    let by_app = evidence.outcome_by_app();
    let app_agrees = by_app == (wanted != Outcome::NoAction).then(|| wanted.name());
    Check::new(
        format!("it ends as {}", wanted.name()),
        outcome == wanted && app_agrees,
        format!("{} by the world, {} by the app", outcome.name(), by_app.unwrap_or("nothing")),
    )
    .told_by(ToldBy::Both)
}

pub(crate) fn detected_within(evidence: &Evidence, limit: f64) -> Check {
    let detection = evidence.ledger.figures.detection_s;
    Check::new(
        format!("the loss is acted upon within {limit:.0} s"),
        detection.is_some_and(|it| it <= limit),
        maybe_seconds(detection, "never"),
    )
    .of_time()
}

/// What the controller itself took, beyond detection and the waits that nobody can shorten.
pub(crate) fn controller_took_at_most(evidence: &Evidence, limit: f64) -> Check {
    let overhead = evidence.ledger.figures.overhead_s;
    Check::new(
        format!("recovery takes at most {limit:.0} s longer than detection and critical path"),
        overhead.is_some_and(|it| it <= limit),
        maybe_seconds(overhead, "the user was never served with promoted data"),
    )
    .of_time()
}

pub(crate) fn an_alert_came_first(evidence: &Evidence) -> Check {
    let alert = first_alert(evidence);
    let first = evidence.ledger.figures.mutating_since(evidence.begun.at).next();
    let seen = match alert {
        Some(alert) => {
            format!("{} after {:.1} s", alert.rule, evidence.since_begun(alert.at))
        }
        None => "no alert was delivered".to_owned(),
    };
    let passed = alert.zip(first).is_some_and(|(alert, first)| alert.at <= first.at);
    Check::new("an alert arrives before anything is done", passed, seen)
}

/// However many other alerts may come: the first one must be enough.
pub(crate) fn acted_after_the_first_alert(evidence: &Evidence, limit: f64) -> Check {
    let first = evidence.ledger.figures.mutating_since(evidence.begun.at).next();
    let took = first_alert(evidence).zip(first).map(|(alert, first)| seconds(alert.at, first.at));
    Check::new(
        format!("the loss is acted upon within {limit:.0} s of the first alert"),
        took.is_some_and(|took| took <= limit),
        maybe_seconds(took, "never"),
    )
    .of_time()
}

fn first_alert(evidence: &Evidence) -> Option<&Alert> {
    evidence.ledger.figures.alerts.iter().find(|alert| {
        alert.at >= evidence.begun.at && alert.condition == "Fired" && alert.outcome == "delivered"
    })
}

pub(crate) fn sql_failovers(evidence: &Evidence, forced: usize, planned: usize) -> Check {
    let effects = &evidence.ledger.figures.effects;
    Check::new(
        format!("SQL failovers: {forced} forced, {planned} planned"),
        (effects.sql_forced, effects.sql_planned) == (forced, planned),
        format!("{} forced, {} planned", effects.sql_forced, effects.sql_planned),
    )
}

pub(crate) fn recovery_plan_failovers(evidence: &Evidence, wanted: usize) -> Check {
    let seen = evidence.ledger.figures.effects.recovery_plan_failovers;
    Check::new(format!("recovery plan failovers: {wanted}"), seen == wanted, seen.to_string())
}

pub(crate) fn one_drill_cleaned_up(evidence: &Evidence) -> Check {
    let effects = &evidence.ledger.figures.effects;
    let seen = (effects.recovery_plan_test_failovers, effects.recovery_plan_test_cleanups);
    Check::new(
        "one test failover and one clean-up",
        seen == (1, 1),
        format!("{} and {}", seen.0, seen.1),
    )
}

/// Writes that the other region did not have when its own was lost could not be saved; all others
/// must be there.
pub(crate) fn only_unavoidable_loss(evidence: &Evidence) -> Check {
    let lost = &evidence.ledger.figures.lost_writes;
    Check::new(
        "only writes are lost that were not replicated at the loss",
        lost.other.is_empty(),
        format!(
            "{} not replicated, {} others",
            lost.not_replicated_at_the_loss.len(),
            lost.other.len()
        ),
    )
}

pub(crate) fn no_lost_write(evidence: &Evidence) -> Check {
    let figures = &evidence.ledger.figures;
    let seen = format!("{} of {}", figures.lost_writes.total, figures.acknowledged_writes);
    Check::new("no acknowledged write is lost", figures.lost_writes.total == 0, seen)
}

pub(crate) fn never_two_databases(evidence: &Evidence) -> Check {
    let seen = evidence.ledger.figures.dual_writable_s;
    let what = "never do both regions take writes into databases of their own";
    Check::new(what, seen.abs() < f64::EPSILON, format!("{seen:.0} s"))
}

pub(crate) fn served_from(evidence: &Evidence, region: &str) -> Check {
    let seen = match &evidence.ledger.figures.answers.last {
        None => "no try".to_owned(),
        Some(last) => match (&last.problem, &last.served_by) {
            (Some(problem), _) => problem.clone(),
            (None, Some(by)) => format!("{} serves", region_name(by)),
            (None, None) => "nobody serves".to_owned(),
        },
    };
    Check::new(
        format!("the user is served by {} through the profile's name", region_name(region)),
        served_by(evidence, region),
        seen,
    )
}

pub(crate) fn entry_is_whole(evidence: &Evidence) -> Check {
    let (healthy, running) = (evidence.state.healthy("westus"), evidence.state.running("westus"));
    match evidence.entry {
        Entry::ApplicationGateway => Check::new(
            "all 3 backends of West US are healthy",
            healthy == 3,
            format!("{healthy} are healthy"),
        ),
        Entry::IbmHttpServer => {
            Check::new("all 5 machines run in West US", running == 5, format!("{running} run"))
        }
    }
}

pub(crate) fn addresses_attached(evidence: &Evidence) -> Check {
    let attached = attached_addresses(evidence);
    Check::new(
        "both prepared public addresses lead to machines",
        attached == 2,
        format!("{attached} attached"),
    )
}

pub(crate) fn preferred_endpoint_is_disabled(evidence: &Evidence) -> Check {
    endpoint_is(evidence, PREFERRED_ENDPOINT, "Disabled", None)
}

pub(crate) fn standby_endpoint_is_online(evidence: &Evidence) -> Check {
    endpoint_is(evidence, STANDBY_ENDPOINT, "Enabled", Some("Online"))
}

fn endpoint_is(evidence: &Evidence, name: &str, status: &str, monitor: Option<&str>) -> Check {
    let endpoint = evidence.state.endpoint(name).cloned().unwrap_or_default();
    let passed = endpoint.status == status && monitor.is_none_or(|it| it == endpoint.monitor);
    Check::new(
        format!("{name} is {}", monitor.unwrap_or(status)),
        passed,
        format!("{}, {}", endpoint.status, endpoint.monitor),
    )
}

pub(crate) fn people_were_told(evidence: &Evidence) -> Check {
    let told = &evidence.ledger.figures.notifications;
    let told = told.iter().filter(|it| it.at >= evidence.begun.at).count();
    Check::new("people are told", told > 0, format!("{told} notifications"))
}

pub(crate) fn production_is_unchanged(evidence: &Evidence) -> Check {
    let production = &evidence.ledger.figures.production;
    let changed: Vec<&str> = production.changes.iter().map(|it| it.what.as_str()).collect();
    let seen = if changed.is_empty() {
        "as before".to_owned()
    } else {
        format!("changed: {}", changed.join(", "))
    };
    Check::new("production is as it was", production.unchanged, seen)
}

pub(crate) fn region_came_back(evidence: &Evidence, region: &str, times: usize) -> Check {
    let outages = &evidence.ledger.figures.outages;
    let seen = outages.iter().filter(|it| it.region == region && it.to.is_some()).count();
    Check::new(
        format!("{} comes back {times} times", region_name(region)),
        seen == times && evidence.state.regions.get(region).is_some_and(|health| health == "up"),
        format!("{seen} times"),
    )
}

/// A region that could not have served takes no user whatever its endpoint says: only when it could,
/// each time that it was back, it tells something that nobody came.
pub(crate) fn nobody_was_led_to(evidence: &Evidence, region: &str, times: usize) -> Check {
    const TELLING_S: f64 = 30.0;
    let figures = &evidence.ledger.figures;
    let could_serve = figures.servable_after_each_return(region);
    let came = figures.served_since(evidence.begun.at, region);
    let each: Vec<_> = could_serve.iter().map(|it| format!("{it:.0} s")).collect();
    let could = could_serve.len() == times && could_serve.iter().all(|it| *it >= TELLING_S);
    Check::new(
        format!("{} could have served, and nobody was led there", region_name(region)),
        could && came == 0,
        format!("it could for {}; it served {came} tries of the user", each.join(", then ")),
    )
}

pub(crate) fn no_drill_machine_is_left(evidence: &Evidence) -> Check {
    let left = evidence.state.machines.iter().filter(|machine| machine.drill).count();
    Check::new("no machine of the drill is left", left == 0, format!("{left} left"))
}

pub(crate) fn user_was_undisturbed(evidence: &Evidence) -> Check {
    let failed = evidence.ledger.figures.failed_since(evidence.begun.at);
    Check::new("no try of the user fails", failed == 0, format!("{failed} failed"))
}

pub(crate) fn nothing_was_asked_for(evidence: &Evidence) -> Check {
    let figures = &evidence.ledger.figures;
    let seen = match figures.mutating_requests.as_slice() {
        [] => "none".to_owned(),
        [first, ..] => format!("{}, first {}", figures.mutating_requests.len(), first.short()),
    };
    let passed = figures.mutating_requests.is_empty();
    Check::new("no request that could change something reaches Azure", passed, seen)
}

pub(crate) fn no_run(evidence: &Evidence) -> Check {
    let runs = &evidence.runs.names;
    let seen = if runs.is_empty() { "none".to_owned() } else { runs.join(", ") };
    Check::new("the app starts no run", runs.is_empty(), seen).told_by(ToldBy::App)
}

pub(crate) fn incidents(evidence: &Evidence, wanted: usize) -> Check {
    let seen = evidence.runs.incidents;
    let what = format!("incidents in the app's books: {wanted}");
    Check::new(what, seen == wanted, seen.to_string()).told_by(ToldBy::App)
}

fn maybe_seconds(value: Option<f64>, none: &str) -> String {
    value.map_or_else(|| none.to_owned(), |value| format!("{value:.1} s"))
}

#[cfg(test)]
mod tests;
