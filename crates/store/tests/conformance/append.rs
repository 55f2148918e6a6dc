use store::{Append, StoreError};

use crate::backend::{Backend, on_every_backend};

on_every_backend!(
    a_record_is_created_once_and_never_changed,
    records_come_back_in_order_from_where_the_reader_wants,
    a_journal_that_nobody_wrote_is_empty,
    a_record_that_is_not_json_is_refused,
);

async fn a_record_is_created_once_and_never_changed(backend: &Backend) {
    let store = backend.open();
    assert_eq!(store.append("run", 0, "a", br#"{"n":1}"#).await.unwrap(), Append::Written);
    for (writer, record) in [("a", r#"{"n":2}"#), ("b", r#"{"n":1}"#), ("b", r#"{"n":2}"#)] {
        let second = store.append("run", 0, writer, record.as_bytes()).await.unwrap();
        assert_eq!(second, Append::Taken, "{writer} {record}");
    }
    assert_eq!(store.read("run", 0).await.unwrap(), [br#"{"n":1}"#]);
}

async fn records_come_back_in_order_from_where_the_reader_wants(backend: &Backend) {
    let store = backend.open();
    for seq in 0..12_u64 {
        let record = format!("[{seq}]");
        store.append("run", seq, "a", record.as_bytes()).await.unwrap();
    }
    store.append("run2", 0, "a", b"true").await.unwrap();
    let all = store.read("run", 0).await.unwrap();
    assert_eq!(all, (0..12).map(|seq| format!("[{seq}]").into_bytes()).collect::<Vec<_>>());
    assert_eq!(store.read("run", 10).await.unwrap(), all[10..]);
    assert!(store.read("run", 12).await.unwrap().is_empty());
    assert!(store.read("run", 99).await.unwrap().is_empty());
}

async fn a_journal_that_nobody_wrote_is_empty(backend: &Backend) {
    assert!(backend.open().read("run", 0).await.unwrap().is_empty());
}

async fn a_record_that_is_not_json_is_refused(backend: &Backend) {
    let store = backend.open();
    for record in [&b"{"[..], b"", b"\xff\xfe", b"{}\n"] {
        let error = store.append("run", 0, "a", record).await.unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{error}");
    }
    assert!(store.read("run", 0).await.unwrap().is_empty());
}
