//! Aborting: before the first promotion the traffic is put back, afterwards it is refused.

use jiff::SignedDuration;
use recovery::Place;
use recovery::decide::decide;
use recovery::event::{Event, Outcome};
use recovery::look::Look;
use recovery::run::Looked;
use recovery::runbook::StepKind;

use crate::drive::Bench;
use crate::script::Fate;

#[test]
fn an_abort_before_anything_was_sent_changes_nothing() {
    let mut bench = Bench::region_lost();
    bench.script.blind("sqlserversecondary-cafe", 0, 60);
    bench.at(30, Bench::ask_to_abort);
    let (outcome, detail) = bench.run_to_end();
    assert_eq!((outcome, detail.as_str()), (Outcome::Aborted, "aborted by ann"));
    assert!(bench.world.ledger.is_empty());
}

#[test]
fn an_abort_before_the_promotion_puts_the_traffic_back() {
    let mut bench = Bench::planned();
    bench.world.leave_a_drill_standing();
    bench.at(20, Bench::ask_to_abort);
    let (outcome, _) = bench.run_to_end();
    insta::assert_snapshot!(bench.timeline());
    assert_eq!(outcome, Outcome::Aborted);
    assert!(bench.world.endpoints[&Place::Preferred]);
    assert_eq!(bench.world.leads_to(), [Place::Preferred].into());
    assert_eq!(bench.world.arrivals("promote").count(), 0);
    assert_eq!(bench.world.arrivals("fail over").count(), 0);
}

#[test]
fn an_abort_waits_until_a_lost_withdrawal_can_no_longer_arrive() {
    let mut bench = Bench::planned();
    bench.script.send("disable", [Fate::Late(29), Fate::Refused(Some(60))]);
    bench.at(5, Bench::ask_to_abort);
    let (outcome, _) = bench.run_to_end();
    assert_eq!(outcome, Outcome::Aborted);
    assert!(bench.world.endpoints[&Place::Preferred], "{}", bench.timeline());
    let first = bench.intents(StepKind::WithdrawTraffic)[0];
    assert!(bench.ended_at(StepKind::RestoreTraffic) >= first + recovery::limits::QUIESCE_S);
}

#[test]
fn an_abort_after_the_promotion_is_refused_and_the_run_goes_on() {
    let mut bench = Bench::region_lost();
    bench.at(30, Bench::ask_to_abort);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    let refusals: Vec<_> = bench
        .events()
        .into_iter()
        .filter_map(|(_, event)| match event {
            Event::AbortRefused { by, why } => Some((by, why)),
            _ => None,
        })
        .collect();
    let why = "the promotion has been sent: from here only forward".to_owned();
    assert_eq!(refusals, [("ann".to_owned(), why)], "refused once, and told why");
    assert!(!bench.world.endpoints[&Place::Preferred]);
}

#[test]
fn an_abort_while_nobody_knows_of_a_promotion_is_refused() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::LostAfter]);
    bench.at(8, Bench::ask_to_abort);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert!(!bench.world.endpoints[&Place::Preferred]);
}

#[test]
fn an_abort_while_a_clean_up_is_unresolved_waits() {
    let mut bench = Bench::planned();
    bench.world.leave_a_drill_standing();
    bench.script.send("clean up", [Fate::LostBefore]);
    bench.at(20, Bench::ask_to_abort);
    bench.run_until(50);
    assert!(bench.replayed().abort.is_none());
    assert!(!bench.replayed().abort_refused);
    let (outcome, _) = bench.run_to_end();
    assert_eq!(outcome, Outcome::Aborted, "once it can no longer arrive\n{}", bench.timeline());
    assert!(bench.world.endpoints[&Place::Preferred]);
}

#[test]
fn an_abort_during_the_withdrawal_goes_before_the_promotion() {
    let mut bench = Bench::region_lost();
    bench.script.send("disable", vec![Fate::LostBefore; 3]);
    bench.at(8, Bench::ask_to_abort);
    assert_eq!(bench.run_to_end().0, Outcome::Aborted);
    assert_eq!(bench.world.arrivals("promote").count(), 0);
}

#[test]
fn an_abort_goes_before_a_promotion_that_is_intended_and_not_sent() {
    let mut bench = Bench::region_lost();
    bench.before_sending("promote", Bench::ask_to_abort);
    let (outcome, _) = bench.run_to_end();
    assert_eq!(outcome, Outcome::Aborted, "{}", bench.timeline());
    assert_eq!(bench.intents(StepKind::PromoteSql).len(), 1);
    assert_eq!(bench.world.arrivals("promote").count(), 0);
    assert!(bench.world.endpoints[&Place::Preferred]);
}

#[test]
fn the_kill_switch_goes_before_a_promotion_that_is_intended_and_not_sent() {
    let mut bench = Bench::region_lost();
    bench.before_sending("promote", |bench| bench.store.kill_switch = true);
    bench.run_until(200);
    assert_eq!(bench.world.arrivals("promote").count(), 0);
    bench.at(200, |bench| bench.store.kill_switch = false);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.arrivals("promote").count(), 1);
}

#[test]
fn a_lost_withdrawal_is_known_not_to_have_come_only_by_a_look_after_its_last_moment() {
    let mut bench = Bench::planned();
    bench.script.send("disable", [Fate::LostBefore, Fate::Refused(Some(60))]);
    bench.at(5, Bench::ask_to_abort);
    bench.run_until(20);
    let mut run = bench.replayed();
    let last_moment = run.step(StepKind::WithdrawTraffic).unwrap().attempts[0].quiet_from();
    let profile =
        Look::TrafficProfile { profile: bench.world.plan.traffic_manager_profile.clone() };
    let mut is_put_back = |asked_before_s: i64| {
        let asked = last_moment - SignedDuration::from_secs(asked_before_s);
        run.note_look(&profile, Looked { asked, answered: last_moment });
        decide(&run, last_moment)
            .iter()
            .any(|event| matches!(event, Event::StepEnded { step: StepKind::RestoreTraffic, .. }))
    };
    assert!(!is_put_back(4));
    assert!(!is_put_back(1));
    assert!(is_put_back(0));
}

#[test]
fn an_abort_after_a_refused_promotion_puts_the_traffic_back() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", vec![Fate::Refused(Some(60)); 10]);
    bench.at(30, Bench::ask_to_abort);
    let (outcome, _) = bench.run_to_end();
    assert_eq!(outcome, Outcome::Aborted);
    assert!(bench.world.endpoints[&Place::Preferred]);
    assert!(bench.world.sql.promotions.is_empty());
}

#[test]
fn asking_twice_to_abort_is_asking_once() {
    let mut bench = Bench::planned();
    bench.world.leave_a_drill_standing();
    bench.at(20, Bench::ask_to_abort);
    bench.at(21, Bench::ask_to_abort);
    assert_eq!(bench.run_to_end().0, Outcome::Aborted);
    let count = bench.events().iter().filter(|(_, event)| is_abort(event)).count();
    assert_eq!(count, 1);
}

fn is_abort(event: &Event) -> bool {
    matches!(event, Event::AbortRequested { .. } | Event::AbortRefused { .. })
}
