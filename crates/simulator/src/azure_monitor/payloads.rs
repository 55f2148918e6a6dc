//! Alerts and health events in the official shapes.
//!
//! doc: common alert schema for Azure Monitor (samples of its alert context by signal), Event Grid
//! system topic of health resources.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Condition;
use crate::tutorial::SUBSCRIPTION;

/// What every alert says of itself.
pub(super) struct Essentials<'a> {
    pub(super) alert_id: &'a str,
    pub(super) rule: &'a str,
    pub(super) severity: &'a str,
    pub(super) signal: &'a str,
    pub(super) service: &'a str,
    pub(super) condition: Condition,
    pub(super) target: &'a str,
    pub(super) origin: &'a str,
    pub(super) fired_at: Timestamp,
    pub(super) resolved_at: Option<Timestamp>,
}

/// What a metric alert measured.
pub(super) struct Metric<'a> {
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    pub(super) operator: &'a str,
    pub(super) threshold: &'a str,
    pub(super) aggregation: &'a str,
    pub(super) dimension: (&'a str, &'a str),
    pub(super) value: f64,
    pub(super) window: (&'a str, SignedDuration),
    pub(super) window_end: Timestamp,
}

fn essentials(of: &Essentials<'_>) -> Value {
    let mut body = json!({
        "alertId": format!(
            "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.AlertsManagement/alerts/{}",
            of.alert_id
        ),
        "alertRule": of.rule,
        "severity": of.severity,
        "signalType": of.signal,
        "monitorCondition": of.condition.name(),
        "monitoringService": of.service,
        "alertTargetIDs": [of.target.to_ascii_lowercase()],
    });
    if let Some((_, item)) = of
        .target
        .rsplit_once("/providers/")
        .map(|(_, kind)| kind.rsplit_once('/').unwrap_or(("", kind)))
    {
        body["configurationItems"] = json!([item]);
    }
    body["originAlertId"] = json!(of.origin);
    body["firedDateTime"] = json!(long(of.fired_at));
    if let Some(at) = of.resolved_at {
        body["resolvedDateTime"] = json!(long(at));
    }
    body["description"] = json!("");
    body["essentialsVersion"] = json!("1.0");
    body["alertContextVersion"] = json!("1.0");
    body
}

/// A metric alert, fired or resolved.
pub(super) fn metric(of: &Essentials<'_>, metric: &Metric<'_>) -> Value {
    let (dimension, value) = metric.dimension;
    let (window, length) = metric.window;
    json!({
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": essentials(of),
            "alertContext": {
                "properties": null,
                "conditionType": "SingleResourceMultipleMetricCriteria",
                "condition": {
                    "windowSize": window,
                    "allOf": [{
                        "metricName": metric.name,
                        "metricNamespace": metric.namespace,
                        "operator": metric.operator,
                        "threshold": metric.threshold,
                        "timeAggregation": metric.aggregation,
                        "dimensions": [{"name": dimension, "value": value}],
                        "metricValue": metric.value,
                        "webTestName": null,
                    }],
                    "windowStartTime": milli(metric.window_end - length),
                    "windowEndTime": milli(metric.window_end),
                },
            },
            "customProperties": {"product": "websphere-cafe"},
        },
    })
}

/// A log search alert: one row was found for an endpoint.
pub(super) fn log_search(
    of: &Essentials<'_>,
    endpoint: &str,
    (from, to): (Timestamp, Timestamp),
) -> Value {
    let portal = "https://portal.azure.com#@TENANT/blade/...";
    let api = "https://api.loganalytics.io/v1/workspaces/WSID/query?query=...&timespan=...";
    json!({
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": essentials(of),
            "alertContext": {
                "properties": {"product": "websphere-cafe"},
                "conditionType": "LogQueryCriteria",
                "condition": {
                    "windowSize": "PT5M",
                    "allOf": [{
                        "searchQuery": "AzureDiagnostics | where Category == 'ProbeHealthStatusEvents'",
                        "metricMeasureColumn": null,
                        "targetResourceTypes": "['Microsoft.OperationalInsights/workspaces']",
                        "operator": "GreaterThan",
                        "threshold": "0",
                        "timeAggregation": "Count",
                        "dimensions": [{"name": "EndpointName_s", "value": endpoint}],
                        "metricValue": 1.0,
                        "failingPeriods": {
                            "numberOfEvaluationPeriods": 1,
                            "minFailingPeriodsToAlert": 1,
                        },
                        "linkToSearchResultsUI": portal,
                        "linkToFilteredSearchResultsUI": portal,
                        "linkToSearchResultsAPI": api,
                        "linkToFilteredSearchResultsAPI": api,
                    }],
                    "windowStartTime": second(from),
                    "windowEndTime": second(to),
                },
            },
        },
    })
}

/// A Resource Health alert: an activity log event, so it has no memory and is always `Fired`.
pub(super) fn resource_health(
    of: &Essentials<'_>,
    available: bool,
    by_user: bool,
    occurred_at: Timestamp,
    event: &str,
) -> Value {
    let (now, before) =
        if available { ("Available", "Unavailable") } else { ("Unavailable", "Available") };
    let (operation, status) =
        if available { ("Resolved", "Resolved") } else { ("Activated", "Active") };
    json!({
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": essentials(of),
            "alertContext": {
                "channels": "Admin, Operation",
                "correlationId": event,
                "eventSource": "ResourceHealth",
                "eventTimestamp": offset(occurred_at),
                "eventDataId": event,
                "level": "Informational",
                "operationName": format!("Microsoft.Resourcehealth/healthevent/{operation}/action"),
                "operationId": event,
                "properties": {
                    "title": now,
                    "details": null,
                    "currentHealthStatus": now,
                    "previousHealthStatus": before,
                    "type": "Downtime",
                    "cause": if by_user { "UserInitiated" } else { "PlatformInitiated" },
                },
                "status": status,
                "submissionTimestamp": offset(of.fired_at - SignedDuration::from_secs(5)),
                "Activity Log Event Description": null,
            },
        },
    })
}

/// A Service Health notice of a region's outage; `over` tells of its end.
pub(super) fn service_health(
    of: &Essentials<'_>,
    region: &str,
    since: Timestamp,
    over: Option<Timestamp>,
    event: &str,
    tracking: &str,
) -> Value {
    let stage = if over.is_some() { "Resolved" } else { "Active" };
    let title = format!(
        "Multiple services - {region} - {}",
        if over.is_some() { "Mitigated" } else { "Investigating" }
    );
    let impacted = |service: &str| json!({"ImpactedRegions": [{"RegionName": region}], "ServiceName": service});
    let services = json!([impacted("Virtual Machines"), impacted("SQL Database")]);
    json!({
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": essentials(of),
            "alertContext": {
                "authorization": null,
                "channels": 1,
                "claims": null,
                "caller": null,
                "correlationId": event,
                "eventSource": 2,
                "eventTimestamp": offset(of.fired_at - SignedDuration::from_secs(77)),
                "httpRequest": null,
                "eventDataId": event,
                "level": 2,
                "operationName": "Microsoft.ServiceHealth/incident/action",
                "operationId": event,
                "properties": {
                    "title": title,
                    "service": "Virtual Machines",
                    "region": region,
                    "communication": "<p>...</p>",
                    "incidentType": "Incident",
                    "trackingId": tracking,
                    "impactStartTime": second(since),
                    "impactMitigationTime": over.map_or_else(String::new, second),
                    "impactedServices": services.to_string(),
                    "impactedServicesTableRows": "<tr>...</tr>",
                    "defaultLanguageTitle": title,
                    "defaultLanguageContent": "<p>...</p>",
                    "stage": stage,
                    "communicationId": "11000001234567",
                    "isHIR": "false",
                    "IsSynthetic": "False",
                    "impactType": "SubscriptionList",
                    "version": "0.1.1",
                },
                "status": stage,
                "subStatus": null,
                "submissionTimestamp": offset(of.fired_at - SignedDuration::from_secs(65)),
                "ResourceType": null,
            },
        },
    })
}

/// A health event as a `CloudEvent` or in Event Grid's own schema.
pub(super) fn health_event(
    machine: &str,
    available: bool,
    occurred_at: Timestamp,
    id: &str,
    is_cloud_event: bool,
) -> Value {
    let (now, before) =
        if available { ("Available", "Unavailable") } else { ("Unavailable", "Available") };
    let short = &id[..8];
    let at = long(occurred_at);
    let data = json!({
        "resourceInfo": {
            "id": format!(
                "{machine}/providers/Microsoft.ResourceHealth/availabilityStatuses/{short}"
            ),
            "name": short,
            "type": "Microsoft.ResourceHealth/availabilityStatuses",
            "properties": {
                "targetResourceId": machine,
                "targetResourceType": "Microsoft.Compute/virtualMachines",
                "occurredTime": at,
                "previousAvailabilityState": before,
                "availabilityState": now,
            },
        },
        "operationalInfo": {"resourceEventTime": at},
        "apiVersion": "2023-12-01",
    });
    let source = format!("/subscriptions/{SUBSCRIPTION}");
    let kind = "Microsoft.ResourceNotifications.HealthResources.AvailabilityStatusChanged";
    if is_cloud_event {
        json!({
            "id": id,
            "source": source,
            "subject": machine,
            "data": data,
            "type": kind,
            "specversion": "1.0",
            "time": at,
        })
    } else {
        // A webhook gets a list of events; a queue would get each by itself.
        json!([{
            "id": id,
            "topic": source,
            "subject": machine,
            "data": data,
            "eventType": kind,
            "dataVersion": "1",
            "metadataVersion": "1",
            "eventTime": at,
        }])
    }
}

/// `2026-11-22T10:03:41.1234567Z`, with the seven digits of .NET.
fn long(at: Timestamp) -> String {
    format!("{}.{:07}Z", at.strftime("%Y-%m-%dT%H:%M:%S"), at.subsec_nanosecond() / 100)
}

fn milli(at: Timestamp) -> String {
    format!("{}.{:03}Z", at.strftime("%Y-%m-%dT%H:%M:%S"), at.subsec_nanosecond() / 1_000_000)
}

fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn offset(at: Timestamp) -> String {
    let time = at.strftime("%Y-%m-%dT%H:%M:%S");
    format!("{time}.{:07}+00:00", at.subsec_nanosecond() / 100)
}
