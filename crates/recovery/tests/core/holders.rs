//! Many workers, one run: the sequence is the fence, the lease avoids contention.

use jiff::{SignedDuration, Timestamp};
use recovery::Place;
use recovery::decide::decide;
use recovery::effect::Manner;
use recovery::event::{Event, Outcome, StepOutcome};
use recovery::limits::{FRESH_S, LEASE_S};
use recovery::run::{Looked, Run};
use recovery::runbook::StepKind;
use recovery::turn::{Action, Finish, Input, Turn};

use crate::drive::{Bench, start_of_time};
use crate::script::{Disturbance, Fate};

#[test]
fn of_two_turns_at_once_only_one_acts() {
    let mut bench = Bench::region_lost();
    for _ in 0..5 {
        bench.begin_turn();
    }
    bench.run_until(4);
    assert_eq!(bench.finishes, vec![Finish::Busy; 5]);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
    assert_eq!(bench.world.arrivals("promote").count(), 1);
}

#[test]
fn when_the_lease_lies_the_journal_still_lets_only_one_act() {
    let mut bench = Bench::region_lost();
    bench.store.lease_lies = true;
    for second in 0..120 {
        bench.at(second, Bench::begin_turn);
    }
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert!(bench.finishes.contains(&Finish::Overtaken));
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
    assert_eq!(bench.world.taken("fail over recovery plan"), 1);
}

#[test]
fn a_stale_holder_neither_writes_nor_sends_after_another_took_over() {
    let mut bench = Bench::region_lost();
    // The first worker freezes right before it promotes, and wakes up long after.
    bench.script.send("promote", [Fate::Frozen(3 * LEASE_S)]);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.arrivals("promote").count(), 1, "the other's");
    bench.run_until(3 * LEASE_S + 60);
    assert!(bench.finishes.contains(&Finish::Overtaken), "{:?}", bench.finishes);
    let epochs = bench.epochs();
    assert!(epochs.windows(2).all(|pair| pair[0] < pair[1]), "{epochs:?}");
}

#[test]
fn a_worker_that_loses_its_lease_before_a_sending_does_not_send() {
    let mut bench = Bench::region_lost();
    // Somebody else gets the lease between the intent and its sending, and does nothing with it.
    bench.before_sending("promote", |bench| {
        let until = start_of_time() + jiff::SignedDuration::from_secs(60);
        bench.store.give_lease_to("an operator", until);
    });
    bench.run_until(50);
    assert_eq!(bench.world.arrivals("promote").count(), 0);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
}

#[test]
fn a_worker_that_died_is_replaced_when_its_lease_is_over() {
    let mut bench = Bench::region_lost();
    bench.script.disturbances.insert(8, Disturbance::CrashBefore);
    bench.run_until(LEASE_S - 1);
    assert!(bench.finishes.iter().all(|finish| *finish == Finish::Busy));
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
}

#[test]
fn a_step_is_not_given_up_unseen_because_nobody_worked_on_it() {
    let mut bench = Bench::region_lost();
    // Each death costs the rest of a lease; three of them cost more than the first step has.
    for action in [3, 7, 11] {
        bench.script.disturbances.insert(action, Disturbance::CrashBefore);
    }
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
}

#[test]
fn what_was_done_while_nobody_worked_is_found_done_and_not_timed_out() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::CrashAfter]);
    bench.nobody_works(10, 3600);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.arrivals("promote").count(), 1);
}

#[test]
fn a_promotion_is_not_sent_an_hour_after_it_was_decided() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::Refused(None)]);
    bench.nobody_works(10, 3600);
    assert_eq!(bench.run_to_end().0, Outcome::NeedsHuman);
    assert_eq!(bench.intents(StepKind::PromoteSql).len(), 1);
    assert_eq!(bench.world.leads_to(), [Place::Preferred, Place::Standby].into());
}

#[test]
fn a_store_that_does_not_answer_costs_a_turn_and_not_the_run() {
    for disturbance in [Disturbance::StoreFails, Disturbance::StoreFailsAfter] {
        for action in 0..40 {
            let mut bench = Bench::region_lost();
            bench.script.disturbances.insert(action, disturbance);
            assert_eq!(bench.run_to_end().0, Outcome::Recovered, "{disturbance:?} at {action}");
            assert_eq!(bench.world.promoted(Manner::Forced), 1);
        }
    }
}

#[test]
fn a_process_that_dies_at_any_action_changes_nothing_about_the_outcome() {
    let undisturbed = {
        let mut bench = Bench::region_lost();
        bench.run_to_end();
        bench.performed
    };
    // Every action of the first turns, in which everything is decided; then one in seven.
    for action in (0..150).chain((150..undisturbed).step_by(7)) {
        for disturbance in [Disturbance::CrashBefore, Disturbance::CrashAfter] {
            let mut bench = Bench::region_lost();
            bench.script.disturbances.insert(action, disturbance);
            assert_eq!(bench.run_to_end().0, Outcome::Recovered, "{disturbance:?} at {action}");
            assert_eq!(bench.world.promoted(Manner::Forced), 1);
            assert_eq!(bench.world.taken("fail over recovery plan"), 1);
        }
    }
}

#[test]
fn a_process_that_dies_on_either_side_of_any_request_never_repeats_what_took_effect() {
    for number in 0..5 {
        for fate in [Fate::CrashBefore, Fate::CrashAfter] {
            let mut bench = Bench::region_lost();
            bench.script.any_sends.extend(vec![Fate::Answered; number]);
            bench.script.any_sends.push_back(fate.clone());
            assert_eq!(bench.run_to_end().0, Outcome::Recovered, "{fate:?} at {number}");
            assert_eq!(bench.world.taken("promote"), 1);
            assert_eq!(bench.world.taken("fail over"), 1);
        }
    }
}

#[test]
fn a_turn_that_learned_nothing_writes_nothing() {
    let mut bench = Bench::region_lost();
    bench.store.kill_switch = true;
    bench.run_until(100);
    let written = bench.store.records().len();
    bench.run_until(300);
    assert_eq!(bench.store.records().len(), written, "looks that changed nothing");
}

#[test]
fn every_new_holder_says_so_before_it_intends_anything() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::CrashBefore]);
    bench.run_to_end();
    let mut epoch = 0;
    for (_, event) in bench.events() {
        match event {
            Event::HolderChanged { epoch: next, .. } => epoch = next,
            Event::Intended { .. } => assert!(epoch > 0),
            _ => {}
        }
    }
    assert_eq!(bench.replayed().epoch, epoch);
    assert_eq!(bench.intents(StepKind::PromoteSql).len(), 2);
}

#[test]
fn an_answer_that_lay_about_while_its_process_was_frozen_permits_nothing() {
    let mut bench = Bench::region_lost();
    let woken = bench.now + SignedDuration::from_mins(10);
    let until = woken + SignedDuration::from_secs(LEASE_S);
    let (mut turn, _) = Turn::begin("sleeper", bench.now);
    let mut todo = turn.step(bench.now, Input::Leased { until });
    let mut written = Vec::new();
    while let Some(action) = todo.pop() {
        let (now, input) = match action {
            Action::Load => {
                let records = bench.store.records().to_vec();
                (bench.now, Input::Loaded { records, requests: Vec::new(), halted: false })
            }
            Action::Append { record, .. } => {
                written.extend(record.events);
                (bench.now, Input::Appended)
            }
            // Each look is made in time; its answer is taken in when the process wakes.
            Action::Look { look, asked, .. } => {
                let sight = bench.world.see(&look, asked.as_ref()).unwrap_or_else(|| {
                    recovery::event::Sight::Unknown("no answer in time".to_owned())
                });
                bench.now = woken;
                (woken, Input::Looked { look, sight, operations: Vec::new() })
            }
            _ => continue,
        };
        todo.extend(turn.step(now, input));
    }
    assert!(written.iter().any(|event| matches!(event, Event::Saw { .. })));
    assert!(!written.iter().any(|event| matches!(event, Event::Intended { .. })), "{written:?}");
}

/// The run right before it intends a promotion for the n-th time, and when that was.
fn about_to_promote(mut bench: Bench, nth: usize) -> (Run, Timestamp) {
    bench.run_to_end();
    let promotes =
        |event: &Event| matches!(event, Event::Intended { step: StepKind::PromoteSql, .. });
    let records = bench.store.records();
    let mut promoting = (0..records.len()).filter(|at| records[*at].events.iter().any(promotes));
    let at = promoting.nth(nth - 1).unwrap();
    let mut run = Run::replay(&records[..at]).unwrap();
    let record = &records[at];
    for event in record.events.iter().take_while(|event| !promotes(event)) {
        run.apply(record.at, event).unwrap();
    }
    (run, record.at)
}

/// The run after a turn that has made each look again, and has seen nothing new.
fn looked_at(run: &Run, moment: Timestamp) -> Run {
    let mut looked = run.clone();
    for look in run.sights.keys() {
        looked.note_look(look, Looked { asked: moment, answered: moment });
    }
    looked
}

#[test]
fn only_an_answer_of_a_moment_ago_permits_an_effect() {
    let (run, now) = about_to_promote(Bench::region_lost(), 1);
    let intends =
        |age_s: i64| intends(&looked_at(&run, now - SignedDuration::from_secs(age_s)), now);
    assert!(intends(0));
    assert!(intends(FRESH_S));
    // The look could have taken as long; but it was answered, and then somebody did something else.
    assert!(!intends(FRESH_S + 1));
}

#[test]
fn only_a_look_that_shows_what_became_of_a_lost_request_permits_another() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::LostBefore]);
    let (run, _) = about_to_promote(bench, 2);
    let shown_from = run.step(StepKind::PromoteSql).unwrap().attempts[0].shown_from().unwrap();
    let intends = |looked: Timestamp| intends(&looked_at(&run, looked), shown_from);
    assert!(intends(shown_from));
    assert!(!intends(shown_from - SignedDuration::from_millis(1)), "however fresh it is");
}

fn intends(run: &Run, now: Timestamp) -> bool {
    decide(run, now).iter().any(|event| matches!(event, Event::Intended { .. }))
}

#[test]
fn a_step_is_late_at_its_deadline_and_not_a_moment_before() {
    let mut bench = Bench::region_lost();
    bench.script.blind("sqlserversecondary-cafe", 0, i64::MAX);
    bench.run_until(200);
    let run = bench.replayed();
    let step = run.step(StepKind::GoNoGo).unwrap();
    let spec = run.start.runbook.steps.iter().find(|spec| spec.kind == StepKind::GoNoGo).unwrap();
    let deadline = step.active_since().unwrap() + SignedDuration::from_secs(spec.deadline_s);
    let is_late = |now: Timestamp| {
        let run = looked_at(&run, now);
        let (step, outcome) = (StepKind::GoNoGo, StepOutcome::TimedOut);
        decide(&run, now).iter().any(|event| {
            matches!(event, Event::StepEnded { step: ended, outcome: how, .. }
                if (*ended, *how) == (step, outcome))
        })
    };
    assert!(!is_late(deadline - SignedDuration::from_millis(1)));
    assert!(is_late(deadline));
}
