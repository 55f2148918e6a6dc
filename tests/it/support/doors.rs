//! Doubles of the doors: a bus that remembers, a store with moods, and an Azure that is away.

use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use azure::{Request, Response, Transport, TransportError, Trouble, TroubleKind};
use bus::{Bus, BusError, Message};
use engine::{Page, ProbeError, Probes};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use store::{Append, Document, Lease, Put, Sqlite, Store, StoreError};

/// Remembers what was sent.
#[derive(Debug, Default)]
pub(crate) struct RecordingBus {
    sent: Mutex<Vec<Sent>>,
    is_down: Mutex<bool>,
}

/// A message and its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) queue: String,
    pub(crate) message: Message,
}

impl Sent {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_slice(&self.message.body).unwrap()
    }
}

impl RecordingBus {
    /// What was sent since this was asked last.
    pub(crate) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut self.sent.lock().unwrap())
    }

    pub(crate) fn set_down(&self, is_down: bool) {
        *self.is_down.lock().unwrap() = is_down;
    }
}

#[async_trait]
impl Bus for RecordingBus {
    async fn send(&self, queue: &str, message: &Message) -> Result<(), BusError> {
        if *self.is_down.lock().unwrap() {
            return Err(BusError::Unavailable { reason: "503 ServerBusy".to_owned() });
        }
        self.sent.lock().unwrap().push(Sent { queue: queue.to_owned(), message: message.clone() });
        Ok(())
    }
}

/// How a store answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Good,
    Unavailable,
    /// It can be read and takes nothing, as on a full disk.
    TakesNothing,
    /// As Azure Storage does without a role.
    Refuses,
    Panics,
}

#[derive(Debug)]
pub(crate) struct MoodyStore {
    inner: Sqlite,
    mood: Mutex<Mood>,
}

impl MoodyStore {
    pub(super) fn new(inner: Sqlite) -> Self {
        Self { inner, mood: Mutex::new(Mood::Good) }
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn inner(&self) -> Result<&Sqlite, StoreError> {
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Good | Mood::TakesNothing => Ok(&self.inner),
            Mood::Unavailable => Err(StoreError::Unavailable("the store is away".to_owned())),
            Mood::Refuses => Err(StoreError::Refused { reason: "a role is missing".to_owned() }),
            Mood::Panics => panic!("a fault that nobody thought of"),
        }
    }

    fn writable(&self) -> Result<&Sqlite, StoreError> {
        if *self.mood.lock().unwrap() == Mood::TakesNothing {
            return Err(StoreError::Unavailable("the disk is full".to_owned()));
        }
        self.inner()
    }
}

#[async_trait]
impl Store for MoodyStore {
    async fn append(
        &self,
        journal: &str,
        seq: u64,
        writer: &str,
        record: &[u8],
    ) -> Result<Append, StoreError> {
        self.writable()?.append(journal, seq, writer, record).await
    }

    async fn read(&self, journal: &str, from: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        self.inner()?.read(journal, from).await
    }

    async fn get_document(&self, name: &str) -> Result<Option<Document>, StoreError> {
        self.inner()?.get_document(name).await
    }

    async fn put_document(
        &self,
        name: &str,
        expected: Option<&str>,
        bytes: &[u8],
    ) -> Result<Put, StoreError> {
        self.writable()?.put_document(name, expected, bytes).await
    }

    async fn list_documents(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.inner()?.list_documents(prefix).await
    }

    async fn post_request(&self, inbox: &str, key: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        self.writable()?.post_request(inbox, key, bytes).await
    }

    async fn requests(&self, inbox: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.inner()?.requests(inbox).await
    }

    async fn open_run(&self, run: &str) -> Result<(), StoreError> {
        self.writable()?.open_run(run).await
    }

    async fn close_run(&self, run: &str) -> Result<(), StoreError> {
        self.writable()?.close_run(run).await
    }

    async fn open_runs(&self) -> Result<Vec<String>, StoreError> {
        self.inner()?.open_runs().await
    }

    async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<Lease, StoreError> {
        self.writable()?.acquire_lease(name, holder, now, ttl).await
    }

    async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.writable()?.release_lease(name, holder).await
    }
}

/// Azure Resource Manager behind a cut cable. It counts who tried.
#[derive(Debug, Default)]
pub(crate) struct DeafArm {
    asked: AtomicU32,
}

impl DeafArm {
    /// How many requests were tried since this was asked last.
    pub(crate) fn take(&self) -> u32 {
        self.asked.swap(0, Ordering::SeqCst)
    }
}

#[async_trait]
impl Transport for DeafArm {
    async fn send(&self, _: &Request, _: SignedDuration) -> Result<Response, TransportError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Err(TransportError::NotSent(Trouble::new(TroubleKind::Connect, "the cable is cut")))
    }
}

/// No name resolves and nothing answers.
#[derive(Debug)]
pub(super) struct DeafProbes;

fn deaf<T>() -> Result<T, ProbeError> {
    Err(ProbeError("the cable is cut".to_owned()))
}

#[async_trait]
impl Probes for DeafProbes {
    async fn get(&self, _: &str, _: &str, _: SignedDuration) -> Result<Page, ProbeError> {
        deaf()
    }

    async fn connect(&self, _: &str, _: u16, _: SignedDuration) -> Result<(), ProbeError> {
        deaf()
    }

    async fn resolve(&self, _: &str, _: SignedDuration) -> Result<Vec<IpAddr>, ProbeError> {
        deaf()
    }

    async fn notify(&self, _: &str, _: &Value, _: SignedDuration) -> Result<u16, ProbeError> {
        deaf()
    }
}
