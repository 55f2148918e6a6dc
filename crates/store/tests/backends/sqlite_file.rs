use std::path::Path;
use std::sync::Barrier;

use rusqlite::Connection;
use store::{Append, Sqlite, Store, StoreError};

fn refusal(path: &Path) -> String {
    match Sqlite::open(path) {
        Err(StoreError::Refused { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.db");
    Sqlite::open(&path).unwrap().append("run", 0, "a", b"{}").await.unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    let reason = refusal(&path);
    assert!(reason.contains("has version 2") && reason.contains("knows up to 1"), "{reason}");
    connection.pragma_update(None, "user_version", 1).unwrap();
    assert_eq!(Sqlite::open(&path).unwrap().read("run", 0).await.unwrap(), [b"{}"]);
}

#[test]
fn another_programs_file_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("their.db");
    Connection::open(&database).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(refusal(&database).contains("another program's database"));
    let before = std::fs::read(&database).unwrap();
    let text = dir.path().join("notes.txt");
    std::fs::write(&text, "no database, but long enough to be read as one".repeat(40)).unwrap();
    assert!(refusal(&text).contains("cannot be opened"));
    assert!(refusal(&dir.path().join("missing/store.db")).contains("cannot be opened"));
    assert_eq!(std::fs::read(&database).unwrap(), before);
}

#[test]
fn many_processes_may_create_and_open_the_file_at_once() {
    const OPENERS: usize = 12;
    for _ in 0..5 {
        let dir = tempfile::tempdir().unwrap();
        let path = &dir.path().join("store.db");
        let start = &Barrier::new(OPENERS);
        let written: usize = std::thread::scope(|scope| {
            let openers: Vec<_> = (0..OPENERS)
                .map(|opener| {
                    scope.spawn(move || {
                        start.wait();
                        // A connection of its own locks as another process does.
                        let store = Sqlite::open(path).unwrap();
                        let runtime =
                            tokio::runtime::Builder::new_current_thread().build().unwrap();
                        runtime.block_on(async {
                            let mut written = 0;
                            for seq in 0..20 {
                                let writer = format!("w{opener}");
                                let end = store.append("run", seq, &writer, b"{}").await.unwrap();
                                written += usize::from(end == Append::Written);
                            }
                            written
                        })
                    })
                })
                .collect();
            openers.into_iter().map(|opener| opener.join().unwrap()).sum()
        });
        assert_eq!(written, 20, "each record has one writer");
    }
}

#[tokio::test]
async fn a_torn_or_displaced_record_stops_its_reader() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.db");
    let store = Sqlite::open(&path).unwrap();
    for seq in 0..3 {
        store.append("run", seq, "a", b"{}").await.unwrap();
    }
    let connection = Connection::open(&path).unwrap();
    for (statement, at) in [
        ("UPDATE records SET stored = substr(stored, 1, 20) WHERE seq = 1", 1),
        ("UPDATE records SET stored = (SELECT stored FROM records WHERE seq = 2) WHERE seq = 0", 0),
    ] {
        connection.execute_batch(statement).unwrap();
        let error = store.read("run", 0).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { seq, .. } if seq == at), "{error}");
    }
}

#[tokio::test]
async fn what_was_reported_survives_without_a_clean_close() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.db");
    let store = Sqlite::open(&path).unwrap();
    store.append("run", 0, "a", b"{}").await.unwrap();
    // What a dead process leaves: the files as they are.
    let copy = dir.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::copy(path.with_extension("db-wal"), copy.with_extension("db-wal")).unwrap();
    assert_eq!(Sqlite::open(&copy).unwrap().read("run", 0).await.unwrap(), [b"{}"]);
    let mode: String = Connection::open(&path)
        .unwrap()
        .query_one("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
    drop(store);
}
