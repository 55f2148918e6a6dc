use crate::backend::{Backend, on_every_backend};

on_every_backend!(
    a_request_is_never_overwritten,
    requests_come_in_the_order_of_their_keys,
    inboxes_are_apart,
);

async fn a_request_is_never_overwritten(backend: &Backend) {
    let store = backend.open();
    assert!(store.post_request("cafe", "abort", b"first").await.unwrap());
    assert!(!store.post_request("cafe", "abort", b"second").await.unwrap());
    let requests = store.requests("cafe").await.unwrap();
    assert_eq!(requests, [("abort".to_owned(), b"first".to_vec())]);
}

async fn requests_come_in_the_order_of_their_keys(backend: &Backend) {
    let store = backend.open();
    for key in ["b", "a/2", "a", "ä", "a 1", "10", "9"] {
        assert!(store.post_request("cafe", key, key.as_bytes()).await.unwrap());
    }
    let requests = store.requests("cafe").await.unwrap();
    let keys: Vec<_> = requests.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["10", "9", "a", "a 1", "a/2", "b", "ä"]);
    assert!(requests.iter().all(|(key, bytes)| key.as_bytes() == bytes));
}

async fn inboxes_are_apart(backend: &Backend) {
    let store = backend.open();
    for (inbox, key) in [("a", "b/c"), ("a/b", "c"), ("a~2Fb", "c"), ("A", "b/c")] {
        assert!(store.post_request(inbox, key, inbox.as_bytes()).await.unwrap(), "{inbox} {key}");
    }
    for inbox in ["a", "a/b", "a~2Fb", "A"] {
        let requests = store.requests(inbox).await.unwrap();
        assert_eq!(requests.len(), 1, "{inbox}");
        assert_eq!(requests[0].1, inbox.as_bytes());
    }
    assert!(store.requests("b").await.unwrap().is_empty());
}
