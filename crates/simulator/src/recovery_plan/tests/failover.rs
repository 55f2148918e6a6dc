//! Failover and commit.

use jiff::Timestamp;

use super::*;

fn tasks(job: &Value) -> Vec<Value> {
    job["properties"]["tasks"].as_array().expect("tasks").clone()
}

fn children(task: &Value) -> Vec<Value> {
    task["groupTaskCustomDetails"]["childTasks"].as_array().expect("children").clone()
}

fn time(value: &Value) -> Timestamp {
    text(value).parse().expect("a time")
}

fn outline(job: &Value) -> Vec<(String, String)> {
    tasks(job)
        .iter()
        .map(|task| {
            let kind = &task["groupTaskCustomDetails"]["rpGroupType"];
            let name = if kind.is_string() { kind } else { &task["name"] };
            (text(name), text(&task["friendlyName"]))
        })
        .collect()
}

#[test]
fn the_operation_of_a_plans_action_is_not_its_job() {
    let mut azure = Azure::new(1);
    let reply = azure.send("POST", &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    assert_eq!((reply.status, reply.text.as_str()), (202, ""));
    assert_eq!(reply.header("retry-after"), Some("30"));
    let named: Vec<_> = reply.headers.iter().filter(|(key, _)| key == "x-ms-request-id").collect();
    assert_eq!(named.len(), 2, "twice, and not the front door's own");
    let operation = operation(&reply);
    assert!(named.iter().all(|(_, id)| id.ends_with(&format!("/replicationJobs/{operation}"))));
    for header in ["azure-asyncoperation", "location"] {
        let url = reply.header(header).expect("a URL");
        assert!((3000..16_000).contains(&url.len()), "{} characters", url.len());
        assert!(url.contains("/Subscriptions/"));
    }
    azure.wait(30.0);
    let by_operation = job(&mut azure, &operation);
    let name = text(&by_operation["name"]);
    assert_ne!(name, operation);
    assert_eq!(job(&mut azure, &name), by_operation);
    let current = azure.get(&plan("")).body()["properties"]["currentScenario"].clone();
    assert!(text(&current["jobId"]).ends_with(&name));
    assert_eq!(current["scenarioName"], "UnplannedFailover");
}

#[test]
fn a_fresh_job_has_three_faces() {
    let mut azure = Azure::new(1);
    let reply = azure.send("POST", &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    let operation = operation(&reply);
    let first = job(&mut azure, &operation);
    assert_eq!(first["name"], json!(operation));
    assert_eq!(first["properties"]["scenarioName"], Value::Null);
    assert_eq!(first["properties"]["state"], "NotStarted");
    assert_eq!(first["properties"]["targetInstanceType"], "ProtectionEntity");
    assert!(first["properties"].get("startTime").is_none());
    azure.wait(1.0);
    let second = job(&mut azure, &operation);
    assert_eq!(second["name"], json!(operation));
    assert_eq!(second["properties"]["state"], "InProgress");
    assert_eq!(second["properties"]["targetInstanceType"], "RecoveryPlan");
    assert_eq!(second["properties"]["tasks"], json!([]));
    assert!(second["properties"].get("endTime").is_none());
    assert_eq!(azure.get(&plan("")).body()["properties"]["currentScenario"], Value::Null);
    azure.wait(10.0);
    let third = job(&mut azure, &operation);
    assert_ne!(third["name"], json!(operation));
    assert!(!tasks(&third).is_empty());
    assert_eq!(third["properties"]["allowedActions"], json!(["Cancel"]));
    assert_ne!(third["properties"]["startTime"], second["properties"]["startTime"]);
}

#[test]
fn the_tree_is_whole_from_the_start_and_has_a_shutdown_only_on_demand() {
    let mut azure = Azure::new(1);
    let reply = azure.send("POST", &plan("/unplannedFailover"), &fail_over(true, "Latest"));
    let operation = operation(&reply);
    azure.wait(8.0);
    let body = job(&mut azure, &operation);
    let wanted = [
        ("RpSrsPrerequisitesCheck", "Prerequisites check for the recovery plan"),
        ("Shutdown", "All groups shutdown (3)"),
        ("RpFailoverTask", "Recovery plan failover"),
        ("BootGroup", "Group 1: Start (1)"),
        ("BootGroup", "Group 2: Start (3)"),
        ("BootGroup", "Group 3: Start (1)"),
        ("EndRecoveryPlanTask", "Finalizing the recovery plan"),
    ];
    let wanted: Vec<_> = wanted.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec();
    assert_eq!(outline(&body), wanted);
    let boot = &tasks(&body)[4];
    assert_eq!(boot["state"], "NotStarted");
    assert_eq!(boot["startTime"], "0001-01-01T00:00:00");
    for machine in children(boot) {
        let child = &machine["customDetails"]["jobTask"];
        assert!(text(&child["jobId"]).ends_with("/replicationJobs/"));
        assert_eq!(child["jobScenarioName"], "Unknown");
    }
    let shutdown = children(&tasks(&body)[1]);
    assert_eq!(shutdown[1]["friendlyName"], "Shutdown: Group 2 (3)");
    let stopping = &children(&shutdown[1])[0]["customDetails"]["jobTask"];
    let child = text(&stopping["jobId"]);
    let child = job(&mut azure, child.rsplit('/').next().expect("a name"));
    assert_eq!(child["properties"]["tasks"][0]["name"], "VmShutdownVmOnPrimary");

    let mut other = Azure::new(1);
    let path = plan("/unplannedFailover");
    let (_, body) = run(&mut other, &path, &fail_over(false, "Latest"));
    assert!(outline(&body).iter().all(|(kind, _)| kind != "Shutdown"));
}

#[test]
fn machines_fail_over_side_by_side_and_start_group_by_group() {
    let mut azure = Azure::new(3);
    azure.lose(Region::EastUs);
    let path = plan("/unplannedFailover");
    let sent_at = azure.now;
    let (operation, body) = run(&mut azure, &path, &fail_over(false, "LatestProcessed"));
    assert_eq!(body["properties"]["state"], "Succeeded");
    let took = (time(&body["properties"]["endTime"]) - sent_at).total(jiff::Unit::Second);
    let took = took.expect("seconds");
    assert!((215.0..245.0).contains(&took), "{took}");
    let tasks = tasks(&body);
    let failing_over = children(&tasks[1]);
    assert_eq!(failing_over.len(), 5);
    assert!(failing_over.iter().all(|task| task["startTime"] == tasks[1]["startTime"]));
    for pair in tasks.windows(2) {
        assert!(time(&pair[0]["endTime"]) <= time(&pair[1]["startTime"]));
    }
    let started = |group: usize| time(&tasks[1 + group]["endTime"]);
    for (machine, group) in [("dmgr1", 1), ("managed2", 2), ("ihs1", 3)] {
        let since = virtual_machine::machines(&azure.world)
            .find(|it| it.name == machine && it.region == Region::WestUs)
            .and_then(|it| it.running_since);
        let since = since.expect("it runs");
        assert!(since <= started(group) && (group == 1 || since > started(group - 1)));
    }
    let result =
        format!("/replicationRecoveryPlans/recovery-plan-cafe/operationresults/{operation}");
    assert_eq!(azure.get(&vault(&result)).body()["name"], "recovery-plan-cafe");
}

#[test]
fn a_failover_leaves_items_pending_and_a_plan_that_offers_too_much() {
    let mut azure = Azure::new(1);
    let path = plan("/unplannedFailover");
    let (_, body) = run(&mut azure, &path, &fail_over(false, "LatestProcessed"));
    let plan_now = azure.get(&plan("")).body()["properties"].clone();
    assert_eq!(plan_now["currentScenarioStatus"], "Succeeded");
    assert_eq!(plan_now["currentScenarioStatusDescription"], "Completed");
    assert_eq!(
        texts(&plan_now["allowedOperations"]),
        ["UnplannedFailover", "TestFailover", "Commit"]
    );
    assert!(plan_now.get("lastUnplannedFailoverTime").is_none());
    for item in items(&mut azure) {
        let item = &item["properties"];
        assert_eq!(item["protectionState"], "UnplannedFailoverCommitPendingStatesBegin");
        assert_eq!(item["protectionStateDescription"], "Failover completed");
        assert_eq!(item["activeLocation"], "Recovery");
        assert_eq!(
            texts(&item["allowedOperations"]),
            ["CompleteMigration", "Commit", "DisableProtection", "ChangePit"]
        );
        let machine = text(&item["providerSpecificDetails"]["recoveryFabricObjectId"]);
        assert_eq!(machine, machine.to_lowercase());
        let found = azure.get(&format!("{machine}?api-version=2024-07-01")).body();
        assert_eq!(found["name"], item["friendlyName"]);
        assert!(text(&found["id"]).contains("/was-cluster-westus/"));
        let interface = &found["properties"]["networkProfile"]["networkInterfaces"][0]["id"];
        let interface = azure.get(&format!("{}?api-version=2024-01-01", text(interface))).body();
        let address = &interface["properties"]["ipConfigurations"][0]["properties"];
        assert!(text(&address["privateIPAddress"]).starts_with("10.1.0."));
        assert_eq!(address["privateIPAllocationMethod"], "Static");
        assert!(address.get("publicIPAddress").is_none());
    }
    let details = body["properties"]["customDetails"]["protectedItemDetails"].clone();
    let details = details.as_array().expect("a list").clone();
    assert_eq!(details.len(), 5);
    let dmgr = item(&mut azure, "dmgr1");
    let point = text(&dmgr["properties"]["failoverRecoveryPointId"]);
    assert!(point.ends_with(&text(&details[0]["recoveryPointId"])));
    assert!(time(&details[0]["recoveryPointTime"]) < azure.now);
}

#[test]
fn a_failover_with_shutdown_stops_the_source_first() {
    let mut azure = Azure::new(1);
    let runs = |azure: &Azure| {
        virtual_machine::machines(&azure.world)
            .filter(|it| it.region == Region::EastUs && it.running_since.is_some())
            .count()
    };
    assert_eq!(runs(&azure), 5);
    let reply = azure.send("POST", &plan("/unplannedFailover"), &fail_over(true, "Latest"));
    let operation = operation(&reply);
    azure.wait(80.0);
    assert_eq!(runs(&azure), 0);
    assert!(running_in_the_west(&azure).is_empty());
    azure.wait(300.0);
    let body = job(&mut azure, &operation);
    assert_eq!(body["properties"]["state"], "Succeeded");
    assert_eq!(running_in_the_west(&azure).len(), 5);
    let mut sources =
        virtual_machine::machines(&azure.world).filter(|it| it.region == Region::EastUs);
    assert!(sources.all(|it| it.power == virtual_machine::Power::Deallocated));
    // Nothing was left behind: the point is of after the shutdown.
    let shutdown_ended = time(&tasks(&body)[1]["endTime"]);
    let point =
        &body["properties"]["customDetails"]["protectedItemDetails"][0]["recoveryPointTime"];
    assert!(time(point) >= shutdown_ended - jiff::SignedDuration::from_secs(5));
}

#[test]
fn a_shutdown_that_a_dead_region_does_not_answer_is_given_up() {
    let mut azure = Azure::new(1);
    azure.lose(Region::EastUs);
    let path = plan("/unplannedFailover");
    let (_, body) = run(&mut azure, &path, &fail_over(true, "Latest"));
    assert_eq!(body["properties"]["state"], "Succeeded");
    let shutdown = &tasks(&body)[1];
    assert_eq!(shutdown["state"], "Failed");
    let took = time(&shutdown["endTime"]) - time(&shutdown["startTime"]);
    assert!(took.total(jiff::Unit::Second).expect("seconds") > 150.0, "{took}");
    assert_eq!(running_in_the_west(&azure).len(), 5);
}

#[test]
fn recovery_points_end_with_the_loss_of_the_source() {
    let mut azure = Azure::new(1);
    azure.wait(130.0);
    azure.lose(Region::EastUs);
    let lost_at = azure.now;
    azure.wait(600.0);
    let details = item(&mut azure, "dmgr1")["properties"]["providerSpecificDetails"].clone();
    assert!(time(&details["lastRpoCalculatedTime"]) <= lost_at);
    let path = plan("/unplannedFailover");
    let (_, body) = run(&mut azure, &path, &fail_over(false, "Latest"));
    for item in body["properties"]["customDetails"]["protectedItemDetails"].as_array().expect("all")
    {
        assert!(time(&item["recoveryPointTime"]) <= lost_at);
    }
}

#[test]
fn a_commit_of_the_plan_has_groups_only_and_ends_the_pending_state() {
    let mut azure = Azure::new(1);
    let path = plan("/unplannedFailover");
    run(&mut azure, &path, &fail_over(false, "Latest"));
    let (_, body) = run(&mut azure, &plan("/failoverCommit"), &Value::Null);
    assert_eq!(body["properties"]["scenarioName"], "CommitFailover");
    assert!(outline(&body).iter().all(|(kind, _)| kind == "CommitGroup"));
    for item in items(&mut azure) {
        let item = &item["properties"];
        assert_eq!(item["protectionState"], "UnplannedFailoverCommitted");
        assert_eq!(
            texts(&item["allowedOperations"]),
            ["CompleteMigration", "DisableProtection", "SwitchProtection"]
        );
    }
    let plan_now = azure.get(&plan("")).body()["properties"].clone();
    assert_eq!(plan_now["currentScenario"]["scenarioName"], "CommitFailover");
    assert_eq!(texts(&plan_now["allowedOperations"]), ["UnplannedFailover", "TestFailover"]);
}

#[test]
fn one_item_fails_over_and_commits_by_itself() {
    let mut azure = Azure::new(1);
    let path = item_path(&mut azure, "managed2", "/unplannedFailover");
    run(&mut azure, &path, &item_fail_over());
    assert_eq!(running_in_the_west(&azure), ["managed2"]);
    let path = item_path(&mut azure, "managed2", "/failoverCommit");
    let (_, body) = run(&mut azure, &path, &Value::Null);
    assert_eq!(body["properties"]["tasks"][1]["name"], "VmCommit");
    let state = |item: &Value| text(&item["properties"]["protectionState"]);
    assert_eq!(state(&item(&mut azure, "managed2")), "UnplannedFailoverCommitted");
    assert_eq!(state(&item(&mut azure, "managed1")), "Protected");
}

#[test]
fn site_recovery_attaches_a_public_address_that_the_item_names() {
    let mut azure = Azure::new(1);
    let address = arm(
        "was-cluster-westus",
        "Microsoft.Network/publicIPAddresses/ihs-public-ip-westus",
        "2024-01-01",
    );
    let id = address.split('?').next().expect("a path").to_owned();
    let nic =
        item(&mut azure, "ihs1")["properties"]["providerSpecificDetails"]["vmNics"][0].clone();
    assert_eq!(nic["ipConfigs"][0]["recoveryPublicIPAddressId"], Value::Null);
    let path = item_path(&mut azure, "ihs1", "");
    let body = json!({"properties": {"vmNics": [{
        "nicId": nic["nicId"],
        "ipConfigs": [{"ipConfigName": "ipconfig1", "isPrimary": true, "recoveryPublicIPAddressId": id}],
    }], "providerSpecificDetails": {"instanceType": "A2A"}}});
    let reply = azure.send("PATCH", &path, &body);
    let update = operation(&reply);
    azure.wait(15.0);
    assert_eq!(state(&mut azure, &update), "Succeeded");
    let nic =
        item(&mut azure, "ihs1")["properties"]["providerSpecificDetails"]["vmNics"][0].clone();
    assert_eq!(nic["ipConfigs"][0]["recoveryPublicIPAddressId"], json!(id));
    assert_eq!(nic["ipConfigs"][0]["name"], "ipconfig1");
    assert_eq!(nic["ipConfigs"][0]["tfoPublicIPAddressId"], "");
    run(&mut azure, &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    let holder = azure.get(&address).body()["properties"]["ipConfiguration"]["id"].clone();
    assert!(text(&holder).contains("/networkInterfaces/ihs1-nic-asr/"), "{holder}");
}
