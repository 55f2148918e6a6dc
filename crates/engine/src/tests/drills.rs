//! When a scheduled drill begins, and what it gives way to.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use recovery::effect::Manner;
use recovery::request::Request;
use serde_json::{Value, json};

use super::doors::{Shell, WORKLOAD, cafe, start_of_time};
use super::watch;
use crate::{FailoverRequest, documents, journal, told};

/// So many seconds after a drill was due, at 11:00; the last one was a day before.
async fn begun(late_s: u64) -> (Vec<String>, Option<Timestamp>) {
    let daily = |plan: &mut Value| plan["drill"]["schedule"] = json!("0 11 * * *");
    let shell = Shell::alone().with_plan(daily).await;
    tokio::time::advance(Duration::from_secs(3600 + late_s)).await;
    documents::change_watch(shell.store(), WORKLOAD, |watch| {
        watch.last_drill = Some(start_of_time() - SignedDuration::from_hours(23));
    })
    .await
    .unwrap();
    let runs = shell.engine.start_drills().await.unwrap();
    let watch = documents::watch(shell.store(), WORKLOAD).await.unwrap().value;
    (runs, watch.last_drill)
}

#[tokio::test(start_paused = true)]
async fn a_drill_begins_when_it_is_due_and_is_left_out_when_it_is_over_an_hour_late() {
    let due: Timestamp = "2026-11-22T11:00:00Z".parse().unwrap();
    for late_s in [0, 3600] {
        let (runs, noted) = begun(late_s).await;
        assert_eq!(runs, ["websphere-cafe-drill-20261122t110000"], "{late_s}");
        assert_eq!(noted, Some(due));
    }
    // Left out, and not tried again: it counts as seen to.
    assert_eq!(begun(3601).await, (Vec::new(), Some(due)));
}

#[tokio::test]
async fn a_drill_gives_way_to_the_run_that_moves_its_workload() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    let drill = shell.engine.drill_now(cafe(), "ann", "an audit").await.unwrap();
    let told = async |run: &str| {
        let records = journal::load(shell.store(), run).await.unwrap();
        shell.engine.told(run, told::drill_of(&records)).await.unwrap().requests
    };
    // An incident alone moves nothing.
    shell.engine.receive(&watch::report()).await.unwrap();
    assert_eq!(told(&drill).await, []);

    let request = FailoverRequest { manner: Manner::Forced, reason: "lost".to_owned() };
    let failover = shell.engine.fail_over(WORKLOAD, &request, "ann").await.unwrap().run;
    let reason = format!("run {failover} moves the workload");
    assert_eq!(told(&drill).await, [Request::Abort { by: "Farshore".to_owned(), reason }]);
    assert_eq!(told(&failover).await, []);
}
