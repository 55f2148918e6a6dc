//! Bodies have exactly the keys that recorded ones have.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;

#[derive(Debug, PartialEq, Clone)]
enum Shape {
    Leaf,
    Object(BTreeMap<String, Shape>),
    List(Option<Box<Shape>>),
}

fn shape(value: &Value) -> Shape {
    match value {
        Value::Object(fields) => {
            Shape::Object(fields.iter().map(|(key, value)| (key.clone(), shape(value))).collect())
        }
        Value::Array(values) => Shape::List(values.iter().map(shape).reduce(merge).map(Box::new)),
        _ => Shape::Leaf,
    }
}

/// What both have, and what one has more: in a list, or where one has a null.
fn merge(left: Shape, right: Shape) -> Shape {
    match (left, right) {
        (Shape::Object(mut left), Shape::Object(right)) => {
            for (key, value) in right {
                let value = match left.remove(&key) {
                    Some(known) => merge(known, value),
                    None => value,
                };
                left.insert(key, value);
            }
            Shape::Object(left)
        }
        (Shape::List(Some(left)), Shape::List(Some(right))) => {
            Shape::List(Some(Box::new(merge(*left, *right))))
        }
        (Shape::Leaf | Shape::List(None), other) | (other, _) => other,
    }
}

/// Where keys differ. A null on either side says nothing about what could be there.
fn differences(path: &str, recorded: &Shape, ours: &Shape, found: &mut Vec<String>) {
    match (recorded, ours) {
        (Shape::Object(recorded), Shape::Object(ours)) => {
            for key in recorded.keys().filter(|key| !ours.contains_key(*key)) {
                found.push(format!("{path}.{key} is missing"));
            }
            for key in ours.keys().filter(|key| !recorded.contains_key(*key)) {
                found.push(format!("{path}.{key} is ours alone"));
            }
            for (key, shape) in recorded {
                if let Some(ours) = ours.get(key) {
                    differences(&format!("{path}.{key}"), shape, ours, found);
                }
            }
        }
        (Shape::List(Some(recorded)), Shape::List(Some(ours))) => {
            differences(&format!("{path}[]"), recorded, ours, found);
        }
        (Shape::List(_), Shape::Object(_)) | (Shape::Object(_), Shape::List(_)) => {
            found.push(format!("{path} is of another kind"));
        }
        _ => {}
    }
}

#[track_caller]
fn assert_recorded(name: &str, ours: &Value) {
    let recorded: Value =
        serde_json::from_str(include_str!("../fixtures/shapes.json")).expect("JSON");
    assert!(recorded[name].is_object(), "no recording of {name}");
    let mut found = Vec::new();
    differences(name, &shape(&recorded[name]), &shape(ours), &mut found);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn plan_items_health_and_lists_have_the_recorded_keys() {
    let mut azure = Azure::new(1);
    assert_recorded("plan", &azure.get(&plan("")).body());
    for item in items(&mut azure) {
        assert_recorded("item", &item);
    }
    assert_recorded("vault_health", &azure.get(&vault("/replicationVaultHealth")).body());
    let refresh = azure.post(&vault("/replicationVaultHealth/default/refresh"));
    let refresh_job = operation(&refresh);
    azure.wait(10.0);
    assert_eq!(state(&mut azure, &refresh_job), "Succeeded");
    assert_recorded("job_list", &azure.get(&vault("/replicationJobs")).body());
    let status = refresh.header("azure-asyncoperation").expect("a URL").to_owned();
    assert_recorded("operation_status", &azure.poll(&status).body());
}

#[test]
fn a_plan_job_has_the_recorded_keys_at_every_age() {
    let mut azure = Azure::new(1);
    let reply = azure.send("POST", &plan("/unplannedFailover"), &fail_over(true, "Latest"));
    let operation = operation(&reply);
    assert_recorded("fresh_job", &job(&mut azure, &operation));
    azure.wait(1.0);
    assert_recorded("begun_job", &job(&mut azure, &operation));
    azure.wait(20.0);
    assert_recorded("running_job", &job(&mut azure, &operation));
    azure.wait(900.0);
    assert_recorded("ended_job", &job(&mut azure, &operation));
}

#[test]
fn an_items_job_has_the_recorded_keys_and_tasks() {
    let mut azure = Azure::new(1);
    let path = item_path(&mut azure, "dmgr1", "/unplannedFailover");
    let mut body = item_fail_over();
    body["properties"]["sourceSiteOperations"] = json!("Required");
    let (operation, job) = run(&mut azure, &path, &body);
    assert_eq!(job["name"], json!(operation), "an item's job is called like its operation");
    assert_recorded("item_job", &job);
    let tasks = job["properties"]["tasks"].as_array().expect("tasks");
    let names: Vec<(String, String)> =
        tasks.iter().map(|task| (text(&task["taskId"]), text(&task["name"]))).collect();
    let recorded = [
        ("UnplannedFailoverPreflightChecksTask", "VmUfoPrerequisitesCheck"),
        ("ShutdownVmOnPrimaryForUFO", "VmShutdownVmOnPrimary"),
        ("PrepareForUnPlannedFailoverTask", "VmPrepareForUnPlannedFailover"),
        ("FailoverTask", "VmFailover"),
        ("StartVmOnSecondary", "VmFoStartVmOnSecondary"),
    ];
    let recorded = recorded.map(|(id, name)| (id.to_owned(), name.to_owned()));
    assert_eq!(names, recorded);
    let skipped = &tasks[2];
    assert_eq!(skipped["state"], "Other");
    assert_eq!(skipped["stateDescription"], "Skipped");
    assert_ne!(skipped["startTime"], "0001-01-01T00:00:00");
    assert_eq!(skipped["endTime"], "0001-01-01T00:00:00");
}

#[test]
fn a_key_too_few_or_too_many_would_be_seen() {
    let recorded = json!({"id": "", "list": [{"a": "", "b": {"c": ""}}, {"a": null}]});
    let ours = json!({"id": null, "more": 1, "list": [{"a": 1, "b": {}}]});
    let mut found = Vec::new();
    differences("it", &shape(&recorded), &shape(&ours), &mut found);
    assert_eq!(found, ["it.more is ours alone", "it.list[].b.c is missing"]);
}
