//! Journals of runs, as the store keeps them: a record is a line of JSON.

use recovery::event::Record;
use recovery::request::Request;
use store::{Append, Store, StoreError};

use crate::error::Error;

/// All records of a run; none if there is no such run.
pub(crate) async fn load(store: &dyn Store, run: &str) -> Result<Vec<Record>, Error> {
    let records = store.read(run, 0).await?;
    records
        .iter()
        .enumerate()
        .map(|(sequence, bytes)| {
            serde_json::from_slice(bytes).map_err(|error| {
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
