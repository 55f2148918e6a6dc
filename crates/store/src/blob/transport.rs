//! What sends the requests: reqwest, built at the first request because building it takes up to
//! 18 ms, which is most of what the process has to start.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::{AsyncRawResponse, ClientOptions, HttpClient, Request, RetryOptions};
use url::Url;

use crate::{BlobOptions, is_loopback};

const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The caller's client, or ours.
pub(super) fn client(endpoints: [&Url; 2], options: &BlobOptions) -> Arc<dyn HttpClient> {
    options.client.clone().unwrap_or_else(|| {
        Arc::new(LazyClient {
            local: endpoints.into_iter().all(is_loopback),
            plain: endpoints.into_iter().all(|url| url.scheme() == "http"),
            ca_pem: options.ca_pem.clone(),
            client: OnceLock::new(),
        })
    })
}

/// No retries: `azure_core` by itself would repeat a conditional write up to eight times, and its
/// second answer would say that somebody else was first.
pub(super) fn client_options(client: Arc<dyn HttpClient>) -> ClientOptions {
    ClientOptions {
        retry: RetryOptions::none(),
        transport: Some(azure_core::http::Transport::new(client)),
        ..ClientOptions::default()
    }
}

#[derive(Debug)]
struct LazyClient {
    local: bool,
    plain: bool,
    ca_pem: Option<Vec<u8>>,
    client: OnceLock<reqwest::Client>,
}

impl LazyClient {
    fn build(&self) -> Result<reqwest::Client, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_LIMIT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never());
        if self.local {
            builder = builder.no_proxy();
        }
        if self.plain {
            // Reading the system's certificates takes most of the time, and nobody needs them.
            builder = builder.tls_certs_only([]);
        } else if let Some(pem) = &self.ca_pem {
            builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?);
        }
        builder.build()
    }
}

#[async_trait]
impl HttpClient for LazyClient {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        if let Some(client) = self.client.get() {
            return client.execute_request(request).await;
        }
        let client = self.build().map_err(|error| {
            azure_core::Error::with_error(ErrorKind::Other, error, "the HTTP client")
        })?;
        self.client.get_or_init(|| client).execute_request(request).await
    }
}
