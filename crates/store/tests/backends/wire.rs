//! The wire between the store and Azurite, with faults at a chosen request.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use azure_core::Bytes;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use azurite::Azurite;
use store::{Blob, BlobOptions};
use tokio::sync::Semaphore;

/// One Azurite for all tests of this process, which it ends with.
static AZURITE: LazyLock<Azurite> =
    LazyLock::new(|| Azurite::in_memory().unwrap_or_else(|error| panic!("{error}")));

/// The running Azurite. Every test uses containers of its own.
pub(crate) struct Service {
    azurite: &'static Azurite,
}

impl Service {
    pub(crate) fn start() -> Self {
        Self { azurite: &AZURITE }
    }

    /// A store in the containers `name` and `name-leases`, which are created.
    pub(crate) async fn blob(&self, name: &str, wire: &Arc<Wire>) -> Blob {
        let options = BlobOptions { client: Some(wire.clone()), ..BlobOptions::default() };
        let blob = self.open(name, &options);
        blob.create_containers().await.unwrap();
        wire.reset();
        blob
    }

    pub(crate) fn open(&self, name: &str, options: &BlobOptions) -> Blob {
        let url = |name: &str| self.azurite.url_with_sas(name).parse().unwrap();
        Blob::new(&url(name), &url(&format!("{name}-leases")), options).unwrap()
    }

    pub(crate) fn url(&self, container: &str) -> String {
        self.azurite.url_with_sas(container)
    }

    /// Writes a blob past the store.
    pub(crate) async fn put(&self, container: &str, blob: &str, content: &str) {
        let url = self.azurite.url_with_sas(&format!("{container}/{blob}"));
        let request = reqwest::Client::new().put(url).header("x-ms-blob-type", "BlockBlob");
        let request = request.header("content-length", content.len());
        request.body(content.to_owned()).send().await.unwrap().error_for_status().unwrap();
    }

    /// Reads a blob past the store.
    pub(crate) async fn get(&self, container: &str, blob: &str) -> String {
        let url = self.azurite.url_with_sas(&format!("{container}/{blob}"));
        reqwest::get(url).await.unwrap().error_for_status().unwrap().text().await.unwrap()
    }
}

/// What happens to one request, counted from 0.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// The worker dies just before it sends this request.
    DieBefore(usize),
    /// The worker dies when the service has done this request, before the answer arrives.
    DieAfter(usize),
    /// The network delivers this request twice; the first answer is lost.
    Twice(usize),
    /// The service answers this status, without doing anything.
    Status(usize, u16, &'static str),
    /// No answer ever comes.
    Silence(usize),
    /// The request waits until the test lets it go on.
    Wait(usize),
}

/// Sends what the store sends, and counts it.
#[derive(Debug)]
pub(crate) struct Wire {
    client: reqwest::Client,
    fault: Mutex<Option<Fault>>,
    sent: AtomicUsize,
    pub(crate) waiting: Semaphore,
    pub(crate) go_on: Semaphore,
}

impl Wire {
    pub(crate) fn good() -> Arc<Self> {
        Arc::new(Self {
            client: reqwest::Client::new(),
            fault: Mutex::new(None),
            sent: AtomicUsize::new(0),
            waiting: Semaphore::new(0),
            go_on: Semaphore::new(0),
        })
    }

    /// Lets the next request be request 0.
    pub(crate) fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap() = Some(fault);
        self.sent.store(0, Ordering::SeqCst);
    }

    pub(crate) fn reset(&self) {
        *self.fault.lock().unwrap() = None;
        self.sent.store(0, Ordering::SeqCst);
    }

    /// How many requests the store has made since the last [`Wire::set`] or [`Wire::reset`].
    pub(crate) fn count(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl HttpClient for Wire {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let number = self.sent.fetch_add(1, Ordering::SeqCst);
        let dead = || Error::with_message(ErrorKind::Io, "the worker is dead");
        let fault = *self.fault.lock().unwrap();
        match fault {
            Some(Fault::DieBefore(at)) if number >= at => return Err(dead()),
            Some(Fault::DieAfter(at)) if number > at => return Err(dead()),
            Some(Fault::DieAfter(at)) if number == at => {
                self.client.execute_request(request).await?;
                return Err(dead());
            }
            Some(Fault::Twice(at)) if number == at => {
                self.client.execute_request(request).await?;
            }
            Some(Fault::Status(at, status, code)) if number == at => {
                let mut headers = Headers::new();
                headers.insert("x-ms-error-code", code);
                return Ok(AsyncRawResponse::from_bytes(status.into(), headers, Bytes::new()));
            }
            Some(Fault::Silence(at)) if number == at => std::future::pending().await,
            Some(Fault::Wait(at)) if number == at => {
                self.waiting.add_permits(1);
                self.go_on.acquire().await.unwrap().forget();
            }
            _ => {}
        }
        self.client.execute_request(request).await
    }
}
