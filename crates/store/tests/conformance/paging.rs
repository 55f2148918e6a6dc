use crate::backend::{Backend, on_every_backend};

on_every_backend!(lists_longer_than_a_page_are_complete, a_gap_at_the_end_of_a_page_is_noticed);

async fn lists_longer_than_a_page_are_complete(backend: &Backend) {
    let store = backend.open_with_small_pages();
    let names: Vec<_> = (0..7).map(|n| format!("n{n}")).collect();
    for (seq, name) in (0..).zip(&names) {
        store.append("run", seq, "a", format!("{seq}").as_bytes()).await.unwrap();
        store.put_document(name, None, b"1").await.unwrap();
        store.post_request("cafe", name, b"1").await.unwrap();
        store.open_run(name).await.unwrap();
    }
    let records = store.read("run", 0).await.unwrap();
    assert_eq!(records, [b"0", b"1", b"2", b"3", b"4", b"5", b"6"]);
    assert_eq!(store.list_documents("n").await.unwrap(), names);
    let requests = store.requests("cafe").await.unwrap();
    assert_eq!(requests.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), names);
    assert_eq!(store.open_runs().await.unwrap(), names);
}

async fn a_gap_at_the_end_of_a_page_is_noticed(backend: &Backend) {
    let store = backend.open_with_small_pages();
    for seq in [0, 1, 3] {
        store.append("run", seq, "a", b"{}").await.unwrap();
    }
    let error = store.read("run", 0).await.unwrap_err().to_string();
    assert!(error.contains("broken at record 2"), "{error}");
}
