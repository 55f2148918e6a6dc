//! The engine's doors, opening on the simulated world, each with a place where it can be cut.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use async_trait::async_trait;
use azure::{
    Kind, Request as ArmRequest, Response, Target, Transport, TransportError, Trouble, TroubleKind,
};
use bus::{Bus, BusError, Message};
use engine::{Page, ProbeError, Probes};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::Door;
use simulator::shell::InProcess;
use store::{Append, Document, Lease, Put, Store, StoreError};

use super::{Cuts, Io, request};

/// Calls a door and reads JSON.
pub async fn call(
    azure: &InProcess,
    door: Door,
    method: &str,
    target: &str,
    body: Option<&Value>,
) -> Value {
    let answer = azure.call(request(door, method, target, body)).await.unwrap();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(answer.status < 400, "{method} {target}: {} {text}", answer.status);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

async fn token(azure: &InProcess, resource: &str) -> String {
    let target = format!("/msi/token?api-version=2019-08-01&resource={resource}");
    let mut asked = request(Door::Identity, "GET", &target, None);
    asked.headers.push(("x-identity-header".to_owned(), "secret".to_owned()));
    let answer = azure.call(asked).await.unwrap();
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

#[derive(Debug)]
pub(super) struct VirtualArm {
    pub(super) azure: InProcess,
    pub(super) cuts: Arc<Cuts>,
}

const HOST: &str = "management.azure.com";

#[async_trait]
impl Transport for VirtualArm {
    async fn send(
        &self,
        arm: &ArmRequest,
        limit: SignedDuration,
    ) -> Result<Response, TransportError> {
        let trouble = |kind, detail: &str| TransportError::Ambiguous(Trouble::new(kind, detail));
        let target = match &arm.target {
            Target::Path { .. } => arm.target.path_and_query(),
            Target::Verbatim(url) => match url.split_once(HOST) {
                Some((_, path)) => path.to_owned(),
                None => panic!("the address leads elsewhere: {url}"),
            },
        };
        let mut asked = request(Door::Arm, arm.method.as_str(), &target, arm.body.as_ref());
        asked.headers.push(("host".to_owned(), HOST.to_owned()));
        let token = token(&self.azure, "https://management.azure.com/").await;
        asked.headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        if let Some(etag) = &arm.if_match {
            asked.headers.push(("if-match".to_owned(), etag.clone()));
        }
        let exchange = async {
            let answer = self.azure.clock.timeout(limit, self.azure.call(asked)).await;
            match answer {
                Ok(Ok(answer)) => Ok(Response {
                    status: answer.status,
                    headers: answer.headers,
                    body: answer.body,
                }),
                Ok(Err(_)) => Err(trouble(TroubleKind::Reset, "reset")),
                Err(_) => Err(trouble(TroubleKind::Timeout, "no answer in time")),
            }
        };
        let io = match arm.kind {
            Kind::Read => Io::Read,
            Kind::Reversible | Kind::Destructive => Io::Change,
        };
        self.cuts.through(io, exchange).await
    }
}

#[derive(Debug)]
pub(super) struct VirtualBus {
    pub(super) azure: InProcess,
    pub(super) cuts: Arc<Cuts>,
}

#[async_trait]
impl Bus for VirtualBus {
    async fn send(&self, queue: &str, message: &Message) -> Result<(), BusError> {
        let send = async {
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
            let token = token(&self.azure, "https://servicebus.azure.net/").await;
            asked.headers.push(("authorization".to_owned(), format!("Bearer {token}")));
            match self.azure.call(asked).await {
                Ok(answer) if answer.status == 201 => Ok(()),
                Ok(answer) => {
                    Err(BusError::Unavailable { reason: format!("status {}", answer.status) })
                }
                Err(_) => Err(BusError::Unavailable { reason: "reset".to_owned() }),
            }
        };
        self.cuts.through(Io::Read, send).await
    }
}

#[derive(Debug)]
pub(super) struct VirtualProbes {
    pub(super) azure: InProcess,
}

impl VirtualProbes {
    fn addresses(&self, name: &str) -> Result<Vec<Ipv4Addr>, ProbeError> {
        let found = self.azure.resolve(name);
        found.map(|(addresses, _)| addresses).ok_or_else(|| ProbeError(format!("no name {name}")))
    }

    async fn within<T>(
        &self,
        limit: SignedDuration,
        work: impl Future<Output = Result<T, ProbeError>>,
    ) -> Result<T, ProbeError> {
        let ended = self.azure.clock.timeout(limit, work).await;
        ended.unwrap_or_else(|_| Err(ProbeError("no answer in time".to_owned())))
    }
}

#[async_trait]
impl Probes for VirtualProbes {
    async fn get(&self, host: &str, path: &str, limit: SignedDuration) -> Result<Page, ProbeError> {
        let address = *self.addresses(host)?.first().ok_or(ProbeError("no address".into()))?;
        let work = async {
            let asked = request(Door::Public(address), "GET", path, None);
            let answer =
                self.azure.call(asked).await.map_err(|lost| ProbeError(lost.to_string()))?;
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            Ok(Page { status: answer.status, body })
        };
        self.within(limit, work).await
    }

    async fn connect(
        &self,
        host: &str,
        port: u16,
        limit: SignedDuration,
    ) -> Result<(), ProbeError> {
        let address = *self.addresses(host)?.first().ok_or(ProbeError("no address".into()))?;
        let work = async {
            let connected = self.azure.connect(address, port).await;
            connected.map_err(|refused| ProbeError(refused.to_string()))
        };
        self.within(limit, work).await
    }

    async fn resolve(&self, name: &str, _: SignedDuration) -> Result<Vec<IpAddr>, ProbeError> {
        Ok(self.addresses(name)?.into_iter().map(IpAddr::V4).collect())
    }

    async fn notify(&self, _: &str, body: &Value, _: SignedDuration) -> Result<u16, ProbeError> {
        let asked = request(Door::Webhook, "POST", "/", Some(body));
        let answer = self.azure.call(asked).await.map_err(|lost| ProbeError(lost.to_string()))?;
        Ok(answer.status)
    }
}

#[derive(Debug)]
pub(super) struct CutStore {
    pub(super) inner: Arc<dyn Store>,
    pub(super) cuts: Arc<Cuts>,
}

#[async_trait]
impl Store for CutStore {
    async fn append(
        &self,
        journal: &str,
        seq: u64,
        writer: &str,
        record: &[u8],
    ) -> Result<Append, StoreError> {
        self.cuts.through(Io::Change, self.inner.append(journal, seq, writer, record)).await
    }

    async fn read(&self, journal: &str, from: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        self.cuts.through(Io::Read, self.inner.read(journal, from)).await
    }

    async fn get_document(&self, name: &str) -> Result<Option<Document>, StoreError> {
        self.cuts.through(Io::Read, self.inner.get_document(name)).await
    }

    async fn put_document(
        &self,
        name: &str,
        expected: Option<&str>,
        bytes: &[u8],
    ) -> Result<Put, StoreError> {
        self.cuts.through(Io::Change, self.inner.put_document(name, expected, bytes)).await
    }

    async fn list_documents(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.cuts.through(Io::Read, self.inner.list_documents(prefix)).await
    }

    async fn post_request(&self, inbox: &str, key: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        self.cuts.through(Io::Change, self.inner.post_request(inbox, key, bytes)).await
    }

    async fn requests(&self, inbox: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.cuts.through(Io::Read, self.inner.requests(inbox)).await
    }

    async fn open_run(&self, run: &str) -> Result<(), StoreError> {
        self.cuts.through(Io::Change, self.inner.open_run(run)).await
    }

    async fn close_run(&self, run: &str) -> Result<(), StoreError> {
        self.cuts.through(Io::Change, self.inner.close_run(run)).await
    }

    async fn open_runs(&self) -> Result<Vec<String>, StoreError> {
        self.cuts.through(Io::Read, self.inner.open_runs()).await
    }

    async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<Lease, StoreError> {
        self.cuts.through(Io::Read, self.inner.acquire_lease(name, holder, now, ttl)).await
    }

    async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.cuts.through(Io::Read, self.inner.release_lease(name, holder)).await
    }
}
