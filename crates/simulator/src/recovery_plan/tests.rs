//! Through the front door.

mod drill;
mod failover;
mod jobs;
mod refused;
mod shapes;

use serde_json::{Value, json};

use crate::regions::Region;
use crate::testing::{Azure, Reply, arm};
use crate::virtual_machine;

/// A path in the vault.
fn vault(rest: &str) -> String {
    let rest = format!("Microsoft.RecoveryServices/vaults/recovery-service-vault-westus{rest}");
    arm("was-cluster-westus", &rest, "2024-04-01")
}

fn plan(action: &str) -> String {
    vault(&format!("/replicationRecoveryPlans/recovery-plan-cafe{action}"))
}

fn fail_over(shut_down: bool, point: &str) -> Value {
    json!({"properties": {
        "failoverDirection": "PrimaryToRecovery",
        "sourceSiteOperations": if shut_down { "Required" } else { "NotRequired" },
        "providerSpecificDetails": [{"instanceType": "A2A", "recoveryPointType": point}],
    }})
}

fn item_fail_over() -> Value {
    json!({"properties": {
        "failoverDirection": "PrimaryToRecovery",
        "sourceSiteOperations": "NotRequired",
        "providerSpecificDetails": {"instanceType": "A2A"},
    }})
}

fn test_failover() -> Value {
    let network = format!(
        "/subscriptions/{}/resourceGroups/was-cluster-westus/providers/Microsoft.Network/virtualNetworks/vnet-drill-westus",
        crate::tutorial::SUBSCRIPTION
    );
    json!({"properties": {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": network,
        "providerSpecificDetails": [{"instanceType": "A2A", "recoveryPointType": "LatestProcessed"}],
    }})
}

/// The operation that a 202 named.
fn operation(reply: &Reply) -> String {
    assert_eq!(reply.status, 202, "{}", reply.text);
    let url = reply.header("azure-asyncoperation").expect("where to poll");
    let path = url.split('?').next().expect("a path");
    path.rsplit('/').next().expect("a name").to_owned()
}

fn job(azure: &mut Azure, name: &str) -> Value {
    azure.get(&vault(&format!("/replicationJobs/{name}"))).body()
}

fn state(azure: &mut Azure, job_name: &str) -> String {
    text(&job(azure, job_name)["properties"]["state"])
}

/// Sends an action and waits until its job is over: its operation and its last body.
fn run(azure: &mut Azure, target: &str, body: &Value) -> (String, Value) {
    let reply = azure.send("POST", target, body);
    let operation = operation(&reply);
    for _ in 0..200 {
        azure.wait(10.0);
        let body = job(azure, &operation);
        if body["properties"]["endTime"].is_string() {
            return (operation, body);
        }
    }
    panic!("the job does not end");
}

fn items(azure: &mut Azure) -> Vec<Value> {
    let path = vault("/replicationProtectedItems?$filter=RecoveryPlanName eq 'recovery-plan-cafe'");
    azure.get(&path).body()["value"].as_array().expect("a list").clone()
}

/// The item of a machine.
fn item(azure: &mut Azure, machine: &str) -> Value {
    let mut items = items(azure).into_iter();
    items.find(|item| item["properties"]["friendlyName"] == machine).expect("an item")
}

/// The path of a machine's item, with an action.
fn item_path(azure: &mut Azure, machine: &str, action: &str) -> String {
    let id = text(&item(azure, machine)["id"]);
    format!("{id}{action}?api-version=2024-04-01")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(text).collect()
}

fn fail_items(azure: &mut Azure, machines: &[&str], partial: &str) {
    let wanted = json!({"site_recovery": {"fail_items": machines, "partial": partial}});
    azure.control("POST", "options", &wanted);
}

/// The machines that run in West US, by name.
fn running_in_the_west(azure: &Azure) -> Vec<String> {
    virtual_machine::machines(&azure.world)
        .filter(|machine| machine.region == Region::WestUs && machine.running_since.is_some())
        .map(|machine| machine.name.clone())
        .collect()
}
