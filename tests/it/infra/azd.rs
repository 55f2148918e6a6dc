//! azure.yaml is what azd takes, and its layers are deployed in an order and with hooks that do no harm.

use std::error::Error;
use std::path::Path;

use jsonschema::{Retrieve, Uri};
use serde_json::{Value, json};

use super::sources::Sources;
use super::yaml;

const FILE: &str = "azure.yaml";
/// Looks where the workload runs and what the vault has; nothing may be deployed without it.
const LOOK: &str = "hooks/before-provision.sh";

/// azd's schema names those of its extensions, of which none is used here.
struct Extensions;

impl Retrieve for Extensions {
    fn retrieve(&self, _: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        Ok(json!({}))
    }
}

fn by_schema(schema: &Value, file: &Value) -> Vec<String> {
    let validator = jsonschema::options().with_retriever(Extensions).build(schema).unwrap();
    validator.iter_errors(file).map(|error| format!("{}: {error}", error.instance_path)).collect()
}

fn problems(sources: &Sources) -> Vec<String> {
    let file = match yaml::read(&sources.read(FILE)) {
        Ok(file) => file,
        Err(error) => return vec![error],
    };
    let mut problems = by_schema(&sources.json("tests/it/infra/azd.schema.json"), &file);
    if let Ok(path) = std::env::var("AZD_SCHEMA") {
        let schema = std::fs::read_to_string(path).unwrap();
        problems.extend(by_schema(&serde_json::from_str(&schema).unwrap(), &file));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let layers = file["infra"]["layers"].as_array().cloned().unwrap_or_default();
    let steps = file["workflows"]["up"]["steps"].as_array().cloned().unwrap_or_default();
    let steps: Vec<&str> = steps.iter().filter_map(|step| step["azd"].as_str()).collect();
    let mut earlier: Vec<&str> = Vec::new();
    for layer in &layers {
        let text = |name: &str| layer[name].as_str().unwrap_or_default();
        let (name, path) = (text("name"), text("path"));
        if !root.join(path).join(format!("{}.bicep", text("module"))).is_file() {
            problems.push(format!("the layer {name} has no template"));
        }
        for needed in layer["dependsOn"].as_array().into_iter().flatten().filter_map(Value::as_str)
        {
            if !earlier.contains(&needed) {
                problems.push(format!("the layer {name} needs {needed}, which is not before it"));
            }
        }
        if !steps.contains(&format!("provision {name}").as_str()) {
            problems.push(format!("azd up leaves the layer {name} out"));
        }
        let hook = |when: &str| layer["hooks"][when]["run"].as_str();
        if hook("preprovision").is_none_or(|run| !run.ends_with(LOOK)) {
            problems.push(format!("the layer {name} is deployed without a look"));
        }
        // Hooks of a layer are seen from its folder.
        for run in ["preprovision", "postprovision"].into_iter().filter_map(hook) {
            if !root.join(path).join(run).is_file() {
                problems.push(format!("the layer {name} has no hook {run}"));
            }
        }
        earlier.push(name);
    }
    // The alerts need the app's key, and the app the function app.
    let order = ["package --all", "provision system", "deploy --all", "provision plan-and-alerts"];
    if steps != order {
        problems.push(format!("azd up does {steps:?}"));
    }
    let down = file["hooks"]["predown"]["run"].as_str().unwrap_or_default();
    if !down.contains("teardown.sh \"$AZURE_ENV_NAME\" \"$FARSHORE_TEARDOWN\" keep-groups") {
        problems.push("azd down is not asked twice, or finds no groups".to_owned());
    }
    problems
}

#[test]
fn azure_yaml_is_what_azd_takes() {
    assert_eq!(problems(&Sources::default()), Vec::<String>::new());
}

#[test]
fn a_mistake_in_azure_yaml_is_found() {
    for (right, wrong, says) in [
        ("    dist: target/function-app\n", "", "\"dist\" is a required property"),
        ("language: custom", "language: rust", "/services/controller/language"),
        ("      module: main\n", "      modul: main\n", "modul"),
        ("infra:\n", "infra:\n  path: infra\n", "path"),
        ("shell: sh, run: cargo", "run: cargo", "\"shell\" is a required property"),
        ("dependsOn: [system]", "dependsOn: [sytem]", "needs sytem"),
        ("      - azd: provision system\n", "", "leaves the layer system out"),
        ("before-provision.sh", "write-plan.sh", "is deployed without a look"),
        ("run: ../infra/hooks/write", "run: infra/hooks/write", "has no hook infra/hooks/write"),
        ("\"$FARSHORE_TEARDOWN\"", "\"$AZURE_ENV_NAME\"", "is not asked twice"),
        ("name: farshore\n", "name: farshore\nname: farshore\n", "is there twice"),
    ] {
        let found = problems(&Sources::with(FILE, right, wrong));

        assert!(found.iter().any(|it| it.contains(says)), "{wrong}: {found:?}");
    }
}
