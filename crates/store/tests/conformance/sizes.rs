use store::{Append, MAX_BYTES, StoreError};

use crate::backend::{Backend, on_every_backend};

on_every_backend!(a_big_record_comes_back_whole, what_is_too_big_is_refused_before_it_is_sent);

async fn a_big_record_comes_back_whole(backend: &Backend) {
    let store = backend.open();
    for (seq, bytes) in [(0, 100 * 1024), (1, MAX_BYTES)] {
        let record = format!("\"{}\"", "x".repeat(bytes - 2));
        let end = store.append("run", seq, "a", record.as_bytes()).await.unwrap();
        assert_eq!(end, Append::Written);
        let again = store.append("run", seq, "a", record.as_bytes()).await.unwrap();
        assert_eq!(again, Append::Written);
        assert!(store.read("run", seq).await.unwrap() == [record.into_bytes()], "{bytes} bytes");
    }
    let document = vec![7; MAX_BYTES];
    store.put_document("plan", None, &document).await.unwrap();
    assert!(store.get_document("plan").await.unwrap().unwrap().bytes == document);
}

async fn what_is_too_big_is_refused_before_it_is_sent(backend: &Backend) {
    let store = backend.open();
    let big = format!("\"{}\"", "x".repeat(MAX_BYTES));
    let errors = [
        store.append("run", 0, "a", big.as_bytes()).await.unwrap_err(),
        store.put_document("plan", None, big.as_bytes()).await.unwrap_err(),
        store.post_request("cafe", "k", big.as_bytes()).await.unwrap_err(),
        store.append("run", 100_000_000, "a", b"{}").await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, StoreError::Refused { .. }), "{error}");
    }
    assert!(store.read("run", 0).await.unwrap().is_empty());
}
