//! The store, with what can come between it and the app.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use store::{Append, Document, Lease, Put, Store, StoreError};

use super::super::wires::Wires;
use super::super::{Io, Way};
use super::send_late;
use crate::fault::{Kind, LATE_S};

/// How long the store's client waits for an answer.
const LIMIT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(in crate::rig) struct VirtualStore {
    pub(in crate::rig) inner: Arc<dyn Store>,
    pub(in crate::rig) wires: Wires,
}

impl VirtualStore {
    /// What is called owns what it is about: late, it is done when its caller may be gone.
    async fn io<T, F>(&self, kind: Io, what: &str, call: impl Fn() -> F) -> Result<T, StoreError>
    where
        T: std::fmt::Debug,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let wires = &self.wires;
        let fault = wires.weather.on(wires.now(), Kind::is_of_store);
        let away = || StoreError::Unavailable("a fault of the story".to_owned());
        let io = || {
            let (writes, call) = (Arc::clone(&wires.writes), call());
            async move {
                let _counted = matches!(kind, Io::Change).then(|| writes.one());
                call.await
            }
        };
        let too_late = || async move {
            tokio::time::sleep(LIMIT).await;
            Err(away())
        };
        let disturbed = |way: Option<Way>| async move {
            match (way, way.and_then(cut).or(fault)) {
                (Some(Way::RequestLate), _) => {
                    send_late(Duration::from_secs(LATE_S.into()), io());
                    too_late().await
                }
                (Some(Way::AnswerLate), _) => {
                    io().await?;
                    too_late().await
                }
                (_, Some(Kind::StoreAway)) => Err(away()),
                (_, Some(Kind::StoreLostAnswer)) => {
                    io().await?;
                    Err(away())
                }
                // As a client does that repeats what it got no answer to.
                (_, Some(Kind::StoreTwice)) => {
                    io().await?;
                    io().await
                }
                (_, Some(Kind::StoreSlow { s })) => {
                    let half = Duration::from_millis(u64::from(s) * 500);
                    tokio::time::sleep(half).await;
                    let answer = io().await;
                    tokio::time::sleep(half).await;
                    answer
                }
                _ => io().await,
            }
        };
        let disturbed = |way| wires.latency.there_and_back(disturbed(way));
        let answer = wires.cuts.through(kind, disturbed).await;
        wires.log.note(wires.now(), wires.app, || {
            let came = match &answer {
                Ok(_) => "done".to_owned(),
                Err(error) => error.to_string(),
            };
            format!("{what}: {came}")
        });
        answer
    }
}

/// Which fault a cut is here; none, if it is one of the process or of time.
fn cut(way: Way) -> Option<Kind> {
    match way {
        Way::DieBefore | Way::DieAfter | Way::RequestLate | Way::AnswerLate => None,
        Way::RequestLost => Some(Kind::StoreAway),
        Way::AnswerLost => Some(Kind::StoreLostAnswer),
        Way::Twice => Some(Kind::StoreTwice),
    }
}

/// A call that owns the store and what it is about, as often as it is made.
macro_rules! owned {
    ($inner:expr => |$store:ident $(, $about:ident)*| $call:expr) => {{
        let $store = Arc::clone(&$inner);
        $(let $about = $about.to_owned();)*
        move || {
            let $store = Arc::clone(&$store);
            $(let $about = $about.clone();)*
            async move { $call.await }
        }
    }};
}

#[async_trait]
impl Store for VirtualStore {
    async fn append(
        &self,
        journal: &str,
        seq: u64,
        writer: &str,
        record: &[u8],
    ) -> Result<Append, StoreError> {
        let wires = self.wires.clone();
        let append = owned!(self.inner => |store, wires, journal, writer, record| async {
            let done = store.append(&journal, seq, &writer, &record).await;
            if matches!(done, Ok(Append::Written)) {
                wires.weather.recorded(wires.now(), &journal, seq, &record);
            }
            done
        });
        self.io(Io::Change, "append", append).await
    }

    async fn read(&self, journal: &str, from: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let call = owned!(self.inner => |store, journal| store.read(&journal, from));
        self.io(Io::Read, "read", call).await
    }

    async fn get_document(&self, name: &str) -> Result<Option<Document>, StoreError> {
        let call = owned!(self.inner => |store, name| store.get_document(&name));
        self.io(Io::Read, "get", call).await
    }

    async fn put_document(
        &self,
        name: &str,
        expected: Option<&str>,
        bytes: &[u8],
    ) -> Result<Put, StoreError> {
        let expected = expected.map(str::to_owned);
        let call = owned!(self.inner => |store, name, expected, bytes| store.put_document(&name, expected.as_deref(), &bytes));
        self.io(Io::Change, "put", call).await
    }

    async fn list_documents(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let call = owned!(self.inner => |store, prefix| store.list_documents(&prefix));
        self.io(Io::Read, "list", call).await
    }

    async fn post_request(&self, inbox: &str, key: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        let call = owned!(self.inner => |store, inbox, key, bytes| store.post_request(&inbox, &key, &bytes));
        self.io(Io::Change, "post", call).await
    }

    async fn requests(&self, inbox: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let call = owned!(self.inner => |store, inbox| store.requests(&inbox));
        self.io(Io::Read, "requests", call).await
    }

    async fn open_run(&self, run: &str) -> Result<(), StoreError> {
        let call = owned!(self.inner => |store, run| store.open_run(&run));
        self.io(Io::Change, "open", call).await
    }

    async fn close_run(&self, run: &str) -> Result<(), StoreError> {
        let call = owned!(self.inner => |store, run| store.close_run(&run));
        self.io(Io::Change, "close", call).await
    }

    async fn open_runs(&self) -> Result<Vec<String>, StoreError> {
        let call = owned!(self.inner => |store| store.open_runs());
        self.io(Io::Read, "open runs", call).await
    }

    async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<Lease, StoreError> {
        let call = owned!(self.inner => |store, name, holder| store.acquire_lease(&name, &holder, now, ttl));
        self.io(Io::Read, "lease", call).await
    }

    async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let call = owned!(self.inner => |store, name, holder| store.release_lease(&name, &holder));
        self.io(Io::Read, "release", call).await
    }
}
