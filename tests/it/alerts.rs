//! Alerts and health events, from the door to the incident.

mod any_body;
mod reading;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Farshore, Mood, WORKLOAD, alert};

const ALL: [&str; 8] = [
    "tm_endpoint_metric_fired",
    "tm_endpoint_metric_resolved",
    "agw_unhealthyhostcount_fired",
    "resource_health_fired",
    "service_health_incident_fired",
    "log_search_v2_fired",
    "eventgrid_health_cloudevent",
    "eventgrid_health_egschema",
];
const ROUTED: &str = "/api/alerts?workload=websphere-cafe&code=a-function-key";
const PROFILE: &str = "/subscriptions/00000000-0000-4000-8000-000000000001/RESOURCEGROUPS/\
                       traffic-westus/providers/microsoft.network/trafficmanagerprofiles/\
                       tmprofile-cafe";

fn changed(name: &str, pointer: &str, value: Value) -> Value {
    let mut body = alert(name);
    *body.pointer_mut(pointer).unwrap_or_else(|| panic!("{name} has no {pointer}")) = value;
    body
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_refused_with_its_place() {
    let farshore = Farshore::new().await;
    let tm = "tm_endpoint_metric_fired";
    let date = "/data/essentials/firedDateTime";
    let many = json!(vec!["/subscriptions/a"; 301]);
    for (name, pointer, value, at) in [
        (tm, "/schemaId", json!("AzureMonitorMetricAlert"), "/schemaId"),
        (tm, "/schemaId", json!(3), "/schemaId"),
        (tm, "/data", json!([]), "/data"),
        (tm, "/data/essentials", Value::Null, "/data/essentials"),
        (tm, "/data/essentials/alertId", json!(""), "/data/essentials/alertId"),
        (tm, "/data/essentials/alertId", json!("x".repeat(2000)), "/data/essentials/alertId"),
        (
            tm,
            "/data/essentials/monitorCondition",
            json!("Burning"),
            "/data/essentials/monitorCondition",
        ),
        (tm, "/data/essentials/signalType", json!("Smoke"), "/data/essentials/signalType"),
        (tm, "/data/essentials/alertTargetIDs", json!("all"), "/data/essentials/alertTargetIDs"),
        (tm, "/data/essentials/alertTargetIDs", many, "/data/essentials/alertTargetIDs"),
        (
            tm,
            "/data/essentials/alertTargetIDs",
            json!(["/a", 3]),
            "/data/essentials/alertTargetIDs/1",
        ),
        (tm, date, Value::Null, date),
        (tm, date, json!("yesterday"), date),
        (tm, date, json!("2026-13-45T10:00:00Z"), date),
        (tm, date, json!("9999-12-31T23:59:59Z"), date),
        (tm, date, json!("0001-01-01T00:00:00"), date),
        (tm, date, json!("2031-01-01T00:00:00Z"), date),
        (tm, date, json!(1_795_342_000), date),
        (
            "tm_endpoint_metric_resolved",
            "/data/essentials/resolvedDateTime",
            json!("soon"),
            "/data/essentials/resolvedDateTime",
        ),
        ("eventgrid_health_egschema", "/id", Value::Null, "/id"),
        ("eventgrid_health_egschema", "/data/resourceInfo", json!(1), "/data/resourceInfo"),
        (
            "eventgrid_health_egschema",
            "/data/resourceInfo/properties/availabilityState",
            json!("Gone"),
            "/data/resourceInfo/properties/availabilityState",
        ),
    ] {
        let answer = farshore.post(ROUTED, &changed(name, pointer, value)).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (400, "invalid-request"));
        assert_eq!(answer.pointers(), [at], "{answer:?}");
    }
    for body in ["", "{", "hello", "1", "null", "[]", "{}", "[1]", "{\"a\":1}", "\u{feff}{}"] {
        let answer = farshore.call("POST", ROUTED, &[], body).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (400, "invalid-request"), "{body}");
        assert_eq!(answer.pointers().len(), 1, "{body}");
    }
    let deep = farshore.call("POST", ROUTED, &[], "[".repeat(100_000)).await;
    assert_eq!(deep.status, 400);
    assert_eq!(farshore.bus.take(), []);
}

#[tokio::test(start_paused = true)]
async fn a_body_beyond_the_size_of_any_alert_is_refused() {
    let farshore = Farshore::new().await;
    let padding = |to: usize| {
        let body = changed("tm_endpoint_metric_fired", "/data/essentials/description", json!(""));
        let body = body.to_string();
        let description = format!("\"description\":\"{}\"", "x".repeat(to - body.len()));
        body.replace("\"description\":\"\"", &description)
    };
    let limit = 256 << 10;

    let fits = farshore.call("POST", ROUTED, &[], padding(limit)).await;
    let over = farshore.call("POST", ROUTED, &[], padding(limit + 1)).await;
    let megabyte = farshore.call("POST", ROUTED, &[], padding(1 << 20)).await;

    assert_eq!(fits.status, 202);
    assert_eq!([over.problem(), megabyte.problem()], ["too-large"; 2]);
    assert!(farshore.bus.take()[0].message.body.len() < 4096);
}

#[tokio::test(start_paused = true)]
async fn an_alert_finds_its_workload() {
    let farshore = Farshore::new().await;
    let targets = "/data/essentials/alertTargetIDs";
    let ours = changed("tm_endpoint_metric_fired", targets, json!([PROFILE]));
    let found = farshore.post("/api/alerts", &ours).await;
    assert_eq!(found.body["accepted"][0]["workloads"], json!([WORKLOAD]));
    let region = farshore.post("/api/alerts", &alert("service_health_incident_fired")).await;
    assert_eq!(region.status, 202, "the plan's region: {region:?}");
    let named = json!({"workload": WORKLOAD});
    let custom = changed("tm_endpoint_metric_fired", "/data/customProperties", named);
    assert_eq!(farshore.post("/api/alerts", &custom).await.status, 202);
    assert_eq!(farshore.bus.take().len(), 3);

    let nobody = farshore.post("/api/alerts", &alert("tm_endpoint_metric_fired")).await;
    assert_eq!((nobody.status.as_u16(), nobody.problem()), (404, "not-concerned"));
    assert!(nobody.body["detail"].as_str().unwrap().contains("?workload=NAME"));
    // Event Grid would deliver for a day what is answered with 404.
    let events = json!([alert("eventgrid_health_egschema"), alert("eventgrid_health_egschema")]);
    let events = farshore.post("/api/alerts", &events).await;
    assert_eq!(
        (events.status.as_u16(), events.body["ignored"].as_array().unwrap().len()),
        (200, 2)
    );

    for (path, body) in [
        ("/api/alerts?workload=nobody", &ours),
        ("/api/alerts?workload=No%20Body", &ours),
        (
            "/api/alerts",
            &changed(
                "tm_endpoint_metric_fired",
                "/data/customProperties",
                json!({"workload": "x"}),
            ),
        ),
    ] {
        let answer = farshore.post(path, body).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (404, "unknown-workload"));
    }
    let typo = farshore.post("/api/alerts?worklaod=websphere-cafe", &ours).await;
    assert_eq!(typo.status, 400);
    assert!(typo.body["detail"].as_str().unwrap().contains("worklaod"));
    assert_eq!(farshore.bus.take(), []);
}

#[tokio::test(start_paused = true)]
async fn while_the_queue_is_away_the_sender_is_asked_to_come_again() {
    let farshore = Farshore::new().await;
    farshore.bus.set_down(true);
    let answer = farshore.post(ROUTED, &alert("tm_endpoint_metric_fired")).await;
    assert_eq!((answer.status.as_u16(), answer.problem()), (503, "unavailable"));
    assert_eq!(answer.header("retry-after"), "10");

    farshore.bus.set_down(false);
    farshore.store.set(Mood::Unavailable);
    let unrouted = farshore.post("/api/alerts", &alert("tm_endpoint_metric_fired")).await;
    let routed = farshore.post(ROUTED, &alert("tm_endpoint_metric_fired")).await;
    farshore.store.set(Mood::Refuses);
    let refused = farshore.post("/api/alerts", &alert("tm_endpoint_metric_fired")).await;
    assert_eq!((unrouted.status.as_u16(), refused.status.as_u16()), (503, 503));
    assert_eq!(routed.status, 202, "the store does not stand between an alert and the queue");
}

#[tokio::test(start_paused = true)]
async fn a_repeated_report_has_the_id_of_the_first() {
    let farshore = Farshore::new().await;
    for name in
        ["tm_endpoint_metric_fired", "tm_endpoint_metric_fired", "tm_endpoint_metric_resolved"]
    {
        farshore.post(ROUTED, &alert(name)).await;
    }
    let ids: Vec<_> = farshore.bus.take().into_iter().map(|sent| sent.message.id).collect();

    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    assert!(ids[0].len() <= 128, "the longest that Service Bus takes");
}

#[tokio::test(start_paused = true)]
async fn event_grid_gets_its_handshakes() {
    let farshore = Farshore::new().await;
    let event = json!([{
        "id": "2d1781af", "topic": "/subscriptions/s", "subject": "",
        "data": {"validationCode": "512d38b6", "validationUrl": "https://rp.example/validate"},
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "eventTime": "2026-11-22T10:00:00Z", "metadataVersion": "1", "dataVersion": "1",
    }]);
    let validated = farshore.post("/api/alerts", &event).await;
    assert_eq!(
        (validated.status.as_u16(), &validated.body),
        (200, &json!({"validationResponse": "512d38b6"}))
    );

    let asked = [("WebHook-Request-Origin", "eventgrid.azure.net")];
    let allowed = farshore.call("OPTIONS", "/api/alerts", &asked, "").await;
    assert_eq!(
        (allowed.status.as_u16(), allowed.header("webhook-allowed-origin")),
        (200, asked[0].1)
    );
    assert_eq!(allowed.header("webhook-allowed-rate"), "*");
    assert_eq!(farshore.call("OPTIONS", "/api/alerts", &[], "").await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_copies_and_the_other_rules_are_one_incident() {
    let farshore = Farshore::new().await;
    let mut bodies: Vec<Value> =
        (0..1000).map(|copy| alert(if copy % 3 == 0 { ALL[1] } else { ALL[0] })).collect();
    fastrand::Rng::with_seed(7).shuffle(&mut bodies);
    // The trouble must begin before it can end.
    bodies.insert(0, alert(ALL[0]));
    for (number, name) in ALL[2..].iter().enumerate() {
        let mut body = alert(name);
        if let Some(id) = body.pointer_mut("/data/essentials/alertId") {
            *id = json!(format!("/alerts/{number}"));
        } else {
            body["id"] = json!(format!("event-{number}"));
        }
        bodies.push(body);
    }
    for body in &bodies {
        let answer = farshore.post(ROUTED, body).await;
        assert_eq!(answer.status, 202, "{answer:?}");
    }
    let sent = farshore.bus.take();
    assert_eq!(sent.len(), 1007);
    let ids: BTreeSet<_> = sent.iter().map(|sent| sent.message.id.clone()).collect();
    assert_eq!(ids.len(), 8, "a queue that detects duplicates keeps so many");

    // Even if it did not, and delivered every copy.
    for sent in &sent {
        farshore.deliver("receive_signal", &sent.message.body).await.logs();
    }

    let watch = farshore.watch().await;
    assert_eq!(watch["incident"]["number"], 1, "{watch}");
    assert_eq!(watch["incident"]["signal_count"], 8);
    assert_eq!((&watch["next_incident"], &watch["past"]), (&json!(2), &json!([])));
    assert!(farshore.bus.take().iter().all(|sent| sent.queue == "signals"), "nothing is poison");
}
