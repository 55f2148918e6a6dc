//! Sending to Service Bus.

use std::time::Duration;

use async_trait::async_trait;
use bus::{Bus, BusError, Message};
use jiff::SignedDuration;
use serde_json::json;
use simulator::Door;

use super::super::wires::Wires;
use super::super::{Io, Way, request};
use super::{send_late, token};
use crate::fault::Kind;

/// How long the client waits for an answer.
const LIMIT: Duration = Duration::from_secs(10);
/// How late a message comes that is sent too late.
const LATE: Duration = Duration::from_mins(2);

#[derive(Debug)]
pub(in crate::rig) struct VirtualBus(pub(in crate::rig) Wires);

#[async_trait]
impl Bus for VirtualBus {
    async fn send(&self, queue: &str, message: &Message) -> Result<(), BusError> {
        let wires = &self.0;
        let fault = wires.weather.on(wires.now(), Kind::is_of_bus);
        let exchange = |way| {
            let exchange = async move {
                match way {
                    Some(Way::RequestLate) => self.too_late(queue, message).await,
                    Some(Way::AnswerLate) => self.answered_too_late(queue, message).await,
                    _ => self.exchange(queue, message, way.and_then(cut).or(fault)).await,
                }
            };
            wires.latency.there_and_back(exchange)
        };
        let sent = wires.cuts.through(Io::Read, exchange).await;
        wires.log.note(wires.now(), wires.app, || {
            let body = String::from_utf8_lossy(&message.body);
            format!("send to {queue}: {body}: {sent:?}")
        });
        sent
    }
}

/// Which fault a cut is here; none, if it is one of the process or of time.
fn cut(way: Way) -> Option<Kind> {
    match way {
        Way::DieBefore | Way::DieAfter | Way::RequestLate | Way::AnswerLate => None,
        Way::RequestLost => Some(Kind::BusAway),
        Way::AnswerLost => Some(Kind::BusLostAnswer),
        Way::Twice => Some(Kind::MessageTwice),
    }
}

fn lost() -> BusError {
    BusError::Unavailable { reason: "a fault of the story".to_owned() }
}

impl VirtualBus {
    async fn too_late(&self, queue: &str, message: &Message) -> Result<(), BusError> {
        let (bus, queue, message) = (Self(self.0.clone()), queue.to_owned(), message.clone());
        send_late(LATE, async move { bus.plain(&queue, &message).await });
        tokio::time::sleep(LIMIT).await;
        Err(lost())
    }

    async fn answered_too_late(&self, queue: &str, message: &Message) -> Result<(), BusError> {
        self.plain(queue, message).await?;
        tokio::time::sleep(LIMIT).await;
        Err(lost())
    }

    async fn exchange(
        &self,
        queue: &str,
        message: &Message,
        fault: Option<Kind>,
    ) -> Result<(), BusError> {
        match fault {
            Some(Kind::BusAway) => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Err(lost())
            }
            Some(Kind::BusLostAnswer) => {
                self.plain(queue, message).await?;
                Err(lost())
            }
            Some(Kind::MessageLost) => Ok(()),
            Some(Kind::MessageTwice) => {
                // Under another id: the queue would drop the same one.
                let again = Message { id: format!("{}-again", message.id), ..message.clone() };
                self.plain(queue, message).await?;
                self.plain(queue, &again).await
            }
            Some(Kind::MessageLate { s }) => {
                let at = message.at.unwrap_or(self.0.now()) + SignedDuration::from_secs(s.into());
                self.plain(queue, &Message { at: Some(at), ..message.clone() }).await
            }
            _ => self.plain(queue, message).await,
        }
    }

    async fn plain(&self, queue: &str, message: &Message) -> Result<(), BusError> {
        let mut properties = json!({"MessageId": message.id});
        if let Some(session) = &message.session {
            properties["SessionId"] = json!(session);
        }
        if let Some(at) = message.at {
            let at = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            properties["ScheduledEnqueueTimeUtc"] = json!(at);
        }
        let mut asked = request(Door::ServiceBus, "POST", &format!("/{queue}/messages"), None);
        asked.body.clone_from(&message.body);
        asked.headers.push(("brokerproperties".to_owned(), properties.to_string()));
        let token = token(&self.0.azure, "https://servicebus.azure.net/").await;
        asked.headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        match self.0.azure.call(asked).await {
            Ok(answer) if answer.status == 201 => Ok(()),
            Ok(answer) => {
                Err(BusError::Unavailable { reason: format!("status {}", answer.status) })
            }
            Err(_) => Err(BusError::Unavailable { reason: "reset".to_owned() }),
        }
    }
}
