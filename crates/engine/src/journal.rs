//! Journals of runs, as the store keeps them: a record is a line of JSON.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use recovery::event::Record;
use recovery::request::Request;
use store::{Append, Store, StoreError};

use crate::error::Error;

/// How many runs are remembered: more than ever run at once.
const REMEMBERED: usize = 64;

/// Records that were read before. A record never changes, so a copy of it is as good.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journals {
    known: Arc<Mutex<BTreeMap<String, Vec<Record>>>>,
}

impl Journals {
    /// All records of a run, of which only the new ones are fetched; none if there is no such run.
    pub(crate) async fn load(&self, store: &dyn Store, run: &str) -> Result<Vec<Record>, Error> {
        let mut records = self.known().get(run).cloned().unwrap_or_default();
        records.extend(load_from(store, run, records.len()).await?);
        let mut known = self.known();
        if known.len() >= REMEMBERED && !known.contains_key(run) {
            known.clear();
        }
        known.insert(run.to_owned(), records.clone());
        Ok(records)
    }

    pub(crate) async fn exists(&self, store: &dyn Store, run: &str) -> Result<bool, Error> {
        let known = self.known().get(run).is_some_and(|records| !records.is_empty());
        Ok(known || !self.load(store, run).await?.is_empty())
    }

    pub(crate) fn forget(&self, run: &str) {
        self.known().remove(run);
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Record>>> {
        // Whatever panicked, it did not do so half-way through changing a record.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All records of a run; none if there is no such run.
pub(crate) async fn load(store: &dyn Store, run: &str) -> Result<Vec<Record>, Error> {
    load_from(store, run, 0).await
}

async fn load_from(store: &dyn Store, run: &str, from: usize) -> Result<Vec<Record>, Error> {
    let first = u64::try_from(from).expect("a journal fits into memory");
    let records = store.read(run, first).await?;
    records
        .iter()
        .enumerate()
        .map(|(index, bytes)| {
            serde_json::from_slice(bytes).map_err(|error| {
                let sequence = from + index;
                Error::Corrupt(format!("journal {run:?}, record {sequence}: {error}"))
            })
        })
        .collect()
}

/// Writes a record if nobody has written one of this number.
pub(crate) async fn append(
    store: &dyn Store,
    run: &str,
    sequence: u64,
    writer: &str,
    record: &Record,
) -> Result<Append, StoreError> {
    let bytes = serde_json::to_vec(record).expect("events serialise: no maps with odd keys");
    store.append(run, sequence, writer, &bytes).await
}

/// The requests in a run's inbox. One that cannot be read was not written by us and is left alone.
pub(crate) async fn requests(store: &dyn Store, run: &str) -> Result<Vec<Request>, StoreError> {
    let requests = store.requests(run).await?;
    Ok(requests
        .iter()
        .filter_map(|(key, bytes)| match serde_json::from_slice(bytes) {
            Ok(request) => Some(request),
            Err(error) => {
                tracing::warn!(run, key, %error, "a request in the inbox cannot be read");
                None
            }
        })
        .collect())
}
