//! Health events of Event Grid, as `CloudEvents` or in its own schema
//! (doc: learn.microsoft.com/azure/event-grid/event-schema-health-resources).

use jiff::Timestamp;
use recovery::ResourceId;
use recovery::signal::{Condition, Signal, Source};

use super::notice::{Notice, Origin, date, folded, line};
use super::shape::Node;
use crate::error::FieldError;

const CHANGED: &str = "Microsoft.ResourceNotifications.HealthResources.AvailabilityStatusChanged";
const VALIDATION: &str = "Microsoft.EventGrid.SubscriptionValidationEvent";

pub(super) fn read(event: &Node<'_>, now: Timestamp) -> Result<Notice, FieldError> {
    event.object()?;
    let is_cloud_event = !event.get("specversion").is_missing();
    let (kind, time) = if is_cloud_event { ("type", "time") } else { ("eventType", "eventTime") };
    let id = event.get("id").text()?;
    let kind = event.get(kind).text()?;
    let data = event.get("data");
    if kind.eq_ignore_ascii_case(VALIDATION) {
        let code = data.object()?.get("validationCode").text()?.to_owned();
        return Ok(Notice::Handshake { code });
    }
    if !kind.eq_ignore_ascii_case(CHANGED) {
        let reason = format!("events of type {:?} are not looked into", line(kind));
        return Ok(Notice::Ignored { id: line(id), reason });
    }
    let info = data.object()?.get("resourceInfo");
    let properties = info.object()?.get("properties");
    let target = properties.object()?.get("targetResourceId");
    let target = if target.is_missing() { event.get("subject") } else { target };
    let target = target.text()?;
    let state = properties.get("availabilityState");
    let condition = match folded(state.text()?).as_str() {
        "available" => Condition::Resolved,
        "unavailable" | "degraded" | "unknown" => Condition::Fired,
        other => {
            let mend = "send Available, Unavailable, Degraded or Unknown";
            return Err(state.wrong(format!("is {:?}", line(other)), mend));
        }
    };
    let occurred = properties.get("occurredTime");
    let occurred = if occurred.is_missing() { event.get(time) } else { occurred };
    let before = properties.get("previousAvailabilityState").words().unwrap_or("unknown");
    let resource = ResourceId::from(target);
    let signal = Signal {
        id: id.to_owned(),
        source: Source::EventGrid,
        condition,
        rule: "AvailabilityStatusChanged".to_owned(),
        summary: line(&format!("{} is {}, before {before}", resource.name(), state.text()?)),
        resources: vec![resource],
        regions: Vec::new(),
        endpoint: None,
        fired_at: date(&occurred, now)?,
    };
    Ok(Notice::Report { signal: Box::new(signal), workload: None, origin: Origin::EventGrid })
}
