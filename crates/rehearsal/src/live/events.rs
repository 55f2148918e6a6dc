//! What changed between two glances at the world, as lines.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::row::{Row, Style};
use crate::rehearsal::{Scene, seconds};
use crate::run_report::{RunReport, Step};
use crate::world_state::{WorldState, region_name};

/// Takes a line down: when it happened, how it looks, who did it, and what.
type Tell<'a> = &'a mut dyn FnMut(Timestamp, Style, &str, String);

/// The news since the glance before; everything if there was none.
pub(super) fn events(before: Option<&Scene>, now: &Scene) -> Vec<Row> {
    let mut news: Vec<(Timestamp, Row)> = Vec::new();
    let mut tell = |at: Timestamp, style, who: &str, what: String| {
        let since = seconds(now.begun_at, at);
        let row = Row::new(Style::Dim, format!("{since:>7.1} s  "))
            .then(Style::Bold, format!("{who:<16}"))
            .then(style, what);
        news.push((at, row));
    };
    world(before.map(|scene| &scene.state), &now.state, &mut tell);
    if let Some(incident) = now.runs.open_incident
        && before.and_then(|scene| scene.runs.open_incident) != Some(incident)
    {
        tell(now.state.now, Style::Busy, "Farshore", format!("incident {incident} is open"));
    }
    if let Some(run) = &now.run {
        steps(before.and_then(|scene| scene.run.as_ref()), run, now.state.now, &mut tell);
    }
    // A glance at the world is a moment; the app tells later what happened before it.
    news.sort_by_key(|(at, _)| *at);
    news.into_iter().map(|(_, row)| row).collect()
}

fn world(before: Option<&WorldState>, now: &WorldState, tell: Tell) {
    let mut tell = |style, who: &str, what| tell(now.now, style, who, what);
    for (region, health) in &now.regions {
        if before.and_then(|it| it.regions.get(region)).is_some_and(|it| it == health)
            || (before.is_none() && health == "up")
        {
            continue;
        }
        let style = if health == "up" { Style::Good } else { Style::Bad };
        tell(style, region_name(region), format!("is {health}"));
    }
    let Some(before) = before else { return };
    if let Some(primary) = now.primary().filter(|primary| before.primary() != Some(primary)) {
        let what = format!("the database of {} is the primary", region_name(primary));
        tell(Style::Good, "SQL", what);
    }
    for (name, endpoint) in &now.traffic.endpoints {
        if before.endpoint(name).is_some_and(|it| it != endpoint) {
            let monitor = match endpoint.status.as_str() {
                "Enabled" => &endpoint.monitor,
                _ => &endpoint.status,
            };
            tell(Style::Plain, "Traffic Manager", format!("{name} is {monitor}"));
        }
    }
    jobs(before, now, &mut tell);
    for region in now.gateways.keys() {
        let (old, new) = (before.healthy(region), now.healthy(region));
        if old != new {
            let what = format!("{}: healthy backends {new}", region_name(region));
            tell(if new > old { Style::Good } else { Style::Bad }, "gateway", what);
        }
    }
    if now.alerts.sent > before.alerts.sent {
        let sent = now.alerts.sent - before.alerts.sent;
        tell(Style::Busy, "Azure Monitor", format!("alerts sent: {sent}"));
    }
    if before.user_is_served() != now.user_is_served() || served_by(before) != served_by(now) {
        match (&now.user.last, served_by(now)) {
            (Some(last), _) if !last.good => {
                let problem = last.problem.as_deref().unwrap_or("no answer");
                tell(Style::Bad, "user", format!("is not served: {problem}"));
            }
            (_, Some(region)) => {
                tell(Style::Good, "user", format!("is served by {}", region_name(region)));
            }
            _ => {}
        }
    }
    if now.notifications > before.notifications {
        tell(Style::Plain, "webhook", "people are told".to_owned());
    }
}

fn served_by(state: &WorldState) -> Option<&str> {
    state.user.last.as_ref().filter(|last| last.good)?.served_by.as_deref()
}

/// The recovery plan's jobs and their tasks, from their start on.
fn jobs(before: &WorldState, now: &WorldState, tell: &mut impl FnMut(Style, &str, String)) {
    for job in &now.recovery.jobs {
        let Some(scenario) = &job.scenario else { continue };
        let old = before.recovery.jobs.iter().find(|old| old.name == job.name);
        let known: BTreeMap<_, _> =
            old.iter().flat_map(|old| &old.tasks).map(|task| (&task.name, &task.state)).collect();
        let tasks = job.tasks.iter().filter(|task| known.get(&task.name) != Some(&&task.state));
        for task in tasks {
            match (&task.name, task.state.as_deref()) {
                (Some(name), Some(state)) if state != "NotStarted" => {
                    tell(Style::Plain, "Site Recovery", format!("{scenario}: {name}: {state}"));
                }
                _ => {}
            }
        }
        if let Some(state) = &job.state
            && old.is_none_or(|old| old.state != job.state || old.scenario.is_none())
        {
            tell(Style::Plain, "Site Recovery", format!("{scenario}: {state}"));
        }
    }
}

fn steps(before: Option<&RunReport>, now: &RunReport, glance: Timestamp, tell: Tell) {
    let now = &now.run;
    let before = before.map(|report| &report.run).filter(|run| run.run == now.run);
    let mut tell = |at: Option<_>, style, what| tell(at.unwrap_or(glance), style, "Farshore", what);
    if before.is_none() {
        tell(Some(now.started_at), Style::Busy, format!("{}: {}", now.run, now.reason));
    }
    for step in &now.steps {
        let old = before.and_then(|run| run.steps.iter().find(|old| old.name == step.name));
        if old.is_some_and(|old| old.state == step.state && old.overdue == step.overdue) {
            continue;
        }
        match step.state.as_str() {
            "active" if step.overdue => {
                tell(None, Style::Busy, format!("{} is not waited for any longer", step.name));
            }
            "active" => tell(step.started_at, Style::Busy, format!("{} …", step.name)),
            "ended" => {
                let outcome = step.outcome.as_deref().unwrap_or("ended");
                let what = format!("{} {outcome}: {}", step.name, step.detail);
                tell(step.ended_at, step_style(step), what);
            }
            _ => {}
        }
    }
    if let Some(outcome) = &now.outcome
        && before.is_none_or(|run| run.outcome.is_none())
    {
        tell(now.ended_at, Style::Bold, format!("{} {outcome}: {}", now.run, now.detail));
    }
}

pub(super) fn step_style(step: &Step) -> Style {
    match (step.state.as_str(), step.outcome.as_deref()) {
        ("active", _) => Style::Busy,
        ("ended", Some("succeeded")) => Style::Good,
        ("ended", Some("degraded" | "failed" | "timed_out" | "needs_human")) => Style::Bad,
        _ => Style::Dim,
    }
}

#[cfg(test)]
mod tests;
