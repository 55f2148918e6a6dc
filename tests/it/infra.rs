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
        "operatorCidr": "203.0.113.0/24",
        "entraAdmin": {"objectId": "o", "name": "n", "type": "User"},
        "sqlPassword": "s",
        "webSpherePassword": "w",
        "ibmHttpServerPassword": "i",
        "machineKey": "k",
        "operatorEmail": "operators@example.com",
        "appIsPublished": true,
    })
}

fn system(sources: &Sources, changes: &Value) -> Result<System, String> {
    let mut parameters = everything();
    for (name, value) in changes.as_object().into_iter().flatten() {
        parameters[name] = value.clone();
    }
    System::of(sources, "infra/main.bicep", &parameters)
}
