//! The broker of the local Azure, over its private protocol.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::driver::Broker;
use crate::message::{BrokerError, Message, Settlement};

/// Speaks to `<url>/broker/…`.
#[derive(Debug)]
pub struct HttpBroker {
    url: String,
    client: reqwest::Client,
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

impl HttpBroker {
    pub fn new(url: &str) -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(std::time::Duration::from_secs(10))
            .build()
            .expect("a client without certificates or proxies can always be built");
        Self { url: url.trim_end_matches('/').to_owned(), client }
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, BrokerError> {
        let unavailable = |error: reqwest::Error| BrokerError::Unavailable(error.to_string());
        let url = format!("{}/broker/{path}", self.url);
        let response = self.client.post(url).json(body).send().await.map_err(unavailable)?;
        match response.status().as_u16() {
            200 => response.json().await.map_err(unavailable),
            410 => Err(BrokerError::LockLost),
            status => {
                let text = response.text().await.unwrap_or_default();
                Err(BrokerError::Unavailable(format!("{status} {text}")))
            }
        }
    }
}

impl Broker for HttpBroker {
    async fn receive(
        &self,
        queue: &str,
        receiver: &str,
        limit: usize,
    ) -> Result<Vec<Message>, BrokerError> {
        let body = json!({"receiver": receiver, "sessions_max": limit});
        let answer: Received = self.post(&format!("{queue}/receive"), &body).await?;
        Ok(answer.messages)
    }

    async fn settle(&self, lock_token: &str, settlement: Settlement) -> Result<(), BrokerError> {
        let body = json!({"lock_token": lock_token, "outcome": settlement.name(), "reason": ""});
        self.post::<Done>("settle", &body).await.map(|_| ())
    }

    async fn renew(&self, lock_token: &str) -> Result<Timestamp, BrokerError> {
        let renewed: Renewed = self.post("renew", &json!({"lock_token": lock_token})).await?;
        Ok(renewed.locked_until)
    }

    async fn close_session(&self, session_token: &str) -> Result<(), BrokerError> {
        let body = json!({"lock_token": session_token});
        self.post::<Done>("close_session", &body).await.map(|_| ())
    }
}
