//! What Farshore remembers: journals, documents, inboxes, open runs and leases.
//!
//! One trait, two backends that keep the same promises (`tests/conformance`): [`Sqlite`] for one
//! machine, [`Blob`] for Azure Functions. A store never repeats a call by itself: after
//! [`StoreError::Unavailable`] the call may or may not have taken effect, and the caller decides.

use std::fmt::Debug;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

pub use blob::{Blob, BlobOptions};
pub use settings::{OpenOptions, is_loopback, open, sqlite_allowed};
pub use sqlite::Sqlite;

mod blob;
mod lease;
mod names;
pub mod record;
mod settings;
mod sqlite;

/// The longest record, document or request.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;

/// The longest name of a journal, document, inbox, inbox key, run or lease, in bytes.
pub const MAX_NAME: usize = 160;

/// What both backends do. Names are any text without control characters of at most [`MAX_NAME`]
/// bytes; in a document's name `/` separates folders.
#[async_trait]
pub trait Store: Send + Sync + Debug {
    /// Creates record `seq` (0, 1, 2 …) of `journal` if nobody has. The record is JSON.
    ///
    /// Also [`Append::Written`] if the record that is there is ours (the same writer and bytes):
    /// the answer to an earlier call was lost. So a `writer` must never be used by two workers.
    async fn append(
        &self,
        journal: &str,
        seq: u64,
        writer: &str,
        record: &[u8],
    ) -> Result<Append, StoreError>;

    /// The records from `from` on, in order. A gap anywhere is an error that names it.
    async fn read(&self, journal: &str, from: u64) -> Result<Vec<Vec<u8>>, StoreError>;

    async fn get_document(&self, name: &str) -> Result<Option<Document>, StoreError>;

    /// Replaces version `expected` of a document; with none, creates it.
    ///
    /// After [`StoreError::Unavailable`] a repeated call may report a conflict with itself: read
    /// the document again.
    async fn put_document(
        &self,
        name: &str,
        expected: Option<&str>,
        bytes: &[u8],
    ) -> Result<Put, StoreError>;

    /// The names that begin with `prefix`, in order.
    async fn list_documents(&self, prefix: &str) -> Result<Vec<String>, StoreError>;

    /// Puts a request into an inbox; false if that key is there already, whatever it holds.
    async fn post_request(&self, inbox: &str, key: &str, bytes: &[u8]) -> Result<bool, StoreError>;

    /// All requests of an inbox, ordered by key.
    async fn requests(&self, inbox: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// Puts `run` on the list of open runs, if it is not there.
    async fn open_run(&self, run: &str) -> Result<(), StoreError>;

    /// Takes `run` off the list of open runs, if it is there.
    async fn close_run(&self, run: &str) -> Result<(), StoreError>;

    /// The list of open runs, in order.
    async fn open_runs(&self) -> Result<Vec<String>, StoreError>;

    /// Takes or renews a lease. It belongs to `holder` until `now + ttl`, in the caller's clock.
    ///
    /// A lease only keeps workers out of each other's way; what protects a journal is its
    /// sequence.
    async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<Lease, StoreError>;

    /// Gives a lease back; nothing happens if `holder` does not have it.
    async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError>;
}

/// The end of [`Store::append`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Append {
    Written,
    /// Somebody else's record has this sequence number.
    Taken,
}

/// A document and the version to name when replacing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub version: String,
    pub bytes: Vec<u8>,
}

/// The end of [`Store::put_document`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    Stored { version: String },
    Conflict,
}

/// The end of [`Store::acquire_lease`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    Held {
        until: Timestamp,
    },
    /// Somebody else has it; until when, if that is known.
    Busy {
        until: Option<Timestamp>,
    },
}

/// What went wrong, sorted by what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Try again later. The call may have taken effect.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// Stop, and tell a human.
    #[error(
        "journal {journal:?} is broken at record {seq}: {problem}. Nothing more is done with this \
         journal until a person has mended it: docs/operating.md, \"A broken journal\""
    )]
    Corrupt { journal: String, seq: u64, problem: String },
    /// The configuration or the request is wrong: trying again does not help.
    #[error("the store refuses: {reason}")]
    Refused { reason: String },
}

impl StoreError {
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into() }
    }
}
