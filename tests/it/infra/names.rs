//! Names that templates, function files, documents and code have in common.

use std::collections::BTreeSet;

use recovery::event::Outcome;
use serde_json::{Value, json};

use super::sources::Sources;
use super::system;
use super::system::System;

fn problems(sources: &Sources) -> Vec<String> {
    let system = match system(sources, &Value::Null) {
        Ok(system) => system,
        Err(error) => return vec![error],
    };
    let functions = functions(sources);
    let mut problems = Vec::new();
    problems.extend(queues(sources, &system, &functions));
    problems.extend(ready(&system, &functions));
    problems.extend(settings(sources, &system, &functions));
    problems.extend(doors(sources, &system, &functions));
    problems.extend(logs(sources, &system, &functions));
    problems
}

/// Each function with its trigger.
fn functions(sources: &Sources) -> Vec<(String, Value)> {
    let files = Sources::below("handlers", "/function.json");
    let trigger = |path: String| {
        let name = path.split('/').nth(1).unwrap().to_owned();
        (name, sources.json(&path)["bindings"][0].clone())
    };
    files.into_iter().map(trigger).collect()
}

fn queues(sources: &Sources, system: &System, functions: &[(String, Value)]) -> Vec<String> {
    let mut problems = Vec::new();
    let made = system.all("Microsoft.ServiceBus/namespaces/queues");
    let mut expected = vec![("poison".to_owned(), false)];
    if !sources.read("handlers/queue.rs").contains("const POISON: &str = \"poison\";") {
        problems.push("the code has another name for the poison queue".to_owned());
    }
    for (_, trigger) in functions.iter().filter(|(_, it)| it["type"] == "serviceBusTrigger") {
        let queue = trigger["queueName"].as_str().unwrap().to_owned();
        expected.push((queue, trigger["isSessionsEnabled"] == true));
    }
    for (name, sessions) in &expected {
        let Some(queue) = made.iter().find(|one| one.name == *name) else {
            problems.push(format!("no template makes the queue {name}"));
            continue;
        };
        for flag in ["requiresSession", "requiresDuplicateDetection"] {
            if queue.body["properties"][flag] != json!(sessions) {
                problems.push(format!("{flag} of the queue {name} is not {sessions}"));
            }
        }
    }
    for queue in made.iter().filter(|one| expected.iter().all(|(name, _)| *name != one.name)) {
        problems.push(format!("nothing reads the queue {}", queue.name));
    }
    for namespace in system.all("Microsoft.ServiceBus/namespaces") {
        let is_right = namespace.body["sku"]["name"] == "Standard"
            && namespace.body["properties"]["disableLocalAuth"] == true;
        if !is_right {
            problems.push("the namespace is not Standard, or takes keys".to_owned());
        }
    }
    problems
}

/// What a failover waits for is always ready, under the functions' real names.
fn ready(system: &System, functions: &[(String, Value)]) -> Vec<String> {
    let mut problems = Vec::new();
    let apps = system.all("Microsoft.Web/sites");
    let Some(app) = apps.first() else { return vec!["no template makes the app".to_owned()] };
    let config = &app.body["properties"]["functionAppConfig"];
    if config["runtime"] != json!({"name": "custom", "version": "1.0"}) {
        problems.push("the runtime is not custom 1.0".to_owned());
    }
    let groups =
        config["scaleAndConcurrency"]["alwaysReady"].as_array().cloned().unwrap_or_default();
    let ready: BTreeSet<&str> = groups
        .iter()
        .filter(|group| group["instanceCount"].as_u64().is_some_and(|count| count > 0))
        .filter_map(|group| group["name"].as_str())
        .collect();
    for name in ready.iter().filter_map(|name| name.strip_prefix("function:")) {
        if functions.iter().all(|(function, _)| function != name) {
            problems.push(format!("{name}, which is always ready, is no function"));
        }
    }
    let needed = functions.iter().map(|(name, trigger)| match trigger["type"].as_str() {
        Some("httpTrigger") => "http".to_owned(),
        _ => format!("function:{name}"),
    });
    for name in needed.filter(|name| name != "function:start_drills") {
        if !ready.contains(name.as_str()) {
            problems.push(format!("{name} is not always ready"));
        }
    }
    problems
}

/// The app takes its settings, and the document knows them.
fn settings(sources: &Sources, system: &System, functions: &[(String, Value)]) -> Vec<String> {
    let mut problems = Vec::new();
    let configs = system.all("Microsoft.Web/sites/config");
    let set = configs.iter().find(|one| one.name == "appsettings");
    let Some(set) = set.map(|one| &one.body["properties"]) else {
        return vec!["no template sets anything".to_owned()];
    };
    let page = sources.read("docs/configuration.md");
    let installed = page.split("## Where services are").next().unwrap_or_default();
    for name in set.as_object().unwrap().keys().filter(|name| name.starts_with("FARSHORE_")) {
        if !installed.contains(&format!("| `{name}` |")) {
            problems.push(format!("docs/configuration.md does not know the setting {name}"));
        }
    }
    for row in
        installed.lines().filter(|line| line.starts_with("| `") && line.contains("| required |"))
    {
        let name = row.split('`').nth(1).unwrap();
        if set.get(name).is_none() {
            problems.push(format!("the setting {name} is required and not set"));
        }
    }
    for (name, trigger) in functions {
        let Some(connection) = trigger["connection"].as_str() else { continue };
        if set.get(format!("{connection}__fullyQualifiedNamespace")).is_none() {
            problems.push(format!("{name} has no connection {connection}"));
        }
    }
    let platform = |name: &str| match name {
        "FUNCTIONS_CUSTOMHANDLER_PORT" => Some("8080".to_owned()),
        "WEBSITE_INSTANCE_ID" => Some("instance".to_owned()),
        "IDENTITY_ENDPOINT" => Some("http://127.0.0.1:1/token".to_owned()),
        "IDENTITY_HEADER" => Some("header".to_owned()),
        _ => set[name].as_str().map(str::to_owned),
    };
    if let Err(errors) = farshore::config::Config::read(platform) {
        problems.push(errors.to_string());
    }
    problems
}

/// Alerts and events come to the address that the function has, and events in a schema that it reads.
fn doors(sources: &Sources, system: &System, functions: &[(String, Value)]) -> Vec<String> {
    let mut problems = Vec::new();
    let prefix = sources.json("host.json")["extensions"]["http"]["routePrefix"].clone();
    let ingest = functions.iter().find(|(name, _)| name == "ingest_alert");
    let route = ingest.map(|(_, trigger)| trigger["route"].clone()).unwrap_or_default();
    let path = format!(
        "/{}/{}?workload=",
        prefix.as_str().unwrap_or_default(),
        route.as_str().unwrap_or_default()
    );
    let groups = system.all("Microsoft.Insights/actionGroups").into_iter();
    let webhooks = groups.flat_map(|one| {
        one.body["properties"]["webhookReceivers"].as_array().cloned().unwrap_or_default()
    });
    let mut addresses: Vec<Value> = Vec::new();
    for webhook in webhooks {
        if webhook["useCommonAlertSchema"] != true {
            problems.push("alerts are not sent in the common alert schema".to_owned());
        }
        addresses.push(webhook["serviceUri"].clone());
    }
    for events in system.all("Microsoft.EventGrid/systemTopics/eventSubscriptions") {
        addresses
            .push(events.body["properties"]["destination"]["properties"]["endpointUrl"].clone());
        let kinds = &events.body["properties"]["filter"]["includedEventTypes"];
        let reader = sources.read("handlers/ingest_alert/event_grid.rs");
        if !kinds[0].as_str().is_some_and(|kind| reader.contains(&format!("\"{kind}\""))) {
            problems.push(format!("the app does not read events of type {kinds}"));
        }
    }
    // A metric of a namespace that the app does not know would be an alert about anything.
    let reader = sources.read("handlers/ingest_alert/common_alert_schema.rs");
    for rule in system.all("Microsoft.Insights/metricAlerts") {
        let properties = &rule.body["properties"];
        let group = properties["actions"][0]["actionGroupId"].as_str().unwrap_or_default();
        let criterion = &properties["criteria"]["allOf"][0];
        let dimension = criterion["dimensions"][0].get("name");
        let words = std::iter::once(&criterion["metricNamespace"]).chain(dimension);
        for word in words.filter(|_| group.ends_with("-controller")) {
            if !reader.contains(&word.to_string()) {
                problems.push(format!("the app does not know {word} of the rule {}", rule.name));
            }
        }
    }
    if addresses.len() != 2 {
        problems.push(format!("{} ways to the app instead of two", addresses.len()));
    }
    for address in addresses {
        if !address.as_str().is_some_and(|it| it.contains(&path)) {
            problems.push(format!("{address} does not lead to {path}"));
        }
    }
    problems
}

/// The words that log alerts look for are words that the app says.
fn logs(sources: &Sources, system: &System, functions: &[(String, Value)]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut code = Sources::below("handlers", ".rs");
    code.extend(Sources::below("crates/engine/src", ".rs"));
    let code: Vec<String> = code.iter().map(|path| sources.read(path)).collect();
    let ends = [Outcome::NeedsHuman, Outcome::Failed, Outcome::Degraded];
    let ends: Vec<String> = ends.iter().map(|end| format!("outcome={end:?}")).collect();
    for rule in system.all("Microsoft.Insights/scheduledQueryRules") {
        let query = rule.body["properties"]["criteria"]["allOf"][0]["query"].as_str().unwrap();
        for word in query.split('"').skip(1).step_by(2) {
            let is_said = code.iter().any(|text| text.contains(&format!("\"{word}\"")));
            let is_timer = functions
                .iter()
                .any(|(name, trigger)| name == word && trigger["type"] == "timerTrigger");
            if !is_said && !is_timer && !ends.contains(&word.to_owned()) {
                problems
                    .push(format!("the rule {} looks for {word:?}, which nobody says", rule.name));
            }
        }
    }
    problems
}

#[test]
fn templates_functions_documents_and_code_have_the_same_names() {
    assert_eq!(problems(&Sources::default()), Vec::<String>::new());
}

#[test]
fn a_mistyped_name_is_found_wherever_it_is() {
    for (path, right, wrong, says) in [
        (
            "infra/controller/service-bus.bicep",
            "'wakes'",
            "'wake'",
            "no template makes the queue wakes",
        ),
        (
            "infra/controller/service-bus.bicep",
            "requiresSession: true",
            "requiresSession: false",
            "requiresSession of the queue",
        ),
        (
            "handlers/receive_signal/function.json",
            "\"signals\"",
            "\"signal\"",
            "no template makes the queue signal",
        ),
        (
            "infra/controller/function-flex.bicep",
            "'function:sweep'",
            "'function:sweeper'",
            "sweeper, which is always ready, is no function",
        ),
        (
            "infra/controller/function-flex.bicep",
            "version: '1.0'",
            "version: '1'",
            "the runtime is not custom 1.0",
        ),
        (
            "infra/controller/settings.bicep",
            "FARSHORE_LEASE_STORE:",
            "FARSHORE_LEASES:",
            "does not know the setting FARSHORE_LEASES",
        ),
        (
            "infra/controller/settings.bicep",
            "'managed_identity'",
            "'managed'",
            "FARSHORE_CREDENTIAL",
        ),
        (
            "handlers/advance_run/function.json",
            "\"connection\": \"ServiceBus\"",
            "\"connection\": \"Bus\"",
            "advance_run has no connection Bus",
        ),
        ("host.json", "\"routePrefix\": \"api\"", "\"routePrefix\": \"\"", "does not lead to"),
        (
            "infra/alerts/traffic-manager.bicep",
            "name: 'EndpointName'",
            "name: 'Endpoint'",
            "the app does not know \"Endpoint\"",
        ),
        (
            "infra/alerts/application-gateway.bicep",
            "'Microsoft.Network/applicationGateways'",
            "'Microsoft.Network/gateways'",
            "the app does not know \"Microsoft.Network/gateways\"",
        ),
        (
            "infra/alerts/event-grid.bicep",
            "AvailabilityStatusChanged",
            "ResourceAnnotated",
            "does not read events",
        ),
        (
            "infra/alerts/logs.bicep",
            "'a person must look'",
            "'somebody must look'",
            "which nobody says",
        ),
        (
            "infra/alerts/logs.bicep",
            "[ 'watch', 'sweep' ]",
            "[ 'watcher', 'sweep' ]",
            "which nobody says",
        ),
    ] {
        let found = problems(&Sources::with(path, right, wrong));

        assert!(found.iter().any(|it| it.contains(says)), "{path}: {wrong}: {found:?}");
    }
}

/// The rules for both endpoints stay for ever; each is about one endpoint only.
#[test]
fn each_endpoint_of_the_profile_has_a_rule_of_its_own() {
    let system = system(&Sources::default(), &Value::Null).unwrap();
    let rules = system.all("Microsoft.Insights/metricAlerts").into_iter();
    let mut endpoints: Vec<Value> = rules
        .filter_map(|rule| {
            let criterion = &rule.body["properties"]["criteria"]["allOf"][0];
            let dimension = &criterion["dimensions"][0];
            (dimension["name"] == "EndpointName").then(|| dimension["values"].clone())
        })
        .collect();
    endpoints.sort_by_key(ToString::to_string);

    assert_eq!(endpoints, [json!(["myFailoverEndpoint"]), json!(["myPrimaryEndpoint"])]);
}
