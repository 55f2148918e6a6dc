//! Traffic Manager: the profile, and its endpoints on and off.

use azure::{Request, traffic_manager as tm};
use jiff::SignedDuration;
use recovery::ResourceId;
use recovery::view::{Endpoint, EndpointHealth, TrafficProfile, View};

use super::{arm_id, our_id, read};
use crate::outside::Outside;

pub(super) async fn observe(
    outside: &Outside,
    profile: &ResourceId,
    limit: SignedDuration,
) -> Result<View, String> {
    let response = read(outside, &tm::get(&arm_id(profile)?), limit).await?;
    let seen = tm::parse(&response).map_err(|error| error.to_string())?;
    Ok(View::TrafficProfile(TrafficProfile {
        name: seen.fqdn.ok_or("the profile has no name")?,
        enabled: seen.enabled,
        endpoints: seen
            .endpoints
            .iter()
            .map(|endpoint| Endpoint {
                id: our_id(&endpoint.id),
                enabled: endpoint.enabled,
                health: health(&endpoint.monitor_status),
                target: endpoint.target.clone().unwrap_or_default(),
            })
            .collect(),
    }))
}

pub(super) fn set_endpoint(endpoint: &ResourceId, enabled: bool) -> Result<Request, String> {
    Ok(tm::set_endpoint_status(&arm_id(endpoint)?, enabled))
}

fn health(status: &tm::MonitorStatus) -> EndpointHealth {
    match status {
        tm::MonitorStatus::Online => EndpointHealth::Online,
        tm::MonitorStatus::Degraded => EndpointHealth::Degraded,
        tm::MonitorStatus::CheckingEndpoint => EndpointHealth::Checking,
        tm::MonitorStatus::Disabled
        | tm::MonitorStatus::Inactive
        | tm::MonitorStatus::Stopped
        | tm::MonitorStatus::Unmonitored
        | tm::MonitorStatus::Other(_) => EndpointHealth::Unwatched,
    }
}
