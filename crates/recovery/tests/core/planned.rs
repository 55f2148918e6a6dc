//! Both regions work: the machines stop before the database moves.

use recovery::Place;
use recovery::effect::{Effect, Manner};
use recovery::event::{Event, Outcome};
use recovery::plan::RecoveryPoint;
use recovery::runbook::{Milestone, StepKind};
use recovery::view::Replication;

use crate::drive::Bench;
use crate::script::Fate;
use crate::world::MANAGED;

#[test]
fn a_planned_failover_stops_the_machines_before_it_moves_the_database() {
    let mut bench = Bench::planned();
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    insta::assert_snapshot!(bench.timeline());
    let stopped = bench.reached_at(StepKind::FailOverMachines, Milestone::SourceStopped);
    assert!(bench.intents(StepKind::PromoteSql)[0] >= stopped);
    assert_eq!(bench.world.promoted(Manner::Planned), 1);
    assert_eq!(bench.world.arrivals("(forced)").count(), 0);
}

#[test]
fn a_planned_failover_asks_for_the_latest_point_and_a_stopped_source() {
    let mut bench = Bench::planned();
    bench.run_to_end();
    let sent = bench.world.arrivals("fail over recovery plan").next().unwrap();
    let Effect::FailOver { stop_source, recovery_point, .. } = &sent.effect else { panic!() };
    assert!(stop_source);
    assert_eq!(*recovery_point, RecoveryPoint::Latest);
}

#[test]
fn no_server_takes_writes_while_a_planned_failover_promotes() {
    let mut bench = Bench::planned();
    bench.run_to_end();
    let promotion = bench.world.arrivals("promote").next().unwrap().at;
    let shutdown = bench.world.arrivals("fail over recovery plan").next().unwrap().at;
    assert!(promotion.duration_since(shutdown).as_secs() >= crate::world::SHUTDOWN_S);
    assert_eq!(bench.world.healthy_members(Place::Preferred), 0);
}

#[test]
fn a_planned_failover_does_not_begin_while_replication_lags() {
    let mut bench = Bench::planned();
    bench.world.sql.replication = Replication::Suspended;
    let (outcome, detail) = bench.run_to_end();
    assert_eq!((outcome, detail.as_str()), (Outcome::NeedsHuman, "go_no_go timed out"));
    assert!(bench.world.ledger.is_empty());
}

#[test]
fn a_planned_failover_waits_for_replication_to_catch_up() {
    let mut bench = Bench::planned();
    bench.world.sql.replication = Replication::Suspended;
    bench.at(60, |bench| bench.world.sql.replication = Replication::CatchUp);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert!(bench.intents(StepKind::WithdrawTraffic)[0] >= 60);
}

#[test]
fn a_planned_failover_of_a_dead_region_does_not_begin() {
    let mut bench = Bench::planned();
    bench.world.preferred_up = false;
    assert_eq!(bench.run_to_end().0, Outcome::NeedsHuman);
    assert!(bench.world.ledger.is_empty());
}

#[test]
fn a_planned_failover_does_not_begin_without_the_withdrawal_of_traffic() {
    let mut bench = Bench::planned();
    bench.script.send("disable", vec![Fate::Refused(None); 1000]);
    let (outcome, detail) = bench.run_to_end();
    assert_eq!((outcome, detail.as_str()), (Outcome::NeedsHuman, "withdraw_traffic timed out"));
    assert_eq!(bench.world.arrivals("").count(), 0);
    assert!(MANAGED.iter().all(|name| bench.world.items[name].moves == 0));
}

#[test]
fn a_planned_promotion_is_never_forced() {
    let mut bench = Bench::planned();
    bench.script.send("promote", vec![Fate::Refused(None); 1000]);
    assert_eq!(bench.run_to_end().0, Outcome::NeedsHuman);
    let forced = bench.events().into_iter().any(|(_, event)| match event {
        Event::Intended { effect, .. } => effect.subject().contains("(forced)"),
        _ => false,
    });
    assert!(!forced);
}

#[test]
fn a_planned_failover_that_was_sent_does_not_put_the_traffic_back() {
    let mut bench = Bench::planned();
    bench.script.send("promote", vec![Fate::Refused(None); 1000]);
    bench.run_to_end();
    assert_eq!(bench.world.arrivals("enable Traffic").count(), 0);
    assert_eq!(bench.world.arrivals("disable").count(), 1);
}
