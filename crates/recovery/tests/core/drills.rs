//! Drills: test machines beside production, and a clean-up whatever else happens.

use recovery::Place;
use recovery::effect::Effect;
use recovery::event::{Outcome, StepOutcome};
use recovery::runbook::StepKind;
use recovery::view::{DrillState, ItemState};

use crate::drive::Bench;
use crate::script::Fate;

/// No test machine is left, and production is as it was.
fn nothing_is_left(bench: &Bench) {
    assert!(bench.world.items.values().all(|item| item.drill == DrillState::None));
    production_is_untouched(bench);
}

pub(crate) fn production_is_untouched(bench: &Bench) {
    for arrival in &bench.world.ledger {
        assert!(
            matches!(
                arrival.effect,
                Effect::TestFailOver { .. } | Effect::CleanUpTestFailOver { .. }
            ),
            "{:?}",
            arrival.effect
        );
    }
    assert!(bench.world.sql.promotions.is_empty());
    assert!(bench.world.endpoints.values().all(|enabled| *enabled));
}

#[test]
fn a_drill_brings_test_machines_up_holds_them_and_takes_them_down() {
    let mut bench = Bench::drill();
    assert_eq!(bench.run_to_end().0, Outcome::Drilled);
    insta::assert_snapshot!(bench.timeline());
    nothing_is_left(&bench);
    assert_eq!(bench.world.taken("test failover"), 2, "one up, one down");
}

#[test]
fn a_drill_whose_machines_do_not_come_up_is_cleaned_up_all_the_same() {
    let mut bench = Bench::drill();
    bench.world.only_some_test_machines = true;
    let (outcome, detail) = bench.run_to_end();
    assert_eq!((outcome, detail.as_str()), (Outcome::Failed, "test_fail_over failed"));
    nothing_is_left(&bench);
}

#[test]
fn a_drill_that_is_aborted_is_cleaned_up() {
    for second in [1, 3, 100, 230, 280] {
        let mut bench = Bench::drill();
        bench.at(second, Bench::ask_to_abort);
        let (outcome, _) = bench.run_to_end();
        assert_eq!(outcome, Outcome::Aborted, "aborted at {second}\n{}", bench.timeline());
        nothing_is_left(&bench);
    }
}

#[test]
fn a_drill_does_not_begin_over_unprotected_machines() {
    let mut bench = Bench::drill();
    let item = bench.world.items.get_mut("managed1").unwrap();
    item.state = ItemState::Unprotected("InitialReplicationInProgress".to_owned());
    let (outcome, detail) = bench.run_to_end();
    assert_eq!((outcome, detail.as_str()), (Outcome::Failed, "go_no_go failed"));
    assert!(bench.world.ledger.is_empty());
}

#[test]
fn a_drill_does_not_take_down_somebody_elses() {
    let mut bench = Bench::drill();
    bench.world.leave_a_drill_standing();
    let (outcome, detail) = bench.run_to_end();
    assert_eq!((outcome, detail.as_str()), (Outcome::Failed, "go_no_go failed"));
    assert!(bench.world.ledger.is_empty());
    assert!(bench.world.items.values().all(|item| item.drill == DrillState::Standing));
    let timeline = bench.timeline();
    assert!(timeline.contains("has not been cleaned up"), "it says why:\n{timeline}");
}

#[test]
fn a_test_failover_without_an_answer_is_not_sent_twice_if_it_arrived() {
    for fate in [Fate::LostAfter, Fate::Late(1), Fate::Late(29), Fate::CrashAfter] {
        let mut bench = Bench::drill();
        bench.script.send("test failover of", [fate.clone()]);
        assert_eq!(bench.run_to_end().0, Outcome::Drilled, "{fate:?}\n{}", bench.timeline());
        assert_eq!(bench.world.arrivals("test failover of recovery").count(), 2, "{fate:?}");
        nothing_is_left(&bench);
    }
}

#[test]
fn a_clean_up_whose_operation_fails_is_sent_again() {
    let mut bench = Bench::drill();
    bench.world.broken_operations.push(("clean-up", 2));
    assert_eq!(bench.run_to_end().0, Outcome::Drilled);
    assert_eq!(bench.world.taken("clean up"), 3);
    nothing_is_left(&bench);
}

#[test]
fn a_clean_up_that_left_a_machine_standing_is_made_again_although_it_succeeded() {
    let mut bench = Bench::drill();
    bench.world.partial_clean_ups = 1;
    assert_eq!(bench.run_to_end().0, Outcome::Drilled, "{}", bench.timeline());
    assert_eq!(bench.world.taken("clean up"), 2);
    nothing_is_left(&bench);
}

#[test]
fn a_failing_test_failover_is_tried_again_within_the_drills_time() {
    let mut bench = Bench::drill();
    bench.world.broken_operations.push(("drill", 2));
    assert_eq!(bench.run_to_end().0, Outcome::Drilled);
    nothing_is_left(&bench);
}

#[test]
fn a_drill_that_never_gets_its_machines_ends_and_leaves_nothing() {
    let mut bench = Bench::drill();
    bench.world.broken_operations.push(("drill", 1000));
    let (outcome, _) = bench.run_to_end();
    assert_eq!(outcome, Outcome::Failed);
    assert_eq!(bench.outcome_of(StepKind::TestFailOver), Some(StepOutcome::TimedOut));
    nothing_is_left(&bench);
}

#[test]
fn a_drill_looks_at_production_but_at_nothing_that_changes_it() {
    let mut bench = Bench::drill();
    bench.run_to_end();
    production_is_untouched(&bench);
    let run = bench.replayed();
    assert!(!run.is_past_no_return());
}

#[test]
fn machines_that_show_later_than_their_job_are_waited_for() {
    let mut bench = Bench::drill();
    bench.world.site_recovery_lags_s = 6;
    assert_eq!(bench.run_to_end().0, Outcome::Drilled, "{}", bench.timeline());
    nothing_is_left(&bench);
}

#[test]
fn an_aborted_drill_waits_for_what_it_has_asked_for_to_appear() {
    for second in [1, 2, 3, 4, 5] {
        let mut bench = Bench::drill();
        bench.world.site_recovery_lags_s = 6;
        bench.world.accepts_without_operation = true;
        bench.at(second, Bench::ask_to_abort);
        assert_eq!(bench.run_to_end().0, Outcome::Aborted, "{}", bench.timeline());
        bench.run_until(1000);
        nothing_is_left(&bench);
    }
}

#[test]
fn a_drill_that_was_halted_for_hours_is_cleaned_up_all_the_same() {
    let mut bench = Bench::drill();
    bench.at(150, |bench| bench.store.kill_switch = true);
    bench.at(9000, |bench| bench.store.kill_switch = false);
    bench.run_to_end();
    nothing_is_left(&bench);
}

#[test]
fn a_drill_whose_machines_somebody_takes_down_ends_and_puts_up_no_others() {
    for (lag_s, taken_down, why) in [
        (20, 207, "somebody else has taken the test machines down"),
        (0, 230, "5 of 5 test machines are gone"),
    ] {
        let mut bench = Bench::drill();
        bench.world.site_recovery_lags_s = lag_s;
        bench.at(taken_down, |bench| bench.world.take_the_drill_down());
        let (outcome, _) = bench.run_to_end();
        let timeline = bench.timeline();
        assert_eq!(outcome, Outcome::Failed, "{timeline}");
        assert!(timeline.contains(why), "{timeline}");
        assert_eq!(bench.world.arrivals("test failover of recovery").count(), 1, "{timeline}");
        nothing_is_left(&bench);
    }
}

#[test]
fn a_drill_ends_when_a_failover_moves_the_machines() {
    let mut bench = Bench::drill();
    bench.world.site_recovery_lags_s = 20;
    bench.at(207, |bench| {
        bench.world.take_the_drill_down();
        for item in bench.world.items.values_mut() {
            item.state = ItemState::FailedOver { committed: false };
        }
    });
    assert_eq!(bench.run_to_end().0, Outcome::Failed, "{}", bench.timeline());
    assert!(bench.timeline().contains("the machines have been failed over"));
    assert_eq!(bench.world.arrivals("test failover of recovery").count(), 1);
}

#[test]
fn a_drill_can_be_aborted_although_somebody_has_moved_the_database_meanwhile() {
    let mut bench = Bench::drill();
    bench.world.sql.primary = Place::Standby;
    bench.run_until(100);
    bench.ask_to_abort();
    assert_eq!(bench.run_to_end().0, Outcome::Aborted, "{}", bench.timeline());
    assert!(bench.world.items.values().all(|item| item.drill == DrillState::None));
}
