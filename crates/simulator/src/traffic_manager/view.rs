//! The bodies that ARM shows of the profile and its endpoints.

use serde_json::{Value, json};

use super::{Endpoint, EndpointKind, GROUP, PROFILE, State, Status};
use crate::tutorial::SUBSCRIPTION;

/// The profile with its endpoints.
pub(super) fn profile(state: &State) -> Value {
    let monitor = &state.monitor;
    let mut monitor_config = json!({
        "profileMonitorStatus": profile_status(state),
        "protocol": monitor.protocol,
        "port": monitor.port,
        "path": monitor.path,
        "intervalInSeconds": monitor.interval_s,
        "toleratedNumberOfFailures": monitor.tolerated,
        "timeoutInSeconds": monitor.timeout_s,
    });
    if !monitor.expected.is_empty() {
        let range = |(least, most): &(u16, u16)| json!({"min": least, "max": most});
        monitor_config["expectedStatusCodeRanges"] = monitor.expected.iter().map(range).collect();
    }
    json!({
        "id": profile_id(),
        "name": PROFILE,
        "type": "Microsoft.Network/trafficManagerProfiles",
        "location": "global",
        "tags": state.tags,
        "properties": {
            "profileStatus": switch(state.is_enabled),
            "trafficRoutingMethod": "Priority",
            "dnsConfig": {
                "relativeName": PROFILE,
                "fqdn": format!("{PROFILE}.trafficmanager.net"),
                "ttl": state.ttl,
            },
            "monitorConfig": monitor_config,
            "endpoints": state.endpoints.iter().map(endpoint).collect::<Vec<_>>(),
            "trafficViewEnrollmentStatus": "Disabled",
            "maxReturn": null,
        },
    })
}

/// One endpoint. `NestedProfile` is in real bodies and in no description.
pub(super) fn endpoint(endpoint: &Endpoint) -> Value {
    let kind = endpoint.kind.segment();
    let mut properties = json!({
        "endpointStatus": switch(endpoint.is_enabled),
        "endpointMonitorStatus": endpoint.status.name(),
        "target": endpoint.target,
    });
    if let Some(id) = &endpoint.target_resource_id {
        properties["targetResourceId"] = json!(id);
    }
    properties["weight"] = json!(endpoint.weight);
    properties["priority"] = json!(endpoint.priority);
    properties["endpointLocation"] = Value::Null;
    properties["NestedProfile"] = Value::Null;
    properties["alwaysServe"] = json!(switch(endpoint.always_serve));
    json!({
        "id": format!("{}/{kind}/{}", profile_id(), endpoint.name),
        "name": endpoint.name,
        "type": format!("Microsoft.Network/trafficManagerProfiles/{kind}"),
        "properties": properties,
    })
}

/// JSON as Traffic Manager writes it: slashes are escaped (recorded).
pub(super) fn escape_slashes(body: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(body.len() + 64);
    for byte in body {
        if *byte == b'/' {
            escaped.push(b'\\');
        }
        escaped.push(*byte);
    }
    escaped
}

impl EndpointKind {
    /// The type as it stands in a path.
    pub(super) fn segment(self) -> &'static str {
        match self {
            Self::Azure => "azureEndpoints",
            Self::External => "externalEndpoints",
        }
    }

    pub(super) fn of_segment(segment: &str) -> Option<Self> {
        [Self::Azure, Self::External]
            .into_iter()
            .find(|kind| kind.segment().eq_ignore_ascii_case(segment))
    }
}

fn profile_id() -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/trafficManagerProfiles/{PROFILE}"
    )
}

fn switch(is_on: bool) -> &'static str {
    if is_on { "Enabled" } else { "Disabled" }
}

/// The documented table: one Degraded endpoint makes the profile Degraded.
fn profile_status(state: &State) -> &'static str {
    let has = |status: Status| state.endpoints.iter().any(|endpoint| endpoint.status == status);
    if !state.is_enabled {
        "Disabled"
    } else if has(Status::Degraded) {
        "Degraded"
    } else if has(Status::Online) || has(Status::Unmonitored) {
        "Online"
    } else if has(Status::CheckingEndpoint) {
        "CheckingEndpoints"
    } else {
        "Inactive"
    }
}
