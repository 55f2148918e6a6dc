//! Test failover and clean-up.

use super::*;
use crate::virtual_machine::Purpose;

fn drill_machines(azure: &Azure) -> Vec<String> {
    virtual_machine::machines(&azure.world)
        .filter(|machine| machine.purpose == Purpose::Drill)
        .map(|machine| machine.name.clone())
        .collect()
}

/// The primary's machines and interfaces, and who has the public addresses.
fn production(azure: &mut Azure) -> Vec<Value> {
    let compute = arm("was-cluster-eastus", "Microsoft.Compute/virtualMachines", "2024-07-01");
    let network =
        |group: &str, kind: &str| arm(group, &format!("Microsoft.Network/{kind}"), "2024-01-01");
    let lists = [
        compute,
        network("was-cluster-eastus", "networkInterfaces"),
        network("was-cluster-eastus", "publicIPAddresses"),
        network("was-cluster-westus", "publicIPAddresses"),
    ];
    lists.iter().map(|list| azure.get(list).body()).collect()
}

fn start_drill(azure: &mut Azure) -> Value {
    run(azure, &plan("/testFailover"), &test_failover()).1
}

fn clean_up(azure: &mut Azure) -> Value {
    let comments = json!({"properties": {"comments": "drill 42 ok"}});
    run(azure, &plan("/testFailoverCleanup"), &comments).1
}

#[test]
fn a_drill_makes_test_machines_and_waits_to_be_cleaned_up() {
    let mut azure = Azure::new(1);
    let job = start_drill(&mut azure);
    let job = &job["properties"];
    assert_eq!(job["state"], "Succeeded");
    assert_eq!(job["tasks"][1]["name"], "RpTfoNetworkCreation");
    let details = &job["customDetails"];
    assert_eq!(details["instanceType"], "TestFailoverJobDetails");
    assert_eq!(details["testFailoverStatus"], "Active");
    assert_eq!(details["networkName"], "vnet-drill-westus");
    assert_eq!(details["protectedItemDetails"][0]["testVmName"], "dmgr1-test");
    assert_eq!(
        drill_machines(&azure),
        ["dmgr1-test", "ihs1-test", "managed1-test", "managed2-test", "managed3-test"]
    );
    let plan_now = azure.get(&plan("")).body()["properties"].clone();
    assert_eq!(plan_now["currentScenarioStatus"], "Suspended");
    assert_eq!(plan_now["currentScenarioStatusDescription"], "WaitingForStopTestFailover");
    assert_eq!(texts(&plan_now["allowedOperations"]), ["TestFailoverCleanup"]);
    assert!(plan_now["lastTestFailoverTime"].is_string());
    for item in items(&mut azure) {
        let item = &item["properties"];
        assert_eq!(item["testFailoverState"], "WaitingForCompletion");
        assert_eq!(item["testFailoverStateDescription"], "Waiting for user input");
        assert_eq!(texts(&item["allowedOperations"]), ["TestFailoverCleanup"]);
        assert_eq!(item["currentScenario"]["scenarioName"], "TestFailover");
        assert_eq!(item["protectionState"], "Protected");
        assert_eq!(item["activeLocation"], "Primary");
        let machine = &item["providerSpecificDetails"]["testFailoverRecoveryFabricObjectId"];
        let machine = azure.get(&format!("{}?api-version=2024-07-01", text(machine))).body();
        let interface = &machine["properties"]["networkProfile"]["networkInterfaces"][0]["id"];
        let interface = azure.get(&format!("{}?api-version=2024-01-01", text(interface))).body();
        let subnet = &interface["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"];
        assert!(text(subnet).contains("/vnet-drill-westus/"));
    }
}

#[test]
fn a_clean_up_leaves_nothing_of_the_drill() {
    let mut azure = Azure::new(1);
    let before = items(&mut azure);
    assert_eq!(before[0]["properties"]["failoverHealth"], "Warning");
    start_drill(&mut azure);
    let job = clean_up(&mut azure);
    let job = &job["properties"];
    assert_eq!(job["scenarioName"], "TestFailoverCleanup");
    assert_eq!(job["customDetails"]["comments"], "drill 42 ok");
    assert_eq!(job["customDetails"]["testFailoverStatus"], Value::Null);
    let names: Vec<String> = job["tasks"]
        .as_array()
        .expect("tasks")
        .iter()
        .map(|task| text(&task["friendlyName"]))
        .collect();
    assert_eq!(
        names,
        [
            "Prerequisites check for the recovery plan",
            "Group 1: Test failover cleanup (1)",
            "Group 2: Test failover cleanup (3)",
            "Group 3: Test failover cleanup (1)",
            "Clean up the test environment",
            "Finalizing the recovery plan",
        ]
    );
    assert!(drill_machines(&azure).is_empty());
    let interfaces =
        azure.get(&arm("was-cluster-westus", "Microsoft.Network/networkInterfaces", "2024-01-01"));
    assert_eq!(interfaces.body()["value"], json!([]));
    let plan_now = azure.get(&plan("")).body()["properties"].clone();
    assert_eq!(texts(&plan_now["allowedOperations"]), ["UnplannedFailover", "TestFailover"]);
    assert_eq!(plan_now["currentScenarioStatus"], "Succeeded");
    for item in items(&mut azure) {
        assert_eq!(item["properties"]["testFailoverState"], "None");
        assert_eq!(item["properties"]["currentScenario"]["scenarioName"], "None");
        assert_eq!(item["properties"]["failoverHealth"], "Normal");
        assert!(item["properties"]["lastSuccessfulTestFailoverTime"].is_string());
    }
}

#[test]
fn a_drill_leaves_production_as_it_is() {
    let mut azure = Azure::new(1);
    let before = production(&mut azure);
    start_drill(&mut azure);
    assert_eq!(production(&mut azure), before);
    clean_up(&mut azure);
    assert_eq!(production(&mut azure), before);
}

#[test]
fn an_uncleaned_drill_blocks_a_real_failover_until_it_is_cleaned_up() {
    let mut azure = Azure::new(1);
    start_drill(&mut azure);
    azure.lose(Region::EastUs);
    let refused = azure.send("POST", &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    assert_eq!(refused.status, 400);
    clean_up(&mut azure);
    let (_, job) = run(&mut azure, &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    assert_eq!(job["properties"]["state"], "Succeeded");
}

#[test]
fn a_drill_that_fails_for_some_leaves_the_others_to_be_cleaned_up() {
    let mut azure = Azure::new(1);
    fail_items(&mut azure, &["managed3"], "state");
    let job = start_drill(&mut azure);
    assert_eq!(job["properties"]["state"], "PartiallySucceeded");
    assert_eq!(drill_machines(&azure).len(), 4);
    assert_eq!(item(&mut azure, "managed3")["properties"]["testFailoverState"], "None");
    let plan_now = azure.get(&plan("")).body()["properties"].clone();
    assert_eq!(texts(&plan_now["allowedOperations"]), ["TestFailoverCleanup"]);
    let job = clean_up(&mut azure);
    assert_eq!(job["properties"]["state"], "Succeeded");
    assert!(drill_machines(&azure).is_empty());
}

#[test]
fn one_item_can_be_tested_by_itself() {
    let mut azure = Azure::new(1);
    let mut body = test_failover();
    body["properties"]["providerSpecificDetails"] = json!({"instanceType": "A2A"});
    let path = item_path(&mut azure, "ihs1", "/testFailover");
    let (operation, job) = run(&mut azure, &path, &body);
    assert_eq!(job["name"], json!(operation));
    assert_eq!(drill_machines(&azure), ["ihs1-test"]);
    let tested = item(&mut azure, "ihs1");
    assert!(text(&tested["properties"]["currentScenario"]["jobId"]).ends_with(&operation));
    let path = item_path(&mut azure, "ihs1", "/testFailoverCleanup");
    run(&mut azure, &path, &json!({"properties": {"comments": ""}}));
    assert!(drill_machines(&azure).is_empty());
}
