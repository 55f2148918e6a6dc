//! What people ask for while a run is under way, or after one that needed them.

use recovery::Place;
use recovery::effect::Manner;
use recovery::request::Request;
use recovery::watch::IncidentEnd;

use super::doors::{Shell, WORKLOAD};
use crate::{Error, FailoverRequest, documents, journal};

async fn fail_over(shell: &Shell, manner: Manner) -> Result<String, String> {
    let request = FailoverRequest { manner, reason: "East US is lost".to_owned() };
    match shell.engine.fail_over(WORKLOAD, &request, "ann").await {
        Ok(started) => Ok(started.run),
        Err(Error::Conflict(why)) => Err(why),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn who_asks_for_force_while_a_planned_failover_is_under_way_has_that_one_forced() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    let run = fail_over(&shell, Manner::Planned).await.unwrap();
    shell.bus.take();
    for _ in 0..2 {
        assert_eq!(fail_over(&shell, Manner::Forced).await, Ok(run.clone()));
    }
    let asked = journal::inbox(shell.store(), &run).await.unwrap().requests;
    let (by, reason) = ("ann".to_owned(), "East US is lost".to_owned());
    assert_eq!(asked, [Request::Force { by, reason }], "asking twice is asking once");
    assert_eq!(shell.bus.take().len(), 2, "it hears of it at once");

    let why = fail_over(&shell, Manner::Planned).await.unwrap_err();
    assert_eq!(why, format!("run {run} is under way"));
}

#[tokio::test]
async fn a_failover_that_is_forced_is_under_way_and_is_not_asked_for_again() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    let run = fail_over(&shell, Manner::Forced).await.unwrap();
    let why = fail_over(&shell, Manner::Forced).await.unwrap_err();
    assert!(why.starts_with(&format!("run {run} is under way: ")), "{why}");
    assert!(journal::inbox(shell.store(), &run).await.unwrap().requests.is_empty());
}

/// As after a run that has moved the database.
async fn moved(end: IncidentEnd) -> Shell {
    let shell = Shell::alone().with_plan(|_| {}).await;
    let run = fail_over(&shell, Manner::Forced).await.unwrap();
    let now = shell.now();
    documents::change_watch(shell.store(), WORKLOAD, |watch| {
        watch.run_ended(&run, Some(Place::Standby), end, now)
    })
    .await
    .unwrap();
    shell
}

#[tokio::test]
async fn what_moved_half_way_is_moved_on_by_force_and_in_no_other_way() {
    let shell = moved(IncidentEnd::NeedsHuman).await;
    let why = fail_over(&shell, Manner::Planned).await.unwrap_err();
    assert!(why.contains("a forced failover finishes that"), "{why}");
    let preview = shell.engine.preview(WORKLOAD, Manner::Forced).await.unwrap();
    assert!(!preview.requests.is_empty());
    let run = fail_over(&shell, Manner::Forced).await.unwrap();
    let report = shell.engine.report(&run).await.unwrap();
    assert_eq!(report.run, "websphere-cafe-incident-2");
    let started = journal::load(shell.store(), &run).await.unwrap();
    let runbook = recovery::run::Run::replay(&started).unwrap().start.runbook;
    assert_eq!((runbook.from, runbook.to), (Place::Preferred, Place::Standby));
}

#[tokio::test]
async fn what_has_moved_is_not_moved_again() {
    for end in [IncidentEnd::Recovered, IncidentEnd::Degraded] {
        let shell = moved(end).await;
        for manner in [Manner::Forced, Manner::Planned] {
            let why = fail_over(&shell, manner).await.unwrap_err();
            assert!(why.contains("failing back is not part of this version"), "{why}");
        }
    }
}
