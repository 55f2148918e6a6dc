//! Alerts as their receiver gets them.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::door::Outgoing;
use crate::regions::Region;
use crate::testing::{Azure, arm};

const URL: &str = "http://receiver.test/api/alerts";

/// Something that arrived, and when.
#[derive(Debug, Clone)]
struct Arrived {
    at: Timestamp,
    body: Value,
}

impl Arrived {
    fn rule(&self) -> &str {
        self.body["data"]["essentials"]["alertRule"].as_str().unwrap_or_default()
    }

    fn condition(&self) -> &str {
        self.body["data"]["essentials"]["monitorCondition"].as_str().unwrap_or_default()
    }
}

/// A world whose alerts go to a receiver.
fn watched(seed: u64, health_events: &str) -> Azure {
    let mut azure = Azure::new(seed);
    azure.control("PUT", "alert-receiver", &json!({"url": URL, "health_events": health_events}));
    azure
}

/// Lets time pass and answers every delivery with a status.
fn receive(azure: &mut Azure, seconds: u32, status: impl Fn(u64) -> Option<u16>) -> Vec<Arrived> {
    let mut arrived = Vec::new();
    for _ in 0..seconds * 2 {
        azure.wait(0.5);
        for Outgoing { id, url, body, .. } in azure.world.take_outgoing() {
            assert_eq!(url, URL);
            let now = azure.now;
            azure.world.delivered(now, id, status(id));
            arrived.push(Arrived { at: now, body });
        }
    }
    arrived
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

#[test]
fn the_primary_endpoints_alert_fires_two_to_seven_minutes_after_the_loss() {
    for seed in 0..20 {
        let mut azure = watched(seed, "off");
        azure.wait(61.0);
        let lost_at = azure.now;
        azure.lose(Region::EastUs);
        let arrived = receive(&mut azure, 450, |_| Some(202));
        let fired: Vec<_> =
            arrived.iter().filter(|alert| alert.rule() == "tm-primary-down").collect();
        assert_eq!(fired.len(), 1, "seed {seed}: {arrived:#?}");
        assert_eq!(fired[0].condition(), "Fired");
        let after = seconds(lost_at, fired[0].at);
        assert!((120.0..420.0).contains(&after), "seed {seed}: {after}");
    }
}

#[test]
fn a_blip_of_43_seconds_fires_no_endpoints_alert() {
    let mut rules = BTreeSet::new();
    for seed in 0..30 {
        let mut azure = watched(seed, "cloud_events");
        azure.wait(61.0);
        azure.control("POST", "blip", &json!({"region": "eastus", "seconds": 43}));
        let arrived = receive(&mut azure, 900, |_| Some(202));
        // Only the probe log, which forgets nothing, may tell of it.
        rules.extend(arrived.iter().map(|alert| alert.rule().to_owned()));
        assert!(arrived.len() <= 1, "seed {seed}: {arrived:#?}");
    }
    assert_eq!(rules, BTreeSet::from(["probe-failures".to_owned()]));
}

#[test]
fn the_alert_resolves_with_the_same_id_after_the_return() {
    let mut azure = watched(3, "off");
    azure.lose(Region::EastUs);
    let mut arrived = receive(&mut azure, 420, |_| Some(202));
    azure.restore(Region::EastUs);
    arrived.extend(receive(&mut azure, 700, |_| Some(202)));
    let of_primary: Vec<_> =
        arrived.iter().filter(|alert| alert.rule() == "tm-primary-down").collect();
    let conditions: Vec<_> = of_primary.iter().map(|alert| alert.condition()).collect();
    assert_eq!(conditions, ["Fired", "Resolved"]);
    let essentials = |index: usize| &of_primary[index].body["data"]["essentials"];
    assert_eq!(essentials(0)["alertId"], essentials(1)["alertId"]);
    assert_eq!(essentials(0)["firedDateTime"], essentials(1)["firedDateTime"]);
    assert!(essentials(1)["resolvedDateTime"].is_string());
}

#[test]
fn a_degraded_standby_fired_long_ago_and_says_nothing_while_all_is_well() {
    let mut azure = watched(1, "cloud_events");
    assert!(receive(&mut azure, 1200, |_| Some(202)).is_empty());
    let firing = azure.control("GET", "state", &Value::Null)["alerts"]["firing"].clone();
    assert_eq!(firing, json!(["tm-failover-down", "agw-westus-unhealthy"]));
}

#[test]
fn a_disabled_endpoint_fires_too() {
    let mut azure = watched(1, "off");
    let path = arm(
        "traffic-westus",
        "Microsoft.Network/trafficManagerProfiles/tmprofile-cafe/azureEndpoints/myPrimaryEndpoint",
        "2022-04-01",
    );
    azure.send("PATCH", &path, &json!({"properties": {"endpointStatus": "Disabled"}}));
    let arrived = receive(&mut azure, 400, |_| Some(202));
    assert_eq!(arrived.len(), 1, "{arrived:#?}");
    assert_eq!(arrived[0].rule(), "tm-primary-down");
}

#[test]
fn machines_and_the_region_are_reported_late() {
    let mut azure = watched(2, "event_grid");
    azure.wait(30.0);
    let lost_at = azure.now;
    azure.lose(Region::EastUs);
    let arrived = receive(&mut azure, 1800, |_| Some(202));
    let of = |prefix: &str| -> Vec<&Arrived> {
        arrived.iter().filter(|alert| alert.rule().starts_with(prefix)).collect()
    };
    let machines = of("rh-");
    assert_eq!(machines.len(), 5);
    for alert in &machines {
        assert!((200.0..720.0).contains(&seconds(lost_at, alert.at)), "{alert:#?}");
        assert_eq!(alert.body["data"]["alertContext"]["properties"]["cause"], "PlatformInitiated");
    }
    let region = of("sh-");
    assert_eq!(region.len(), 1);
    assert!((600.0..1300.0).contains(&seconds(lost_at, region[0].at)), "{region:#?}");
    let events: Vec<_> = arrived.iter().filter(|alert| alert.body.is_array()).collect();
    assert_eq!(events.len(), 5);
    assert!(events.iter().all(|event| seconds(lost_at, event.at) < 150.0), "{events:#?}");
}

#[test]
fn a_machine_that_somebody_stopped_is_reported_as_that() {
    let mut azure = watched(2, "off");
    let path = arm(
        "was-cluster-eastus",
        "Microsoft.Compute/virtualMachines/ihs1/deallocate",
        "2024-07-01",
    );
    assert_eq!(azure.post(&path).status, 202);
    let arrived = receive(&mut azure, 900, |_| Some(202));
    assert_eq!(arrived.len(), 1, "{arrived:#?}");
    assert_eq!(arrived[0].rule(), "rh-ihs1");
    assert_eq!(arrived[0].body["data"]["alertContext"]["properties"]["cause"], "UserInitiated");
}

#[test]
fn a_receiver_that_is_busy_is_tried_six_times_and_then_left_alone_for_a_while() {
    let mut azure = watched(3, "off");
    azure.lose(Region::EastUs);
    let arrived = receive(&mut azure, 1000, |_| Some(503));
    let of_primary: Vec<_> =
        arrived.iter().filter(|alert| alert.rule() == "tm-primary-down").collect();
    let gaps: Vec<f64> =
        of_primary.windows(2).map(|pair| seconds(pair[0].at, pair[1].at)).collect();
    assert_eq!(gaps, [5.0, 20.0, 5.0, 40.0, 5.0]);
    let given_up_at = of_primary.last().expect("six tries").at;
    assert!(
        arrived.iter().all(|alert| seconds(given_up_at, alert.at) <= 75.0),
        "what is in its own tries goes on, nothing new is sent"
    );
    let report = azure.control("GET", "ledger", &Value::Null);
    let alerts = report["alerts"].as_array().expect("a list").clone();
    let primary = alerts.iter().find(|alert| alert["rule"] == "tm-primary-down").expect("it");
    assert_eq!(primary["outcome"], "given_up");
    assert_eq!(primary["attempts"].as_array().expect("a list").len(), 6);
    assert!(alerts.iter().any(|alert| alert["outcome"] == "not_sent"), "{alerts:#?}");
}

#[test]
fn a_refusal_is_final_and_no_answer_is_not() {
    let mut azure = watched(3, "off");
    azure.lose(Region::EastUs);
    let arrived = receive(&mut azure, 400, |_| Some(400));
    assert_eq!(arrived.iter().filter(|alert| alert.rule() == "tm-primary-down").count(), 1);

    let mut azure = watched(3, "off");
    azure.lose(Region::EastUs);
    let first = std::cell::Cell::new(true);
    let arrived = receive(&mut azure, 400, |_| (!first.replace(false)).then_some(200));
    assert_eq!(arrived.iter().filter(|alert| alert.rule() == "tm-primary-down").count(), 2);
}

/// Every body has the fields of the official sample, of the same types and in the same order.
#[test]
fn payloads_have_the_shape_of_the_official_samples() {
    let mut azure = watched(2, "cloud_events");
    azure.lose(Region::EastUs);
    let mut arrived = receive(&mut azure, 1500, |_| Some(202));
    azure.restore(Region::EastUs);
    arrived.extend(receive(&mut azure, 900, |_| Some(202)));
    azure.control("PUT", "alert-receiver", &json!({"url": URL, "health_events": "event_grid"}));
    azure.lose(Region::EastUs);
    arrived.extend(receive(&mut azure, 300, |_| Some(202)));
    let find = |what: &str, wanted: &dyn Fn(&Arrived) -> bool| {
        let found = arrived.iter().find(|alert| wanted(alert));
        found.unwrap_or_else(|| panic!("no {what}")).body.clone()
    };
    let rule = |prefix: &'static str, condition: &'static str| {
        move |alert: &Arrived| alert.rule().starts_with(prefix) && alert.condition() == condition
    };
    let samples: [(&str, &str, Value); 8] = [
        (
            "tm fired",
            include_str!("samples/tm_endpoint_metric_fired.json"),
            find("tm fired", &rule("tm-primary", "Fired")),
        ),
        (
            "tm resolved",
            include_str!("samples/tm_endpoint_metric_resolved.json"),
            find("tm resolved", &rule("tm-primary", "Resolved")),
        ),
        (
            "agw fired",
            include_str!("samples/agw_unhealthyhostcount_fired.json"),
            find("agw fired", &rule("agw-eastus", "Fired")),
        ),
        (
            "log search",
            include_str!("samples/log_search_v2_fired.json"),
            find("log search", &rule("probe-failures", "Fired")),
        ),
        (
            "resource health",
            include_str!("samples/resource_health_fired.json"),
            find("resource health", &rule("rh-", "Fired")),
        ),
        (
            "service health",
            include_str!("samples/service_health_incident_fired.json"),
            find("service health", &rule("sh-", "Fired")),
        ),
        (
            "cloud event",
            include_str!("samples/eventgrid_health_cloudevent.json"),
            find("cloud event", &|alert| alert.body["specversion"] == "1.0"),
        ),
        (
            "event grid event",
            include_str!("samples/eventgrid_health_egschema.json"),
            find("event grid event", &|alert| alert.body.is_array())[0].clone(),
        ),
    ];
    for (what, sample, body) in samples {
        let sample: Value = serde_json::from_str(sample).expect("a sample is JSON");
        let mut wrong = BTreeSet::new();
        compare(&sample, &body, "", &mut wrong);
        // The sample of a gateway has no custom properties; rules may have some, of any name.
        for custom in ["/data", "/data/alertContext/properties"] {
            wrong.remove(&format!("{custom}: other fields"));
        }
        wrong.remove("/data/alertContext/properties/customKey1: missing");
        assert!(wrong.is_empty(), "{what}: {wrong:#?}\n{body:#}");
    }
}

fn compare(sample: &Value, body: &Value, at: &str, wrong: &mut BTreeSet<String>) {
    match (sample, body) {
        (Value::Object(sample), Value::Object(body)) => {
            if sample.keys().collect::<Vec<_>>() != body.keys().collect::<Vec<_>>() {
                wrong.insert(format!("{at}: other fields"));
            }
            for (name, value) in sample {
                match body.get(name) {
                    Some(found) => compare(value, found, &format!("{at}/{name}"), wrong),
                    None => {
                        wrong.insert(format!("{at}/{name}: missing"));
                    }
                }
            }
        }
        (Value::Array(sample), Value::Array(body)) => {
            if let (Some(sample), Some(body)) = (sample.first(), body.first()) {
                compare(sample, body, &format!("{at}/0"), wrong);
            } else if sample.is_empty() != body.is_empty() {
                wrong.insert(format!("{at}: empty or not"));
            }
        }
        _ if std::mem::discriminant(sample) != std::mem::discriminant(body) => {
            wrong.insert(format!("{at}: {sample} became {body}"));
        }
        _ => {}
    }
}

#[test]
fn activity_log_times_and_alert_times_agree() {
    let mut azure = watched(2, "off");
    azure.lose(Region::EastUs);
    let arrived = receive(&mut azure, 900, |_| Some(202));
    let alert = arrived.iter().find(|alert| alert.rule().starts_with("rh-")).expect("one");
    let time = |pointer: &str| -> Timestamp {
        let text = alert.body.pointer(pointer).and_then(Value::as_str).expect("a time");
        text.parse().expect("RFC 3339")
    };
    let occurred = time("/data/alertContext/eventTimestamp");
    let fired = time("/data/essentials/firedDateTime");
    assert!(occurred < fired && fired < alert.at);
    assert!(alert.at.duration_since(fired) <= SignedDuration::from_secs(11));
}
