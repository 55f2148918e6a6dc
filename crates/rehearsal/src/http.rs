//! JSON over HTTP with processes of this machine.

use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

/// A process of this machine that does not answer for so long has hung.
const LIMIT: Duration = Duration::from_secs(20);

/// An answer; the body is `null` if it is not JSON.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// The body as it came, for messages.
    pub(crate) text: String,
}

impl Answer {
    /// The body of a good answer; of any other an error that shows it.
    pub(crate) fn good(self, what: &str) -> Result<Value> {
        anyhow::ensure!(
            self.status.is_success(),
            "{what}: answered {}: {}",
            self.status,
            self.text.chars().take(2000).collect::<String>()
        );
        Ok(self.body)
    }
}

pub(crate) fn client() -> Result<Client> {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(LIMIT)
        .build()
        .context("cannot make an HTTP client")
}

pub(crate) async fn call(
    client: &Client,
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Result<Answer> {
    let mut request = client.request(method.clone(), url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    let response = request.send().await.with_context(|| format!("{method} {url}"))?;
    let status = response.status();
    let text = response.text().await.with_context(|| format!("{method} {url}"))?;
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Answer { status, body, text })
}
