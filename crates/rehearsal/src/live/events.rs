//! What changed between two glances at the world, as lines.

use std::collections::BTreeMap;

use super::row::{Row, Style};
use crate::rehearsal::{Scene, seconds};
use crate::run_report::{RunReport, Step};
use crate::world_state::{WorldState, region_name};

/// The news since the glance before; everything if there was none.
pub(super) fn events(before: Option<&Scene>, now: &Scene) -> Vec<Row> {
    let at = seconds(now.begun_at, now.state.now);
    let line = |style, who: &str, what: String| {
        Row::new(Style::Dim, format!("{at:>7.1} s  "))
            .then(Style::Bold, format!("{who:<16}"))
            .then(style, what)
    };
    let mut news = Vec::new();
    let mut tell = |style, who: &str, what: String| news.push(line(style, who, what));
    let old = before.map(|scene| &scene.state);
    world(old, &now.state, &mut tell);
    if let Some(incident) = now.runs.open_incident
        && before.and_then(|scene| scene.runs.open_incident) != Some(incident)
    {
        tell(Style::Busy, "Farshore", format!("incident {incident} is open"));
    }
    let run_before = before.and_then(|scene| scene.run.as_ref());
    if let Some(run) = &now.run {
        steps(run_before, run, &mut tell);
    }
    news
}

fn world(
    before: Option<&WorldState>,
    now: &WorldState,
    tell: &mut impl FnMut(Style, &str, String),
) {
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
    jobs(before, now, tell);
    for region in now.gateways.keys() {
        let (old, new) = (before.healthy(region), now.healthy(region));
        if old != new {
            let what = format!("{}: healthy backends {new}", region_name(region));
            tell(if new > old { Style::Good } else { Style::Bad }, "gateway", what);
        }
    }
    if now.alerts.sent > before.alerts.sent {
        let sent = now.alerts.sent - before.alerts.sent;
        let firing = now.alerts.firing.join(", ");
        tell(Style::Busy, "Azure Monitor", format!("alerts sent: {sent}; firing: {firing}"));
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

/// The recovery plan's jobs and their tasks.
fn jobs(before: &WorldState, now: &WorldState, tell: &mut impl FnMut(Style, &str, String)) {
    for job in &now.recovery.jobs {
        let old = before.recovery.jobs.iter().find(|old| old.name == job.name);
        let scenario = job.scenario.as_deref().unwrap_or("job");
        let known: BTreeMap<_, _> =
            old.iter().flat_map(|old| &old.tasks).map(|task| (&task.name, &task.state)).collect();
        for task in &job.tasks {
            let (Some(name), Some(state)) = (&task.name, &task.state) else { continue };
            if known.get(&task.name) != Some(&&task.state) {
                tell(Style::Plain, "Site Recovery", format!("{scenario}: {name}: {state}"));
            }
        }
        if let Some(state) = &job.state
            && old.is_none_or(|old| old.state != job.state)
        {
            tell(Style::Plain, "Site Recovery", format!("{scenario}: {state}"));
        }
    }
}

fn steps(before: Option<&RunReport>, now: &RunReport, tell: &mut impl FnMut(Style, &str, String)) {
    let before = before.map(|report| &report.run).filter(|run| run.run == now.run.run);
    if before.is_none() {
        tell(Style::Busy, "Farshore", format!("{}: {}", now.run.run, now.run.reason));
    }
    for step in &now.run.steps {
        let old = before.and_then(|run| run.steps.iter().find(|old| old.name == step.name));
        if old.is_some_and(|old| old.state == step.state && old.overdue == step.overdue) {
            continue;
        }
        match step.state.as_str() {
            "active" if step.overdue => {
                tell(
                    Style::Busy,
                    "Farshore",
                    format!("{} is not waited for any longer", step.name),
                );
            }
            "active" => tell(Style::Busy, "Farshore", format!("{} …", step.name)),
            "ended" => {
                let outcome = step.outcome.as_deref().unwrap_or("ended");
                let what = format!("{} {outcome}: {}", step.name, step.detail);
                tell(step_style(step), "Farshore", what);
            }
            _ => {}
        }
    }
    if let Some(outcome) = &now.run.outcome
        && before.is_none_or(|run| run.outcome.is_none())
    {
        tell(Style::Bold, "Farshore", format!("{} {outcome}: {}", now.run.run, now.run.detail));
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
