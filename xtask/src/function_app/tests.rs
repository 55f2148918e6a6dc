use std::fs;
use std::path::Path;

use super::{FunctionApp, problems};

const HOST: &str = r#"{"version":"2.0","functionTimeout":"00:05:00",
  "customHandler":{"description":{"defaultExecutablePath":"farshore"},"enableForwardingHttpRequest":true},
  "extensions":{"serviceBus":{"maxAutoLockRenewalDuration":"00:06:00"}}}"#;

const ALERT: &str = r#"{"bindings":[
  {"type":"httpTrigger","direction":"in","name":"request","authLevel":"function","methods":["post"],"route":"alerts"},
  {"type":"http","direction":"out","name":"response"}]}"#;

const WAKE: &str = r#"{"bindings":[{"type":"serviceBusTrigger","direction":"in","name":"message",
  "queueName":"wakes","connection":"ServiceBus","isSessionsEnabled":true,"autoCompleteMessages":true,
  "dataType":"binary"}]}"#;

fn write(root: &Path, host: &str, functions: &[(&str, &str)]) {
    fs::create_dir_all(root.join("handlers")).unwrap();
    fs::write(root.join("host.json"), host).unwrap();
    for (name, text) in functions {
        fs::create_dir(root.join("handlers").join(name)).unwrap();
        fs::write(root.join("handlers").join(name).join("function.json"), text).unwrap();
    }
}

fn problems_of(host: &str, functions: &[(&str, &str)]) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), host, functions);
    problems(&FunctionApp::read(root.path()).unwrap())
}

fn only_problem(host: &str, functions: &[(&str, &str)]) -> String {
    let mut found = problems_of(host, functions);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn a_sound_app_has_no_problem() {
    let found = problems_of(HOST, &[("ingest_alert", ALERT), ("advance_run", WAKE)]);

    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn an_anonymous_function_is_a_problem() {
    let open = ALERT.replace("\"authLevel\":\"function\"", "\"authLevel\":\"anonymous\"");

    let problem = only_problem(HOST, &[("ingest_alert", &open)]);

    assert!(problem.contains("authLevel"), "{problem}");
}

#[test]
fn a_queue_without_sessions_is_a_problem() {
    let unordered = WAKE.replace("\"isSessionsEnabled\":true", "\"isSessionsEnabled\":false");

    let problem = only_problem(HOST, &[("advance_run", &unordered)]);

    assert!(problem.contains("out of order"), "{problem}");
}

#[test]
fn a_mistyped_setting_is_an_error_and_not_ignored() {
    let root = tempfile::tempdir().unwrap();
    let mistyped = WAKE.replace("isSessionsEnabled", "isSessionEnabled");
    write(root.path(), HOST, &[("advance_run", &mistyped)]);

    let error = format!("{:#}", FunctionApp::read(root.path()).unwrap_err());

    assert!(error.contains("isSessionEnabled"), "{error}");
}

#[test]
fn an_output_beside_http_would_end_forwarding() {
    let two =
        ALERT.replacen("}]}", r#"},{"type":"http","direction":"out","name":"response"}]}"#, 1);

    let problem = only_problem(HOST, &[("ingest_alert", &two)]);

    assert!(problem.contains("one trigger"), "{problem}");
}

#[test]
fn two_functions_on_one_queue_are_a_problem() {
    let problem = only_problem(HOST, &[("advance_run", WAKE), ("advance_more", WAKE)]);

    assert!(problem.contains("belongs to several"), "{problem}");
}

#[test]
fn a_lock_that_ends_before_the_function_must_is_a_problem() {
    let short = HOST.replace("00:06:00", "00:04:59");

    let problem = only_problem(&short, &[("advance_run", WAKE)]);

    assert!(problem.contains("maxAutoLockRenewalDuration"), "{problem}");
}

#[test]
fn a_host_that_starts_another_executable_is_a_problem() {
    let other = HOST.replace("\"farshore\"", "\"handler\"");

    let problem = only_problem(&other, &[("advance_run", WAKE)]);

    assert!(problem.contains("defaultExecutablePath"), "{problem}");
}

#[test]
fn a_folder_that_the_host_would_not_accept_is_a_problem() {
    let problem = only_problem(HOST, &[("2nd_watch", WAKE)]);

    assert!(problem.contains("function name"), "{problem}");
}
