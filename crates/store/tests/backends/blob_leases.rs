//! A worker may die before or after every request of a lease, and another may do all of its own
//! between any two of them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use store::{Blob, Lease, Store, StoreError};

use crate::wire::{Fault, Service, Wire};

const TTL: SignedDuration = SignedDuration::from_secs(30);

fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

/// The lease is new; has ended in the callers' time while the service's lease goes on; was given
/// back; or is the worker's own.
const SITUATIONS: [&str; 4] = ["new", "ended", "given back", "own"];

/// Brings the lease `name` into a situation. Second 100 is the present of all tests.
async fn prepare(store: &Blob, name: &str, situation: &str) {
    let holder = if situation == "own" { "a" } else { "old" };
    let since = if situation == "own" { 90 } else { 60 };
    if situation != "new" {
        let lease = store.acquire_lease(name, holder, at(since), TTL).await.unwrap();
        assert!(matches!(lease, Lease::Held { .. }));
    }
    if situation == "given back" {
        store.release_lease(name, holder).await.unwrap();
    }
}

async fn acquire(store: &Blob, name: &str, holder: &str, now: i64) -> Lease {
    store.acquire_lease(name, holder, at(now), TTL).await.unwrap()
}

#[tokio::test]
async fn a_worker_that_dies_at_any_request_blocks_others_no_longer_than_its_lease() {
    let service = Service::start();
    let store = service.blob("dies", &Wire::good()).await;
    let wire = Wire::good();
    let dying = service.blob("dies", &wire).await;
    for situation in SITUATIONS {
        let mut cuts = 0;
        for number in 0.. {
            let mut finished = false;
            for fault in [Fault::DieBefore(number), Fault::DieAfter(number)] {
                let name = format!("{situation} {fault:?}");
                prepare(&store, &name, situation).await;
                wire.set(fault);
                match dying.acquire_lease(&name, "a", at(100), TTL).await {
                    Ok(lease) => {
                        assert_eq!(lease, Lease::Held { until: at(130) }, "{name}");
                        finished = true;
                    }
                    Err(error) => {
                        assert!(matches!(error, StoreError::Unavailable(_)), "{name}: {error}");
                        cuts += 1;
                    }
                }
                let other = acquire(&store, &name, "b", 101).await;
                let again = acquire(&store, &name, "a", 102).await;
                match other {
                    Lease::Held { .. } => {
                        assert_eq!(again, Lease::Busy { until: Some(at(131)) }, "{name}");
                        assert_ne!(situation, "own", "{name}: a lease that holds was taken");
                    }
                    Lease::Busy { .. } => {
                        assert_eq!(again, Lease::Held { until: at(132) }, "{name}");
                    }
                }
                let later = acquire(&store, &name, "c", 132).await;
                assert_eq!(later, Lease::Held { until: at(162) }, "{name}");
            }
            if finished {
                break;
            }
        }
        assert!(cuts >= 4, "{situation}: {cuts} cuts");
    }
}

#[tokio::test]
async fn a_worker_that_dies_while_giving_back_blocks_others_no_longer_than_its_lease() {
    let service = Service::start();
    let store = service.blob("gives", &Wire::good()).await;
    let wire = Wire::good();
    let dying = service.blob("gives", &wire).await;
    for number in 0..=3 {
        for fault in [Fault::DieBefore(number), Fault::DieAfter(number)] {
            let name = format!("{fault:?}");
            prepare(&store, &name, "own").await;
            wire.set(fault);
            let end = dying.release_lease(&name, "a").await;
            assert_eq!(end.is_ok(), number == 3, "{name}: {end:?}");
            let other = acquire(&store, &name, "b", 100).await;
            let expected = match other {
                Lease::Held { .. } => Lease::Busy { until: Some(at(130)) },
                Lease::Busy { .. } => Lease::Held { until: at(131) },
            };
            assert_eq!(acquire(&store, &name, "a", 101).await, expected, "{name}");
            let later = acquire(&store, &name, "c", 131).await;
            assert_eq!(later, Lease::Held { until: at(161) }, "{name}");
        }
    }
}

#[tokio::test]
async fn two_workers_never_both_get_the_lease_however_their_requests_interleave() {
    let service = Service::start();
    let store = service.blob("both", &Wire::good()).await;
    let wire = Wire::good();
    let slow = Arc::new(service.blob("both", &wire).await);
    for situation in SITUATIONS {
        for number in 0.. {
            let name = format!("{situation} {number}");
            prepare(&store, &name, situation).await;
            wire.set(Fault::Wait(number));
            let first = tokio::spawn({
                let (slow, name) = (slow.clone(), name.clone());
                async move { slow.acquire_lease(&name, "a", at(100), TTL).await.unwrap() }
            });
            tokio::select! {
                permit = wire.waiting.acquire() => permit.unwrap().forget(),
                () = async { while !first.is_finished() { tokio::task::yield_now().await } } => {}
            }
            let waited = !first.is_finished();
            let second = acquire(&store, &name, "b", 100).await;
            if waited {
                wire.go_on.add_permits(1);
            }
            let first = first.await.unwrap();
            let held = [first, second].iter().filter(|l| matches!(l, Lease::Held { .. })).count();
            assert!(held <= 1, "{name}: {first:?} {second:?}");
            // Whatever happened, it is over when the time is over.
            let later = acquire(&store, &name, "c", 130).await;
            assert_eq!(later, Lease::Held { until: at(160) }, "{name}");
            if !waited {
                assert!(number >= 3, "{situation}: waited only {number} times");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_lease_blob_that_somebody_spoilt_mends_itself() {
    let service = Service::start();
    let store = service.blob("spoilt", &Wire::good()).await;
    for content in ["", "hello", "{\"holder\":7}", "[]"] {
        service.put("spoilt-leases", "cafe", content).await;
        let lease = acquire(&store, "cafe", "a", 0).await;
        assert_eq!(lease, Lease::Held { until: at(30) }, "{content:?}");
        store.release_lease("cafe", "a").await.unwrap();
    }
    assert_eq!(acquire(&store, "cafe", "a", 0).await, Lease::Held { until: at(30) });
    let content = service.get("spoilt-leases", "cafe").await;
    assert_eq!(content, r#"{"holder":"a","until":"2030-01-01T00:00:30Z"}"#);
}
