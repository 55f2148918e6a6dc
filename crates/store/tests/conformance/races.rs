use std::sync::Arc;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use store::{Append, Lease, Put, Store};
use tokio::sync::Barrier;

use crate::backend::{Backend, on_every_backend};

on_every_backend!(
    of_many_writers_of_a_record_one_wins,
    of_many_writers_of_a_document_one_wins,
    of_many_holders_one_gets_the_lease,
    of_many_senders_one_posts_the_request,
);

const WORKERS: usize = 8;

/// Each worker has a store of its own, as separate processes do, and all start at once.
async fn race<T, F>(backend: &Backend, work: impl Fn(usize, Arc<dyn Store>) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(WORKERS));
    let workers = (0..WORKERS).map(|worker| {
        let start = start.clone();
        let work = work(worker, backend.open());
        tokio::spawn(async move {
            start.wait().await;
            work.await
        })
    });
    join_all(workers).await.into_iter().map(|end| end.unwrap()).collect()
}

async fn of_many_writers_of_a_record_one_wins(backend: &Backend) {
    for seq in 0..3 {
        let ends = race(backend, |worker, store| async move {
            let record = format!(r#"{{"worker":{worker}}}"#);
            store.append("run", seq, &format!("w{worker}"), record.as_bytes()).await.unwrap()
        })
        .await;
        let winners: Vec<_> = (0..WORKERS).filter(|&w| ends[w] == Append::Written).collect();
        assert_eq!(winners.len(), 1, "record {seq}: {ends:?}");
        let record = format!(r#"{{"worker":{}}}"#, winners[0]).into_bytes();
        assert_eq!(backend.open().read("run", seq).await.unwrap(), [record]);
    }
}

async fn of_many_writers_of_a_document_one_wins(backend: &Backend) {
    let mut version = None;
    for round in 0..3 {
        let ends = race(backend, |worker, store| {
            let version: Option<String> = version.clone();
            async move {
                let bytes = format!("{round} {worker}");
                store.put_document("watch", version.as_deref(), bytes.as_bytes()).await.unwrap()
            }
        })
        .await;
        let stored: Vec<_> = ends.iter().filter(|end| **end != Put::Conflict).collect();
        assert_eq!(stored.len(), 1, "round {round}: {ends:?}");
        let now = backend.open().get_document("watch").await.unwrap().unwrap();
        assert_eq!(*stored[0], Put::Stored { version: now.version.clone() });
        version = Some(now.version);
    }
}

async fn of_many_holders_one_gets_the_lease(backend: &Backend) {
    let mut now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    for round in 0..3 {
        let ends = race(backend, |worker, store| async move {
            let holder = format!("{round}-{worker}");
            store.acquire_lease("cafe", &holder, now, SignedDuration::from_secs(30)).await.unwrap()
        })
        .await;
        let held = ends.iter().filter(|end| matches!(end, Lease::Held { .. })).count();
        assert!(held <= 1, "round {round}: {ends:?}");
        // The next round finds the lease expired, or given back by nobody.
        now += SignedDuration::from_secs(31);
    }
    let store = backend.open();
    let last = store.acquire_lease("cafe", "last", now, SignedDuration::from_secs(30)).await;
    assert!(matches!(last.unwrap(), Lease::Held { .. }), "whatever happened before");
}

async fn of_many_senders_one_posts_the_request(backend: &Backend) {
    let ends = race(backend, |worker, store| async move {
        store.post_request("cafe", "start", format!("{worker}").as_bytes()).await.unwrap()
    })
    .await;
    assert_eq!(ends.iter().filter(|posted| **posted).count(), 1);
    let winner = ends.iter().position(|posted| *posted).unwrap();
    let there = backend.open().requests("cafe").await.unwrap();
    assert_eq!(there, [("start".to_owned(), winner.to_string().into_bytes())]);
}
