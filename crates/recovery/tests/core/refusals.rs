//! Go or no go, adopting what others have done, the kill switch, and when a person is needed.

use recovery::Place;
use recovery::effect::{Effect, Manner};
use recovery::event::Outcome;
use recovery::runbook::StepKind;
use recovery::view::{ItemState, Replication};

use crate::drive::Bench;
use crate::script::Fate;

#[test]
fn a_database_that_is_not_seeded_is_not_promoted() {
    for replication in [Replication::Seeding, Replication::Pending] {
        let mut bench = Bench::region_lost();
        bench.world.sql.replication = replication;
        let (outcome, detail) = bench.run_to_end();
        assert_eq!((outcome, detail.as_str()), (Outcome::NeedsHuman, "go_no_go failed"));
        assert!(bench.world.ledger.is_empty());
    }
}

#[test]
fn machines_that_cannot_be_failed_over_stop_the_run_before_anything_is_sent() {
    let mut bench = Bench::region_lost();
    for item in bench.world.items.values_mut() {
        item.state = ItemState::Unprotected("InitialReplicationInProgress".to_owned());
    }
    let (outcome, detail) = bench.run_to_end();
    assert_eq!((outcome, detail.as_str()), (Outcome::NeedsHuman, "go_no_go failed"));
    assert!(bench.world.ledger.is_empty());
}

#[test]
fn a_standby_that_never_answers_is_not_promoted_blindly() {
    let mut bench = Bench::region_lost();
    bench.script.blind("sqlserversecondary-cafe", 0, i64::MAX);
    let (outcome, detail) = bench.run_to_end();
    assert_eq!((outcome, detail.as_str()), (Outcome::NeedsHuman, "go_no_go timed out"));
    assert!(bench.world.ledger.is_empty());
}

#[test]
fn a_standby_that_answers_late_is_still_promoted() {
    let mut bench = Bench::region_lost();
    bench.script.blind("sqlserversecondary-cafe", 0, 200);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
}

#[test]
fn a_standby_that_is_primary_already_is_adopted() {
    let mut bench = Bench::region_lost();
    bench.world.sql.primary = Place::Standby;
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.arrivals("promote").count(), 0);
    assert_eq!(bench.world.taken("fail over recovery plan"), 1);
}

#[test]
fn a_failover_that_somebody_else_has_begun_is_followed_and_not_sent_again() {
    let mut bench = Bench::region_lost();
    bench.world.begin_a_foreign_failover();
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    insta::assert_snapshot!(bench.timeline());
    assert_eq!(bench.world.arrivals("promote").count(), 1, "somebody else's");
    assert_eq!(bench.world.arrivals("fail over").count(), 1, "somebody else's");
    assert!(bench.intents(StepKind::PromoteSql).is_empty());
    assert!(bench.intents(StepKind::FailOverMachines).is_empty());
}

#[test]
fn users_are_not_led_back_to_a_place_whose_database_somebody_else_has_moved() {
    let mut aborted = Bench::region_lost();
    aborted.world.sql.primary = Place::Standby;
    aborted.world.leave_a_drill_standing();
    aborted.at(60, Bench::ask_to_abort);
    assert_eq!(aborted.run_to_end().0, Outcome::Recovered);
    assert!(aborted.replayed().abort_refused);

    let mut hopeless = Bench::region_lost();
    hopeless.world.sql.primary = Place::Standby;
    hopeless.script.send("fail over", vec![Fate::Refused(None); 1000]);
    assert_eq!(hopeless.run_to_end().0, Outcome::NeedsHuman);
    assert!(!hopeless.world.endpoints[&Place::Preferred]);
}

#[test]
fn while_the_kill_switch_is_on_a_run_only_looks() {
    let mut bench = Bench::region_lost();
    bench.store.kill_switch = true;
    bench.run_until(200);
    assert_eq!(bench.sent, 0);
    assert!(bench.seen_looks().len() >= 4);
    bench.store.kill_switch = false;
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
}

#[test]
fn the_kill_switch_stops_a_run_that_is_on_its_way() {
    let mut bench = Bench::region_lost();
    bench.world.leave_a_drill_standing();
    bench.at(60, |bench| bench.store.kill_switch = true);
    bench.run_until(1000);
    assert_eq!(bench.world.arrivals("fail over").count(), 0);
    bench.store.kill_switch = false;
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
}

#[test]
fn a_promotion_that_is_always_refused_ends_with_a_person_and_was_asked_for_often() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", vec![Fate::Refused(None); 1000]);
    let (outcome, _) = bench.run_to_end();
    assert_eq!(outcome, Outcome::NeedsHuman);
    assert_eq!(bench.intents(StepKind::PromoteSql).len(), recovery::limits::REFUSALS_MAX);
    assert_eq!(bench.world.arrivals("fail over").count(), 0);
}

#[test]
fn whoever_needs_a_person_has_put_the_traffic_back_if_nothing_was_promoted() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", vec![Fate::Refused(None); 1000]);
    bench.run_to_end();
    let changes: Vec<_> = bench
        .world
        .arrivals("Traffic Manager endpoint")
        .map(|arrival| matches!(arrival.effect, Effect::SetEndpoint { enabled: true, .. }))
        .collect();
    assert_eq!(changes, [false, true]);
    assert!(bench.world.endpoints[&Place::Preferred]);
}

#[test]
fn a_retry_after_is_an_order() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::Refused(Some(77))]);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    let intents = bench.intents(StepKind::PromoteSql);
    assert!((77..85).contains(&(intents[1] - intents[0])), "{intents:?}");
}

#[test]
fn an_absurd_retry_after_does_not_stop_a_run_for_ever() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::Refused(Some(i64::MAX)), Fate::Refused(Some(-5))]);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
}
