//! Calls that the world makes: action groups and Event Grid.

use crate::door::Outgoing;

/// Delivers to real receivers.
#[derive(Debug, Clone)]
pub(super) struct Courier(reqwest::Client);

impl Courier {
    pub(super) fn new() -> reqwest::Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self(client))
    }

    /// The receiver's status; none when it did not answer. The caller limits the time.
    pub(super) async fn deliver(self, outgoing: Outgoing) -> Option<u16> {
        let sent = self
            .0
            .post(&outgoing.url)
            .header("content-type", outgoing.content_type)
            .body(outgoing.body.to_string())
            .send()
            .await;
        match sent {
            Ok(response) => Some(response.status().as_u16()),
            Err(error) => {
                tracing::debug!(%error, "an alert's receiver did not answer");
                None
            }
        }
    }
}
