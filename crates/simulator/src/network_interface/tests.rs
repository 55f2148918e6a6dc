//! Through the front door.

use super::*;
use crate::testing::{Azure, Reply, arm};

fn nic(name: &str) -> String {
    arm("was-cluster-eastus", &format!("Microsoft.Network/networkInterfaces/{name}"), "2024-01-01")
}

fn pip(region: Region, what: &str) -> String {
    let group = format!("was-cluster-{}", region.name());
    let name = format!("Microsoft.Network/publicIPAddresses/{what}-public-ip-{}", region.name());
    arm(&group, &name, "2024-01-01")
}

fn id_of(path: &str) -> String {
    path.split('?').next().expect("a path").to_owned()
}

fn with_address(body: &Value, address: Option<&str>) -> Value {
    let mut body = body.clone();
    let configuration = &mut body["properties"]["ipConfigurations"][0]["properties"];
    match address {
        Some(id) => configuration["publicIPAddress"] = json!({"id": id}),
        None => {
            configuration.as_object_mut().expect("an object").remove("publicIPAddress");
        }
    }
    body
}

fn put_if(azure: &mut Azure, path: &str, body: &Value, etag: &str) -> Reply {
    let mut request = azure.request("PUT", path, Some(body));
    request.headers.push(("if-match".to_owned(), etag.to_owned()));
    azure.ask(&request).reply()
}

const IHS_EAST: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 20);

#[test]
fn an_address_moves_from_one_interface_to_another() {
    let mut azure = Azure::new(1);
    let address = id_of(&pip(Region::EastUs, "ihs"));
    assert_eq!(
        attached(&azure.world, IHS_EAST).map(|id| id.name().to_owned()),
        Some("ihs1".into())
    );
    let ihs = azure.get(&nic("ihs1-nic")).body();
    let managed = azure.get(&nic("managed1-nic")).body();
    assert!(
        managed["properties"]["ipConfigurations"][0]["properties"].get("publicIPAddress").is_none()
    );

    // Whoever has it must let go first.
    let taken = azure.send("PUT", &nic("managed1-nic"), &with_address(&managed, Some(&address)));
    assert_eq!((taken.status, taken.code()), (400, "PublicIPAddressInUse".to_owned()));
    let freed = azure.send("PUT", &nic("ihs1-nic"), &with_address(&ihs, None));
    assert_eq!(freed.status, 200);
    assert_eq!(attached(&azure.world, IHS_EAST), None);
    assert!(
        azure.get(&pip(Region::EastUs, "ihs")).body()["properties"]
            .get("ipConfiguration")
            .is_none()
    );

    let moved = azure.send("PUT", &nic("managed1-nic"), &with_address(&managed, Some(&address)));
    assert_eq!(
        (moved.status, moved.body()["properties"]["provisioningState"].clone()),
        (200, json!("Updating"))
    );
    assert!(moved.header("location").is_none());
    let status = moved.header("azure-asyncoperation").expect("a URL").to_owned();
    assert_eq!(attached(&azure.world, IHS_EAST), None, "not before the operation ends");
    azure.wait(15.0);
    assert_eq!(azure.poll(&status).body()["status"], "Succeeded");
    let machine = attached(&azure.world, IHS_EAST).expect("a machine");
    assert_eq!(machine.name(), "managed1");
    let holder =
        azure.get(&pip(Region::EastUs, "ihs")).body()["properties"]["ipConfiguration"]["id"]
            .clone();
    let configuration =
        azure.get(&nic("managed1-nic")).body()["properties"]["ipConfigurations"][0]["id"].clone();
    assert_eq!(holder, configuration);
}

#[test]
fn putting_back_what_was_read_changes_nothing() {
    let mut azure = Azure::new(1);
    let before = azure.get(&nic("dmgr1-nic")).body();
    assert_eq!(azure.send("PUT", &nic("dmgr1-nic"), &before).status, 200);
    let dmgr = Ipv4Addr::new(203, 0, 113, 30);
    assert!(attached(&azure.world, dmgr).is_some(), "an address that stays is not interrupted");
    azure.wait(15.0);
    let mut after = azure.get(&nic("dmgr1-nic")).body();
    assert_ne!(after["etag"], before["etag"]);
    after["etag"] = before["etag"].clone();
    after["properties"]["ipConfigurations"][0]["etag"] = before["etag"].clone();
    assert_eq!(after, before);
}

#[test]
fn what_a_put_leaves_out_is_gone() {
    let mut azure = Azure::new(1);
    let mut body = azure.get(&nic("dmgr1-nic")).body();
    assert!(body["properties"]["networkSecurityGroup"].is_object());
    body["properties"].as_object_mut().expect("an object").remove("networkSecurityGroup");
    assert_eq!(azure.send("PUT", &nic("dmgr1-nic"), &body).status, 200);
    azure.wait(15.0);
    let after = azure.get(&nic("dmgr1-nic")).body();
    assert!(after["properties"].get("networkSecurityGroup").is_none());
    let mut body = after;
    let configuration = &mut body["properties"]["ipConfigurations"][0]["properties"];
    configuration.as_object_mut().expect("an object").remove("subnet");
    assert_eq!(azure.send("PUT", &nic("dmgr1-nic"), &body).code(), "InvalidResourceReference");
}

#[test]
fn an_etag_of_before_is_refused() {
    let mut azure = Azure::new(1);
    let body = azure.get(&nic("ihs1-nic")).body();
    let etag = body["etag"].as_str().expect("an etag").to_owned();
    assert_eq!(put_if(&mut azure, &nic("ihs1-nic"), &body, &etag).status, 200);
    azure.wait(15.0);
    let stale = put_if(&mut azure, &nic("ihs1-nic"), &body, &etag);
    assert_eq!((stale.status, stale.code()), (412, "PreconditionFailed".to_owned()));
    let etag = azure.get(&nic("ihs1-nic")).body()["etag"].as_str().expect("an etag").to_owned();
    assert_eq!(put_if(&mut azure, &nic("ihs1-nic"), &body, &etag).status, 200);
}

#[test]
fn two_updates_at_once_are_one_too_many() {
    let mut azure = Azure::new(1);
    let body = azure.get(&nic("ihs1-nic")).body();
    azure.send("PUT", &nic("ihs1-nic"), &body);
    let second = azure.send("PUT", &nic("ihs1-nic"), &body);
    assert_eq!(
        (second.status, second.code()),
        (429, "RetryableErrorDueToAnotherOperation".to_owned())
    );
    azure.wait(15.0);
    assert_eq!(azure.send("PUT", &nic("ihs1-nic"), &body).status, 200);
}

#[test]
fn addresses_of_the_other_region_or_of_nowhere_are_refused() {
    let mut azure = Azure::new(1);
    let body = azure.get(&nic("managed1-nic")).body();
    let west = id_of(&pip(Region::WestUs, "ihs"));
    for address in [west.as_str(), "/subscriptions/x/nothing", ""] {
        let reply = azure.send("PUT", &nic("managed1-nic"), &with_address(&body, Some(address)));
        assert_eq!((reply.status, reply.code()), (400, "InvalidResourceReference".to_owned()));
    }
    let gateway = id_of(&pip(Region::EastUs, "agw"));
    let reply = azure.send("PUT", &nic("managed1-nic"), &with_address(&body, Some(&gateway)));
    assert_eq!(reply.code(), "PublicIPAddressInUse");
    for body in [json!({}), json!({"location": "eastus"}), Value::Null] {
        assert!((400..500).contains(&azure.send("PUT", &nic("managed1-nic"), &body).status));
    }
}

#[test]
fn a_patch_takes_tags_only() {
    let mut azure = Azure::new(1);
    let tags = json!({"tags": {"owner": "cafe"}});
    assert_eq!(azure.send("PATCH", &nic("ihs1-nic"), &tags).status, 200);
    assert_eq!(azure.get(&nic("ihs1-nic")).body()["tags"]["owner"], "cafe");
    let more = json!({"tags": {}, "properties": {}});
    assert_eq!(azure.send("PATCH", &nic("ihs1-nic"), &more).status, 400);
}

#[test]
fn labels_resolve_whether_anything_has_their_address_or_not() {
    let azure = Azure::new(1);
    let one = |name: &str| resolve(&azure.world, name).map(|(addresses, _)| addresses);
    assert_eq!(one("ihs-cafe.eastus.cloudapp.azure.com"), Some(vec![IHS_EAST]));
    let free = Ipv4Addr::new(198, 51, 100, 30);
    assert_eq!(one("DMGR-cafe.westus.cloudapp.azure.com."), Some(vec![free]));
    assert_eq!(attached(&azure.world, free), None);
    assert_eq!(one("ihs-cafe.centralus.cloudapp.azure.com"), None);
}

#[test]
fn a_public_address_shows_its_name_and_a_gateway_as_its_holder() {
    let mut azure = Azure::new(1);
    let body = azure.get(&pip(Region::WestUs, "agw")).body();
    assert_eq!(body["properties"]["ipAddress"], "198.51.100.10");
    assert_eq!(body["properties"]["dnsSettings"]["fqdn"], "agw-cafe.westus.cloudapp.azure.com");
    assert_eq!(body["sku"]["name"], "Standard");
    let holder = body["properties"]["ipConfiguration"]["id"].as_str().expect("a holder").to_owned();
    assert!(holder.contains("/applicationGateways/agw-westus/"));
    let list = arm("was-cluster-westus", "Microsoft.Network/publicIPAddresses", "2024-01-01");
    assert_eq!(azure.get(&list).body()["value"].as_array().map(Vec::len), Some(3));
    assert_eq!(azure.get(&nic("other")).code(), "ResourceNotFound");
}
