//! The broker of the local Azure, over its private protocol (`docs/functions-host.md`).

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::driver::Broker;
use crate::message::{BrokerError, Message, Settlement};

/// Speaks the protocol over a function that sends a POST (path, body) and gives status and body.
#[derive(Debug)]
pub struct ProtocolBroker<F> {
    send: F,
}

#[derive(Deserialize)]
struct Received {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Renewed {
    locked_until: Timestamp,
}

/// An answer without a field that matters.
#[derive(Deserialize)]
struct Done {}

/// The broker that answers at `<url>/broker/…`.
pub fn http_broker(url: &str) -> impl Broker {
    let url = url.trim_end_matches('/').to_owned();
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()
        .expect("a client without certificates or proxies can always be built");
    ProtocolBroker::new(move |path, body: Value| {
        let request = client.post(format!("{url}{path}")).json(&body);
        async move {
            let response = request.send().await.map_err(|error| error.to_string())?;
            let status = response.status().as_u16();
            let body = response.bytes().await.map_err(|error| error.to_string())?;
            Ok((status, body.to_vec()))
        }
    })
}

impl<F, A> ProtocolBroker<F>
where
    F: Fn(String, Value) -> A + Send + Sync + 'static,
    A: Future<Output = Result<(u16, Vec<u8>), String>> + Send,
{
    pub fn new(send: F) -> Self {
        Self { send }
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: Value) -> Result<T, BrokerError> {
        let sent = (self.send)(format!("/broker/{path}"), body).await;
        match sent.map_err(BrokerError::Unavailable)? {
            (200, body) => serde_json::from_slice(&body)
                .map_err(|error| BrokerError::Unavailable(error.to_string())),
            (410, _) => Err(BrokerError::LockLost),
            (status, body) => {
                let body = String::from_utf8_lossy(&body);
                Err(BrokerError::Unavailable(format!("{status} {body}")))
            }
        }
    }
}

impl<F, A> Broker for ProtocolBroker<F>
where
    F: Fn(String, Value) -> A + Send + Sync + 'static,
    A: Future<Output = Result<(u16, Vec<u8>), String>> + Send,
{
    async fn receive(
        &self,
        queue: &str,
        receiver: &str,
        limit: usize,
    ) -> Result<Vec<Message>, BrokerError> {
        let body = json!({"receiver": receiver, "sessions_max": limit});
        let answer: Received = self.post(&format!("{queue}/receive"), body).await?;
        Ok(answer.messages)
    }

    async fn settle(&self, lock_token: &str, settlement: Settlement) -> Result<(), BrokerError> {
        let body = json!({"lock_token": lock_token, "outcome": settlement.name(), "reason": ""});
        self.post::<Done>("settle", body).await.map(|_| ())
    }

    async fn renew(&self, lock_token: &str) -> Result<Timestamp, BrokerError> {
        let renewed: Renewed = self.post("renew", json!({"lock_token": lock_token})).await?;
        Ok(renewed.locked_until)
    }

    async fn close_session(&self, session_token: &str) -> Result<(), BrokerError> {
        let body = json!({"lock_token": session_token});
        self.post::<Done>("close_session", body).await.map(|_| ())
    }
}
