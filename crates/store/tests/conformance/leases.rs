use jiff::{SignedDuration, Timestamp};
use store::{Lease, StoreError};

use crate::backend::{Backend, on_every_backend};

on_every_backend!(
    a_lease_keeps_others_out_until_it_ends,
    the_same_holder_renews_its_lease,
    whoever_was_taken_over_cannot_renew,
    a_lease_given_back_is_free_at_once,
    only_its_holder_gives_a_lease_back,
    leases_of_different_names_are_independent,
    a_lease_without_duration_is_refused,
);

const TTL: SignedDuration = SignedDuration::from_secs(30);

/// The callers' clock, which has nothing to do with the wall clock.
fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

fn held(until: i64) -> Lease {
    Lease::Held { until: at(until) }
}

fn busy(until: i64) -> Lease {
    Lease::Busy { until: Some(at(until)) }
}

async fn a_lease_keeps_others_out_until_it_ends(backend: &Backend) {
    let (a, b) = (backend.open(), backend.open());
    assert_eq!(a.acquire_lease("cafe", "a", at(0), TTL).await.unwrap(), held(30));
    assert_eq!(b.acquire_lease("cafe", "b", at(0), TTL).await.unwrap(), busy(30));
    assert_eq!(b.acquire_lease("cafe", "b", at(29), TTL).await.unwrap(), busy(30));
    assert_eq!(b.acquire_lease("cafe", "b", at(30), TTL).await.unwrap(), held(60));
    assert_eq!(a.acquire_lease("cafe", "a", at(31), TTL).await.unwrap(), busy(60));
}

async fn the_same_holder_renews_its_lease(backend: &Backend) {
    let store = backend.open();
    assert_eq!(store.acquire_lease("cafe", "a", at(0), TTL).await.unwrap(), held(30));
    assert_eq!(store.acquire_lease("cafe", "a", at(20), TTL).await.unwrap(), held(50));
    // The same after its process was started again, and after the lease has ended unnoticed.
    let next = backend.open();
    assert_eq!(next.acquire_lease("cafe", "a", at(25), TTL).await.unwrap(), held(55));
    assert_eq!(next.acquire_lease("cafe", "a", at(90), TTL).await.unwrap(), held(120));
    assert_eq!(next.acquire_lease("cafe", "b", at(119), TTL).await.unwrap(), busy(120));
}

async fn whoever_was_taken_over_cannot_renew(backend: &Backend) {
    let store = backend.open();
    store.acquire_lease("cafe", "a", at(0), TTL).await.unwrap();
    assert_eq!(store.acquire_lease("cafe", "b", at(40), TTL).await.unwrap(), held(70));
    assert_eq!(store.acquire_lease("cafe", "a", at(41), TTL).await.unwrap(), busy(70));
    store.release_lease("cafe", "a").await.unwrap();
    assert_eq!(store.acquire_lease("cafe", "a", at(42), TTL).await.unwrap(), busy(70));
    assert_eq!(store.acquire_lease("cafe", "b", at(43), TTL).await.unwrap(), held(73));
}

async fn a_lease_given_back_is_free_at_once(backend: &Backend) {
    let store = backend.open();
    for (second, holder) in [(0, "a"), (1, "b"), (2, "a")] {
        let lease = store.acquire_lease("cafe", holder, at(second), TTL).await.unwrap();
        assert_eq!(lease, held(second + 30), "{holder}");
        store.release_lease("cafe", holder).await.unwrap();
        store.release_lease("cafe", holder).await.unwrap();
    }
}

async fn only_its_holder_gives_a_lease_back(backend: &Backend) {
    let store = backend.open();
    store.release_lease("cafe", "b").await.unwrap();
    store.acquire_lease("cafe", "a", at(0), TTL).await.unwrap();
    store.release_lease("cafe", "b").await.unwrap();
    assert_eq!(store.acquire_lease("cafe", "b", at(1), TTL).await.unwrap(), busy(30));
}

async fn leases_of_different_names_are_independent(backend: &Backend) {
    let store = backend.open();
    for name in ["cafe", "cafe/2", "ä b"] {
        let lease = store.acquire_lease(name, name, at(0), TTL).await.unwrap();
        assert_eq!(lease, held(30), "{name}");
    }
}

async fn a_lease_without_duration_is_refused(backend: &Backend) {
    let store = backend.open();
    for ttl in [SignedDuration::ZERO, SignedDuration::from_secs(-1), SignedDuration::MAX] {
        let error = store.acquire_lease("cafe", "a", at(0), ttl).await.unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{ttl}: {error}");
    }
    // Durations that Azure's own leases do not allow are fine.
    for seconds in [1, 3600] {
        let ttl = SignedDuration::from_secs(seconds);
        let lease = store.acquire_lease("cafe", "a", at(0), ttl).await.unwrap();
        assert_eq!(lease, held(seconds));
    }
}
