//! Tells whoever the plan names, by a webhook of their own.

use jiff::SignedDuration;
use recovery::turn::SendOutcome;
use serde_json::Value;

use crate::outside::Outside;

pub(crate) async fn send(
    outside: &Outside,
    webhook: &str,
    body: &Value,
    limit: SignedDuration,
) -> SendOutcome {
    match outside.probes.notify(webhook, body, limit).await {
        Ok(status) if (200..300).contains(&status) => SendOutcome::Accepted { operation: None },
        Ok(status) => SendOutcome::Refused {
            code: status.to_string(),
            message: format!("the webhook answered {status}"),
            retry_after_s: None,
        },
        Err(error) => SendOutcome::Unresolved { reason: error.to_string() },
    }
}
