//! The loss of the region, by real processes that are killed meanwhile. What is asserted does not
//! depend on how fast this machine is; the figures in time are `cargo rehearse`'s.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::time::Duration;

use rehearsal::{
    Binaries, Entry, Evidence, Options, Outcome, Rehearsal, Scenario, Silence, StoreKind,
};

/// What is killed while the scenario plays.
#[derive(Clone, Copy)]
enum Victim {
    Nobody,
    App,
    HostAndApp,
}

async fn lose_east(store: StoreKind, entry: Entry, victim: Victim, seed: u64) -> Evidence {
    let folder = tempfile::tempdir().unwrap();
    let binaries = Binaries::build().await.unwrap();
    let logs = folder.path().join("logs");
    let mut options = Options::new(Scenario::RegionLoss, entry, binaries, logs);
    options.store = store;
    options.seed = seed;
    let per_second = options.speed;
    let rehearsal = Rehearsal::start(options, &mut Silence).await.unwrap();
    let kills = async {
        // Two kills only: the host gives up a handler that falls a third time in half an hour.
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..2 {
            let pause = Duration::from_secs(random.u64(20..170)) / per_second;
            tokio::time::sleep(pause).await;
            match victim {
                Victim::Nobody => {}
                Victim::App => {
                    rehearsal.crash_app();
                }
                Victim::HostAndApp => rehearsal.kill_host(),
            }
        }
    };
    let mut silence = Silence;
    let (evidence, ()) = tokio::join!(rehearsal.play(Scenario::RegionLoss, &mut silence), kills);
    let evidence = evidence.unwrap();
    rehearsal.end().await.unwrap();
    evidence
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
    let evidence = lose_east(StoreKind::Sqlite, Entry::IbmHttpServer, Victim::Nobody, 12).await;
    assert_recovered(&evidence);
}

#[tokio::test]
async fn an_app_that_is_killed_twice_recovers_the_workload_all_the_same() {
    let evidence = lose_east(StoreKind::Sqlite, Entry::ApplicationGateway, Victim::App, 13).await;
    assert_recovered(&evidence);
}

#[tokio::test]
async fn host_and_app_killed_together_recover_the_workload_from_blob_storage() {
    let evidence =
        lose_east(StoreKind::Azurite, Entry::ApplicationGateway, Victim::HostAndApp, 15).await;
    assert_recovered(&evidence);
}
