//! Azure Resource Health: what the platform itself thinks of a resource. Minutes late, so it
//! corroborates and never triggers.

use jiff::Timestamp;

use crate::json::Read;
use crate::request::below;
use crate::{Error, Request, ResourceId, Response, timestamp};

pub const API_VERSION: &str = "2024-02-01";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvailabilityStatus {
    pub state: Availability,
    /// `PlatformInitiated`, `UserInitiated`, …: our own stop of a machine is user initiated.
    pub reason_type: Option<String>,
    pub summary: Option<String>,
    pub occurred: Option<Timestamp>,
    pub reported: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    Available,
    Unavailable,
    Degraded,
    Unknown,
    Other(String),
}

/// The present status of any resource.
pub fn get_current(resource: &ResourceId) -> Request {
    Request::get(
        below(resource, "providers/Microsoft.ResourceHealth/availabilityStatuses/current"),
        API_VERSION,
        "Microsoft.ResourceHealth/availabilityStatuses/read",
    )
}

pub fn parse(response: &Response) -> Result<AvailabilityStatus, Error> {
    const WHAT: &str = "availability status";
    let body = response.json(WHAT)?;
    let time = |pointer: &str| body.text(pointer).and_then(timestamp::parse);
    Ok(AvailabilityStatus {
        state: match body.need("/properties/availabilityState", WHAT)?.as_str() {
            "Available" => Availability::Available,
            "Unavailable" => Availability::Unavailable,
            "Degraded" => Availability::Degraded,
            "Unknown" => Availability::Unknown,
            other => Availability::Other(other.to_owned()),
        },
        reason_type: body.string("/properties/reasonType"),
        summary: body.string("/properties/summary"),
        // The service spells it with one r; its specification too.
        occurred: time("/properties/occuredTime").or_else(|| time("/properties/occurredTime")),
        reported: time("/properties/reportedTime"),
    })
}
