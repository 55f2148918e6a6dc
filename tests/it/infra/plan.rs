//! The plan file that a deployment writes is a plan.

use serde_json::{Value, json};

use super::sources::Sources;
use super::system::System;
use super::{everything, system};

const SAMPLE: &str = "tests/fixtures/infra/outputs.json";

/// What is wrong with a plan, by the schema and by the app itself.
fn problems(plan: &Value) -> Vec<String> {
    let schema = Sources::default().json("schemas/plan.schema.json");
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let mut problems: Vec<String> = validator
        .iter_errors(plan)
        .map(|error| format!("{}: {error}", error.instance_path))
        .collect();
    if let Err(errors) = recovery::Plan::parse(&plan.to_string()) {
        problems.push(errors.to_string());
    }
    problems
}

/// The mapping of `infra/plan.bicep`, on what a deployment has put out.
fn plan_of(sources: &Sources, outputs: &Value) -> Value {
    System::of(sources, "infra/plan.bicep", outputs).unwrap().outputs["plan"].clone()
}

#[test]
fn the_plan_of_sample_outputs_is_valid() {
    let outputs = Sources::default().json(SAMPLE);
    for (name, value) in outputs.as_object().unwrap() {
        assert_eq!(problems(&plan_of(&Sources::default(), value)), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_wrong_field_in_the_mapping_is_found() {
    let outputs = Sources::default().json(SAMPLE);
    let sources = Sources::with("infra/plan.bicep", "recovery_plan:", "recoveryPlan:");

    let found = problems(&plan_of(&sources, &outputs["application_gateway"]));

    assert!(found.iter().any(|it| it.contains("recoveryPlan")), "{found:?}");
}

#[test]
fn an_id_of_something_else_is_found() {
    let mut outputs = Sources::default().json(SAMPLE)["application_gateway"].clone();
    outputs["vaultId"] = outputs["drillVnetId"].clone();

    assert!(!problems(&plan_of(&Sources::default(), &outputs)).is_empty());
}

#[test]
fn the_plan_of_the_evaluated_templates_is_valid() {
    for entry in ["application_gateway", "ibm_http_server"] {
        for mode in ["observe", "automatic"] {
            let changes = json!({"entry": entry, "mode": mode});
            let plan = system(&Sources::default(), &changes).unwrap().outputs["plan"].clone();

            assert_eq!(problems(&plan), Vec::<String>::new(), "{plan:#}");
        }
    }
}

/// Each id in the plan is that of a resource that the templates make: nothing is typed twice.
#[test]
fn the_plan_names_only_what_the_templates_make() {
    let system = system(&Sources::default(), &Value::Null).unwrap();
    let plan = &system.outputs["plan"];
    for pointer in [
        "/preferred/sql_server",
        "/standby/sql_server",
        "/standby/entry/gateway",
        "/site_recovery/vault",
        "/drill/network",
    ] {
        let id = plan.pointer(pointer).and_then(Value::as_str).unwrap();
        let is_made = system.resources.iter().any(|one| {
            id.ends_with(&format!("/providers/{}/{}", one.kind, one.name))
                && one.group.as_deref() == id.split('/').nth(4)
        });
        assert!(is_made, "{pointer}: nothing makes {id}");
    }
    assert_eq!(plan["preferred"]["region"], everything()["preferredLocation"]);
}
