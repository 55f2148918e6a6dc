use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::{FAILOVER_ENDPOINT, PRIMARY_ENDPOINT, endpoint_state, served_endpoint};
use crate::regions::Region::{self, EastUs, WestUs};
use crate::testing::{Azure, Reply, arm};
use crate::tutorial::{EntryForm, Options};

const NAME: &str = "tmprofile-cafe.trafficmanager.net";
const EAST: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
const WEST: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 10);

fn profile() -> String {
    arm("traffic-westus", "Microsoft.Network/trafficmanagerprofiles/tmprofile-cafe", "2022-04-01")
}

fn endpoint(name: &str) -> String {
    let resource =
        format!("Microsoft.Network/trafficmanagerprofiles/tmprofile-cafe/azureEndpoints/{name}");
    arm("traffic-westus", &resource, "2022-04-01")
}

fn set(azure: &mut Azure, name: &str, properties: &Value) -> Reply {
    azure.send("PATCH", &endpoint(name), &json!({"properties": properties}))
}

fn leads_to(azure: &mut Azure) -> Option<Ipv4Addr> {
    azure.world.resolve(azure.now, NAME).map(|(addresses, _)| addresses[0])
}

fn state(azure: &Azure, name: &str) -> &'static str {
    endpoint_state(&azure.world, name).expect("an endpoint of that name")
}

/// How long until it holds, in tenths of a second.
fn seconds_until(azure: &mut Azure, most: f64, holds: impl Fn(&mut Azure) -> bool) -> f64 {
    let mut waited = 0.0;
    while !holds(azure) {
        assert!(waited < most, "not within {most} s");
        azure.wait(0.1);
        waited += 0.1;
    }
    waited
}

#[test]
fn the_tutorial_begins_with_the_primary_online_and_the_standby_degraded() {
    let mut azure = Azure::new(1);
    let body = azure.get(&profile()).body();
    assert_eq!(body["location"], "global");
    assert_eq!(body["properties"]["monitorConfig"]["profileMonitorStatus"], "Degraded");
    assert_eq!(body["properties"]["endpoints"][0]["properties"]["endpointMonitorStatus"], "Online");
    assert_eq!(
        body["properties"]["endpoints"][1]["properties"]["endpointMonitorStatus"],
        "Degraded"
    );
    assert_eq!(azure.world.resolve(azure.now, NAME), Some((vec![EAST], 10)));
    azure.wait(3600.0);
    assert_eq!(
        (state(&azure, PRIMARY_ENDPOINT), state(&azure, FAILOVER_ENDPOINT)),
        ("Online", "Degraded")
    );
}

#[test]
fn the_http_server_form_leads_to_the_http_servers_address() {
    let mut azure = Azure::with(&Options { entry: EntryForm::IbmHttpServer, ..Options::default() });
    assert_eq!(leads_to(&mut azure), Some(Ipv4Addr::new(203, 0, 113, 20)));
    azure.wait(60.0);
    assert_eq!(state(&azure, PRIMARY_ENDPOINT), "Online");
}

#[test]
fn a_dead_primary_is_degraded_within_30_to_45_seconds() {
    let mut all = Vec::new();
    for seed in 0..40 {
        let mut azure = Azure::new(seed);
        azure.wait(100.0 + f64::from(u32::try_from(seed).expect("small")) * 0.37);
        azure.lose(EastUs);
        let took =
            seconds_until(&mut azure, 60.0, |azure| state(azure, PRIMARY_ENDPOINT) == "Degraded");
        assert!((30.0..=45.2).contains(&took), "seed {seed}: {took}");
        all.push(took);
    }
    let spread = all.iter().fold(0.0_f64, |most, took| most.max(*took))
        - all.iter().fold(99.0_f64, |least, took| least.min(*took));
    assert!(spread > 5.0, "the phases of the probes differ: {all:?}");
}

#[test]
fn a_short_blip_changes_nothing() {
    let mut azure = Azure::new(4);
    azure.control("POST", "blip", &json!({"region": "eastus", "seconds": 24.0}));
    for _ in 0..600 {
        azure.wait(0.1);
        assert_eq!(state(&azure, PRIMARY_ENDPOINT), "Online");
    }
}

#[test]
fn one_good_probe_brings_a_degraded_endpoint_back_and_the_name_with_it() {
    let mut azure = Azure::new(1);
    azure.control("POST", "blip", &json!({"region": "eastus", "seconds": 120.0}));
    azure.wait(119.0);
    assert_eq!(state(&azure, PRIMARY_ENDPOINT), "Degraded");
    let took = seconds_until(&mut azure, 60.0, |azure| state(azure, PRIMARY_ENDPOINT) == "Online");
    assert!(took <= 12.0, "{took}");
    let moved =
        seconds_until(&mut azure, 10.0, |azure| served_endpoint(&azure.world) == Some(EastUs));
    assert!(moved <= 5.1, "{moved}");
}

#[test]
fn when_all_enabled_endpoints_are_degraded_the_name_leads_to_the_first() {
    let mut azure = Azure::new(1);
    azure.lose(EastUs);
    azure.wait(120.0);
    assert_eq!(
        (state(&azure, PRIMARY_ENDPOINT), state(&azure, FAILOVER_ENDPOINT)),
        ("Degraded", "Degraded")
    );
    assert_eq!(leads_to(&mut azure), Some(EAST));
}

#[test]
fn a_disabled_endpoint_is_neither_served_nor_probed() {
    let mut azure = Azure::new(1);
    let disabled = set(&mut azure, PRIMARY_ENDPOINT, &json!({"endpointStatus": "Disabled"}));
    assert_eq!(
        (disabled.status, &disabled.body()["properties"]["endpointMonitorStatus"]),
        (200, &json!("Disabled"))
    );
    assert_eq!(leads_to(&mut azure), Some(EAST), "name servers learn later");
    let took = seconds_until(&mut azure, 10.0, |azure| leads_to(azure) == Some(WEST));
    assert!((0.9..=5.1).contains(&took), "{took}");
    azure.wait(300.0);
    assert_eq!(state(&azure, PRIMARY_ENDPOINT), "Disabled");
    assert_eq!(leads_to(&mut azure), Some(WEST), "although it is Degraded");
}

#[test]
fn an_enabled_endpoint_is_checked_first_and_served_meanwhile() {
    let mut azure = Azure::new(1);
    set(&mut azure, PRIMARY_ENDPOINT, &json!({"endpointStatus": "Disabled"}));
    azure.wait(60.0);
    let enabled = set(&mut azure, PRIMARY_ENDPOINT, &json!({"endpointStatus": "Enabled"}));
    assert_eq!(enabled.body()["properties"]["endpointMonitorStatus"], "CheckingEndpoint");
    assert_eq!(
        azure.get(&profile()).body()["properties"]["monitorConfig"]["profileMonitorStatus"],
        "Degraded"
    );
    seconds_until(&mut azure, 6.0, |azure| state(azure, PRIMARY_ENDPOINT) == "Online");
    seconds_until(&mut azure, 6.0, |azure| leads_to(azure) == Some(EAST));
}

#[test]
fn without_an_enabled_endpoint_the_name_does_not_exist() {
    let mut azure = Azure::new(1);
    for name in [PRIMARY_ENDPOINT, FAILOVER_ENDPOINT] {
        set(&mut azure, name, &json!({"endpointStatus": "Disabled"}));
    }
    azure.wait(6.0);
    assert_eq!(azure.world.resolve(azure.now, NAME), None);
    assert_eq!(
        azure.get(&profile()).body()["properties"]["monitorConfig"]["profileMonitorStatus"],
        "Inactive"
    );
}

#[test]
fn always_serve_means_no_probes() {
    let mut azure = Azure::new(1);
    let set = set(&mut azure, FAILOVER_ENDPOINT, &json!({"alwaysServe": "Enabled"}));
    assert_eq!(set.body()["properties"]["endpointMonitorStatus"], "Unmonitored");
    azure.lose(EastUs);
    azure.wait(60.0);
    assert_eq!(state(&azure, FAILOVER_ENDPOINT), "Unmonitored");
    assert_eq!(leads_to(&mut azure), Some(WEST));
}

#[test]
fn a_disabled_profile_answers_nothing_until_it_is_enabled_again() {
    let mut azure = Azure::new(1);
    azure.send("PATCH", &profile(), &json!({"properties": {"profileStatus": "Disabled"}}));
    azure.wait(6.0);
    assert_eq!((leads_to(&mut azure), state(&azure, PRIMARY_ENDPOINT)), (None, "Inactive"));
    azure.send("PATCH", &profile(), &json!({"properties": {"profileStatus": "Enabled"}}));
    azure.wait(15.0);
    assert_eq!((leads_to(&mut azure), state(&azure, PRIMARY_ENDPOINT)), (Some(EAST), "Online"));
}

#[test]
fn a_patch_of_a_profile_must_not_have_endpoints() {
    let mut azure = Azure::new(1);
    let refused = azure.send("PATCH", &profile(), &json!({"properties": {"endpoints": []}}));
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("Please use PUT"), "{}", refused.text);
}

#[test]
fn the_full_type_in_a_path_is_refused() {
    let mut azure = Azure::new(1);
    let target = endpoint(PRIMARY_ENDPOINT)
        .replace("azureEndpoints", "Microsoft.Network/trafficManagerProfiles/azureEndpoints");
    assert_eq!(azure.get(&target).status, 400);
    let target = endpoint(PRIMARY_ENDPOINT).replace("azureEndpoints", "weirdEndpoints");
    assert_eq!(azure.get(&target).status, 400);
    let target = endpoint(PRIMARY_ENDPOINT).replace("azureEndpoints", "externalEndpoints");
    assert_eq!(azure.get(&target).status, 404);
}

#[test]
fn a_put_of_what_was_read_changes_nothing_and_answers_201() {
    let mut azure = Azure::new(1);
    let before = azure.get(&endpoint(FAILOVER_ENDPOINT)).body();
    let put = azure.send("PUT", &endpoint(FAILOVER_ENDPOINT), &before);
    assert_eq!((put.status, put.body()), (201, before));
}

#[test]
fn a_put_of_a_profile_keeps_only_the_endpoints_it_names() {
    let mut azure = Azure::new(1);
    let mut body = azure.get(&profile()).body();
    let first = body["properties"]["endpoints"][1].take();
    body["properties"]["endpoints"] = json!([first]);
    body["properties"]["dnsConfig"]["ttl"] = json!(30);
    assert_eq!(azure.send("PUT", &profile(), &body).status, 200);
    azure.wait(6.0);
    assert_eq!(azure.world.resolve(azure.now, NAME), Some((vec![WEST], 30)));
    assert_eq!(azure.get(&endpoint(PRIMARY_ENDPOINT)).status, 404);
}

#[test]
fn a_put_of_a_profile_may_swap_priorities_but_not_share_them() {
    let mut azure = Azure::new(1);
    let before = azure.get(&profile()).body();
    let mut body = before.clone();
    body["properties"]["endpoints"][0]["properties"]["priority"] = json!(2);
    assert_eq!(azure.send("PUT", &profile(), &body).status, 400);
    assert_eq!(azure.get(&profile()).body(), before);
    body["properties"]["endpoints"][1]["properties"]["priority"] = json!(1);
    body["properties"]["endpoints"][1]["properties"]["alwaysServe"] = json!("Enabled");
    assert_eq!(azure.send("PUT", &profile(), &body).status, 200);
    azure.wait(6.0);
    assert_eq!(leads_to(&mut azure), Some(WEST));
}

#[test]
fn an_endpoint_that_was_deleted_and_made_again_is_probed_once_per_interval() {
    let mut azure = Azure::new(1);
    let before = azure.get(&endpoint(PRIMARY_ENDPOINT)).body();
    azure.wait(30.0);
    assert_eq!(azure.try_arm("DELETE", &endpoint(PRIMARY_ENDPOINT), None).reply().status, 200);
    azure.wait(6.0);
    assert_eq!(leads_to(&mut azure), Some(WEST));
    assert_eq!(azure.send("PUT", &endpoint(PRIMARY_ENDPOINT), &before).status, 201);
    azure.wait(12.0);
    assert_eq!((state(&azure, PRIMARY_ENDPOINT), leads_to(&mut azure)), ("Online", Some(EAST)));
    azure.lose(EastUs);
    let took =
        seconds_until(&mut azure, 60.0, |azure| state(azure, PRIMARY_ENDPOINT) == "Degraded");
    assert!((30.0..=45.2).contains(&took), "{took}");
}

#[test]
fn what_changes_no_answer_is_not_propagated() {
    let mut azure = Azure::new(1);
    set(&mut azure, PRIMARY_ENDPOINT, &json!({"endpointStatus": "Disabled"}));
    azure.wait(6.0);
    let noted = |azure: &Azure| {
        let waits = azure.world.ledger().waits();
        waits.iter().filter(|wait| wait.what.starts_with("traffic propagation")).count()
    };
    assert_eq!(noted(&azure), 1);
    set(&mut azure, PRIMARY_ENDPOINT, &json!({"endpointStatus": "Disabled"}));
    azure.send("PATCH", &profile(), &json!({"tags": {"owner": "cafe"}}));
    assert_eq!(noted(&azure), 1);
}

#[test]
fn bad_values_are_refused_and_change_nothing() {
    let mut azure = Azure::new(1);
    let before = azure.get(&profile()).body();
    for properties in [
        json!({"endpointStatus": "Off"}),
        json!({"priority": 2}),
        json!({"priority": 0}),
        json!({"weight": "heavy"}),
    ] {
        assert_eq!(set(&mut azure, PRIMARY_ENDPOINT, &properties).status, 400, "{properties}");
    }
    for monitor in [
        json!({"intervalInSeconds": 20}),
        json!({"timeoutInSeconds": 10}),
        json!({"toleratedNumberOfFailures": 10}),
    ] {
        let body = json!({"properties": {"monitorConfig": monitor}});
        assert_eq!(azure.send("PATCH", &profile(), &body).status, 400, "{body}");
    }
    assert_eq!(azure.try_arm("PATCH", &endpoint(PRIMARY_ENDPOINT), None).reply().status, 400);
    assert_eq!(azure.get(&profile()).body(), before);
}

#[test]
fn slashes_in_bodies_are_escaped_and_the_stray_field_is_there() {
    let mut azure = Azure::new(1);
    let reply = azure.get(&endpoint(PRIMARY_ENDPOINT));
    assert!(reply.text.contains(r"\/subscriptions\/"), "{}", reply.text);
    assert!(reply.text.contains(r#""NestedProfile":null"#));
    assert_eq!(reply.body()["properties"]["target"], "agw-cafe.eastus.cloudapp.azure.com");
}

#[test]
fn the_other_regions_health_does_not_matter_to_requests_for_the_profile() {
    let mut azure = Azure::new(1);
    for region in Region::BOTH {
        azure.lose(region);
    }
    for _ in 0..20 {
        assert_eq!(azure.get(&profile()).status, 200);
    }
    assert_eq!(served_endpoint(&azure.world), Some(EastUs));
    assert_ne!(served_endpoint(&azure.world), Some(WestUs));
}
