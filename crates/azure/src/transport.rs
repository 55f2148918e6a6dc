//! The one way out to Azure Resource Manager.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use clock::Clock;
use jiff::SignedDuration;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::http::{Call, Connections, Http, Roots, SettingsError, parse_endpoint};
use crate::token::Tokens;
use crate::{Kind, Request, Response, Target, TransportError, Trouble, TroubleKind};

/// Sends requests. It sends each once, and says whether one that got no answer may have arrived.
#[async_trait]
pub trait Transport: Send + Sync + Debug {
    /// `limit` is for everything: token, connection, answer.
    async fn send(
        &self,
        request: &Request,
        limit: SignedDuration,
    ) -> Result<Response, TransportError>;
}

/// Azure Resource Manager at one endpoint.
#[derive(Debug)]
pub struct Arm {
    endpoint: Url,
    tokens: Tokens,
    reads: Http,
    /// A connection of its own for each request that changes something.
    writes: Http,
}

/// Azure Resource Manager of the public cloud.
pub const PUBLIC_ENDPOINT: &str = "https://management.azure.com";

impl Arm {
    pub fn new(
        endpoint: &str,
        tokens: Tokens,
        roots: &Roots,
        clock: Clock,
    ) -> Result<Self, SettingsError> {
        Ok(Self {
            endpoint: parse_endpoint(endpoint)?,
            tokens,
            reads: Http::new(roots.clone(), Connections::Kept, clock),
            writes: Http::new(roots.clone(), Connections::Fresh, clock),
        })
    }

    /// The address, if it is one that may have our token.
    fn url(&self, target: &Target) -> Result<Url, Trouble> {
        let text = match target {
            Target::Path { .. } => {
                format!(
                    "{}{}",
                    self.endpoint.as_str().trim_end_matches('/'),
                    target.path_and_query()
                )
            }
            Target::Verbatim(url) => url.clone(),
        };
        let foreign = |problem: &str| Trouble::new(TroubleKind::ForeignHost, problem);
        let url = Url::parse(&text).map_err(|_| foreign("not a URL"))?;
        if url.origin() != self.endpoint.origin() || !url.username().is_empty() {
            let host = url.host_str().unwrap_or("nowhere");
            return Err(foreign(&format!("{host} is not where {} is", self.endpoint)));
        }
        Ok(url)
    }

    async fn exchange(
        &self,
        request: &Request,
        deadline: Instant,
    ) -> Result<Response, TransportError> {
        let unsent = |kind, detail: String| TransportError::NotSent(Trouble::new(kind, detail));
        let url = self.url(&request.target).map_err(TransportError::NotSent)?;
        let token = timeout_at(deadline, self.tokens.get())
            .await
            .map_err(|_| unsent(TroubleKind::Token, "none came in time".into()))?
            .map_err(|error| unsent(TroubleKind::Token, error.to_string()))?;
        let mut headers =
            vec![("authorization", token.bearer()), ("accept", "application/json".to_owned())];
        if let Some(id) = &request.client_request_id {
            headers.push(("x-ms-client-request-id", id.clone()));
            headers.push(("x-ms-return-client-request-id", "true".into()));
        }
        if let Some(etag) = &request.if_match {
            headers.push(("if-match", etag.clone()));
        }
        let mut body = Vec::new();
        if let Some(json) = &request.body {
            headers.push(("content-type", "application/json".into()));
            body = json.to_string().into_bytes();
        }
        let http = if request.kind == Kind::Read { &self.reads } else { &self.writes };
        let call = Call { method: request.method, url, headers, body };
        let response = http.exchange(call, deadline).await?;
        if response.status == 401 {
            self.tokens.refuse(&token);
        }
        Ok(response)
    }
}

#[async_trait]
impl Transport for Arm {
    async fn send(
        &self,
        request: &Request,
        limit: SignedDuration,
    ) -> Result<Response, TransportError> {
        let started = Instant::now();
        let result = self.exchange(request, self.reads.deadline(limit)).await;
        note(request, &result, started.elapsed());
        result
    }
}

/// Writes what happened to the log: no token, no query, no body.
fn note(request: &Request, result: &Result<Response, TransportError>, took: Duration) {
    let (method, path) = (request.method.as_str(), request.target.path());
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match result {
        Ok(response) => {
            let (status, id) = (response.status, response.request_id().unwrap_or_default());
            if request.kind == Kind::Read {
                tracing::debug!(method, path, status, request_id = id, took_ms, "ARM answered");
            } else {
                tracing::info!(method, path, status, request_id = id, took_ms, "ARM answered");
            }
        }
        Err(error) => tracing::warn!(method, path, %error, took_ms, "no answer from ARM"),
    }
}
