//! With an Entra application, everybody who calls the app sends a token for it; without one, nobody is
//! asked for it. And what the script registers is what the senders look for.

use serde_json::{Value, json};

use super::sources::Sources;
use super::system;

const SCRIPT: &str = "infra/hooks/make-webhook-application.sh";

/// Who calls with a token, and whether one is demanded.
fn tokens(sources: &Sources, application: &Value) -> Vec<(&'static str, Value)> {
    let system = system(sources, &json!({"webhookApplication": application})).unwrap();
    let mut tokens = Vec::new();
    for config in system.all("Microsoft.Web/sites/config") {
        let entra = &config.body["properties"]["identityProviders"]["azureActiveDirectory"];
        if config.name == "authsettingsV2" {
            tokens.push(("demanded", entra["registration"]["clientId"].clone()));
        }
    }
    for group in system.all("Microsoft.Insights/actionGroups") {
        let receivers = group.body["properties"]["webhookReceivers"].as_array();
        for receiver in receivers.into_iter().flatten().filter(|one| one["useAadAuth"] == true) {
            tokens.push(("alerts: object", receiver["objectId"].clone()));
            tokens.push(("alerts: audience", receiver["identifierUri"].clone()));
        }
    }
    for events in system.all("Microsoft.EventGrid/systemTopics/eventSubscriptions") {
        let properties = &events.body["properties"]["destination"]["properties"];
        if let Some(audience) = properties.get("azureActiveDirectoryApplicationIdOrUri") {
            tokens.push(("events: audience", audience.clone()));
        }
    }
    tokens
}

/// The key in the senders' addresses opens the function that takes alerts, and no other.
fn open_doors(sources: &Sources) -> Vec<String> {
    let function = "ingest_alert";
    assert!(!sources.read(&format!("handlers/{function}/function.json")).is_empty());
    let mut problems = Vec::new();
    for path in ["infra/alerts/action-groups.bicep", "infra/alerts/event-grid.bicep"] {
        let key = format!("listKeys('${{app.id}}/functions/{function}', '2024-11-01')[keyName]");
        if sources.read(path).matches("listKeys").count() != 1 || !sources.read(path).contains(&key)
        {
            problems.push(format!("{path} sends a key that opens more than {function}"));
        }
    }
    let path = "infra/hooks/make-keys.sh";
    let script = sources.read(path);
    let making = "az functionapp function keys \"$1\" --resource-group \"$group\" --name \"$app\" \
                  --function-name ingest_alert";
    if !script.contains(making) || !script.contains("keys_of_alerts set --key-name alerts ") {
        problems.push(format!("{path} does not make the key of the alerts"));
    }
    problems
}

#[test]
fn the_key_that_senders_have_opens_one_function() {
    assert_eq!(open_doors(&Sources::default()), Vec::<String>::new());
}

#[test]
fn a_key_that_opens_every_function_is_found() {
    for (path, right, wrong) in [
        ("infra/alerts/event-grid.bicep", "functions/ingest_alert", "host/default"),
        ("infra/alerts/action-groups.bicep", "ingest_alert'", "operate_run'"),
        ("infra/hooks/make-keys.sh", "keys_of_alerts set", "keys_of_app set"),
    ] {
        let found = open_doors(&Sources::with(path, right, wrong));

        assert_eq!(found.len(), 1, "{path}: {wrong}: {found:?}");
    }
}

fn problems(sources: &Sources) -> Vec<String> {
    let mut problems = Vec::new();
    // An azd environment that does not know the application gives empty texts.
    for none in [json!({}), json!({"clientId": "", "objectId": ""})] {
        let found = tokens(sources, &none);
        if !found.is_empty() {
            problems.push(format!("without an application: {found:?}"));
        }
    }
    let found = tokens(sources, &json!({"clientId": "CLIENT", "objectId": "OBJECT"}));
    let expected = [
        ("demanded", json!("CLIENT")),
        ("alerts: object", json!("OBJECT")),
        ("alerts: audience", json!("api://CLIENT")),
        ("events: audience", json!("api://CLIENT")),
    ];
    if found != expected {
        problems.push(format!("with an application: {found:?}"));
    }
    let script = sources.read(SCRIPT);
    for word in [
        // Azure Monitor and Event Grid, by the ids that they have in every tenant, and the roles that
        // they look for (doc: the pages that the script names).
        "461e8683-5575-4561-ac7f-899cc907d62a",
        "value: \"ActionGroupsSecureWebhook\"",
        "4962773b-9cdb-44cf-a8bf-237846a00ab7",
        "value: \"AzureEventGridSecureWebhookSubscriber\"",
        "identifierUris: [\"api://\\($client)\"]",
        // App Service is told to expect tokens of version 2.
        "requestedAccessTokenVersion: 2",
        "remember FARSHORE_WEBHOOK_CLIENT_ID",
        "remember FARSHORE_WEBHOOK_OBJECT_ID",
    ] {
        if !script.contains(word) {
            problems.push(format!("{SCRIPT} does not say {word}"));
        }
    }
    let parameters = sources.json("infra/main.parameters.json");
    let given = parameters["parameters"]["webhookApplication"]["value"].to_string();
    for name in ["FARSHORE_WEBHOOK_CLIENT_ID", "FARSHORE_WEBHOOK_OBJECT_ID"] {
        if !given.contains(name) {
            problems.push(format!("the parameter file does not give {name}"));
        }
    }
    problems
}

#[test]
fn all_callers_send_a_token_or_none_is_asked_for() {
    assert_eq!(problems(&Sources::default()), Vec::<String>::new());
}

#[test]
fn a_caller_who_would_be_refused_is_found() {
    for (path, right, wrong, says) in [
        (
            "infra/alerts/event-grid.bicep",
            "azureActiveDirectoryApplicationIdOrUri",
            "applicationId",
            "with an application",
        ),
        ("infra/alerts/action-groups.bicep", "useAadAuth: true", "useAadAuth: false", "with an"),
        ("infra/alerts/main.bicep", "api://${webhookApplication.clientId}", "api://x", "with an"),
        (
            "infra/alerts/main.bicep",
            "!empty(webhookApplication.?objectId ?? '')",
            "!empty(webhookApplication)",
            "without an application",
        ),
        (SCRIPT, "AccessTokenVersion: 2", "AccessTokenVersion: 1", "does not say"),
        ("infra/main.parameters.json", "WEBHOOK_OBJECT_ID", "WEBHOOK_ID", "does not give"),
    ] {
        let found = problems(&Sources::with(path, right, wrong));

        assert!(found.iter().any(|it| it.contains(says)), "{path}: {wrong}: {found:?}");
    }
}
