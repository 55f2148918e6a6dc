//! Through the front door.

use serde_json::Value;

use super::*;
use crate::testing::{Azure, arm};

fn path(name: &str, tail: &str) -> String {
    let resource = format!("Microsoft.Compute/virtualMachines/{name}{tail}");
    arm("was-cluster-eastus", &resource, "2024-07-01")
}

fn power(azure: &mut Azure, name: &str) -> String {
    let view = azure.get(&path(name, "/instanceView")).body();
    let codes = view["statuses"].as_array().expect("statuses").clone();
    let codes = codes.iter().filter_map(|status| status["code"].as_str());
    codes.filter_map(|code| code.strip_prefix("PowerState/")).next_back().unwrap_or("").to_owned()
}

fn runs(azure: &Azure, name: &str) -> bool {
    machines(&azure.world)
        .find(|machine| machine.name == name)
        .is_some_and(|machine| machine.running_since.is_some())
}

#[test]
fn a_machine_shows_its_interface_and_its_power_on_demand() {
    let mut azure = Azure::new(1);
    let plain = azure.get(&path("DMGR1", "")).body();
    assert_eq!(plain["name"], "dmgr1");
    let interface = &plain["properties"]["networkProfile"]["networkInterfaces"][0]["id"];
    assert!(interface.as_str().is_some_and(|id| id.ends_with("/networkInterfaces/dmgr1-nic")));
    assert!(plain["properties"].get("instanceView").is_none());
    let expanded = azure.get(&path("dmgr1", "?$expand=instanceView")).body();
    let view = azure.get(&path("dmgr1", "/instanceView")).body();
    assert_eq!(expanded["properties"]["instanceView"], view);
    assert_eq!(power(&mut azure, "dmgr1"), "running");
    assert_eq!(azure.get(&path("other", "")).code(), "ResourceNotFound");
}

#[test]
fn machines_are_listed_by_group_and_by_subscription() {
    let mut azure = Azure::new(1);
    let list = |azure: &mut Azure, group: &str| {
        let body = azure.get(&arm(group, "Microsoft.Compute/virtualMachines", "2024-07-01")).body();
        body["value"].as_array().map(Vec::len)
    };
    assert_eq!(list(&mut azure, "WAS-cluster-eastus"), Some(5));
    assert_eq!(list(&mut azure, "was-cluster-westus"), Some(0));
    let all = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachines?api-version=2024-07-01"
    );
    assert_eq!(azure.get(&all).body()["value"].as_array().map(Vec::len), Some(5));
}

#[test]
fn deallocating_and_starting_take_their_time() {
    let mut azure = Azure::new(1);
    let stop = azure.post(&path("ihs1", "/deallocate"));
    assert_eq!((stop.status, stop.text.as_str()), (202, ""));
    let status = stop.header("azure-asyncoperation").expect("a URL").to_owned();
    let result = stop.header("location").expect("a URL").to_owned();
    assert_eq!(power(&mut azure, "ihs1"), "deallocating");
    assert!(!runs(&azure, "ihs1"));
    assert_eq!(azure.poll(&status).body()["status"], "InProgress");
    assert_eq!(azure.poll(&result).status, 202);
    azure.wait(60.0);
    assert_eq!(power(&mut azure, "ihs1"), "deallocated");
    assert_eq!(azure.poll(&status).body()["status"], "Succeeded");
    assert!([200, 204].contains(&azure.poll(&result).status));

    let start = azure.post(&path("ihs1", "/start"));
    assert_eq!(start.status, 202);
    assert_eq!(power(&mut azure, "ihs1"), "starting");
    azure.wait(15.0);
    assert_eq!(power(&mut azure, "ihs1"), "running");
    assert!(runs(&azure, "ihs1"));
    azure.post(&path("ihs1", "/powerOff?skipShutdown=true"));
    azure.wait(40.0);
    assert_eq!(power(&mut azure, "ihs1"), "stopped");
}

#[test]
fn starting_a_running_machine_does_not_disturb_it() {
    let mut azure = Azure::new(1);
    let since =
        machines(&azure.world).find(|it| it.name == "dmgr1").and_then(|it| it.running_since);
    let start = azure.post(&path("dmgr1", "/start"));
    assert_eq!(start.status, 202);
    azure.wait(30.0);
    let now = machines(&azure.world).find(|it| it.name == "dmgr1").and_then(|it| it.running_since);
    assert_eq!(now, since);
}

#[test]
fn a_later_power_operation_takes_over() {
    let mut azure = Azure::new(1);
    azure.post(&path("ihs1", "/deallocate"));
    azure.wait(5.0);
    azure.post(&path("ihs1", "/start"));
    azure.wait(100.0);
    assert_eq!(power(&mut azure, "ihs1"), "running");
}

#[test]
fn machines_of_a_dead_region_do_not_run_and_boot_when_it_returns() {
    let mut azure = Azure::new(1);
    azure.post(&path("ihs1", "/deallocate"));
    azure.wait(100.0);
    azure.lose(Region::EastUs);
    assert!(machines(&azure.world).all(|machine| machine.running_since.is_none()));
    azure.wait(600.0);
    azure.restore(Region::EastUs);
    let returned_at = azure.now;
    for machine in machines(&azure.world) {
        let since = (machine.name != "ihs1").then_some(returned_at);
        assert_eq!(machine.running_since, since, "{}", machine.name);
    }
}

#[test]
fn a_machine_that_is_being_created_has_no_power_state() {
    let mut azure = Azure::new(1);
    let id = body::resource(Region::WestUs, "Microsoft.Compute/virtualMachines", "new1");
    let new = NewMachine {
        id: id.clone(),
        region: Region::WestUs,
        purpose: Purpose::Drill,
        role: Role::Ihs,
        private_ip: Ipv4Addr::new(10, 2, 0, 9),
        interface: id.clone(),
    };
    create(&mut azure.world, new);
    let target = format!("{id}?$expand=instanceView&api-version=2024-07-01");
    let shown = azure.get(&target).body();
    assert_eq!(shown["properties"]["provisioningState"], "Creating");
    let statuses: &Value = &shown["properties"]["instanceView"]["statuses"];
    assert_eq!(statuses.as_array().map(Vec::len), Some(1));
    power_on(&mut azure.world, &id);
    assert_eq!(azure.get(&target).body()["properties"]["provisioningState"], "Succeeded");
}
