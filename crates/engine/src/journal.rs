//! Journals of runs, as the store keeps them: a record is a line of JSON.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use recovery::event::{Event, Record};
use recovery::request::Request;
use store::{Append, Store, StoreError};

use crate::error::{Error, shortened};
use crate::set_aside::{self, SetAside};

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
    let records: Vec<Record> = records
        .iter()
        .enumerate()
        .map(|(index, bytes)| {
            serde_json::from_slice(bytes).map_err(|error| {
                let what = format!("record {}: {}", from + index, foreign(&error));
                Error::Corrupt(unreadable(run, &what))
            })
        })
        .collect::<Result<_, _>>()?;
    // A whole journal under another run's name reads well, and would do that run's work again.
    if from == 0
        && let Some(Event::RunStarted(start)) = records.first().and_then(|it| it.events.first())
        && start.run != run
    {
        let what = format!("record 0: here begins run {:?}", shortened(&start.run));
        return Err(Error::Corrupt(unreadable(run, &what)));
    }
    Ok(records)
}

/// Why a run's journal is not one, and where the way out is.
pub(crate) fn unreadable(run: &str, what: &impl Display) -> String {
    format!(
        "journal {run:?} is broken at {}. Nothing more is done with it until a person has mended it \
         or set the run aside: docs/operating.md, \"A broken journal\"",
        shortened(&what.to_string())
    )
}

/// What is wrong with JSON that is no record of ours.
fn foreign(error: &serde_json::Error) -> String {
    let said = error.to_string();
    if said.starts_with("unknown variant") {
        return format!("it holds what this Farshore does not know: {said}");
    }
    format!("it is not what Farshore writes: {said}")
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

/// What people have said about a run.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    pub(crate) requests: Vec<Request>,
    pub(crate) set_aside: Option<SetAside>,
}

/// A run's inbox. What cannot be read was not written by us and is left alone.
pub(crate) async fn inbox(store: &dyn Store, run: &str) -> Result<Inbox, StoreError> {
    let mut inbox = Inbox::default();
    for (key, bytes) in store.requests(run).await? {
        let read = if key == set_aside::KEY {
            serde_json::from_slice(&bytes).map(|word| inbox.set_aside = Some(word))
        } else {
            serde_json::from_slice(&bytes).map(|request| inbox.requests.push(request))
        };
        if let Err(error) = read {
            tracing::warn!(run, key, %error, "a request in the inbox cannot be read");
        }
    }
    Ok(inbox)
}
