use jiff::{SignedDuration, Timestamp};
use store::{Append, Lease, Put};

use crate::backend::{Backend, on_every_backend};

on_every_backend!(everything_is_there_after_a_restart);

async fn everything_is_there_after_a_restart(backend: &Backend) {
    let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    let ttl = SignedDuration::from_secs(30);
    let store = backend.open();
    store.append("run", 0, "a", b"{}").await.unwrap();
    let Put::Stored { version } = store.put_document("plan", None, b"p").await.unwrap() else {
        panic!("a new document cannot conflict")
    };
    store.post_request("cafe", "k", b"1").await.unwrap();
    store.open_run("run").await.unwrap();
    store.acquire_lease("run", "a", now, ttl).await.unwrap();
    drop(store);

    let store = backend.open();
    assert_eq!(store.read("run", 0).await.unwrap(), [b"{}"]);
    assert_eq!(store.append("run", 0, "b", b"{}").await.unwrap(), Append::Taken);
    assert_eq!(store.append("run", 1, "b", b"{}").await.unwrap(), Append::Written);
    let put = store.put_document("plan", Some(&version), b"q").await.unwrap();
    assert!(matches!(put, Put::Stored { .. }));
    assert_eq!(store.requests("cafe").await.unwrap().len(), 1);
    assert_eq!(store.open_runs().await.unwrap(), ["run"]);
    let lease = store.acquire_lease("run", "b", now, ttl).await.unwrap();
    assert_eq!(lease, Lease::Busy { until: Some(now + ttl) });
}
