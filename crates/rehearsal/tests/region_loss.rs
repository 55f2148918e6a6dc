//! The loss of the region, by real processes that are killed meanwhile. What is asserted does not
//! depend on how fast this machine is; the figures in time are `cargo rehearse`'s.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use rehearsal::{
    Binaries, Entry, Evidence, Kills, Options, Outcome, Rehearsal, Scenario, Silence, StoreKind,
};

async fn lose_east(store: StoreKind, entry: Entry, kills: usize, seed: u64) -> Evidence {
    let folder = tempfile::tempdir().unwrap();
    let binaries = Binaries::build().await.unwrap();
    let logs = folder.path().join("logs");
    let mut options = Options::new(Scenario::RegionLoss, entry, binaries, logs);
    options.store = store;
    options.seed = seed;
    options.speed = 20;
    let rehearsal = Rehearsal::start(options, &mut Silence).await.unwrap();
    let kills = Kills::seeded(kills, seed);
    let played = rehearsal.play_with_kills(Scenario::RegionLoss, &kills, &mut Silence).await;
    rehearsal.end().await.unwrap();
    played.unwrap()
}

/// The end of an undisturbed loss of the region, and the effects that led to it.
fn assert_recovered(evidence: &Evidence) {
    let figures = &evidence.ledger.figures;
    assert_eq!(Outcome::of(evidence), Outcome::Recovered, "{:#?}", evidence.run);
    assert_eq!(figures.effects.sql_forced, 1);
    assert_eq!(figures.effects.sql_planned, 0);
    assert_eq!(figures.effects.recovery_plan_failovers, 1);
    assert_eq!(figures.lost_writes.other.len(), 0);
    assert!(figures.dual_writable_s.abs() < f64::EPSILON);
}

#[tokio::test]
async fn a_lost_region_is_left_through_the_web_servers_own_address() {
    let evidence = lose_east(StoreKind::Sqlite, Entry::IbmHttpServer, 0, 12).await;
    assert_recovered(&evidence);
}

#[tokio::test]
async fn processes_that_are_killed_recover_the_workload_all_the_same() {
    let evidence = lose_east(StoreKind::Sqlite, Entry::ApplicationGateway, 3, 13).await;
    assert!(!evidence.kills.is_empty());
    assert_recovered(&evidence);
}

#[tokio::test]
async fn processes_that_are_killed_recover_the_workload_from_blob_storage() {
    let evidence = lose_east(StoreKind::Azurite, Entry::ApplicationGateway, 3, 15).await;
    assert!(!evidence.kills.is_empty());
    assert_recovered(&evidence);
}
