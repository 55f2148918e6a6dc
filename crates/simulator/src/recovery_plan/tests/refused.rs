//! What is not let in, and what goes wrong.

use super::*;

fn refuse_in_job(azure: &mut Azure) {
    azure.control("POST", "options", &json!({"site_recovery": {"refusing": "in_job"}}));
}

#[test]
fn a_repeated_failover_is_refused_at_once_in_the_known_envelope() {
    let mut azure = Azure::new(1);
    let path = plan("/unplannedFailover");
    let first = azure.send("POST", &path, &fail_over(false, "Latest"));
    operation(&first);
    let while_it_runs = azure.send("POST", &path, &fail_over(false, "Latest"));
    assert_eq!((while_it_runs.status, while_it_runs.code()), (409, "Conflict".to_owned()));
    azure.wait(400.0);
    let again = azure.send("POST", &path, &fail_over(false, "Latest"));
    assert_eq!((again.status, again.code()), (400, "BadRequest".to_owned()));
    let detail = &again.body()["error"]["details"][0];
    for key in
        ["code", "message", "possibleCauses", "recommendedAction", "clientRequestId", "activityId"]
    {
        assert!(detail[key].is_string(), "{key}");
    }
    assert_eq!(running_in_the_west(&azure).len(), 5);
}

#[test]
fn a_repeated_failover_can_also_fail_its_prerequisites_check() {
    let mut azure = Azure::new(1);
    refuse_in_job(&mut azure);
    let path = plan("/unplannedFailover");
    run(&mut azure, &path, &fail_over(false, "Latest"));
    let machines = azure.world.machines.clone();
    let reply = azure.send("POST", &path, &fail_over(true, "Latest"));
    let operation = operation(&reply);
    azure.wait(20.0);
    let body = job(&mut azure, &operation);
    let body = &body["properties"];
    assert_eq!(body["state"], "Failed");
    assert_eq!(body["tasks"][0]["name"], "RpSrsPrerequisitesCheck");
    assert_eq!(body["tasks"][0]["state"], "Failed");
    assert_eq!(body["tasks"][1]["state"], "NotStarted");
    let error = &body["errors"][0]["serviceErrorDetails"];
    assert_eq!(error["code"], "OperationNotAllowedInCurrentState");
    let status = reply.header("azure-asyncoperation").expect("a URL").to_owned();
    let status = azure.poll(&status).body();
    assert_eq!(status["status"], "Failed");
    assert_eq!(status["error"]["code"], "OperationNotAllowedInCurrentState");
    assert_eq!(format!("{:?}", azure.world.machines), format!("{machines:?}"));
    let current = azure.get(&plan("")).body()["properties"]["currentScenarioStatus"].clone();
    assert_eq!(current, "Failed");
}

#[test]
fn a_refused_job_beside_a_running_one_does_not_disturb_it() {
    let mut azure = Azure::new(1);
    refuse_in_job(&mut azure);
    let path = plan("/unplannedFailover");
    let first = azure.send("POST", &path, &fail_over(false, "Latest"));
    let first = operation(&first);
    azure.wait(30.0);
    let second = azure.send("POST", &path, &fail_over(false, "Latest"));
    let second = operation(&second);
    azure.wait(30.0);
    assert_eq!(state(&mut azure, &second), "Failed");
    assert_eq!(state(&mut azure, &first), "InProgress");
    let current = azure.get(&plan("")).body()["properties"]["currentScenarioStatus"].clone();
    assert_eq!(current, "InProgress");
    azure.wait(300.0);
    assert_eq!(state(&mut azure, &first), "Succeeded");
    assert_eq!(running_in_the_west(&azure).len(), 5);
}

#[test]
fn a_machine_that_fails_makes_the_plan_partial_and_its_item_can_be_tried_again() {
    for (partial, wanted) in [("state", "PartiallySucceeded"), ("description", "Succeeded")] {
        let mut azure = Azure::new(1);
        fail_items(&mut azure, &["managed2"], partial);
        let reply = azure.send("POST", &plan("/unplannedFailover"), &fail_over(false, "Latest"));
        let operation = operation(&reply);
        azure.wait(400.0);
        let body = job(&mut azure, &operation);
        let body = &body["properties"];
        assert_eq!(body["state"], wanted);
        assert_eq!(body["stateDescription"], "PartiallySucceeded");
        let status = reply.header("azure-asyncoperation").expect("a URL").to_owned();
        assert_eq!(azure.poll(&status).body()["status"], "Succeeded");
        let details = &body["customDetails"]["protectedItemDetails"];
        assert_eq!(details.as_array().map(Vec::len), Some(4));
        let failing_over = &body["tasks"][1]["groupTaskCustomDetails"]["childTasks"][2];
        assert_eq!(failing_over["friendlyName"], "managed2");
        assert_eq!(failing_over["state"], "Failed");
        assert_eq!(failing_over["errors"][0]["serviceErrorDetails"]["code"], "28031");
        let starting = &body["tasks"][3]["groupTaskCustomDetails"]["childTasks"][1];
        assert_eq!(
            (&starting["state"], &starting["stateDescription"]),
            (&json!("Other"), &json!("Skipped"))
        );
        assert_eq!(running_in_the_west(&azure), ["dmgr1", "ihs1", "managed1", "managed3"]);
        let left = item(&mut azure, "managed2");
        assert_eq!(left["properties"]["protectionState"], "Protected");
        let allowed = texts(&left["properties"]["allowedOperations"]);
        assert!(allowed.contains(&"UnplannedFailover".to_owned()));

        let path = item_path(&mut azure, "managed2", "/unplannedFailover");
        let (_, body) = run(&mut azure, &path, &item_fail_over());
        assert_eq!(body["properties"]["state"], "Succeeded");
        assert_eq!(running_in_the_west(&azure).len(), 5);
    }
}

#[test]
fn a_plan_of_which_nothing_works_has_failed() {
    let mut azure = Azure::new(1);
    fail_items(&mut azure, &["dmgr1", "managed1", "managed2", "managed3", "ihs1"], "state");
    let (_, body) = run(&mut azure, &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    assert_eq!(body["properties"]["state"], "Failed");
    assert_eq!(body["properties"]["allowedActions"], json!(["Restart"]));
    assert!(running_in_the_west(&azure).is_empty());
}

#[test]
fn an_order_that_makes_no_sense_is_refused_and_does_nothing() {
    let mut azure = Azure::new(1);
    let path = plan("/unplannedFailover");
    let without = |key: &str| {
        let mut body = fail_over(false, "Latest");
        body["properties"].as_object_mut().expect("an object").remove(key);
        body
    };
    let mut orders = vec![Value::Null, json!({}), fail_over(false, "Newest")];
    orders.extend(
        ["failoverDirection", "sourceSiteOperations", "providerSpecificDetails"].map(without),
    );
    // The shape of an item's order is not that of a plan's.
    orders.push(item_fail_over());
    for order in orders {
        let reply = azure.send("POST", &path, &order);
        assert_eq!((reply.status, reply.code()), (400, "BadRequest".to_owned()), "{order}");
    }
    let mut elsewhere = test_failover();
    elsewhere["properties"]["networkId"] = json!("/subscriptions/x/virtualNetworks/unknown");
    assert_eq!(azure.send("POST", &plan("/testFailover"), &elsewhere).status, 400);
    let mut back = fail_over(false, "Latest");
    back["properties"]["failoverDirection"] = json!("RecoveryToPrimary");
    assert_eq!(azure.send("POST", &path, &back).status, 400);
    assert_eq!(azure.get(&vault("/replicationJobs")).body()["value"], json!([]));
}

#[test]
fn what_is_not_modelled_is_refused_clearly() {
    let mut azure = Azure::new(1);
    for action in ["/failoverCancel", "/plannedFailover", "/reProtect"] {
        let reply = azure.send("POST", &plan(action), &json!({}));
        assert_eq!((reply.status, reply.code()), (400, "NotImplemented".to_owned()), "{action}");
    }
    let switch = "/replicationFabrics/asr-a2a-default-eastus/replicationProtectionContainers/asr-a2a-default-eastus-container/switchprotection";
    let reply = azure.send("POST", &vault(switch), &json!({}));
    assert_eq!((reply.status, reply.code()), (400, "NotImplemented".to_owned()));
}

#[test]
fn names_that_are_not_there_get_the_recorded_404() {
    let mut azure = Azure::new(1);
    for path in [
        "/replicationRecoveryPlans/other",
        "/replicationJobs/None",
        "/replicationFabrics/other",
        "/replicationOperationStatus/none",
        "/replicationFabrics/asr-a2a-default-westus/replicationProtectionContainers/asr-a2a-default-westus-container/replicationProtectedItems/x",
    ] {
        let reply = azure.get(&vault(path));
        assert_eq!((reply.status, reply.code()), (404, "NotFound".to_owned()), "{path}");
        assert_eq!(reply.body()["error"]["details"][0]["code"], "ArmResourceDoesNotExist");
    }
    let other = arm("was-cluster-westus", "Microsoft.RecoveryServices/vaults/other", "2024-04-01");
    assert_eq!(azure.get(&other).code(), "ResourceNotFound");
}

#[test]
fn the_vault_works_while_the_source_region_is_down() {
    let mut azure = Azure::new(1);
    azure.lose(Region::EastUs);
    assert_eq!(azure.get(&plan("")).status, 200);
    assert_eq!(items(&mut azure).len(), 5);
    let (_, job) = run(&mut azure, &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    assert_eq!(job["properties"]["state"], "Succeeded");
}

#[test]
fn a_commit_that_is_not_due_fails_in_a_job_without_tasks_run() {
    let mut azure = Azure::new(1);
    refuse_in_job(&mut azure);
    let (_, body) = run(&mut azure, &plan("/failoverCommit"), &Value::Null);
    assert_eq!(body["properties"]["state"], "Failed");
    let error = &body["properties"]["errors"][0]["serviceErrorDetails"];
    assert_eq!(error["code"], "OperationNotAllowedInCurrentState");
    assert_eq!(body["properties"]["tasks"][0]["state"], "NotStarted");
}
