//! The same operations of the store, on this and on a real Azurite, must come to the same.

use std::collections::HashMap;
use std::sync::Arc;

use azurite::Azurite;
use clock::Clock;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use store::{Append, Blob, BlobOptions, Lease, Put, Store, StoreError};

use crate::rig::Account;

/// A store and the versions that it has given, by when: two services never give the same.
struct Side {
    store: Arc<dyn Store>,
    versions: HashMap<String, Vec<String>>,
}

/// One operation, with everything about it drawn.
#[derive(Debug, Clone)]
enum Step {
    Append { journal: usize, seq: u64, writer: usize },
    Read { journal: usize, from: u64 },
    Put { document: usize, of: Version },
    Get { document: usize },
    Documents,
    Post { key: usize },
    Requests,
    Open { run: usize },
    Close { run: usize },
    OpenRuns,
    Acquire { lease: usize, holder: usize, at_s: i64, ttl_s: i64 },
    Release { lease: usize, holder: usize },
}

#[derive(Debug, Clone, Copy)]
enum Version {
    None,
    Latest,
    Older,
}

fn step(random: &mut Rng) -> Step {
    let few = |random: &mut Rng| random.usize(0..3);
    match random.u8(0..12) {
        0 => Step::Append { journal: few(random), seq: random.u64(0..6), writer: few(random) },
        1 => Step::Read { journal: few(random), from: random.u64(0..4) },
        2 => {
            let of = [Version::None, Version::Latest, Version::Older];
            Step::Put { document: few(random), of: of[few(random)] }
        }
        3 => Step::Get { document: few(random) },
        4 => Step::Documents,
        5 => Step::Post { key: few(random) },
        6 => Step::Requests,
        7 => Step::Open { run: few(random) },
        8 => Step::Close { run: few(random) },
        9 => Step::OpenRuns,
        10 => {
            let (at_s, ttl_s) = (random.i64(0..200), random.i64(1..90));
            Step::Acquire { lease: few(random), holder: few(random), at_s, ttl_s }
        }
        _ => Step::Release { lease: few(random), holder: few(random) },
    }
}

/// What came of it, without what may differ: versions, and the words of an error.
async fn come_of(side: &mut Side, step: &Step, number: usize) -> String {
    let store = Arc::clone(&side.store);
    match step.clone() {
        Step::Append { journal, seq, writer } => {
            let record = format!("{{\"by\":{writer}}}");
            let (journal, writer) = (format!("run {journal}"), format!("writer-{writer}"));
            told(
                store
                    .append(&journal, seq, &writer, record.as_bytes())
                    .await
                    .map(|end| matches!(end, Append::Written)),
            )
        }
        Step::Read { journal, from } => told(store.read(&format!("run {journal}"), from).await),
        Step::Put { document, of } => {
            let name = format!("folder/document <&> {document}");
            let versions = side.versions.entry(name.clone()).or_default();
            let expected = match of {
                Version::None => None,
                Version::Latest => versions.last().cloned(),
                Version::Older => versions.iter().rev().nth(1).cloned(),
            };
            let bytes = number.to_string();
            let end = store.put_document(&name, expected.as_deref(), bytes.as_bytes()).await;
            told(end.map(|put| match put {
                Put::Stored { version } => {
                    versions.push(version);
                    true
                }
                Put::Conflict => false,
            }))
        }
        Step::Get { document } => {
            let name = format!("folder/document <&> {document}");
            told(store.get_document(&name).await.map(|found| found.map(|found| found.bytes)))
        }
        Step::Documents => told(store.list_documents("folder/").await),
        Step::Post { key } => told(store.post_request("inbox", &format!("key/{key}"), b"{}").await),
        Step::Requests => told(store.requests("inbox").await),
        Step::Open { run } => told(store.open_run(&format!("run {run}")).await),
        Step::Close { run } => told(store.close_run(&format!("run {run}")).await),
        Step::OpenRuns => told(store.open_runs().await),
        Step::Acquire { lease, holder, at_s, ttl_s } => {
            let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(at_s);
            let ttl = SignedDuration::from_secs(ttl_s);
            let (lease, holder) = (format!("lease {lease}"), format!("holder {holder}"));
            told(store.acquire_lease(&lease, &holder, now, ttl).await.map(|end: Lease| end))
        }
        Step::Release { lease, holder } => {
            let (lease, holder) = (format!("lease {lease}"), format!("holder {holder}"));
            told(store.release_lease(&lease, &holder).await)
        }
    }
}

fn told<T: std::fmt::Debug>(end: Result<T, StoreError>) -> String {
    match end {
        Ok(value) => format!("{value:?}"),
        Err(StoreError::Unavailable(_)) => "unavailable".to_owned(),
        Err(StoreError::Corrupt { seq, .. }) => format!("broken at {seq}"),
        Err(StoreError::Refused { .. }) => "refused".to_owned(),
    }
}

#[tokio::test]
async fn a_store_cannot_tell_it_from_azurite() {
    let azurite = Azurite::in_memory().unwrap_or_else(|error| panic!("{error}"));
    for seed in 0..6 {
        let url = |name: &str| azurite.url_with_sas(&format!("{name}-{seed}")).parse().unwrap();
        let blob = Blob::new(&url("main"), &url("leases"), &BlobOptions::default()).unwrap();
        blob.create_containers().await.unwrap();
        let side = |store| Side { store, versions: HashMap::new() };
        let mut theirs = side(Arc::new(blob));
        let mut ours = side(Account::new(Clock::System, Arc::default()).open());
        let mut random = Rng::with_seed(seed);
        for number in 0..200 {
            let step = step(&mut random);
            let expected = come_of(&mut theirs, &step, number).await;
            let came = come_of(&mut ours, &step, number).await;
            assert_eq!(came, expected, "seed {seed}, step {number}: {step:?}");
        }
    }
}
