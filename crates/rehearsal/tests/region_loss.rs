//! The loss of the region, by real processes that are killed meanwhile. What is asserted does not
//! depend on how fast this machine is; the figures in time are `cargo rehearse`'s.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use rehearsal::{
    Binaries, Entry, Evidence, Options, Outcome, Rehearsal, Scenario, Silence, StoreKind, Strike,
    Strikes, checks,
};

async fn lose_east(store: StoreKind, entry: Entry, strikes: &Strikes, seed: u64) -> Evidence {
    let folder = tempfile::tempdir().unwrap();
    let binaries = Binaries::build().await.unwrap();
    let logs = folder.path().join("logs");
    let mut options = Options::new(Scenario::RegionLoss, entry, binaries, logs);
    options.store = store;
    options.seed = seed;
    options.speed = 20;
    strikes.prepare(&mut options).unwrap();
    let rehearsal = Rehearsal::start(options, &mut Silence).await.unwrap();
    let played = rehearsal.play_with_strikes(Scenario::RegionLoss, strikes, &mut Silence).await;
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

/// And all that is checked of one that was struck, which takes no heed of the time.
fn assert_recovered_though_struck(evidence: &Evidence) {
    assert_recovered(evidence);
    assert!(!evidence.strikes.is_empty());
    let failed: Vec<_> = checks::check(evidence).into_iter().filter(|it| !it.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn a_lost_region_is_left_through_the_web_servers_own_address() {
    let evidence =
        lose_east(StoreKind::Sqlite, Entry::IbmHttpServer, &Strikes::default(), 12).await;
    assert_recovered(&evidence);
}

#[tokio::test]
async fn killed_processes_messages_that_come_twice_and_a_full_disk_change_nothing_in_the_end() {
    let strikes = [Strike::DeliveredTwice.into(), Strike::DiskFull.into()];
    let strikes = Strikes::kills(3, 13).and(&strikes, 13);
    let evidence = lose_east(StoreKind::Sqlite, Entry::ApplicationGateway, &strikes, 13).await;
    assert_recovered_though_struck(&evidence);
}

#[tokio::test]
async fn killed_processes_a_bus_away_and_a_restarted_blob_storage_change_nothing_in_the_end() {
    let strikes = [Strike::BusAway.into(), Strike::StoreRestarted.into()];
    let strikes = Strikes::kills(3, 15).and(&strikes, 15);
    let evidence = lose_east(StoreKind::Azurite, Entry::ApplicationGateway, &strikes, 15).await;
    assert_recovered_though_struck(&evidence);
}
