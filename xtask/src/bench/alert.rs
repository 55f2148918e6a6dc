//! From an alert's arrival to the first request to Azure Resource Manager, in a process that has
//! just started: the worst case, with engine, token and connections still to come. The broker
//! between the two functions is left out; we carry its message over.

use std::fs;
use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

use super::app::StagedApp;
use super::azure::{Azure, is_arm, is_message};
use super::measurement::Measurement;
use crate::workspace::Workspace;

const RUNS: usize = 15;
/// The example plan, and the Traffic Manager profile in it that the alert is about.
pub(super) const PLAN: &str = "plans/websphere-cafe.json";
pub(super) const PLAN_PATH: &str = "/api/workloads/websphere-cafe/plan";
const PROFILE: &str = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/traffic-westus/providers/Microsoft.Network/trafficManagerProfiles/tmprofile-cafe";

pub(super) fn measure(workspace: &Workspace, app: &StagedApp) -> Result<Measurement> {
    let plan = fs::read_to_string(workspace.path(PLAN))?;
    let azure = Azure::start()?;
    let samples: Result<Vec<f64>> = (0..RUNS).map(|_| once(app, &azure, &plan)).collect();
    Ok(Measurement {
        name: "alert to first ARM request",
        unit: "ms",
        budget: None,
        samples: samples?,
    })
}

fn once(app: &StagedApp, azure: &Azure, plan: &str) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut settings = azure.settings();
    let store = format!("sqlite:{}", folder.path().join("farshore.db").display());
    settings.push(("FARSHORE_STORE", store));
    // Another process stores the plan: the one that is measured shall not have opened anything.
    app.start(&settings)?.call("PUT", PLAN_PATH, plan)?;

    let running = app.start(&settings)?;
    let began = Instant::now();
    running.call("POST", "/api/alerts", &alert().to_string())?;
    let message = azure.next("the signal", is_message)?;
    // An ARM request is on its way before this call ends: the look waits for other witnesses too.
    running.call("POST", "/receive_signal", &envelope(&message.body).to_string())?;
    let request = azure.next("a request to ARM", is_arm)?;
    Ok(request.at.saturating_duration_since(began).as_secs_f64() * 1e3)
}

/// What the Functions host calls the function of a queue with, when the message is text.
pub(super) fn envelope(message: &str) -> Value {
    json!({ "Data": { "message": Value::from(message).to_string() }, "Metadata": {} })
}

fn alert() -> Value {
    json!({
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {
                "alertId": "/subscriptions/00000000-0000-4000-8000-000000000001/providers/Microsoft.AlertsManagement/alerts/eeeeeeee-4444-5555-6666-ffffffffffff",
                "alertRule": "tm-primary-down",
                "severity": "Sev1",
                "signalType": "Metric",
                "monitorCondition": "Fired",
                "monitoringService": "Platform",
                "alertTargetIDs": [PROFILE],
                "configurationItems": ["tmprofile-cafe"],
                "originAlertId": "00000000-0000-4000-8000-000000000001_traffic-westus_microsoft.insights_metricAlerts_tm-primary-down_1234567890",
                "firedDateTime": "2026-11-22T10:03:41.1234567Z",
                "description": "",
                "essentialsVersion": "1.0",
                "alertContextVersion": "1.0",
            },
            "alertContext": {
                "properties": null,
                "conditionType": "SingleResourceMultipleMetricCriteria",
                "condition": {
                    "windowSize": "PT5M",
                    "allOf": [{
                        "metricName": "ProbeAgentCurrentEndpointStateByProfileResourceId",
                        "metricNamespace": "Microsoft.Network/trafficManagerProfiles",
                        "operator": "LessThan",
                        "threshold": "1",
                        "timeAggregation": "Maximum",
                        "dimensions": [{ "name": "EndpointName", "value": "myPrimaryEndpoint" }],
                        "metricValue": 0.0,
                        "webTestName": null,
                    }],
                    "windowStartTime": "2026-11-22T09:58:12.000Z",
                    "windowEndTime": "2026-11-22T10:03:12.000Z",
                },
            },
            "customProperties": null,
        },
    })
}
