use store::Append;

use crate::backend::{Backend, on_every_backend};

on_every_backend!(
    whoever_lost_the_answer_learns_that_the_record_is_its_own,
    posting_and_opening_again_changes_nothing,
);

async fn whoever_lost_the_answer_learns_that_the_record_is_its_own(backend: &Backend) {
    let record = br#"{"text":"\u00e4 and a \"quote\""}"#;
    assert_eq!(backend.open().append("run", 0, "a", record).await.unwrap(), Append::Written);
    let next = backend.open();
    assert_eq!(next.append("run", 0, "a", record).await.unwrap(), Append::Written);
    assert_eq!(next.append("run", 0, "b", record).await.unwrap(), Append::Taken);
    next.append("run", 1, "b", b"1").await.unwrap();
    assert_eq!(next.append("run", 0, "a", record).await.unwrap(), Append::Written);
    assert_eq!(next.read("run", 0).await.unwrap().len(), 2);
}

async fn posting_and_opening_again_changes_nothing(backend: &Backend) {
    let store = backend.open();
    assert!(store.post_request("cafe", "k", b"1").await.unwrap());
    assert!(!store.post_request("cafe", "k", b"1").await.unwrap());
    store.open_run("r").await.unwrap();
    store.open_run("r").await.unwrap();
    assert_eq!(store.open_runs().await.unwrap(), ["r"]);
    store.close_run("r").await.unwrap();
    store.close_run("r").await.unwrap();
    assert!(store.open_runs().await.unwrap().is_empty());
}
