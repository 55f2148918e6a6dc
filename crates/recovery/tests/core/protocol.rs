//! The laws of the effects protocol: what is sent again, when, and when a person is asked.

use recovery::Place;
use recovery::effect::Manner;
use recovery::event::{Event, Outcome, StepOutcome};
use recovery::limits::{QUIESCE_S, REFUSAL_PAUSE_S, REPEAT_PAUSE_S, SEND_WITHIN_S, SENDS_MAX};
use recovery::runbook::StepKind;
use recovery::view::{JobState, ScenarioKind};

use crate::drive::{Bench, start_of_time};
use crate::script::Fate;

/// The pauses between the intents of a step.
fn pauses(bench: &Bench, kind: StepKind) -> Vec<i64> {
    bench.intents(kind).windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn a_definite_rejection_is_not_a_sending() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", vec![Fate::Refused(None); SENDS_MAX + 3]);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
    for pause in pauses(&bench, StepKind::PromoteSql) {
        assert!((REFUSAL_PAUSE_S..30).contains(&pause), "{pause} s");
    }
}

#[test]
fn a_lost_request_is_sent_again_only_after_the_quiet_time() {
    for fate in [Fate::LostBefore, Fate::CrashBefore] {
        let mut bench = Bench::region_lost();
        bench.script.send("promote", [fate.clone()]);
        assert_eq!(bench.run_to_end().0, Outcome::Recovered);
        assert_eq!(bench.world.promoted(Manner::Forced), 1);
        let pauses = pauses(&bench, StepKind::PromoteSql);
        assert_eq!(pauses.len(), 1);
        assert!((QUIESCE_S..QUIESCE_S + 35).contains(&pauses[0]), "{fate:?}: {pauses:?}");
    }
}

#[test]
fn a_request_whose_answer_was_lost_is_adopted_and_not_sent_again() {
    for fate in [Fate::LostAfter, Fate::CrashAfter, Fate::Late(1), Fate::Late(29)] {
        let mut bench = Bench::region_lost();
        bench.script.send("promote", [fate.clone()]);
        bench.script.send("fail over recovery plan", [fate.clone()]);
        assert_eq!(bench.run_to_end().0, Outcome::Recovered, "{fate:?}");
        assert_eq!(bench.intents(StepKind::PromoteSql).len(), 1, "{fate:?}");
        assert_eq!(bench.intents(StepKind::FailOverMachines).len(), 1, "{fate:?}");
        assert_eq!(bench.world.promoted(Manner::Forced), 1);
    }
}

#[test]
fn a_request_that_stays_without_an_answer_is_sent_twice_and_then_a_person_is_asked() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", vec![Fate::LostBefore; 10]);
    let (outcome, detail) = bench.run_to_end();
    insta::assert_snapshot!(bench.timeline());
    assert_eq!((outcome, detail.as_str()), (Outcome::NeedsHuman, "promote_sql needs a person"));
    assert_eq!(bench.intents(StepKind::PromoteSql).len(), SENDS_MAX);
    assert!(!bench.world.endpoints[&Place::Preferred], "it may have been promoted after all");
}

#[test]
fn a_planned_promotion_under_way_without_an_answer_is_given_the_time_that_it_takes() {
    for fate in [Fate::LostAfter, Fate::Late(29)] {
        let mut bench = Bench::planned();
        bench.script.send("promote", [Fate::LostBefore, fate.clone()]);
        let (outcome, detail) = bench.run_to_end();
        assert_eq!(outcome, Outcome::Recovered, "{fate:?}: {detail}\n{}", bench.timeline());
        assert_eq!(bench.intents(StepKind::PromoteSql).len(), 2, "{fate:?}");
    }
}

#[test]
fn what_somebody_has_failed_back_meanwhile_is_not_promoted_a_second_time() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::CrashAfter]);
    bench.at(30, |bench| {
        bench.world.preferred_up = true;
        bench.world.sql.primary = Place::Preferred;
    });
    bench.nobody_works(6, 40);
    assert_eq!(bench.run_to_end().0, Outcome::NeedsHuman, "{}", bench.timeline());
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
}

#[test]
fn a_refusal_does_not_let_an_earlier_request_without_an_answer_be_forgotten() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::LostBefore, Fate::Refused(None)]);
    // Between the refusal and the next sending the old primary answers again.
    bench.at(66, |bench| bench.world.preferred_up = true);
    assert_eq!(bench.run_to_end().0, Outcome::NeedsHuman, "{}", bench.timeline());
    assert_eq!(bench.intents(StepKind::PromoteSql).len(), 2);
    assert_eq!(bench.world.promoted(Manner::Forced), 0);
}

#[test]
fn a_forced_promotion_without_an_answer_is_not_repeated_while_the_old_primary_lives() {
    let mut bench = Bench::forced_while_alive();
    bench.script.send("(planned)", [Fate::Refused(None)]);
    bench.script.send("(forced)", [Fate::CrashAfter]);
    bench.nobody_works(6, 40);
    bench.at(30, |bench| bench.world.sql.primary = Place::Preferred);
    assert_eq!(bench.run_to_end().0, Outcome::NeedsHuman, "{}", bench.timeline());
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
}

#[test]
fn a_world_that_changed_in_the_quiet_time_is_left_to_a_person() {
    let mut bench = Bench::region_lost();
    bench.script.send("fail over recovery plan", [Fate::LostBefore]);
    bench.at(30, |bench| {
        bench.world.begin_job(ScenarioKind::Other("Somebody's".to_owned()));
        bench.world.end_job(JobState::Failed);
    });
    let (outcome, detail) = bench.run_to_end();
    assert_eq!(outcome, Outcome::NeedsHuman);
    assert_eq!(detail, "fail_over_machines needs a person");
    assert_eq!(bench.intents(StepKind::FailOverMachines).len(), 1);
}

#[test]
fn an_accepted_request_whose_operation_fails_is_sent_again_after_a_pause() {
    let mut bench = Bench::region_lost();
    bench.world.broken_operations.push(("promotion", 3));
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
    assert_eq!(bench.world.taken("promote"), 4);
    for pause in pauses(&bench, StepKind::PromoteSql) {
        assert!(pause >= REFUSAL_PAUSE_S);
    }
}

#[test]
fn an_accepted_request_is_not_sent_again_while_its_operation_runs() {
    let mut bench = Bench::region_lost();
    bench.world.failover_group_lags_s = 120;
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.intents(StepKind::PromoteSql).len(), 1);
}

#[test]
fn an_operation_that_says_done_is_not_yet_a_server_that_is_primary() {
    let mut bench = Bench::region_lost();
    bench.world.failover_group_lags_s = 60;
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    let (promoted_at, ..) = bench.world.sql.promotions[0];
    let shown = promoted_at.duration_since(start_of_time()).as_secs() + 60;
    let ended = bench.ended_at(StepKind::PromoteSql);
    assert!(ended >= shown, "ended at {ended} s, shown at {shown} s");
}

#[test]
fn a_request_that_names_an_end_state_is_repeated_after_pauses() {
    let mut bench = Bench::region_lost();
    bench.script.send("disable", vec![Fate::LostBefore; 5]);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    let pauses = pauses(&bench, StepKind::WithdrawTraffic);
    assert!(pauses.len() >= 5);
    assert!(pauses.iter().all(|pause| *pause >= REPEAT_PAUSE_S), "{pauses:?}");
}

#[test]
fn a_request_that_did_not_leave_in_time_is_not_sent_any_more() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::Frozen(SEND_WITHIN_S)]);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.arrivals("promote").count(), 1);
    let intended = bench.intents(StepKind::PromoteSql);
    assert_eq!(intended.len(), 2, "it certainly did not leave, so it need not be waited out");
    assert!(intended[1] - intended[0] < QUIESCE_S);
}

#[test]
fn a_request_that_cannot_leave_the_machine_is_tried_again_at_a_measured_pace() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", vec![Fate::NotSent; 5]);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    let pauses = pauses(&bench, StepKind::PromoteSql);
    assert_eq!(pauses.len(), 5);
    assert!(pauses.iter().all(|pause| *pause >= REFUSAL_PAUSE_S), "{pauses:?}");
}

#[test]
fn a_minute_without_a_network_needs_no_person() {
    let mut bench = Bench::region_lost();
    // As often as it is tried within the minute, it fails at once.
    bench.world.offline_until_s = Some(60);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
}

#[test]
fn a_lease_too_short_for_a_request_lets_nothing_out() {
    let mut bench = Bench::region_lost();
    bench.store.lease_s = Some(12);
    bench.run_until(90);
    assert_eq!(bench.sent, 0);
    bench.store.lease_s = None;
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
}

#[test]
fn every_sending_was_written_down_before_it_left() {
    let mut bench = Bench::region_lost();
    bench.script.send("", [Fate::LostAfter, Fate::CrashAfter, Fate::Late(20)]);
    bench.run_to_end();
    let intended =
        bench.events().iter().filter(|(_, event)| matches!(event, Event::Intended { .. })).count();
    assert!(intended >= bench.sent);
    assert!(bench.sent >= bench.world.ledger.len());
}

#[test]
fn an_unresolved_request_at_a_steps_deadline_asks_a_person() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::LostBefore]);
    // From then on nobody says what role the server has.
    bench.script.blind("sqlserversecondary-cafe", 10, i64::MAX);
    assert_eq!(bench.run_to_end().0, Outcome::NeedsHuman);
    assert_eq!(bench.outcome_of(StepKind::PromoteSql), Some(StepOutcome::NeedsHuman));
    assert_eq!(bench.intents(StepKind::PromoteSql).len(), 1);
}
