use std::path::Path;

use serde_json::json;

use super::*;

fn host() -> Value {
    json!({"version": "2.0", "customHandler": {"description": {"defaultExecutablePath": "farshore"}}})
}

fn settings() -> Settings {
    Settings::from([
        ("ServiceBus__fullyQualifiedNamespace".into(), "ns.servicebus.windows.net".into()),
        ("QUEUE".into(), "wakes".into()),
    ])
}

fn app(host: Value, function: Value) -> Result<App, AppError> {
    App::from_json(Path::new("/app"), host, vec![("f".into(), function)], &settings())
}

fn queue_function() -> Value {
    json!({"bindings": [{"type": "serviceBusTrigger", "direction": "in", "name": "message",
        "queueName": "%QUEUE%", "connection": "ServiceBus", "isSessionsEnabled": true,
        "dataType": "binary"}]})
}

#[test]
fn a_minimal_app_gets_the_documented_defaults() {
    let app = app(host(), queue_function()).unwrap();
    assert_eq!(app.host.function_timeout, Some(jiff::SignedDuration::from_mins(30)));
    assert_eq!(app.host.initialization_timeout, jiff::SignedDuration::from_secs(30));
    assert_eq!(app.host.max_concurrent_sessions, 8);
    assert_eq!(app.host.max_auto_lock_renewal, jiff::SignedDuration::from_mins(5));
    assert_eq!(app.host.session_idle_timeout, jiff::SignedDuration::from_mins(1));
    assert_eq!(app.host.route_prefix, "api");
    assert!(!app.host.forwards_http);
    let Trigger::Queue(trigger) = &app.functions[0].trigger else { panic!() };
    assert_eq!((trigger.queue.as_str(), trigger.data_type), ("wakes", DataType::Binary));
}

#[test]
fn a_setting_overrides_a_value_of_host_json() {
    let mut settings = settings();
    let name = "AzureFunctionsJobHost__functionTimeout";
    settings.insert(name.into(), "00:01:30".into());
    let name = "AzureFunctionsJobHost__CustomHandler__description__arguments";
    settings.insert(name.into(), "[\"--queue %QUEUE%\", \"%NOTHING%\"]".into());
    let app = App::from_json(Path::new("/app"), host(), vec![], &settings).unwrap();
    assert_eq!(app.host.function_timeout, Some(jiff::SignedDuration::from_secs(90)));
    assert_eq!(app.host.arguments, ["--queue", "wakes"]);
}

#[test]
fn what_is_not_reproduced_is_refused_with_its_name() {
    let with = |path: &[&str], value: Value| {
        let mut host = host();
        path.iter().fold(&mut host, |place, name| &mut place[*name]).clone_from(&value);
        host
    };
    let binding = |more: Value| {
        let mut function = queue_function();
        for (name, value) in more.as_object().unwrap() {
            function["bindings"][0][name] = value.clone();
        }
        function
    };
    let fine = queue_function;
    let output = json!({"bindings": [queue_function()["bindings"][0],
        {"type": "serviceBus", "direction": "out", "name": "o"}]});
    for (host, function, word) in [
        (with(&["customHandler", "enableProxyingHttpRequest"], json!(true)), fine(), "Proxying"),
        (with(&["customHandler", "http"], json!({"routes": []})), fine(), "http.routes"),
        (with(&["configurationProfile"], json!("mcp-custom-handler")), fine(), "mcp"),
        (with(&["functionTimeout"], json!("five minutes")), fine(), "time span"),
        (with(&["version"], json!("1.0")), fine(), "version"),
        (json!({"version": "2.0"}), fine(), "customHandler"),
        (host(), binding(json!({"cardinality": "many"})), "cardinality"),
        (host(), binding(json!({"autoCompleteMessages": false})), "settle"),
        (host(), binding(json!({"connection": "Other"})), "Other__fullyQualifiedNamespace"),
        (host(), binding(json!({"type": "blobTrigger"})), "blobtrigger"),
        (host(), json!({"bindings": [], "retry": {}}), "retry"),
        (host(), json!({"bindings": []}), "exactly one"),
        (host(), output, "serviceBus"),
    ] {
        let error = app(host, function).unwrap_err().to_string();
        assert!(error.contains(word), "{error} should say {word}");
    }
}

#[test]
fn a_disabled_function_is_not_hosted() {
    let mut function = queue_function();
    function["disabled"] = json!(true);
    assert!(app(host(), function).unwrap().functions.is_empty());
}

#[test]
fn only_a_pure_http_function_is_forwarded() {
    let mut host = host();
    host["customHandler"]["enableForwardingHttpRequest"] = json!(true);
    let trigger = json!({"type": "httpTrigger", "direction": "in", "name": "request"});
    let output = json!({"type": "http", "direction": "out", "name": "response"});
    for (bindings, expected) in [(json!([trigger, output]), true), (json!([trigger]), false)] {
        let app = app(host.clone(), json!({"bindings": bindings})).unwrap();
        let Trigger::Http(trigger) = &app.functions[0].trigger else { panic!() };
        assert_eq!(trigger.forwarded, expected);
        assert_eq!(trigger.auth_level, AuthLevel::Function);
    }
}
