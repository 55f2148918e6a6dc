use jiff::{SignedDuration, Timestamp};
use store::{Append, Lease, MAX_NAME, Put, StoreError};

use crate::backend::{Backend, on_every_backend};

on_every_backend!(odd_names_are_names_like_any_other, bad_names_are_refused);

const ODD: [&str; 12] = [
    "a b",
    "a%20b",
    "a~20b",
    "ä€😀",
    "..",
    "a/../b",
    "ends.",
    "#frag?query=1&sig=x",
    "\"quoted\"",
    "'; DROP TABLE records; --",
    "C:\\plans\\cafe",
    "CAFE",
];

async fn odd_names_are_names_like_any_other(backend: &Backend) {
    let store = backend.open();
    let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    let longest = "€".repeat(MAX_NAME / 3);
    let mut names: Vec<&str> = ODD.to_vec();
    names.extend(["cafe", longest.as_str()]);
    for name in &names {
        let record = serde_json::Value::from(*name).to_string();
        let end = store.append(name, 0, name, record.as_bytes()).await.unwrap();
        assert_eq!(end, Append::Written, "{name}");
        assert!(store.post_request(name, name, name.as_bytes()).await.unwrap(), "{name}");
        store.open_run(name).await.unwrap();
        let ttl = SignedDuration::from_secs(30);
        let lease = store.acquire_lease(name, name, now, ttl).await.unwrap();
        assert!(matches!(lease, Lease::Held { .. }), "{name}");
        if !name.contains("..") {
            let put = store.put_document(name, None, name.as_bytes()).await.unwrap();
            assert!(matches!(put, Put::Stored { .. }), "{name}");
        }
    }
    for name in &names {
        let record = serde_json::Value::from(*name).to_string();
        assert_eq!(store.read(name, 0).await.unwrap(), [record.into_bytes()], "{name}");
        let requests = store.requests(name).await.unwrap();
        assert_eq!(requests, [((*name).to_owned(), name.as_bytes().to_vec())]);
    }
    names.sort_unstable();
    assert_eq!(store.open_runs().await.unwrap(), names);
    names.retain(|name| !name.contains(".."));
    assert_eq!(store.list_documents("").await.unwrap(), names);
    for name in &names {
        assert_eq!(store.list_documents(name).await.unwrap().first().unwrap(), name);
    }
}

async fn bad_names_are_refused(backend: &Backend) {
    let store = backend.open();
    let now = Timestamp::UNIX_EPOCH;
    let ttl = SignedDuration::from_secs(30);
    let long = "x".repeat(MAX_NAME + 1);
    for name in ["", "a\nb", "nul\0", long.as_str()] {
        let errors = [
            store.append(name, 0, "a", b"{}").await.unwrap_err(),
            store.append("run", 0, name, b"{}").await.unwrap_err(),
            store.read(name, 0).await.unwrap_err(),
            store.get_document(name).await.unwrap_err(),
            store.put_document(name, None, b"").await.unwrap_err(),
            store.post_request(name, "k", b"").await.unwrap_err(),
            store.post_request("cafe", name, b"").await.unwrap_err(),
            store.requests(name).await.unwrap_err(),
            store.open_run(name).await.unwrap_err(),
            store.close_run(name).await.unwrap_err(),
            store.acquire_lease(name, "a", now, ttl).await.unwrap_err(),
            store.acquire_lease("cafe", name, now, ttl).await.unwrap_err(),
            store.release_lease(name, "a").await.unwrap_err(),
            store.release_lease("cafe", name).await.unwrap_err(),
        ];
        for error in errors {
            assert!(matches!(error, StoreError::Refused { .. }), "{name:?}: {error}");
        }
    }
    for name in ["/a", "a/", "a//b", "..", "a/../b", "./a"] {
        let error = store.put_document(name, None, b"").await.unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{name:?}: {error}");
    }
}
