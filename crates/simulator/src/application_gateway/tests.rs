//! Through the front door.

use serde_json::Value;

use super::*;
use crate::testing::{Azure, Reply, arm};

fn gateway(region: Region, action: &str) -> String {
    let name = region.name();
    let resource = format!("Microsoft.Network/applicationGateways/agw-{name}{action}");
    arm(&format!("was-cluster-{name}"), &resource, "2024-01-01")
}

fn stop(azure: &mut Azure, machine: &str, action: &str) {
    let resource = format!("Microsoft.Compute/virtualMachines/{machine}/{action}");
    assert_eq!(azure.post(&arm("was-cluster-eastus", &resource, "2024-07-01")).status, 202);
}

/// Asks and waits: the result.
fn health(azure: &mut Azure, region: Region, action: &str) -> Value {
    let reply: Reply = azure.post(&gateway(region, action));
    assert_eq!((reply.status, reply.text.as_str()), (202, "null"));
    assert!(reply.header("azure-asyncoperation").is_none());
    let result = reply.header("location").expect("a URL").to_owned();
    assert_eq!(azure.poll(&result).status, 202);
    azure.wait(11.0);
    let reply = azure.poll(&result);
    assert_eq!(reply.status, 200);
    reply.body()
}

fn servers(azure: &mut Azure, region: Region) -> Vec<(String, String)> {
    let body = health(azure, region, "/backendhealth");
    let servers = &body["backendAddressPools"][0]["backendHttpSettingsCollection"][0]["servers"];
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let servers = servers.as_array().expect("servers").iter();
    servers.map(|server| (text(&server["address"]), text(&server["health"]))).collect()
}

#[test]
fn the_primarys_members_are_healthy_and_the_standbys_are_not() {
    let mut azure = Azure::new(1);
    azure.wait(60.0);
    let all = |net: u8, health: &str| -> Vec<(String, String)> {
        (5..=7).map(|host| (format!("10.{net}.0.{host}"), health.to_owned())).collect()
    };
    assert_eq!(servers(&mut azure, Region::EastUs), all(0, "Healthy"));
    assert_eq!(servers(&mut azure, Region::WestUs), all(1, "Unhealthy"));
    assert_eq!(healthy_backends(&azure.world, Region::EastUs).len(), 3);
    assert_eq!(unhealthy_hosts(&azure.world, Region::WestUs), Some(3));
    let on_demand = health(&mut azure, Region::EastUs, "/getBackendHealthOnDemand");
    let servers = &on_demand["backendHealthHttpSettings"]["servers"];
    assert_eq!(servers[0]["health"], "Healthy");
}

#[test]
fn three_bad_probes_make_a_member_unhealthy_and_one_good_one_brings_it_back() {
    let mut azure = Azure::new(1);
    azure.wait(30.0);
    stop(&mut azure, "managed2", "powerOff");
    let stopped = Ipv4Addr::new(10, 0, 0, 6);
    let healthy = |azure: &Azure| healthy_backends(&azure.world, Region::EastUs).contains(&stopped);
    azure.wait(22.0);
    assert!(healthy(&azure), "two probes at most have failed");
    azure.wait(20.0);
    assert!(!healthy(&azure));
    assert_eq!(healthy_backends(&azure.world, Region::EastUs).len(), 2);
    stop(&mut azure, "managed2", "start");
    azure.wait(20.0);
    assert!(!healthy(&azure), "the machine boots and WebSphere starts first");
    azure.wait(130.0);
    assert!(healthy(&azure));
    let waits = azure.world.ledger().waits();
    let probe = waits.iter().find(|wait| wait.what.starts_with("gateway probe "));
    let took = probe.map(|wait| wait.to.duration_since(wait.from)).expect("a wait for the probe");
    assert!(took <= INTERVAL, "{took}");
}

#[test]
fn a_gateway_shows_what_it_is_made_of() {
    let mut azure = Azure::new(1);
    let body = azure.get(&gateway(Region::WestUs, "")).body();
    let properties = &body["properties"];
    assert_eq!(properties["operationalState"], "Running");
    let pool = &properties["backendAddressPools"][0];
    assert_eq!(pool["name"], "managedServerPool");
    assert_eq!(pool["properties"]["backendAddresses"][2]["ipAddress"], "10.1.0.7");
    assert_eq!(properties["backendHttpSettingsCollection"][0]["name"], "managedServerHttpSettings");
    let probe = &properties["probes"][0]["properties"];
    assert_eq!(
        (&probe["path"], &probe["interval"], &probe["unhealthyThreshold"]),
        (&"/websphere-cafe/".into(), &10.into(), &3.into())
    );
    let list = arm("was-cluster-westus", "Microsoft.Network/applicationGateways", "2024-01-01");
    assert_eq!(azure.get(&list).body()["value"].as_array().map(Vec::len), Some(1));
    let other = gateway(Region::WestUs, "x");
    assert_eq!(azure.get(&other).code(), "ResourceNotFound");
    assert_eq!(gateway_at(&azure.world, Ipv4Addr::new(198, 51, 100, 10)), Some(Region::WestUs));
    assert_eq!(gateway_at(&azure.world, Ipv4Addr::new(198, 51, 100, 20)), None);
}

#[test]
fn a_pool_that_is_emptied_has_no_servers_and_new_ones_are_unknown_until_probed() {
    let mut azure = Azure::new(1);
    azure.wait(30.0);
    let path = gateway(Region::EastUs, "");
    let before = azure.get(&path).body();
    let pool = |addresses: Value| {
        let mut body = before.clone();
        body["properties"]["backendAddressPools"][0]["properties"]["backendAddresses"] = addresses;
        body
    };
    let put = azure.send("PUT", &path, &pool(json!([])));
    assert_eq!(put.status, 200);
    let status = put.header("azure-asyncoperation").expect("a URL").to_owned();
    azure.wait(200.0);
    assert_eq!(azure.poll(&status).body()["status"], "Succeeded");
    assert_eq!(servers(&mut azure, Region::EastUs), []);
    assert_eq!(unhealthy_hosts(&azure.world, Region::EastUs), Some(0));

    azure.world.durations.set(
        Wait::GatewayUpdate,
        SignedDuration::from_millis(1),
        SignedDuration::from_millis(1),
    );
    let member = json!([{"ipAddress": "10.0.0.5"}]);
    assert_eq!(azure.send("PUT", &path, &pool(member)).status, 200);
    azure.wait(0.002);
    let shown = |azure: &Azure| azure.world.gateways.gateways[0].servers[0].health;
    assert_eq!(shown(&azure), Health::Unknown);
    azure.wait(10.0);
    assert_eq!(shown(&azure), Health::Healthy);
    assert_ne!(azure.get(&path).body()["etag"], before["etag"]);
    for nonsense in [Value::Null, json!({}), pool(json!([{"ipAddress": "here"}])), pool(json!([7]))]
    {
        assert_eq!(azure.send("PUT", &path, &nonsense).status, 400);
    }
}
