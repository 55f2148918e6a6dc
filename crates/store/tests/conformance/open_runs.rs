use crate::backend::{Backend, on_every_backend};

on_every_backend!(a_run_is_on_the_list_from_opening_to_closing);

async fn a_run_is_on_the_list_from_opening_to_closing(backend: &Backend) {
    let store = backend.open();
    assert!(store.open_runs().await.unwrap().is_empty());
    for run in ["cafe/2", "cafe/1", "cafe/10"] {
        store.open_run(run).await.unwrap();
    }
    assert_eq!(store.open_runs().await.unwrap(), ["cafe/1", "cafe/10", "cafe/2"]);
    store.close_run("cafe/1").await.unwrap();
    store.close_run("never opened").await.unwrap();
    assert_eq!(backend.open().open_runs().await.unwrap(), ["cafe/10", "cafe/2"]);
    store.open_run("cafe/1").await.unwrap();
    assert_eq!(store.open_runs().await.unwrap().len(), 3);
}
