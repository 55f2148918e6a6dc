//! The infrastructure as code, as far as it can be judged without Azure: it is read, evaluated from
//! `infra/main.bicep` down, and held against the code, the documents and the plan's schema. For each
//! check a mistake is planted that it must find. What needs the real compiler runs in
//! `.github/workflows/infra.yml`, and here too if `bicep` is on the PATH.

mod again;
mod alerts;
mod azd;
mod beginnings;
mod bicep;
mod callers;
mod compiler;
mod evidence;
mod figures;
mod invariants;
mod names;
mod options;
mod parameters;
mod pipelines;
mod places;
mod plan;
mod roles;
mod scripts;
mod sources;
mod system;
mod yaml;

use serde_json::{Value, json};

use self::sources::Sources;
use self::system::System;

/// What a person sets for the tutorial, on the first deployment but for the alerts.
fn everything() -> Value {
    json!({
        "environmentName": "cafe",
        "preferredLocation": "eastus",
        "standbyLocation": "westus",
        "entraAdmin": {"objectId": "o", "name": "n", "type": "User"},
        "sqlPassword": "s",
        "webSpherePassword": "w",
        "ibmHttpServerPassword": "i",
        "machineKey": "k",
        "appIsPublished": true,
        "options": {"operatorCidr": "203.0.113.0/24", "operatorEmail": "operators@example.com"},
    })
}

fn system(sources: &Sources, changes: &Value) -> Result<System, String> {
    let mut parameters = everything();
    for (name, value) in changes.as_object().into_iter().flatten() {
        match (parameters[name].as_object_mut(), value) {
            (Some(old), Value::Object(new)) => old.extend(new.clone()),
            _ => parameters[name] = value.clone(),
        }
    }
    System::of(sources, "infra/main.bicep", &parameters)
}
