//! The file itself: opening, schema, versions, and what `SQLite`'s errors mean to us.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, MAIN_DB, TransactionBehavior};

use crate::StoreError;

/// Marks a database as Farshore's: "Fars" in ASCII.
const APPLICATION: i32 = 0x4661_7273;

/// Raise it with every change of [`TABLES`], and migrate.
const VERSION: i32 = 1;

/// Another process has the file for a few milliseconds; a stuck one must not stop us for long.
const BUSY: Duration = Duration::from_secs(5);

/// Times are whole milliseconds of the Unix epoch.
const TABLES: &str = "
    CREATE TABLE records (
        journal TEXT NOT NULL, seq INTEGER NOT NULL, stored TEXT NOT NULL,
        PRIMARY KEY (journal, seq)
    ) STRICT;
    CREATE TABLE documents (
        name TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, bytes BLOB NOT NULL
    ) STRICT;
    CREATE TABLE requests (
        inbox TEXT NOT NULL, key TEXT NOT NULL, bytes BLOB NOT NULL,
        PRIMARY KEY (inbox, key)
    ) STRICT;
    CREATE TABLE open_runs (run TEXT NOT NULL PRIMARY KEY) STRICT;
    CREATE TABLE leases (
        name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, until_ms INTEGER NOT NULL
    ) STRICT;
";

pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let attempt = || {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        let found = prepare(&mut connection)?;
        Ok((connection, found))
    };
    let (connection, found) = attempt().map_err(|error: rusqlite::Error| {
        let reason = format!("the store {} cannot be opened: {error}", path.display());
        match sort(&error) {
            StoreError::Unavailable(_) if !is_missing(&error) => StoreError::Unavailable(reason),
            _ => StoreError::refused(reason),
        }
    })?;
    found.check(&path.display().to_string())?;
    Ok(connection)
}

pub(super) fn in_memory() -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory().map_err(|error| sort(&error))?;
    prepare(&mut connection).map_err(|error| sort(&error))?;
    Ok(connection)
}

/// What to do about an error of `SQLite`.
pub(super) fn sort(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(
            ErrorCode::NotADatabase
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::AuthorizationForStatementDenied,
        ) => StoreError::refused(format!(
            "the SQLite file needs a person, who restores it from a copy or mends its \
             permissions: {error}"
        )),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// A folder that does not exist does not appear by waiting.
fn is_missing(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::CannotOpen)
}

/// Whose database it is, as far as we can tell.
enum Found {
    Ours { version: i32 },
    Foreign,
    ReadOnly,
}

impl Found {
    fn check(&self, path: &str) -> Result<(), StoreError> {
        match *self {
            Self::Ours { version: VERSION } => Ok(()),
            Self::Ours { version } => Err(StoreError::refused(format!(
                "the store {path} has version {version} and this Farshore knows up to {VERSION}: \
                 start the newer Farshore that wrote it"
            ))),
            Self::ReadOnly => Err(StoreError::refused(format!(
                "the store {path} is read-only: give its file and its folder back the permission to \
                 write"
            ))),
            Self::Foreign => Err(StoreError::refused(format!(
                "{path} is another program's database: name another file"
            ))),
        }
    }
}

/// Creates the tables in an empty database; leaves any other as it is.
fn prepare(connection: &mut Connection) -> rusqlite::Result<Found> {
    // SQLite opens what it may not write for reading, and would go on to refuse every write when
    // the permission is back.
    if connection.is_readonly(MAIN_DB)? {
        return Ok(Found::ReadOnly);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let tables: i64 =
        transaction.query_one("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let application: i32 = transaction.query_one("PRAGMA application_id", [], |row| row.get(0))?;
    if tables == 0 && application == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    } else if application != APPLICATION {
        return Ok(Found::Foreign);
    }
    let version = transaction.query_one("PRAGMA user_version", [], |row| row.get(0))?;
    transaction.commit()?;
    if version == VERSION {
        make_durable(connection)?;
    }
    Ok(Found::Ours { version })
}

/// The write-ahead log lets readers and one writer work at once; FULL has every commit on the
/// disk before it is reported.
fn make_durable(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "FULL")?;
    // SQLite does not wait for a lock when it changes the mode, and several processes may start
    // at once: an immediate transaction is what waits.
    let mut last = Ok(());
    for _ in 0..20 {
        last = connection.query_one("PRAGMA journal_mode = WAL", [], |_| Ok(()));
        match &last {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?.commit()?;
            }
            _ => break,
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use rusqlite::OpenFlags;

    use super::*;

    #[test]
    fn a_file_that_can_only_be_read_is_refused_and_not_kept_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("farshore.db");
        drop(open(&path).unwrap());
        // What SQLite does by itself where the permission to write is missing.
        let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let mut connection = Connection::open_with_flags(&path, read_only).unwrap();

        let refused = prepare(&mut connection).unwrap().check("farshore.db").unwrap_err();

        assert!(refused.to_string().contains("farshore.db is read-only: give"), "{refused}");
        open(&path).unwrap();
    }
}
