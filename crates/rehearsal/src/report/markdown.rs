//! `report.md`.

use std::fmt::Write as _;

use super::{FrozenFor, Report, milliseconds, timeline};
use crate::Evidence;
use crate::rehearsal::seconds;

/// The report for people.
pub fn markdown(report: &Report, evidence: &Evidence) -> String {
    let mut text = String::new();
    write(&mut text, report, evidence).expect("writing into a String cannot fail");
    text
}

fn write(out: &mut String, report: &Report, evidence: &Evidence) -> std::fmt::Result {
    let setup = &report.setup;
    let verdict = if report.passed { "passed" } else { "**failed**" };
    writeln!(out, "# {}\n", evidence.scenario.title())?;
    writeln!(
        out,
        "Rehearsal `{}` {verdict}; it ended as **{}**.\n",
        report.scenario,
        report.outcome.name()
    )?;
    writeln!(
        out,
        "Speed {}, seed {}, store {}, entry {}; Farshore {}{}. All times are simulated seconds; 0 is \
         {}.\n",
        setup.speed,
        setup.seed,
        setup.store,
        setup.entry,
        setup.versions.farshore,
        setup.versions.revision.as_ref().map_or(String::new(), |it| format!(" ({it})")),
        report.started_at,
    )?;
    strikes(out, report)?;
    for FrozenFor { from_s, to_s, .. } in &report.freezes {
        let to = to_s.map_or("the end".to_owned(), |to| format!("{to:.1} s"));
        writeln!(out, "The first instance was frozen from {from_s:.1} s to {to}.\n")?;
    }
    verdicts(out, report)?;
    guesses(out, report)?;
    figures(out, report, evidence)?;
    critical_path(out, report)?;
    destructive(out, report)?;
    happened(out, evidence)?;
    steps(out, report)
}

fn strikes(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.strikes.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Strikes\n")?;
    writeln!(out, "| strike | from | to | what shows that it hit |\n|---|---|---|---|")?;
    for struck in &report.strikes {
        let to = struck.to_s.map_or("–".to_owned(), |to| format!("{to:.1} s"));
        let seen = cell(&struck.seen);
        writeln!(out, "| {} | {:.1} s | {to} | {seen} |", struck.strike, struck.at_s)?;
    }
    writeln!(out)
}

fn verdicts(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "## Verdict\n")?;
    writeln!(out, "| | must be true | seen | told by |\n|---|---|---|---|")?;
    for check in &report.checks {
        let mark = if check.passed { "✓" } else { "✗" };
        let (what, seen, teller) = (cell(&check.what), cell(&check.seen), check.told_by.name());
        writeln!(out, "| {mark} | {what} | {seen} | {teller} |")?;
    }
    writeln!(out)
}

fn guesses(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(
        out,
        "This verdict rests on guesses about Azure, in the words of the local Azure's list:\n"
    )?;
    for guess in &report.hinges_on {
        writeln!(out, "- {guess}")?;
    }
    writeln!(out)
}

fn figures(out: &mut String, report: &Report, evidence: &Evidence) -> std::fmt::Result {
    let ledger = &evidence.ledger.figures;
    let maybe = |value: Option<f64>| value.map_or("–".to_owned(), |it| format!("{it:.1} s"));
    let lost = &ledger.lost_writes;
    let rows: [(&str, String, &str); 11] = [
        (
            "detection",
            maybe(report.detection_s),
            "from the loss to the first request to Azure that could change something; – without a loss",
        ),
        (
            "recovery time",
            maybe(report.rto_s),
            "from the loss to the user's first good answer (a write acknowledged and the list read) with the promoted data, through the profile's name",
        ),
        (
            "critical path",
            format!("{:.1} s", report.critical_path_s),
            "the waits that nobody can shorten, put together as well as possible, by the simulator",
        ),
        (
            "the app's own time",
            maybe(ledger.overhead_s),
            "from the first such request to that answer, less the critical path",
        ),
        (
            "downtime",
            format!("{:.1} s", milliseconds(ledger.downtime_s)),
            "from the user's first failed try to the next good one, all together",
        ),
        (
            "lost writes",
            format!("{} of {}", report.lost_writes, ledger.acknowledged_writes),
            "acknowledged to the user and not in the database that is the primary now",
        ),
        (
            "of these unavoidable",
            lost.not_replicated_at_the_loss.len().to_string(),
            "not yet in the other region when their own was lost",
        ),
        (
            "recovery point",
            format!("{:.1} s", report.rpo_s),
            "from the first lost write to the end of its region",
        ),
        (
            "two primaries",
            format!("{:.0} s", report.dual_writable_s),
            "a client could write at both sites, into two databases",
        ),
        (
            "requests to Azure",
            report.azure_calls.to_string(),
            "that reached Azure Resource Manager, of every kind",
        ),
        ("of these reads", ledger.azure_calls.reads.to_string(), "that could change nothing"),
    ];
    writeln!(out, "## Figures\n")?;
    writeln!(out, "From the simulator's ledger; the app is not asked.\n")?;
    writeln!(out, "| figure | | what it means |\n|---|---|---|")?;
    for (name, value, meaning) in rows {
        writeln!(out, "| {name} | {value} | {meaning} |")?;
    }
    writeln!(out)
}

fn critical_path(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.critical_path.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Critical path\n")?;
    writeln!(out, "| from | takes | |\n|---|---|---|")?;
    let mut from = 0.0;
    for leg in &report.critical_path {
        writeln!(out, "| {from:.1} s | {:.1} s | {} |", leg.seconds, cell(&leg.what))?;
        from += leg.seconds;
    }
    writeln!(out, "| {from:.1} s | | done |\n")
}

fn destructive(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "## Requests that cannot be taken back\n")?;
    if report.destructive_calls.is_empty() {
        return writeln!(out, "None.\n");
    }
    writeln!(out, "| at | answer | request |\n|---|---|---|")?;
    for call in &report.destructive_calls {
        let status = call.status.map_or("none".to_owned(), |status| status.to_string());
        writeln!(out, "| {:.1} s | {status} | `{} {}` |", call.at_s, call.method, call.path)?;
    }
    writeln!(out)
}

fn happened(out: &mut String, evidence: &Evidence) -> std::fmt::Result {
    writeln!(out, "## What happened\n")?;
    writeln!(out, "| at | who | what |\n|---|---|---|")?;
    for entry in timeline::timeline(evidence) {
        let at = seconds(evidence.begun.at, entry.at);
        writeln!(out, "| {at:.1} s | {} | {} |", entry.who, cell(&entry.what))?;
    }
    writeln!(out)
}

fn steps(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.steps.is_empty() {
        return writeln!(out, "The app started no run.");
    }
    let maybe = |value: Option<f64>| value.map_or(String::new(), |it| format!("{it:.1} s"));
    writeln!(out, "## Steps\n")?;
    writeln!(out, "This table is the app's own report.\n")?;
    writeln!(out, "| step | from | to | outcome |\n|---|---|---|---|")?;
    for step in &report.steps {
        let outcome = step.outcome.as_deref().unwrap_or("–");
        let (from, to) = (maybe(step.started_s), maybe(step.ended_s));
        writeln!(out, "| {} | {from} | {to} | {outcome} |", step.name)?;
    }
    Ok(())
}

/// A text that stays within its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
