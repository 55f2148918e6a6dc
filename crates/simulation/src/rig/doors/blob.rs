//! Azure Blob Storage, request by request: between any two of them the store on Azure Functions can
//! be cut.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::request::Body;
use azure_core::http::{AsyncRawResponse, HttpClient, Method, Request};
use clock::Clock;
use futures::AsyncReadExt;
use store::{Blob, BlobOptions, Store};
use url::Url;

use super::super::wires::Wires;
use super::super::{Io, Way, Writes};
use super::send_late;
use crate::blob_storage::{Answer, BlobStorage, Call};
use crate::fault::LATE_S;

const MAIN: &str = "farshore";
const LEASES: &str = "farshore-leases";

/// An account that apps share.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    storage: Arc<Mutex<BlobStorage>>,
    clock: Clock,
    writes: Arc<Writes>,
}

impl Account {
    pub(crate) fn new(clock: Clock, writes: Arc<Writes>) -> Self {
        let mut storage = BlobStorage::default();
        storage.create(MAIN.to_owned());
        storage.create(LEASES.to_owned());
        Self { storage: Arc::new(Mutex::new(storage)), clock, writes }
    }

    /// The store over it, as it is when nothing comes between.
    pub(crate) fn open(&self) -> Arc<dyn Store> {
        self.open_with(None)
    }

    /// With wires, as the app has it whose they are.
    pub(in crate::rig) fn open_with(&self, wires: Option<Wires>) -> Arc<dyn Store> {
        let url = |container| {
            let url = format!("http://127.0.0.1:10000/account/{container}?sig=virtual");
            Url::parse(&url).expect("a constant, and a good one")
        };
        let client = BlobWire { account: self.clone(), wires };
        let options = BlobOptions { client: Some(Arc::new(client)), ..BlobOptions::default() };
        Arc::new(Blob::new(&url(MAIN), &url(LEASES), &options).expect("two containers"))
    }

    fn answer(&self, call: &Call) -> Answer {
        let _counted = (call.method != "GET").then(|| self.writes.one());
        let mut storage = self.storage.lock().unwrap_or_else(PoisonError::into_inner);
        storage.handle(self.clock.now(), call)
    }

    /// What comes of a request that is cut in this way.
    async fn exchange(&self, call: Call, way: Option<Way>) -> Answer {
        let late = Duration::from_secs(LATE_S.into());
        match way {
            None | Some(Way::DieBefore | Way::DieAfter) => self.answer(&call),
            Some(Way::RequestLost) => pending().await,
            Some(Way::RequestLate) => {
                let account = self.clone();
                send_late(late, async move { account.answer(&call) });
                pending().await
            }
            Some(Way::AnswerLost) => {
                self.answer(&call);
                pending().await
            }
            Some(Way::AnswerLate) => {
                let answer = self.answer(&call);
                tokio::time::sleep(late).await;
                answer
            }
            Some(Way::Twice) => {
                self.answer(&call);
                self.answer(&call)
            }
        }
    }
}

#[derive(Debug)]
struct BlobWire {
    account: Account,
    wires: Option<Wires>,
}

#[async_trait]
impl HttpClient for BlobWire {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let call = read(request).await?;
        let Some(wires) = &self.wires else { return Ok(shown(self.account.answer(&call))) };
        let io = kind(&call);
        let exchange = |way| wires.latency.there_and_back(self.account.exchange(call, way));
        Ok(shown(wires.cuts.through(io, exchange).await))
    }
}

/// A lease only keeps others off: nobody builds on it.
fn kind(call: &Call) -> Io {
    let is_lease = call.url.path().contains(LEASES);
    if call.method == "GET" || is_lease { Io::Read } else { Io::Change }
}

async fn read(request: &Request) -> azure_core::Result<Call> {
    let mut body = Vec::new();
    match request.body() {
        Body::Bytes(bytes) => body.extend_from_slice(bytes),
        Body::SeekableStream(stream) => {
            stream.clone().read_to_end(&mut body).await?;
        }
    }
    let headers: BTreeMap<String, String> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_ascii_lowercase(), value.as_str().to_owned()))
        .collect();
    let method = match request.method() {
        Method::Get => "GET",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        _ => "POST",
    };
    Ok(Call { method, url: request.url().clone(), headers, body })
}

fn shown(answer: Answer) -> AsyncRawResponse {
    let mut headers = Headers::new();
    for (name, value) in answer.headers {
        headers.insert(HeaderName::from_static(name), value);
    }
    AsyncRawResponse::from_bytes(answer.status.into(), headers, answer.body)
}
