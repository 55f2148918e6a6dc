//! The chain of wakes: each turn asks for the next one. A run has one chain: a document names the
//! wake that is awaited, and a message of any other wake is stale and does nothing. Otherwise every
//! turn out of turn (a sweep's, a redelivered message's) would begin a chain of its own beside the
//! first, and the chains would multiply the calls to Azure.

use bus::Message;
use jiff::{SignedDuration, Timestamp};
use recovery::turn::Finish;
use serde::{Deserialize, Serialize};
use store::Put;

use crate::Engine;
use crate::error::{Error, shortened};

const WAKES: &str = "wakes";
/// A wake this late counts as lost.
const LATE_S: i64 = 10;

/// What lies on the `wakes` queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wake {
    pub run: String,
    /// The link of the chain; a wake without one is a person's or a beginning, and always good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<String>,
}

/// Where a turn stands to the chain of its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chain {
    /// A message of the chain has led to it.
    Link,
    /// Nobody has asked for it.
    Beside,
}

/// What a wake led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Woken {
    Turn(Finish),
    /// Another wake is awaited: the run has gone on meanwhile.
    Stale,
}

/// The wake that is awaited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Awaited {
    wake: String,
    at: Timestamp,
}

/// The document of the awaited wake, as it stands.
#[derive(Debug)]
struct Noted {
    wake: Option<Awaited>,
    version: Option<String>,
}

impl Engine {
    /// Takes a message of the `wakes` queue.
    pub async fn woken(&self, message: &Wake) -> Result<Woken, Error> {
        if let Some(wake) = &message.wake
            && let Some(awaited) = self.awaited(&message.run).await?.wake
            && awaited.wake != *wake
        {
            return Ok(Woken::Stale);
        }
        Ok(Woken::Turn(self.turn(&message.run, Chain::Link).await?))
    }

    /// Whether the run's next wake is lost, or nobody ever asked for one.
    pub(crate) async fn is_forgotten(&self, run: &str) -> Result<bool, Error> {
        let late = SignedDuration::from_secs(LATE_S);
        let awaited = self.awaited(run).await?.wake;
        let now = self.outside.clock.now();
        Ok(awaited.is_none_or(|awaited| now.duration_since(awaited.at) > late))
    }

    /// Asks for a turn at that time. A wake that is not sent is made up for by the sweep.
    pub(crate) async fn wake_at(&self, run: &str, at: Timestamp, chain: Chain) {
        let wake = self.outside.ids.next();
        match self.await_wake(run, &Awaited { wake: wake.clone(), at }).await {
            Ok(true) => self.send_wake(run, Some(wake), Some(at)).await,
            // Somebody else's turn has just asked for the next one.
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(run, %error, "the awaited wake was not noted");
                // Nothing tells this wake from others. One for one message goes on as one chain;
                // one for every sweep would be a chain more each time, while the store takes nothing.
                if chain == Chain::Link {
                    self.send_wake(run, None, Some(at)).await;
                }
            }
        }
    }

    /// Asks for a turn now, out of turn.
    pub(crate) async fn wake_now(&self, run: &str) {
        self.send_wake(run, None, None).await;
    }

    async fn send_wake(&self, run: &str, wake: Option<String>, at: Option<Timestamp>) {
        let body = Wake { run: run.to_owned(), wake };
        let message = Message {
            session: Some(run.to_owned()),
            // Unique per sending: duplicate detection would swallow a repeated one.
            id: self.outside.ids.next(),
            body: serde_json::to_vec(&body).expect("a wake serialises"),
            at,
            content_type: "application/json".to_owned(),
        };
        if let Err(error) = self.outside.bus.send(WAKES, &message).await {
            tracing::warn!(run, %error, "the wake was not sent; the sweep will come by");
        }
    }

    /// It is advice only: a document that cannot be read awaits nothing, and is written over.
    async fn awaited(&self, run: &str) -> Result<Noted, Error> {
        let Some(document) = self.outside.store.get_document(&name(run)).await? else {
            return Ok(Noted { wake: None, version: None });
        };
        let wake = serde_json::from_slice(&document.bytes).unwrap_or_else(|error| {
            let error = shortened(&error.to_string());
            tracing::error!(run, error, "the document of the awaited wake is broken");
            None
        });
        Ok(Noted { wake, version: Some(document.version) })
    }

    /// False if somebody else changed it at the same time.
    async fn await_wake(&self, run: &str, awaited: &Awaited) -> Result<bool, Error> {
        let version = self.awaited(run).await?.version;
        let bytes = serde_json::to_vec(awaited).expect("a wake serialises");
        let store = &self.outside.store;
        let put = store.put_document(&name(run), version.as_deref(), &bytes).await?;
        Ok(matches!(put, Put::Stored { .. }))
    }
}

fn name(run: &str) -> String {
    format!("wakes/{run}")
}
