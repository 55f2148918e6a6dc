//! What the watch writes, and what it makes up for.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use recovery::signal::{Condition, Signal, Source};
use recovery::watch::Watch;

use super::doors::{Shell, WORKLOAD, cafe, start_of_time};
use crate::watch::incident_run;
use crate::{SignalMessage, documents};

#[tokio::test]
async fn a_run_that_was_named_by_somebody_who_died_is_begun_by_the_next_look() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    let run = incident_run(&cafe(), 1);
    let named =
        |watch: &mut Watch| watch.run_begun(&cafe(), &run, "the region is lost", start_of_time());
    documents::change_watch(shell.store(), WORKLOAD, named).await.unwrap();
    assert!(shell.store().open_runs().await.unwrap().is_empty());
    shell.engine.watch().await.unwrap();
    assert_eq!(shell.store().open_runs().await.unwrap(), std::slice::from_ref(&run));
    assert_eq!(shell.engine.report(&run).await.unwrap().run, run);
}

#[tokio::test]
async fn of_two_who_change_a_watch_at_once_neither_s_change_is_lost() {
    let shell = Shell::alone();
    let drill = start_of_time() - SignedDuration::from_hours(1);
    let tries = AtomicU32::new(0);
    documents::change_watch(shell.store(), WORKLOAD, |watch| {
        if tries.fetch_add(1, Ordering::Relaxed) == 0 {
            // Somebody else is faster, between this one's reading and its writing.
            let theirs = documents::change_watch(shell.store(), WORKLOAD, |watch| {
                watch.last_drill = Some(drill);
            });
            futures::executor::block_on(theirs).unwrap();
        }
        watch.next_incident = 7;
    })
    .await
    .unwrap();
    let watch = documents::watch(shell.store(), WORKLOAD).await.unwrap().value;
    assert_eq!((watch.next_incident, watch.last_drill), (7, Some(drill)));
    assert_eq!(tries.load(Ordering::Relaxed), 2);
}

/// An alert about the place where the workload runs.
pub(super) fn report() -> SignalMessage {
    let workload = WORKLOAD.to_owned();
    let signal = Signal {
        id: "alert-1".to_owned(),
        source: Source::TrafficManager,
        condition: Condition::Fired,
        rule: "endpoint-degraded".to_owned(),
        resources: vec![cafe().traffic_manager_profile],
        regions: Vec::new(),
        endpoint: Some("myPrimaryEndpoint".to_owned()),
        fired_at: start_of_time(),
        summary: "an endpoint is degraded".to_owned(),
    };
    SignalMessage::Report { workload, signal }
}

#[tokio::test]
async fn a_suspicion_that_came_by_an_alert_is_looked_into_again_in_10_s() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    shell.engine.receive(&report()).await.unwrap();
    let [message] = &shell.bus.take()[..] else { panic!("one message") };
    let again: SignalMessage = serde_json::from_slice(&message.body).unwrap();
    assert!(matches!(again, SignalMessage::LookAgain { .. }), "{again:?}");
    let wait = message.at.unwrap().duration_since(start_of_time());
    assert!((10..15).contains(&wait.as_secs()), "{wait}");
    shell.engine.receive(&again).await.unwrap();
    assert_eq!(shell.bus.take().len(), 1, "and again");
}

#[tokio::test(start_paused = true)]
async fn an_incident_into_which_nobody_looks_any_more_is_taken_up_by_the_sweep() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    shell.engine.receive(&report()).await.unwrap();
    let forget = |watch: &mut Watch| watch.incident.as_mut().unwrap().diagnosis = None;
    let looked = async |after_s| {
        documents::change_watch(shell.store(), WORKLOAD, forget).await.unwrap();
        tokio::time::advance(Duration::from_secs(after_s)).await;
        shell.engine.sweep().await.unwrap();
        let watch = documents::watch(shell.store(), WORKLOAD).await.unwrap().value;
        watch.incident.unwrap().diagnosis.is_some()
    };
    assert!(!looked(20).await, "its next message may yet come");
    assert!(looked(10).await);
}
