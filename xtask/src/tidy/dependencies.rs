//! The walls between the parts, as facts of `Cargo.toml` that are seen in review.

use std::fs;

use anyhow::{Context, Result};

use crate::metadata::Metadata;

/// Which of our packages each of our packages may use (tests aside).
///
/// A package missing here is an error: a new part says first where it stands. The simulator
/// shares nothing with our clients, or a wrong field name would be wrong in both and pass; the
/// rehearsal judges the app from outside, so it knows neither its core nor its engine.
const WALLS: &[(&str, &[&str])] = &[
    ("recovery", &[]),
    ("clock", &[]),
    ("azure", &["clock"]),
    ("azurite", &[]),
    ("store", &["clock"]),
    ("bus", &["azure", "clock"]),
    ("engine", &["azure", "bus", "clock", "recovery", "store"]),
    ("farshore", &["azure", "bus", "clock", "engine", "recovery", "store"]),
    ("fuzzing", &["azure", "bus", "clock", "engine", "farshore", "recovery", "store"]),
    ("simulator", &["clock"]),
    ("functions_host", &["clock"]),
    ("rehearsal", &["azurite", "clock", "functions_host", "simulator", "store"]),
    (
        "simulation",
        &["azure", "bus", "clock", "engine", "farshore", "recovery", "simulator", "store"],
    ),
    ("model", &["recovery"]),
    ("probe", &["azure", "clock", "recovery"]),
    ("xtask", &["azurite"]),
];

/// All that the pure core may ask for: data, dates and the means to read a plan with the places of
/// its mistakes; no runtime, no network, no clock of its own.
const OF_THE_CORE: &[&str] =
    &["cronexpr", "jiff", "jsonc-parser", "serde", "serde_json", "strsim", "thiserror", "url"];

/// Never in what runs in Azure: the local stand-ins, and TLS that needs a system library.
const NEVER_SHIPPED: &[&str] = &[
    "azurite",
    "functions_host",
    "fuzzing",
    "model",
    "native-tls",
    "openssl-sys",
    "probe",
    "rehearsal",
    "simulation",
    "simulator",
    "xtask",
];

pub(super) fn problems(metadata: &Metadata) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for member in metadata.members() {
        let manifest = fs::read_to_string(&member.manifest_path)
            .with_context(|| format!("cannot read {}", member.manifest_path.display()))?;
        if !manifest.contains("[lints]\nworkspace = true") {
            problems.push(format!("{} does not take the workspace's lints", member.name));
        }
    }
    problems.extend(breaches(metadata));
    problems.extend(impurities(metadata));
    problems.extend(passengers(metadata));
    problems.extend(legacy_users(metadata));
    Ok(problems)
}

fn breaches(metadata: &Metadata) -> Vec<String> {
    let ours: Vec<&str> = metadata.members().map(|it| it.name.as_str()).collect();
    let mut problems = Vec::new();
    for name in &ours {
        let Some((_, allowed)) = WALLS.iter().find(|(package, _)| package == name) else {
            problems.push(format!("{name} has no place in the walls of xtask's tidy"));
            continue;
        };
        let used = metadata.dependencies(name).into_iter().filter(|it| ours.contains(it));
        for forbidden in used.filter(|it| !allowed.contains(it)) {
            problems.push(format!("{name} must not use {forbidden}"));
        }
    }
    problems
}

fn impurities(metadata: &Metadata) -> impl Iterator<Item = String> {
    let foreign = metadata.dependencies("recovery").into_iter();
    foreign
        .filter(|it| !OF_THE_CORE.contains(it))
        .map(|it| format!("recovery is pure and must not use {it}"))
}

fn passengers(metadata: &Metadata) -> impl Iterator<Item = String> {
    let shipped = metadata.closure("farshore").into_iter();
    shipped
        .filter(|it| NEVER_SHIPPED.contains(it))
        .map(|it| format!("{it} would be shipped inside farshore"))
}

/// The official successor of this client replaces one leaf, as long as only that leaf knows it.
fn legacy_users(metadata: &Metadata) -> impl Iterator<Item = String> {
    let others = metadata.members().filter(|it| it.name != "bus");
    others
        .filter(|it| metadata.dependencies(&it.name).contains("azure_messaging_servicebus"))
        .map(|it| format!("{} must leave azure_messaging_servicebus to bus", it.name))
}

#[cfg(test)]
mod tests {
    use super::{breaches, impurities, legacy_users, passengers};
    use crate::metadata::sample;

    #[test]
    fn the_simulator_must_not_share_types_with_the_clients() {
        let metadata = sample(&[("simulator", "azure", None), ("engine", "azure", None)]);

        assert_eq!(breaches(&metadata), ["simulator must not use azure"]);
    }

    #[test]
    fn tests_may_look_over_the_walls() {
        let metadata = sample(&[("engine", "simulator", Some("dev"))]);

        assert_eq!(breaches(&metadata), Vec::<String>::new());
    }

    #[test]
    fn a_new_part_says_first_where_it_stands() {
        let metadata = sample(&[("newcomer", "clock", None)]);

        assert_eq!(breaches(&metadata), ["newcomer has no place in the walls of xtask's tidy"]);
    }

    #[test]
    fn the_core_takes_no_runtime() {
        let metadata = sample(&[("recovery", "serde", None), ("recovery", "tokio", None)]);

        let found: Vec<_> = impurities(&metadata).collect();

        assert_eq!(found, ["recovery is pure and must not use tokio"]);
    }

    #[test]
    fn a_stand_in_behind_another_part_is_found_in_what_is_shipped() {
        let metadata = sample(&[("farshore", "engine", None), ("engine", "simulator", None)]);

        let found: Vec<_> = passengers(&metadata).collect();

        assert_eq!(found, ["simulator would be shipped inside farshore"]);
    }

    #[test]
    fn only_the_bus_knows_the_old_client() {
        let metadata = sample(&[
            ("bus", "azure_messaging_servicebus", None),
            ("engine", "azure_messaging_servicebus", None),
        ]);

        let found: Vec<_> = legacy_users(&metadata).collect();

        assert_eq!(found, ["engine must leave azure_messaging_servicebus to bus"]);
    }
}
