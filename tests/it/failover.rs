//! Scenarios in virtual time; every figure is the simulator's ledger's.

use recovery::event::{Outcome, StepOutcome};
use recovery::report::Report;
use recovery::runbook::StepKind;
use serde_json::json;

use simulation::rig::{PLAN, Rig, WORKLOAD};

const INCIDENT: &str = "websphere-cafe-incident-1";

fn outcome(report: &Report, kind: StepKind) -> Option<StepOutcome> {
    report.steps.iter().find(|step| step.name == kind).and_then(|step| step.outcome)
}

#[tokio::test(start_paused = true)]
async fn a_lost_region_is_left_by_itself() {
    let mut rig = Rig::new(1).await;
    rig.run_for(120).await;
    rig.lose_east().await;
    assert!(rig.run_until_closed(3600).await, "the run did not end");
    rig.run_for(60).await;
    let report = rig.report(INCIDENT).await;
    let ledger = rig.ledger();
    assert_eq!(report.outcome, Some(Outcome::Recovered), "{report:#?}");
    assert_eq!(ledger.effects.sql_forced, 1);
    assert_eq!(ledger.effects.sql_planned, 0);
    assert_eq!(ledger.effects.recovery_plan_failovers, 1);
    assert!(ledger.lost_writes.other.is_empty());
    assert!(ledger.dual_writable_s.abs() < f64::EPSILON);
    assert!(ledger.detection_s.unwrap() <= 90.0);
    assert!(ledger.overhead_s.unwrap() <= 20.0);
    assert_eq!(outcome(&report, StepKind::AttachPublicIps), Some(StepOutcome::Succeeded));
}

#[tokio::test(start_paused = true)]
async fn alerts_alone_are_enough_to_leave_a_lost_region() {
    let mut rig = Rig::new(2).await;
    rig.watch_on = false;
    rig.run_for(120).await;
    rig.lose_east().await;
    assert!(rig.run_until_closed(3600).await, "the run did not end");
    let ledger = rig.ledger();
    assert_eq!(rig.report(INCIDENT).await.outcome, Some(Outcome::Recovered));
    assert_eq!(ledger.effects.sql_forced, 1);
    assert!(ledger.detection_s.unwrap() <= 600.0, "{:?}", ledger.detection_s);
}

#[tokio::test(start_paused = true)]
async fn a_planned_failover_loses_no_write() {
    let mut rig = Rig::new(3).await;
    rig.run_for(120).await;
    let request = serde_json::from_value(json!({"manner": "planned", "reason": "moving house"}));
    let started = rig.engine().fail_over(WORKLOAD, &request.unwrap(), "ann").await.unwrap();
    assert!(rig.run_until_closed(3600).await, "the run did not end");
    rig.run_for(60).await;
    let report = rig.report(&started.run).await;
    let ledger = rig.ledger();
    assert_eq!(report.outcome, Some(Outcome::Recovered), "{report:#?}");
    assert_eq!(ledger.lost_writes.total, 0);
    assert_eq!((ledger.effects.sql_planned, ledger.effects.sql_forced), (1, 0));
    assert_eq!(ledger.effects.recovery_plan_failovers, 1);
    assert!(ledger.dual_writable_s.abs() < f64::EPSILON);
}

#[tokio::test(start_paused = true)]
async fn a_drill_leaves_production_as_it_was() {
    let mut rig = Rig::new(4).await;
    rig.run_for(60).await;
    let started = rig.engine().drill(WORKLOAD, "quarterly", "ann").await.unwrap();
    assert!(rig.run_until_closed(3600).await, "the run did not end");
    let report = rig.report(&started.run).await;
    let ledger = rig.ledger();
    assert_eq!(report.outcome, Some(Outcome::Drilled), "{report:#?}");
    assert_eq!(ledger.effects.recovery_plan_test_failovers, 1);
    assert_eq!(ledger.effects.recovery_plan_test_cleanups, 1);
    assert!(ledger.destructive_requests.is_empty());
    assert!(ledger.production.unchanged, "{:#?}", ledger.production.changes);
}

#[tokio::test(start_paused = true)]
async fn a_drill_starts_by_its_schedule() {
    let mut plan: serde_json::Value = serde_json::from_str(&PLAN).unwrap();
    plan["drill"]["schedule"] = json!("5 10 * * *");
    let mut rig = Rig::with(5, simulation::rig::Cuts::none(), &plan.to_string()).await;
    assert!(rig.run_until_closed(3600).await, "no drill ran");
    let ledger = rig.ledger();
    assert_eq!(ledger.effects.recovery_plan_test_failovers, 1);
    assert!(ledger.production.unchanged);
}

#[tokio::test(start_paused = true)]
async fn nothing_happens_in_a_blip_of_43_seconds() {
    let mut rig = Rig::new(6).await;
    rig.run_for(120).await;
    rig.control("POST", "/control/blip", Some(json!({"region": "eastus", "seconds": 43}))).await;
    rig.run_for(900).await;
    let ledger = rig.ledger();
    assert_eq!(ledger.mutating_requests.len(), 0);
    assert!(rig.engine().open_runs().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_workload_that_was_moved_back_by_hand_is_watched_in_the_preferred_place_again() {
    let mut rig = Rig::new(7).await;
    rig.run_for(60).await;
    let request = serde_json::from_value(json!({"manner": "planned", "reason": "moving house"}));
    rig.engine().fail_over(WORKLOAD, &request.unwrap(), "ann").await.unwrap();
    let back = serde_json::from_value(json!({"place": "preferred", "reason": "by hand"})).unwrap();
    let early = rig.engine().set_active(WORKLOAD, &back, "ann").await;
    assert!(early.unwrap_err().to_string().contains("is under way"));
    assert!(rig.run_until_closed(3600).await, "the run did not end");
    let again = serde_json::from_value(json!({"manner": "forced", "reason": "again"})).unwrap();
    assert!(rig.engine().fail_over(WORKLOAD, &again, "ann").await.is_err());
    rig.engine().set_active(WORKLOAD, &back, "ann").await.unwrap();
    let watch = rig.engine().workload(WORKLOAD).await.unwrap().watch;
    assert_eq!(watch.active, recovery::Place::Preferred);
    rig.engine().fail_over(WORKLOAD, &again, "ann").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn with_the_kill_switch_on_a_lost_region_is_told_and_not_left() {
    let mut rig = Rig::new(8).await;
    rig.run_for(60).await;
    let switch = engine::KillSwitch { on: true, by: "ann".into(), reason: "works".into() };
    rig.engine().set_kill_switch(&switch).await.unwrap();
    rig.lose_east().await;
    rig.run_for(600).await;
    let ledger = rig.ledger();
    assert_eq!(ledger.mutating_requests.len(), 0);
    assert_eq!(ledger.notifications.len(), 1);
    rig.engine().set_kill_switch(&engine::KillSwitch::default()).await.unwrap();
    assert!(rig.run_until_closed(3600).await, "the failover did not begin");
    assert_eq!(rig.report(INCIDENT).await.outcome, Some(Outcome::Recovered));
    assert!(rig.ledger().notifications.len() >= 3, "told of the loss, the beginning and the end");
}

#[tokio::test(start_paused = true)]
async fn an_incident_whose_messages_are_lost_is_followed_by_the_sweep() {
    let mut rig = Rig::new(9).await;
    rig.watch_on = false;
    rig.run_for(120).await;
    rig.lose_east().await;
    while rig.engine().workload(WORKLOAD).await.unwrap().watch.incident.is_none() {
        rig.run_for(1).await;
    }
    let lost = json!([{"kind": "message_lost", "from_s": 0, "for_s": 7200, "dice": 1}]);
    let lost: Vec<simulation::fault::Fault> = serde_json::from_value(lost).unwrap();
    rig.weather.begin(rig.now(), &lost);
    assert!(rig.run_until_closed(3600).await, "the run did not end");
    assert_eq!(rig.report(INCIDENT).await.outcome, Some(Outcome::Recovered));
    assert_eq!(rig.ledger().effects.sql_forced, 1);
}
