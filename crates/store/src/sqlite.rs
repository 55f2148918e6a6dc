//! One machine's store: a `SQLite` file, or memory.
//!
//! Several processes may have the same file open. Every promise is one statement or one immediate
//! transaction, so the database keeps it, not this code.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::names::{self, Kind};
use crate::{Append, Document, Lease, Put, Store, StoreError, lease, record};

mod schema;

/// A store in `SQLite`.
#[derive(Debug)]
pub struct Sqlite {
    connection: Arc<Mutex<Connection>>,
    in_memory: bool,
}

impl Sqlite {
    /// Opens the file, or creates it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let connection = schema::open(path.as_ref())?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), in_memory: false })
    }

    /// A store that ends with this value.
    pub fn in_memory() -> Result<Self, StoreError> {
        let connection = schema::in_memory()?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), in_memory: true })
    }

    /// Runs short work on the connection. A file's work waits for the disk, so it must not hold
    /// up the worker thread; memory's work stays in place, so that a test in virtual time runs in
    /// one order.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = self.connection.clone();
        let call = move || {
            // A panic in other work has rolled its transaction back: the connection is good.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut connection).map_err(|error| schema::sort(&error))
        };
        if self.in_memory {
            return call();
        }
        let done = tokio::task::spawn_blocking(call).await;
        done.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn append(
        &self,
        journal: &str,
        seq: u64,
        writer: &str,
        record: &[u8],
    ) -> Result<Append, StoreError> {
        let ours = record::encode(journal, seq, writer, record)?;
        let journal = journal.to_owned();
        self.with(move |db| {
            let new = db
                .prepare_cached("INSERT INTO records VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
                .execute(params![journal, seq, ours])?;
            if new == 1 {
                return Ok(Append::Written);
            }
            // Records never change, so nothing can come between the two statements.
            let there: String = db
                .prepare_cached("SELECT stored FROM records WHERE journal = ?1 AND seq = ?2")?
                .query_one(params![journal, seq], |row| row.get(0))?;
            Ok(record::judge(&ours, there.as_bytes()))
        })
        .await
    }

    async fn read(&self, journal: &str, from: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        names::check(Kind::Journal, journal)?;
        let name = journal.to_owned();
        let (numbers, rows) = self
            .with(move |db| {
                let db = db.transaction()?;
                let numbers = db
                    .prepare_cached("SELECT seq FROM records WHERE journal = ?1 ORDER BY seq")?
                    .query_map([&name], |row| row.get(0))?
                    .collect::<rusqlite::Result<Vec<u64>>>()?;
                let rows = db
                    .prepare_cached(
                        "SELECT seq, CAST(stored AS BLOB) FROM records
                         WHERE journal = ?1 AND seq >= ?2 ORDER BY seq",
                    )?
                    .query_map(params![name, from], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect::<rusqlite::Result<Vec<(u64, Vec<u8>)>>>()?;
                Ok((numbers, rows))
            })
            .await?;
        // All numbers are looked at even when few records are read: only so is a gap noticed.
        if let Some((expected, found)) = (0..).zip(numbers).find(|(known, seq)| known != seq) {
            return Err(record::gap(journal, expected, found));
        }
        rows.into_iter().map(|(seq, stored)| record::decode(journal, seq, &stored)).collect()
    }

    async fn get_document(&self, name: &str) -> Result<Option<Document>, StoreError> {
        names::check(Kind::Document, name)?;
        let name = name.to_owned();
        self.with(move |db| {
            db.prepare_cached("SELECT version, bytes FROM documents WHERE name = ?1")?
                .query_one([name], |row| {
                    let version: i64 = row.get(0)?;
                    Ok(Document { version: version.to_string(), bytes: row.get(1)? })
                })
                .optional()
        })
        .await
    }

    async fn put_document(
        &self,
        name: &str,
        expected: Option<&str>,
        bytes: &[u8],
    ) -> Result<Put, StoreError> {
        names::check(Kind::Document, name)?;
        names::check_size(bytes)?;
        let name = name.to_owned();
        let bytes = bytes.to_vec();
        let expected = match expected.map(str::parse::<i64>) {
            None => None,
            Some(Ok(version)) => Some(version),
            // A version that we never gave out is nobody's version.
            Some(Err(_)) => return Ok(Put::Conflict),
        };
        self.with(move |db| {
            let version = match expected {
                None => db
                    .prepare_cached(
                        "INSERT INTO documents VALUES (?1, 1, ?2) ON CONFLICT DO NOTHING
                         RETURNING version",
                    )?
                    .query_one(params![name, bytes], |row| row.get::<_, i64>(0)),
                Some(expected) => db
                    .prepare_cached(
                        "UPDATE documents SET version = version + 1, bytes = ?2
                         WHERE name = ?1 AND version = ?3 RETURNING version",
                    )?
                    .query_one(params![name, bytes, expected], |row| row.get(0)),
            };
            Ok(match version.optional()? {
                Some(version) => Put::Stored { version: version.to_string() },
                None => Put::Conflict,
            })
        })
        .await
    }

    async fn list_documents(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let prefix = prefix.to_owned();
        self.with(move |db| {
            let mut query =
                db.prepare_cached("SELECT name FROM documents WHERE name >= ?1 ORDER BY name")?;
            let names = query.query_map([&prefix], |row| row.get(0))?;
            names
                .take_while(|name: &rusqlite::Result<String>| {
                    name.as_ref().map_or(true, |name| name.starts_with(&prefix))
                })
                .collect()
        })
        .await
    }

    async fn post_request(&self, inbox: &str, key: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        names::check(Kind::Inbox, inbox)?;
        names::check(Kind::Key, key)?;
        names::check_size(bytes)?;
        let (inbox, key, bytes) = (inbox.to_owned(), key.to_owned(), bytes.to_vec());
        self.with(move |db| {
            let new = db
                .prepare_cached("INSERT INTO requests VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
                .execute(params![inbox, key, bytes])?;
            Ok(new == 1)
        })
        .await
    }

    async fn requests(&self, inbox: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        names::check(Kind::Inbox, inbox)?;
        let inbox = inbox.to_owned();
        self.with(move |db| {
            db.prepare_cached("SELECT key, bytes FROM requests WHERE inbox = ?1 ORDER BY key")?
                .query_map([inbox], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
        .await
    }

    async fn open_run(&self, run: &str) -> Result<(), StoreError> {
        self.change_run(run, "INSERT INTO open_runs VALUES (?1) ON CONFLICT DO NOTHING").await
    }

    async fn close_run(&self, run: &str) -> Result<(), StoreError> {
        self.change_run(run, "DELETE FROM open_runs WHERE run = ?1").await
    }

    async fn open_runs(&self) -> Result<Vec<String>, StoreError> {
        self.with(|db| {
            db.prepare_cached("SELECT run FROM open_runs ORDER BY run")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
        .await
    }

    async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<Lease, StoreError> {
        let until = lease::end(name, holder, now, ttl)?;
        let (name, holder) = (name.to_owned(), holder.to_owned());
        let (now_ms, until_ms) = (now.as_millisecond(), until.as_millisecond());
        self.with(move |db| {
            // The winner writes and reads in one statement: no row means that another holds it.
            let taken = db
                .prepare_cached(
                    "INSERT INTO leases VALUES (?1, ?2, ?4)
                     ON CONFLICT (name) DO UPDATE SET holder = ?2, until_ms = ?4
                     WHERE holder = ?2 OR until_ms <= ?3",
                )?
                .execute(params![name, holder, now_ms, until_ms])?;
            if taken == 1 {
                return Ok(Lease::Held { until });
            }
            let until: Option<i64> = db
                .prepare_cached("SELECT until_ms FROM leases WHERE name = ?1")?
                .query_one([name], |row| row.get(0))
                .optional()?;
            Ok(Lease::Busy { until: until.and_then(|ms| Timestamp::from_millisecond(ms).ok()) })
        })
        .await
    }

    async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        names::check(Kind::Lease, name)?;
        names::check(Kind::Holder, holder)?;
        let (name, holder) = (name.to_owned(), holder.to_owned());
        self.with(move |db| {
            db.prepare_cached("DELETE FROM leases WHERE name = ?1 AND holder = ?2")?
                .execute([name, holder])
                .map(drop)
        })
        .await
    }
}

impl Sqlite {
    async fn change_run(&self, run: &str, statement: &'static str) -> Result<(), StoreError> {
        names::check(Kind::Run, run)?;
        let run = run.to_owned();
        self.with(move |db| db.prepare_cached(statement)?.execute([run]).map(drop)).await
    }
}
