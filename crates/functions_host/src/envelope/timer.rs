//! The envelope of a timer: `Data.<name>` is a real object, not encoded twice.

use serde_json::{Value, json};

use super::{Context, date_in_object, sys};
use crate::app::TimerTrigger;
use crate::wire::ScheduleStatus;

/// The status is the one from before this occurrence; null where the host keeps none.
pub(crate) fn envelope(
    context: &Context<'_>,
    trigger: &TimerTrigger,
    status: Option<&ScheduleStatus>,
    is_past_due: bool,
) -> Value {
    let status = status.map(|status| {
        json!({
            // `default(DateTime)`, for a timer that never ran.
            "Last": status.last.map_or_else(|| "0001-01-01T00:00:00".into(), date_in_object),
            "Next": date_in_object(status.next),
            "LastUpdated": date_in_object(status.last_updated),
        })
    });
    json!({
        "Data": {trigger.binding.as_str(): {
            "Schedule": {"AdjustForDST": true},
            "ScheduleStatus": status,
            "IsPastDue": is_past_due,
        }},
        "Metadata": {"sys": sys(context)},
    })
}
