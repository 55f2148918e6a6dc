//! What the watch writes, and what it makes up for.

use std::sync::atomic::{AtomicU32, Ordering};

use jiff::SignedDuration;
use recovery::watch::Watch;

use super::doors::{Shell, WORKLOAD, cafe, start_of_time};
use crate::documents;
use crate::watch::incident_run;

#[tokio::test]
async fn a_run_that_was_named_by_somebody_who_died_is_begun_by_the_next_look() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    let run = incident_run(&cafe(), 1);
    let named = |watch: &mut Watch| watch.run_begun(&run, "the region is lost", start_of_time());
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
