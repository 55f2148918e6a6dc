//! Every parameter says what it is, and the parameter file has those of the template.

use std::collections::BTreeSet;

use super::bicep::{File, Kind};
use super::sources::Sources;

fn undocumented(sources: &Sources) -> Vec<String> {
    let mut problems = Vec::new();
    for path in Sources::below("infra", ".bicep") {
        let file = match File::parse(&sources.read(&path)) {
            Ok(file) => file,
            Err(error) => {
                problems.push(format!("{path}: {error}"));
                continue;
            }
        };
        for item in file.items.iter().filter(|it| matches!(it.kind, Kind::Param | Kind::Output)) {
            if item.description.as_ref().is_none_or(|text| text.trim().is_empty()) {
                problems.push(format!("{path}: {} has no description", item.name));
            }
        }
    }
    problems
}

fn unmatched(sources: &Sources, template: &str, parameters: &str) -> Vec<String> {
    let file = File::parse(&sources.read(template)).unwrap();
    let asked: BTreeSet<String> = file.of(Kind::Param).map(|it| it.name.clone()).collect();
    let given = sources.json(parameters)["parameters"].as_object().unwrap().clone();
    let given: BTreeSet<String> = given.into_iter().map(|(name, _)| name).collect();
    let differing = asked.symmetric_difference(&given);
    differing.map(|name| format!("{name} is only in one of {template} and {parameters}")).collect()
}

#[test]
fn every_parameter_and_every_output_is_documented() {
    assert_eq!(undocumented(&Sources::default()), Vec::<String>::new());
}

#[test]
fn a_parameter_without_a_description_is_found() {
    let right = "@description('Region of the controller.')\nparam location string";
    let wrong = "param location string";

    let found = undocumented(&Sources::with("infra/controller/storage.bicep", right, wrong));

    assert_eq!(found, ["infra/controller/storage.bicep: location has no description"]);
}

/// Other readers take it; the compiler does not (BCP238).
#[test]
fn a_comma_at_the_end_of_a_line_is_found() {
    let sources = Sources::with("infra/plan.bicep", "  version: 1\n", "  version: 1,\n");

    assert_eq!(undocumented(&sources), ["infra/plan.bicep: a comma at the end of a line"]);
}

#[test]
fn the_parameter_file_has_the_parameters_of_the_template() {
    let found = unmatched(&Sources::default(), "infra/main.bicep", "infra/main.parameters.json");

    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_renamed_parameter_is_found() {
    let sources = Sources::with("infra/main.parameters.json", "machineKey", "machinKey");

    let found = unmatched(&sources, "infra/main.bicep", "infra/main.parameters.json");

    assert_eq!(found.len(), 2, "{found:?}");
}

/// azd takes references to a key vault (`azd env set-secret`) for secure texts alone: in an object the
/// reference itself would become the password (pkg/infra/provisioning/bicep in Azure/azure-dev).
fn unresolved_secrets(sources: &Sources) -> Vec<String> {
    let template = sources.read("infra/main.bicep");
    let declarations = template
        .split("@secure()\n")
        .skip(1)
        .filter_map(|rest| rest.lines().find(|line| line.starts_with("param ")).map(str::to_owned));
    declarations.filter(|line| line.split(' ').nth(2) != Some("string")).collect()
}

#[test]
fn each_secret_is_a_text_of_its_own() {
    let object = Sources::with("infra/main.bicep", "sqlPassword string", "sqlPassword object");

    assert_eq!(unresolved_secrets(&Sources::default()), Vec::<String>::new());
    assert_eq!(unresolved_secrets(&object), ["param sqlPassword object"]);
}

#[test]
fn the_whole_system_fits_on_one_screen() {
    let lines = Sources::default().read("infra/main.bicep").lines().count();

    assert!(lines < 110, "infra/main.bicep has {lines} lines");
}
