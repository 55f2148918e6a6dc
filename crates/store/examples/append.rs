//! How long one append takes on each store: `cargo run --release -p store --example append`.
//!
//! Prints the median and the slowest of a hundred appends of 1 KB, after ten to warm up, and the
//! same for a whole lease (take and give back) and for reading the journal.

#![expect(clippy::print_stdout, reason = "a command line tool")]

use std::error::Error;
use std::time::{Duration, Instant};

use azurite::Azurite;
use jiff::{SignedDuration, Timestamp};
use store::{Append, Blob, BlobOptions, Sqlite, Store};

const WARM_UP: u64 = 10;
const APPENDS: u64 = 100;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir_in(".")?;
    measure("SQLite in memory", &Sqlite::in_memory()?).await?;
    measure("SQLite in a file", &Sqlite::open(dir.path().join("store.db"))?).await?;
    let azurite = Azurite::start(dir.path())?;
    let (main, leases) = (azurite.url_with_sas("main"), azurite.url_with_sas("leases"));
    let blob = Blob::new(&main.parse()?, &leases.parse()?, &BlobOptions::default())?;
    blob.create_containers().await?;
    measure("Azurite", &blob).await
}

async fn measure(name: &str, store: &dyn Store) -> Result<(), Box<dyn Error>> {
    let record = format!(r#"{{"text":"{}"}}"#, "x".repeat(1000));
    let mut appends = Vec::new();
    let mut leases = Vec::new();
    for seq in 0..WARM_UP + APPENDS {
        let started = Instant::now();
        let end = store.append("run", seq, "bench", record.as_bytes()).await?;
        appends.push(started.elapsed());
        assert_eq!(end, Append::Written, "nobody else writes here");
        let started = Instant::now();
        store.acquire_lease("run", "bench", Timestamp::now(), SignedDuration::from_mins(1)).await?;
        store.release_lease("run", "bench").await?;
        leases.push(started.elapsed());
    }
    let started = Instant::now();
    let read = store.read("run", 0).await?.len();
    println!(
        "{name}: append {}; lease {}; read {read} records {:.1?}",
        shown(appends),
        shown(leases),
        started.elapsed()
    );
    Ok(())
}

fn shown(times: Vec<Duration>) -> String {
    let mut times: Vec<_> = times.into_iter().skip(usize::try_from(WARM_UP).unwrap_or(0)).collect();
    times.sort_unstable();
    let slowest = times.last().copied().unwrap_or_default();
    format!("{:.2?} (slowest {slowest:.2?})", times[times.len() / 2])
}
