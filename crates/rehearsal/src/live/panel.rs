//! The part of the terminal that is drawn anew: the world now, and the run with its steps.

use super::events::step_style;
use super::row::{Row, Style};
use crate::rehearsal::{Scene, seconds};
use crate::run_report::Step;
use crate::world_state::{WorldState, region_name};

const REGIONS: [&str; 2] = ["eastus", "westus"];

/// The panel, at most `height` rows high.
pub(super) fn panel(scene: &Scene, height: usize) -> Vec<Row> {
    let state = &scene.state;
    let at = seconds(scene.begun_at, state.now);
    let mut rows = vec![
        Row::default(),
        Row::new(Style::Bold, &scene.title)
            .then(Style::Dim, format!("   {at:.0} s · requests to Azure: {}", state.calls.total)),
    ];
    rows.extend(REGIONS.iter().map(|region| region_row(state, region)));
    rows.push(traffic_row(state));
    rows.push(user_row(state));
    if let Some(report) = &scene.run {
        let run = &report.run;
        let outcome = run.outcome.as_deref().unwrap_or("under way");
        rows.push(Row::new(Style::Bold, &run.run).then(Style::Dim, format!("   {outcome}")));
        rows.extend(run.steps.iter().map(|step| step_row(step, scene)));
    }
    rows.truncate(height);
    rows
}

fn region_row(state: &WorldState, region: &str) -> Row {
    let is_up = state.regions.get(region).is_none_or(|health| health == "up");
    let (style, health) = if is_up { (Style::Good, "up") } else { (Style::Bad, "down") };
    let sql = state.sql.get(region).cloned().unwrap_or_default();
    let behind = match sql.not_replicated {
        0 => String::new(),
        behind => format!(" · not replicated {behind}"),
    };
    let facts = format!(
        "SQL {:<9} · machines {} · healthy backends {}{behind}",
        sql.role.to_lowercase(),
        state.running(region),
        state.healthy(region),
    );
    Row::new(Style::Plain, format!("  {:<9}", region_name(region)))
        .then(style, format!("{health:<5}"))
        .then(Style::Plain, facts)
}

fn traffic_row(state: &WorldState) -> Row {
    let mut row = Row::new(Style::Plain, "  traffic  ");
    // In the order of their priorities, which happens to be the reverse of the alphabet.
    for (name, endpoint) in state.traffic.endpoints.iter().rev() {
        let (style, shown) = match (endpoint.status.as_str(), endpoint.monitor.as_str()) {
            ("Enabled", "Online") => (Style::Good, "Online"),
            ("Enabled", other) => (Style::Bad, other),
            (status, _) => (Style::Dim, status),
        };
        row = row.then(Style::Plain, format!("{name} ")).then(style, format!("{shown}   "));
    }
    row
}

fn user_row(state: &WorldState) -> Row {
    let row = Row::new(Style::Plain, "  user     ");
    match &state.user.last {
        None => row.then(Style::Dim, "has not tried yet"),
        Some(last) if last.good => {
            let by = last.served_by.as_deref().map_or("somebody", region_name);
            row.then(Style::Good, format!("served by {by}"))
        }
        Some(last) => {
            let problem = last.problem.as_deref().unwrap_or("no answer");
            row.then(Style::Bad, format!("not served: {problem}"))
        }
    }
}

fn step_row(step: &Step, scene: &Scene) -> Row {
    let style = step_style(step);
    let mark = match style {
        Style::Good => "✓",
        Style::Bad => "✗",
        Style::Busy => "▸",
        _ if step.state == "ended" => "–",
        _ => "·",
    };
    let took = step.started_at.map_or(String::new(), |started_at| {
        let ended_at = step.ended_at.unwrap_or(scene.state.now);
        format!("{:.1} s", seconds(started_at, ended_at).max(0.0))
    });
    let detail = if style == Style::Good { "" } else { &step.detail };
    Row::new(style, format!("  {mark} {:<20}", step.name))
        .then(Style::Plain, format!("{took:>8}"))
        .then(Style::Dim, format!("  {detail}"))
}

#[cfg(test)]
mod tests;
