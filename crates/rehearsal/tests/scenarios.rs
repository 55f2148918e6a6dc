//! Two rehearsals as real processes: the region that comes back, and the instance that wakes too late.
//! What takes how long is `cargo rehearse`'s; here a busy machine may take longer.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use rehearsal::{Binaries, Entry, Options, Rehearsal, Scenario, Silence, checks};

async fn assert_passes(scenario: Scenario, seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let binaries = Binaries::build().await.unwrap();
    let logs = folder.path().join("logs");
    let mut options = Options::new(scenario, Entry::default(), binaries, logs);
    options.seed = seed;
    options.speed = 20;
    let rehearsal = Rehearsal::start(options, &mut Silence).await.unwrap();
    let played = rehearsal.play(scenario, &mut Silence).await;
    rehearsal.end().await.unwrap();
    let checks = checks::check(&played.unwrap());
    let failed: Vec<_> = checks.iter().filter(|it| !it.passed && !it.of_time).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn a_region_that_comes_back_half_way_gets_no_user_though_it_could_serve() {
    assert_passes(Scenario::ReturningHalf, 21).await;
}

#[tokio::test]
async fn an_executor_that_freezes_half_way_wakes_too_late_to_do_anything() {
    assert_passes(Scenario::StaleExecutor, 22).await;
}
