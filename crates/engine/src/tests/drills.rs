//! When a scheduled drill begins, and what it gives way to.

use std::time::Duration;

use futures::future::join;
use jiff::{SignedDuration, Timestamp};
use recovery::effect::Manner;
use recovery::request::Request;
use recovery::watch::{IncidentEnd, Watch};
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

#[tokio::test(start_paused = true)]
async fn of_two_drills_that_are_asked_for_at_once_there_is_one() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    let ask = async |by: &str| shell.engine.drill_now(cafe(), by, "an audit").await;
    let later = async {
        tokio::time::advance(Duration::from_secs(1)).await;
        ask("ben").await
    };
    let (first, second) = join(ask("ann"), later).await;
    let first = first.unwrap();
    assert_eq!(shell.engine.open_runs().await.unwrap(), std::slice::from_ref(&first));
    match second {
        Ok(same) => assert_eq!(same, first),
        Err(refused) => {
            assert_eq!(refused.to_string(), format!("no drill now: drill {first} is under way"));
        }
    }
    let refused = ask("ben").await.unwrap_err();
    assert_eq!(refused.to_string(), format!("no drill now: drill {first} is under way"));
}

#[tokio::test(start_paused = true)]
async fn a_drill_whose_beginner_died_is_begun_by_the_next_who_asks_for_one() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    let named = format!("{WORKLOAD}-drill-20261122t100000");
    let name = |watch: &mut Watch| watch.drill_begun(&named);
    documents::change_watch(shell.store(), WORKLOAD, name).await.unwrap();
    tokio::time::advance(Duration::from_secs(30)).await;

    assert_eq!(shell.engine.drill_now(cafe(), "ann", "an audit").await.unwrap(), named);
}

#[tokio::test]
async fn a_drill_that_has_ended_is_in_nobodys_way() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    let run = format!("{WORKLOAD}-drill-20261122t090000");
    let begun_and_ended = |watch: &mut Watch| {
        watch.drill_begun(&run);
        watch.run_ended(&run, None, IncidentEnd::Recovered, start_of_time());
        watch.drill.clone()
    };
    let drill = documents::change_watch(shell.store(), WORKLOAD, begun_and_ended).await.unwrap();
    assert_eq!(drill, None);
}
