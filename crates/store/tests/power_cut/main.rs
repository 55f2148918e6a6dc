//! The power fails in the middle of writing, and the disk forgets what was not synced. Whatever the
//! `SQLite` store has confirmed is there afterwards; what was under way is there whole or not at all.

#![expect(clippy::unwrap_used, reason = "what cannot be set up ends the test")]

mod disk;

use std::collections::BTreeMap;

use fastrand::Rng;
use store::{Append, Put, Sqlite, Store, StoreError};

use self::disk::Disk;

const JOURNALS: [&str; 2] = ["run-a", "run-b"];
const LIVES: usize = 5;
/// A life of the machine ends after so many changes of the disk at most.
const CHANGES_MAX: usize = 120;
const SEEDS: u64 = 150;

/// What the store has confirmed, and what may be there beside it.
#[derive(Default)]
struct Known {
    records: BTreeMap<&'static str, Vec<Vec<u8>>>,
    /// Under way when the power failed.
    record_under_way: Option<(&'static str, Vec<u8>)>,
    document: Option<Vec<u8>>,
    document_under_way: Option<Vec<u8>>,
}

/// Works until the power fails.
async fn live(name: &str, known: &mut Known, dice: &mut Rng) -> Result<(), String> {
    let Ok(store) = Sqlite::open(format!("file:store.db?vfs={name}")) else { return Ok(()) };
    if !known.agrees_with(&store).await? {
        return Ok(());
    }
    loop {
        let value = format!("{:?}", "x".repeat(dice.usize(1..6000))).into_bytes();
        if dice.u8(..4) == 0 {
            known.document_under_way = Some(value.clone());
            let Ok(there) = store.get_document("watch").await else { return Ok(()) };
            let version = there.map(|document| document.version);
            match store.put_document("watch", version.as_deref(), &value).await {
                Ok(Put::Stored { .. }) => known.document = known.document_under_way.take(),
                Ok(other) => return Err(format!("{other:?} of one writer")),
                Err(_) => return Ok(()),
            }
        } else {
            let journal = JOURNALS[dice.usize(..2)];
            let records = known.records.entry(journal).or_default();
            known.record_under_way = Some((journal, value.clone()));
            let seq = u64::try_from(records.len()).unwrap();
            match store.append(journal, seq, "w", &value).await {
                Ok(Append::Written) => {
                    records.push(value);
                    known.record_under_way = None;
                }
                Ok(other) => return Err(format!("{other:?} of one writer")),
                Err(_) => return Ok(()),
            }
        }
    }
}

impl Known {
    /// Compares, and takes over what turned out to have been written; false if the power failed.
    async fn agrees_with(&mut self, store: &Sqlite) -> Result<bool, String> {
        for journal in JOURNALS {
            let Ok(there) = store.read(journal, 0).await else { return Ok(false) };
            let records = self.records.entry(journal).or_default();
            match &self.record_under_way {
                Some((of, record)) if *of == journal && there.len() == records.len() + 1 => {
                    records.push(record.clone());
                }
                _ => {}
            }
            if there != *records {
                return Err(format!("{journal}: {} of {} records", there.len(), records.len()));
            }
        }
        let Ok(there) = store.get_document("watch").await else { return Ok(false) };
        let there = there.map(|document| document.bytes);
        if there != self.document && there.is_some() && there == self.document_under_way {
            self.document.clone_from(&self.document_under_way);
        }
        self.record_under_way = None;
        self.document_under_way = None;
        if there == self.document { Ok(true) } else { Err("the document is another".to_owned()) }
    }
}

/// Some lives on one disk.
async fn lives(name: &str, disk: &Disk, seed: u64) -> Result<(), String> {
    disk.register(name);
    let mut dice = Rng::with_seed(seed);
    let mut known = Known::default();
    for _ in 0..LIVES {
        disk.power_on(dice.usize(..CHANGES_MAX));
        live(name, &mut known, &mut dice).await?;
        disk.cut(&mut dice);
    }
    disk.power_on(usize::MAX);
    let store = Sqlite::open(format!("file:store.db?vfs={name}"));
    let store = store.map_err(|error| error.to_string())?;
    let read = known.agrees_with(&store).await?;
    if read { Ok(()) } else { Err("the store cannot be read with the power on".to_owned()) }
}

#[tokio::test]
async fn what_was_confirmed_outlives_every_power_cut() {
    let mut forgotten = 0;
    for seed in 0..SEEDS {
        let disk = Disk::default();
        let lived = lives(&format!("honest-{seed}"), &disk, seed).await;
        assert_eq!(lived, Ok(()), "seed {seed}");
        forgotten += disk.forgotten();
    }
    assert!(forgotten > 1000, "the disks forgot {forgotten} writes only: this shows nothing");
}

#[tokio::test]
async fn a_disk_that_only_says_that_it_syncs_is_found_out() {
    for seed in 0..SEEDS {
        if lives(&format!("lying-{seed}"), &Disk::lying(), seed).await.is_err() {
            return;
        }
    }
    panic!("nothing was missing although nothing was synced");
}

#[tokio::test]
async fn a_full_disk_is_an_error_that_passes_and_loses_nothing() {
    let disk = Disk::default();
    disk.register("full");
    disk.power_on(usize::MAX);
    let store = Sqlite::open("file:store.db?vfs=full").unwrap();
    let record = format!("{:?}", "x".repeat(9000)).into_bytes();
    assert!(matches!(store.append("run-a", 0, "w", &record).await, Ok(Append::Written)));

    disk.fill(true);
    let refused = loop {
        let seq = u64::try_from(store.read("run-a", 0).await.unwrap().len()).unwrap();
        if let Err(error) = store.append("run-a", seq, "w", &record).await {
            break error;
        }
    };
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    let kept = store.read("run-a", 0).await.unwrap();

    disk.fill(false);
    let seq = u64::try_from(kept.len()).unwrap();
    assert!(matches!(store.append("run-a", seq, "w", &record).await, Ok(Append::Written)));
    assert_eq!(store.read("run-a", 0).await.unwrap()[..kept.len()], kept);
}
