//! What the documents say in tables and figures is what the code does: what has drifted fails, and
//! the failure shows how it should be.

use std::fs;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use recovery::diagnosis::{Diagnosis, Evidence, Response, diagnose, response};
use recovery::effect::Manner;
use recovery::limits;
use recovery::plan::PolicyMode;
use recovery::runbook::{Edge, Importance, Milestone, Runbook, StepSpec, drill, failover};
use recovery::view::{EndpointHealth, FailoverGroup, Replication, Role};
use recovery::{Place, Plan};
use serde_json::Value;
use simulator::{Answer, Door, World};

const PAGE: &str = include_str!("../../docs/how-it-decides.md");

#[test]
fn the_tables_of_the_runbooks_are_the_runbooks() {
    for (title, runbook) in [
        ("Forced failover", failover(Manner::Forced, Place::Preferred)),
        ("Planned failover", failover(Manner::Planned, Place::Preferred)),
        ("Drill", drill(Place::Preferred)),
    ] {
        assert_table(title, &runbook_table(&runbook));
    }
}

#[test]
fn the_table_of_the_diagnosis_is_what_is_diagnosed() {
    let mut table = vec![
        "| our probe | Traffic Manager on its endpoint | the standby's failover group | diagnosis |"
            .to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    let since = limits::PROBE_FAILING_S;
    let long = format!("has failed for {since} s");
    let short = format!("has failed for less than {since} s");
    let degraded = Some(EndpointHealth::Degraded);
    let secondary = |replication| Some(group(Role::Secondary, replication));
    let ready = || secondary(Replication::CatchUp);
    for (probe, failing, traffic, endpoint, standby, other) in [
        ("answers", None, "whatever", degraded, "whatever", ready()),
        (&short, Some(since - 1), "whatever", degraded, "whatever", ready()),
        (&long, Some(since), "Online", Some(EndpointHealth::Online), "whatever", ready()),
        (&long, Some(since), "no answer", None, "whatever", ready()),
        (&long, Some(since), "Degraded", degraded, "no answer", None),
        (&long, Some(since), "Degraded", degraded, "Secondary, replicating", ready()),
        (
            &long,
            Some(since),
            "Degraded",
            degraded,
            "Secondary, suspended",
            secondary(Replication::Suspended),
        ),
        (
            &long,
            Some(since),
            "Degraded",
            degraded,
            "Secondary, being seeded",
            secondary(Replication::Seeding),
        ),
        (
            &long,
            Some(since),
            "Degraded",
            degraded,
            "Primary",
            Some(group(Role::Primary, Replication::CatchUp)),
        ),
    ] {
        let evidence = Evidence {
            address_is_known: true,
            failing_since: failing.map(|seconds| NOW - SignedDuration::from_secs(seconds)),
            endpoint,
            standby: other,
        };
        let diagnosis = diagnosis_name(&diagnose(&evidence, NOW));
        table.push(format!("| {probe} | {traffic} | {standby} | {diagnosis} |"));
    }
    assert_table("Diagnosis", &table);
}

#[test]
fn the_table_of_the_modes_is_what_follows() {
    let mut table = vec![
        "| diagnosis | `observe` | `approve` | `automatic` |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    let why = String::new;
    for diagnosis in [
        Diagnosis::Healthy,
        Diagnosis::Suspected(why()),
        Diagnosis::RegionLost(why()),
        Diagnosis::NoTarget(why()),
    ] {
        let follows =
            [PolicyMode::Observe, PolicyMode::Approve, PolicyMode::Automatic].map(|mode| {
                let mut plan =
                    Plan::parse(include_str!("../../plans/websphere-cafe.json")).unwrap();
                plan.mode = mode;
                response_name(response(&diagnosis, &plan))
            });
        table.push(format!("| {} | {} |", diagnosis_name(&diagnosis), follows.join(" | ")));
    }
    assert_table("What follows", &table);
}

#[test]
fn the_numbers_of_the_protocol_are_those_of_the_code() {
    macro_rules! values {
        ($($name:ident)*) => { [$((stringify!($name), limits::$name.to_string())),*] };
    }
    let values = values![
        LOOK_LIMIT_S FRESH_S LOOK_INTERVAL_S SLOW_LOOK_INTERVAL_S SEND_WITHIN_S SEND_LIMIT_S
        GRACE_S CLOCKS_DIFFER_S QUIESCE_S SHOWN_S SENDS_MAX REFUSALS_MAX REFUSAL_PAUSE_S
        REPEAT_PAUSE_S LEASE_S LEASE_MARGIN_S TURN_S WAKE_MAX_S PROBE_FAILING_S PORT_FRESH_S
        PLANNED_PATIENCE_S
    ];
    let source = include_str!("../../crates/recovery/src/limits.rs");
    let names: Vec<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split(':').next())
        .collect();
    assert_eq!(names, values.each_ref().map(|(name, _)| *name), "add the new one here and there");

    let rows = rows(section("Numbers of the protocol"));
    let told: Vec<_> = rows.iter().map(|row| (row[0], row[1].to_owned())).collect();
    assert_eq!(told, values);
}

#[test]
fn the_other_numbers_are_those_of_the_code() {
    let rows = rows(section("Other numbers"));
    assert!(!rows.is_empty());
    for row in rows {
        let [file, name, value, ..] = row[..] else { panic!("{row:?}") };
        let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let found = source.lines().find_map(|line| {
            let (_, rest) = line.split_once(&format!("const {name}: "))?;
            rest.split_once(" = ")?.1.strip_suffix(';')
        });
        assert_eq!(found, Some(value), "{name} in {file}");
    }
}

#[test]
fn the_counts_of_what_is_known_are_those_of_the_local_azure() {
    let mut world = World::tutorial(&simulator::Options::default());
    let request = simulator::Request {
        door: Door::Control,
        method: "GET".to_owned(),
        target: "/control/fidelity".to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let Answer::Reply { response, .. } = world.handle(NOW, &request) else { panic!("no answer") };
    let all: Value = serde_json::from_slice(&response.body).unwrap();
    let behaviours: Vec<&Value> = all["behaviours"].as_array().unwrap().iter().collect();
    let durations: Vec<&Value> = all["durations"].as_object().unwrap().values().collect();
    let count = |of: &[&Value], tag: &str| of.iter().filter(|it| it["tag"] == tag).count();
    let counts = |of: &[&Value]| {
        let [recorded, documented, guesses] = ["RECORDED", "DOC", "GUESS"].map(|it| count(of, it));
        assert_eq!(recorded + documented + guesses, of.len());
        format!("{}: {recorded} recorded, {documented} documented, {guesses} guesses", of.len())
    };
    let page = include_str!("../../docs/fidelity.md").split_whitespace().collect::<Vec<_>>();
    let page = page.join(" ");
    for (name, entries) in [("behaviours", behaviours), ("durations", durations)] {
        let wanted = format!("`{name}` has {}", counts(&entries));
        assert!(page.contains(&wanted), "docs/fidelity.md should say: {wanted}");
    }
}

const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);

fn group(role: Role, replication: Replication) -> FailoverGroup {
    FailoverGroup { role, partner_role: None, replication, managed_by_service: false }
}

fn diagnosis_name(diagnosis: &Diagnosis) -> &'static str {
    match diagnosis {
        Diagnosis::Healthy => "healthy",
        Diagnosis::Suspected(_) => "suspected",
        Diagnosis::RegionLost(_) => "**region lost**",
        Diagnosis::NoTarget(_) => "no target",
    }
}

fn response_name(response: Response) -> &'static str {
    match response {
        Response::Nothing => "nothing",
        Response::Watch => "look again",
        Response::Tell => "tell people",
        Response::FailOver => "**fail over**",
    }
}

fn runbook_table(runbook: &Runbook) -> Vec<String> {
    let mut table = vec![
        "| step | begins when | importance | patience | deadline |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    for step in &runbook.steps {
        let StepSpec { kind, after, importance, patience_s, deadline_s } = step;
        let after: Vec<String> = after.iter().map(|edge| edge_words(*edge)).collect();
        let after = if after.is_empty() { "at once".to_owned() } else { after.join("; ") };
        let patience = patience_s.map_or("–".to_owned(), |patience| format!("{patience} s"));
        let importance = match importance {
            Importance::Required => "required",
            Importance::Degrades => "degrades",
            Importance::BestEffort => "best effort",
        };
        let name = kind.name();
        table.push(format!("| `{name}` | {after} | {importance} | {patience} | {deadline_s} s |"));
    }
    table
}

fn edge_words(edge: Edge) -> String {
    match edge {
        Edge::Success(step) => format!("`{}` succeeded", step.name()),
        Edge::Settled(step) => format!("`{}` ended or is overdue", step.name()),
        Edge::Ended(step) => format!("`{}` ended", step.name()),
        Edge::Reached(step, milestone) => {
            let milestone = match milestone {
                Milestone::Accepted => "accepted",
                Milestone::SourceStopped => "source stopped",
                Milestone::FirstPass => "first pass",
                Milestone::Enough => "enough",
            };
            format!("`{}`: {milestone}", step.name())
        }
        Edge::Retreat => "the run retreats".to_owned(),
    }
}

fn assert_table(title: &str, wanted: &[String]) {
    let found: Vec<&str> = table_lines(section(title)).collect();
    let wanted = wanted.join("\n");
    assert!(
        found.join("\n") == wanted,
        "the table of the section {title:?} should be\n\n{wanted}\n"
    );
}

/// The text below a heading, up to the next one.
fn section(title: &str) -> &'static str {
    let is_it = |line: &str| line.starts_with('#') && line.trim_start_matches('#').trim() == title;
    let mut from = None;
    let mut at = 0;
    for line in PAGE.split_inclusive('\n') {
        match from {
            None if is_it(line.trim_end()) => from = Some(at + line.len()),
            Some(from) if line.starts_with('#') => return &PAGE[from..at],
            _ => {}
        }
        at += line.len();
    }
    let from = from.unwrap_or_else(|| panic!("there is no section {title:?}"));
    &PAGE[from..]
}

fn table_lines(section: &str) -> impl Iterator<Item = &str> {
    section.lines().filter(|line| line.starts_with('|'))
}

/// The cells of a table's body, without the marks of code.
fn rows(section: &str) -> Vec<Vec<&str>> {
    table_lines(section)
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().trim_matches('`')).collect()
        })
        .collect()
}
