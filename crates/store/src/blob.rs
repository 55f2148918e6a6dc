//! The store on Azure Functions: Azure Blob Storage.
//!
//! Every promise is one conditional write of one small blob, so the service keeps it, not this
//! code:
//!
//! - `journals/JOURNAL/00000007.json`: one immutable blob per record, created if absent;
//! - `documents/NAME`: replaced if its `ETag` is still the one that was read;
//! - `inbox/INBOX/KEY` and `open-runs/RUN`: created if absent;
//! - leases lie in a container of their own (see `blob/lease.rs`).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_core::http::HttpClient;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::names::{self, Kind};
use crate::{Append, Document, Lease, Put, Store, StoreError, record};
use container::{Condition, Container};

mod container;
mod fault;
mod lease;
mod transport;

/// How many blobs are read at once. A run has some hundred records.
const PARALLEL: usize = 16;

const JOURNALS: &str = "journals/";
const DOCUMENTS: &str = "documents/";
const INBOX: &str = "inbox/";
const OPEN_RUNS: &str = "open-runs/";

/// A store in two containers of Azure Blob Storage.
pub struct Blob {
    main: Container,
    leases: Container,
}

/// What may differ between installations and tests.
#[derive(Clone, Debug)]
pub struct BlobOptions {
    /// Who we are; not used when the URL carries a shared access signature.
    pub credential: Option<Arc<dyn TokenCredential>>,
    /// Another version of the service's API, for an emulator that is older than the client.
    pub api_version: Option<String>,
    /// How long one call to the service may take, on the wall clock.
    pub call_limit: Duration,
    /// More certificates to trust, PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// What sends the requests, instead of our own client.
    pub client: Option<Arc<dyn HttpClient>>,
    /// How many names the service lists at once; the service's own limit if none.
    pub page_size: Option<i32>,
}

impl Default for BlobOptions {
    fn default() -> Self {
        Self {
            credential: None,
            api_version: None,
            call_limit: Duration::from_secs(10),
            ca_pem: None,
            client: None,
            page_size: None,
        }
    }
}

impl Blob {
    /// A store in two containers that exist. Makes no call.
    pub fn new(main: &Url, leases: &Url, options: &BlobOptions) -> Result<Self, StoreError> {
        if main.host() == leases.host() && main.path() == leases.path() {
            return Err(StoreError::refused(
                "leases need a container of their own: they are rewritten every few seconds, and \
                 the journals' container may keep versions",
            ));
        }
        let client = transport::client([main, leases], options);
        Ok(Self {
            main: Container::new(main, client.clone(), options)?,
            leases: Container::new(leases, client, options)?,
        })
    }

    /// Creates both containers where they are missing: for emulators. In Azure the installation
    /// creates them.
    pub async fn create_containers(&self) -> Result<(), StoreError> {
        self.main.create().await?;
        self.leases.create().await
    }

    /// The names of the blobs under `folder`, without the folder.
    async fn names(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let names = self.main.list(folder).await?;
        Ok(names.iter().filter_map(|name| name.strip_prefix(folder)).map(Into::into).collect())
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({}, leases in {})", self.main, self.leases)
    }
}

#[async_trait]
impl Store for Blob {
    async fn append(
        &self,
        journal: &str,
        seq: u64,
        writer: &str,
        record: &[u8],
    ) -> Result<Append, StoreError> {
        let ours = record::encode(journal, seq, writer, record)?;
        let name = record_name(journal, seq);
        if self.main.put(&name, ours.clone(), Condition::Absent, None).await?.is_some() {
            return Ok(Append::Written);
        }
        // It may be ours: an earlier call wrote it and its answer was lost.
        match self.main.get(&name).await? {
            Some((there, _)) => Ok(record::judge(&ours, &there)),
            None => Err(record::corrupt(journal, seq, "it was there and then it was gone")),
        }
    }

    async fn read(&self, journal: &str, from: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        names::check(Kind::Journal, journal)?;
        let folder = format!("{JOURNALS}{}/", names::segment(journal));
        // All names are listed even when few records are read: only so is a gap noticed. They are
        // unique and come in order, and so do the numbers that they are written from.
        let mut count = 0;
        for name in self.names(&folder).await? {
            let seq = record_seq(&name).ok_or_else(|| {
                let problem = format!("{folder}{name} is in the journal's folder, not a record");
                record::corrupt(journal, count, problem)
            })?;
            if seq != count {
                return Err(record::gap(journal, count, seq));
            }
            count += 1;
        }
        stream::iter(from..count)
            .map(|seq| async move {
                let stored = self.main.get(&record_name(journal, seq)).await?;
                let (stored, _) = stored
                    .ok_or_else(|| record::corrupt(journal, seq, "it was listed and is gone"))?;
                record::decode(journal, seq, &stored)
            })
            .buffered(PARALLEL)
            .try_collect()
            .await
    }

    async fn get_document(&self, name: &str) -> Result<Option<Document>, StoreError> {
        names::check(Kind::Document, name)?;
        let found = self.main.get(&document_name(name)).await?;
        Ok(found.map(|(bytes, version)| Document { version, bytes }))
    }

    async fn put_document(
        &self,
        name: &str,
        expected: Option<&str>,
        bytes: &[u8],
    ) -> Result<Put, StoreError> {
        names::check(Kind::Document, name)?;
        names::check_size(bytes)?;
        let condition = expected.map_or(Condition::Absent, Condition::Version);
        let stored = self.main.put(&document_name(name), bytes.to_vec(), condition, None).await?;
        Ok(stored.map_or(Put::Conflict, |version| Put::Stored { version }))
    }

    async fn list_documents(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let listed = self.main.list(&format!("{DOCUMENTS}{}", names::path_prefix(prefix))).await?;
        let mut documents: Vec<String> = listed
            .iter()
            .filter_map(|blob| names::unescape(blob.strip_prefix(DOCUMENTS)?))
            .filter(|name| name.starts_with(prefix))
            .collect();
        documents.sort_unstable();
        Ok(documents)
    }

    async fn post_request(&self, inbox: &str, key: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        names::check(Kind::Inbox, inbox)?;
        names::check(Kind::Key, key)?;
        names::check_size(bytes)?;
        let name = format!("{INBOX}{}/{}", names::segment(inbox), names::segment(key));
        Ok(self.main.put(&name, bytes.to_vec(), Condition::Absent, None).await?.is_some())
    }

    async fn requests(&self, inbox: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        names::check(Kind::Inbox, inbox)?;
        let folder = format!("{INBOX}{}/", names::segment(inbox));
        let folder = &folder;
        let mut requests: Vec<_> = stream::iter(self.names(folder).await?)
            .map(|name| async move {
                let Some(key) = names::unescape(&name) else { return Ok(None) };
                let found = self.main.get(&format!("{folder}{name}")).await?;
                Ok(found.map(|(bytes, _)| (key, bytes)))
            })
            .buffered(PARALLEL)
            .try_filter_map(|found| async { Ok(found) })
            .try_collect()
            .await?;
        requests.sort_unstable();
        Ok(requests)
    }

    async fn open_run(&self, run: &str) -> Result<(), StoreError> {
        names::check(Kind::Run, run)?;
        let content = serde_json::json!({ "run": run }).to_string();
        self.main.put(&run_name(run), content, Condition::Absent, None).await.map(drop)
    }

    async fn close_run(&self, run: &str) -> Result<(), StoreError> {
        names::check(Kind::Run, run)?;
        self.main.delete(&run_name(run)).await
    }

    async fn open_runs(&self) -> Result<Vec<String>, StoreError> {
        let listed = self.names(OPEN_RUNS).await?;
        let mut runs: Vec<_> = listed.iter().filter_map(|name| names::unescape(name)).collect();
        runs.sort_unstable();
        Ok(runs)
    }

    async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<Lease, StoreError> {
        let until = crate::lease::end(name, holder, now, ttl)?;
        lease::acquire(&self.leases, name, holder, now, until).await
    }

    async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        names::check(Kind::Lease, name)?;
        names::check(Kind::Holder, holder)?;
        lease::release(&self.leases, name, holder).await
    }
}

fn record_name(journal: &str, seq: u64) -> String {
    format!("{JOURNALS}{}/{seq:08}.json", names::segment(journal))
}

/// The reverse of [`record_name`]; none for any other way to write a number.
fn record_seq(file: &str) -> Option<u64> {
    let seq = file.strip_suffix(".json")?.parse().ok()?;
    (format!("{seq:08}.json") == file).then_some(seq)
}

fn document_name(name: &str) -> String {
    format!("{DOCUMENTS}{}", names::path(name))
}

fn run_name(run: &str) -> String {
    format!("{OPEN_RUNS}{}", names::segment(run))
}
