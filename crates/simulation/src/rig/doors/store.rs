//! The store, with what can come between it and the app.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use store::{Append, Document, Lease, Put, Store, StoreError};

use super::super::wires::Wires;
use super::super::{Io, Way};
use crate::fault::{Kind, LATE_S};

#[derive(Debug)]
pub(in crate::rig) struct VirtualStore {
    pub(in crate::rig) inner: Arc<dyn Store>,
    pub(in crate::rig) wires: Wires,
}

impl VirtualStore {
    async fn io<T, F>(&self, kind: Io, what: &str, io: impl Fn() -> F) -> Result<T, StoreError>
    where
        T: std::fmt::Debug,
        F: Future<Output = Result<T, StoreError>>,
    {
        let wires = &self.wires;
        wires.gate.pass().await;
        let fault = wires.weather.on(wires.now(), Kind::is_of_store);
        let away = || StoreError::Unavailable("a fault of the story".to_owned());
        let io = || async {
            let _counted = matches!(kind, Io::Change).then(|| wires.writes.one());
            io().await
        };
        let disturbed = |way: Option<Way>| async move {
            match way.and_then(cut).or(fault) {
                Some(Kind::StoreAway) => Err(away()),
                Some(Kind::StoreLostAnswer) => {
                    io().await?;
                    Err(away())
                }
                // As a client does that repeats what it got no answer to.
                Some(Kind::StoreTwice) => {
                    io().await?;
                    io().await
                }
                Some(Kind::StoreSlow { s }) => {
                    let half = Duration::from_millis(u64::from(s) * 500);
                    tokio::time::sleep(half).await;
                    let answer = io().await;
                    tokio::time::sleep(half).await;
                    answer
                }
                _ => io().await,
            }
        };
        let answer = wires.cuts.through(kind, disturbed).await;
        wires.gate.pass().await;
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

/// What a cut is here; nothing, if it is one of the process.
fn cut(way: Way) -> Option<Kind> {
    match way {
        Way::DieBefore | Way::DieAfter => None,
        Way::RequestLost => Some(Kind::StoreAway),
        Way::AnswerLost => Some(Kind::StoreLostAnswer),
        Way::RequestLate | Way::AnswerLate => Some(Kind::StoreSlow { s: LATE_S }),
        Way::Twice => Some(Kind::StoreTwice),
    }
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
        let append = || async {
            let done = self.inner.append(journal, seq, writer, record).await;
            if matches!(done, Ok(Append::Written)) {
                self.wires.weather.recorded(self.wires.now(), journal, seq, record);
            }
            done
        };
        self.io(Io::Change, "append", append).await
    }

    async fn read(&self, journal: &str, from: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        self.io(Io::Read, "read", || self.inner.read(journal, from)).await
    }

    async fn get_document(&self, name: &str) -> Result<Option<Document>, StoreError> {
        self.io(Io::Read, "get", || self.inner.get_document(name)).await
    }

    async fn put_document(
        &self,
        name: &str,
        expected: Option<&str>,
        bytes: &[u8],
    ) -> Result<Put, StoreError> {
        self.io(Io::Change, "put", || self.inner.put_document(name, expected, bytes)).await
    }

    async fn list_documents(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.io(Io::Read, "list", || self.inner.list_documents(prefix)).await
    }

    async fn post_request(&self, inbox: &str, key: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        self.io(Io::Change, "post", || self.inner.post_request(inbox, key, bytes)).await
    }

    async fn requests(&self, inbox: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.io(Io::Read, "requests", || self.inner.requests(inbox)).await
    }

    async fn open_run(&self, run: &str) -> Result<(), StoreError> {
        self.io(Io::Change, "open", || self.inner.open_run(run)).await
    }

    async fn close_run(&self, run: &str) -> Result<(), StoreError> {
        self.io(Io::Change, "close", || self.inner.close_run(run)).await
    }

    async fn open_runs(&self) -> Result<Vec<String>, StoreError> {
        self.io(Io::Read, "open runs", || self.inner.open_runs()).await
    }

    async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<Lease, StoreError> {
        self.io(Io::Read, "lease", || self.inner.acquire_lease(name, holder, now, ttl)).await
    }

    async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.io(Io::Read, "release", || self.inner.release_lease(name, holder)).await
    }
}
