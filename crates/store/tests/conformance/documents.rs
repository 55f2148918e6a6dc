use store::{Put, Store};

use crate::backend::{Backend, on_every_backend};

on_every_backend!(
    a_document_is_created_only_once,
    a_document_is_replaced_only_by_who_read_its_latest_version,
    a_document_that_is_not_there_cannot_be_replaced,
    documents_are_listed_by_prefix_and_in_order,
    bytes_of_any_kind_come_back,
);

async fn store_document(store: &dyn Store, name: &str, version: Option<&str>, b: &[u8]) -> String {
    match store.put_document(name, version, b).await.unwrap() {
        Put::Stored { version } => version,
        Put::Conflict => panic!("conflict for {name}"),
    }
}

async fn a_document_is_created_only_once(backend: &Backend) {
    let store = backend.open();
    assert_eq!(store.get_document("kill-switch").await.unwrap(), None);
    let version = store_document(&*store, "kill-switch", None, b"on").await;
    assert_eq!(store.put_document("kill-switch", None, b"off").await.unwrap(), Put::Conflict);
    let document = store.get_document("kill-switch").await.unwrap().unwrap();
    assert_eq!((document.version, document.bytes), (version, b"on".to_vec()));
}

async fn a_document_is_replaced_only_by_who_read_its_latest_version(backend: &Backend) {
    let store = backend.open();
    let first = store_document(&*store, "plans/cafe", None, b"1").await;
    let second = store_document(&*store, "plans/cafe", Some(&first), b"2").await;
    assert_ne!(first, second);
    for stale in [first.as_str(), "\"0x8DC\"", "7", "", "*"] {
        let end = store.put_document("plans/cafe", Some(stale), b"3").await.unwrap();
        assert_eq!(end, Put::Conflict, "{stale:?}");
    }
    // The same bytes are a new version all the same: nobody can have read it before.
    let third = store_document(&*store, "plans/cafe", Some(&second), b"2").await;
    let end = store.put_document("plans/cafe", Some(&second), b"4").await.unwrap();
    assert_eq!(end, Put::Conflict);
    let document = store.get_document("plans/cafe").await.unwrap().unwrap();
    assert_eq!((document.version, document.bytes), (third, b"2".to_vec()));
}

async fn a_document_that_is_not_there_cannot_be_replaced(backend: &Backend) {
    let store = backend.open();
    let version = store_document(&*store, "other", None, b"1").await;
    let end = store.put_document("plans/cafe", Some(&version), b"1").await.unwrap();
    assert_eq!(end, Put::Conflict);
    assert_eq!(store.get_document("plans/cafe").await.unwrap(), None);
}

async fn documents_are_listed_by_prefix_and_in_order(backend: &Backend) {
    let store = backend.open();
    for name in ["watch/cafe", "plans/b", "plans/a ", "plans/ä", "plans/a./x", "plansb", "x"] {
        store_document(&*store, name, None, b"").await;
    }
    let list = async |prefix: &str| store.list_documents(prefix).await.unwrap();
    assert_eq!(list("plans/").await, ["plans/a ", "plans/a./x", "plans/b", "plans/ä"]);
    assert_eq!(list("plans/a.").await, ["plans/a./x"]);
    assert_eq!(list("plans/a./").await, ["plans/a./x"]);
    assert_eq!(list("plansb").await, ["plansb"]);
    assert_eq!(list("").await.len(), 7);
    assert!(list("nothing").await.is_empty());
}

async fn bytes_of_any_kind_come_back(backend: &Backend) {
    let store = backend.open();
    let everything: Vec<u8> = (0..=255).collect();
    for (name, bytes) in [("empty", &b""[..]), ("binary", &everything)] {
        store_document(&*store, name, None, bytes).await;
        assert_eq!(store.get_document(name).await.unwrap().unwrap().bytes, bytes, "{name}");
    }
}
