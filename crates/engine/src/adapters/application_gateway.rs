//! Application Gateway: whether its backends answer. The gateway takes seconds to say, so one look
//! asks and a later one fetches the answer.

use azure::application_gateway as gateway;
use azure::operation::Accepted;
use jiff::SignedDuration;
use recovery::ResourceId;
use recovery::effect::Operation;
use recovery::view::{Backends, GatewayHealth, View};

use super::{arm_id, read, send_within};
use crate::outside::Outside;

pub(super) async fn observe(
    outside: &Outside,
    id: &ResourceId,
    asked: Option<&Operation>,
    limit: SignedDuration,
) -> Result<View, String> {
    let response = if let Some(operation) = asked {
        // Whatever is wrong with the answer, the next look asks anew.
        read(outside, &gateway::poll_backend_health(&operation.0), limit).await?
    } else {
        let request = gateway::backend_health(&arm_id(id)?);
        let response = send_within(outside, &request, limit).await?;
        let accepted = Accepted::parse(&response).map_err(|error| error.to_string())?;
        if !accepted.finished {
            let url = accepted.location_url.ok_or("accepted, but without an address")?;
            return Ok(pending(Operation(url)));
        }
        response
    };
    match gateway::parse_backend_health(&response).map_err(|error| error.to_string())? {
        Some(health) => Ok(answered(&health)),
        None => asked.cloned().map(pending).ok_or_else(|| "no answer yet".to_owned()),
    }
}

fn pending(operation: Operation) -> View {
    View::GatewayHealth(GatewayHealth { backends: None, asked: Some(operation) })
}

fn answered(health: &gateway::BackendHealth) -> View {
    let servers = || health.groups.iter().flat_map(|group| &group.servers);
    let healthy = servers().filter(|server| server.health == gateway::Health::Healthy);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let backends = Backends { all: count(servers().count()), healthy: count(healthy.count()) };
    View::GatewayHealth(GatewayHealth { backends: Some(backends), asked: None })
}
