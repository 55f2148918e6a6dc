//! What alerts are understood as.

use engine::SignalMessage;
use recovery::signal::{Condition, Signal, Source};
use serde_json::{Value, json};

use super::{ALL, ROUTED, changed};
use crate::support::{Farshore, Sent, WORKLOAD, alert};

fn signal(sent: &Sent) -> Signal {
    assert_eq!(sent.queue, "signals");
    match serde_json::from_slice(&sent.message.body).unwrap() {
        SignalMessage::Report { workload, signal } => {
            assert_eq!(sent.message.session.as_deref(), Some(workload.as_str()));
            signal
        }
        SignalMessage::LookAgain { .. } => panic!("{sent:?}"),
    }
}

/// Sends an alert to the tutorial's workload; what was put on the queue.
async fn reported(farshore: &Farshore, body: &Value) -> Signal {
    let answer = farshore.post(ROUTED, body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.body["accepted"][0]["workloads"], json!([WORKLOAD]));
    let sent = farshore.bus.take();
    assert_eq!(sent.len(), 1, "{sent:?}");
    signal(&sent[0])
}

/// Sends an alert that is no reason to look; why.
async fn ignored(farshore: &Farshore, body: &Value) -> String {
    let answer = farshore.post(ROUTED, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(farshore.bus.take(), []);
    answer.body["ignored"][0]["reason"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn every_sample_is_understood() {
    let farshore = Farshore::new().await;
    let expected = alert("expected");
    for name in ALL {
        let signal = reported(&farshore, &alert(name)).await;

        assert_eq!(serde_json::to_value(signal).unwrap(), expected[name], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn azures_own_spellings_make_no_difference() {
    let farshore = Farshore::new().await;
    for (name, pointer, value) in [
        ("resource_health_fired", "/data/essentials/signalType", json!("ActivityLog")),
        ("resource_health_fired", "/data/essentials/monitoringService", json!("ResourceHealth")),
        (
            "service_health_incident_fired",
            "/data/essentials/monitoringService",
            json!("Service Health"),
        ),
        ("tm_endpoint_metric_fired", "/data/essentials/monitorCondition", json!("fired")),
        ("tm_endpoint_metric_fired", "/data/customProperties", Value::Null),
        (
            "service_health_incident_fired",
            "/data/alertContext/properties/impactedServices",
            json!([{"ImpactedRegions": [{"RegionName": "East US"}], "ServiceName": "SQL Database"}]),
        ),
        (
            "service_health_incident_fired",
            "/data/alertContext/properties/impactedServices",
            json!("<p>"),
        ),
        ("service_health_incident_fired", "/data/alertContext/properties/region", json!("")),
        ("eventgrid_health_cloudevent", "/data/resourceInfo/properties/occurredTime", Value::Null),
        (
            "eventgrid_health_egschema",
            "/data/resourceInfo/properties/targetResourceId",
            Value::Null,
        ),
    ] {
        let signal = reported(&farshore, &changed(name, pointer, value)).await;

        let expected = alert("expected")[name].clone();
        assert_eq!(serde_json::to_value(signal).unwrap(), expected, "{name} {pointer}");
    }
}

#[tokio::test(start_paused = true)]
async fn details_of_alerts_come_in_more_forms_than_one() {
    let farshore = Farshore::new().await;
    let criterion = "/data/alertContext/condition/allOf/0";

    let mut dynamic = changed(
        "tm_endpoint_metric_fired",
        criterion,
        json!({
            "alertSensitivity": "Medium",
            "failingPeriods": {"numberOfEvaluationPeriods": 4, "minFailingPeriodsToAlert": 4},
            "metricName": "QpsByEndpoint",
            "operator": "GreaterOrLessThan",
            "threshold": 0.5,
            "dimensions": [],
        }),
    );
    dynamic["data"]["alertContext"]["conditionType"] = json!("DynamicThresholdCriteria");
    let signal = reported(&farshore, &dynamic).await;
    assert_eq!(signal.source, Source::TrafficManager, "by what it is about");
    assert!(signal.summary.contains("(GreaterOrLessThan 0.5)"), "{signal:?}");

    let old = json!({"metricMeasure": "AggregatedValue", "metricValue": "7", "dimensions": [
        {"name": "_ResourceId", "value": "/subscriptions/s/resourceGroups/g/providers/a/b/c"},
    ]});
    let signal = reported(&farshore, &changed("log_search_v2_fired", criterion, old)).await;
    assert!(signal.summary.contains("AggregatedValue is 7"), "{signal:?}");
    assert_eq!(signal.resources[1].as_str(), "/subscriptions/s/resourceGroups/g/providers/a/b/c");

    for context in [json!(null), json!({}), json!({"condition": {"allOf": "none"}}), json!("odd")] {
        let body = changed("agw_unhealthyhostcount_fired", "/data/alertContext", context);
        assert!(reported(&farshore, &body).await.summary.ends_with("no details"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_trouble_is_an_end_in_all_its_forms() {
    let farshore = Farshore::new().await;
    let properties = "/data/alertContext/properties";
    for (name, pointer, value) in [
        ("resource_health_fired", format!("{properties}/currentHealthStatus"), "Available"),
        ("service_health_incident_fired", format!("{properties}/stage"), "Resolved"),
        ("service_health_incident_fired", "/data/alertContext/status".to_owned(), "Resolved"),
        (
            "eventgrid_health_cloudevent",
            "/data/resourceInfo/properties/availabilityState".to_owned(),
            "Available",
        ),
        ("log_search_v2_fired", "/data/essentials/monitorCondition".to_owned(), "Resolved"),
    ] {
        let signal = reported(&farshore, &changed(name, &pointer, json!(value))).await;
        assert_eq!(signal.condition, Condition::Resolved, "{name} {pointer}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_reason_to_look_is_taken_and_ignored() {
    let farshore = Farshore::new().await;
    let properties = "/data/alertContext/properties";
    for (name, pointer, value, word) in [
        // Our own stop of a machine makes this one.
        (
            "resource_health_fired",
            format!("{properties}/cause"),
            json!("UserInitiated"),
            "UserInitiated",
        ),
        (
            "service_health_incident_fired",
            format!("{properties}/IsSynthetic"),
            json!("True"),
            "test",
        ),
        ("service_health_incident_fired", format!("{properties}/IsSynthetic"), json!(true), "test"),
        (
            "service_health_incident_fired",
            format!("{properties}/incidentType"),
            json!("Maintenance"),
            "Maintenance",
        ),
        (
            "resource_health_fired",
            "/data/essentials/monitoringService".into(),
            json!("Activity Log - Administrative"),
            "Administrative",
        ),
        (
            "eventgrid_health_cloudevent",
            "/type".into(),
            json!("Microsoft.ResourceNotifications.HealthResources.ResourceAnnotated"),
            "ResourceAnnotated",
        ),
    ] {
        let reason = ignored(&farshore, &changed(name, &pointer, value)).await;
        assert!(reason.contains(word), "{reason}");
    }
}
