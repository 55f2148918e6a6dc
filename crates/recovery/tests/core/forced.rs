//! A planned failover whose old place dies in the middle, and a person who gives that place up.

use recovery::Place;
use recovery::effect::Manner;
use recovery::event::{Event, Outcome};
use recovery::request::{Request, force_refusal};
use recovery::runbook::StepKind;
use recovery::worry::worries;

use crate::drive::Bench;
use crate::script::Fate;

/// The region dies while its machines stop.
pub(crate) fn dying() -> Bench {
    let mut bench = Bench::planned();
    bench.at(60, |bench| bench.world.preferred_up = false);
    bench
}

pub(crate) fn ask_to_force(bench: &mut Bench) {
    let (by, reason) = ("ann".to_owned(), "East US is lost".to_owned());
    bench.store.inbox.push(Request::Force { by, reason });
}

fn promotions(bench: &Bench) -> (usize, usize) {
    (bench.world.promoted(Manner::Planned), bench.world.promoted(Manner::Forced))
}

#[test]
fn a_planned_failover_whose_region_dies_is_finished_by_force_when_a_person_says_so() {
    for second in [61, 100, 200, 500] {
        let mut bench = dying();
        bench.at(second, ask_to_force);
        assert_eq!(bench.run_to_end().0, Outcome::Recovered, "{second}\n{}", bench.timeline());
        assert_eq!(promotions(&bench), (0, 1));
        assert_eq!(bench.world.taken("fail over recovery plan"), 1, "the one that was under way");
        assert_eq!(bench.report().forced.as_deref(), Some("ann: East US is lost"));
    }
}

#[test]
fn without_a_persons_word_it_is_not_forced_and_asks_for_one() {
    let mut bench = dying();
    assert_eq!(bench.run_to_end().0, Outcome::NeedsHuman);
    assert_eq!(promotions(&bench), (0, 0));
}

#[test]
fn people_hear_of_a_promotion_that_is_late_long_before_the_run_ends() {
    let mut bench = dying();
    bench.run_until(480);
    let told: Vec<_> =
        worries(&bench.replayed(), bench.now).into_iter().map(|worry| worry.detail).collect();
    let [worry] = &told[..] else { panic!("{told:?}") };
    assert!(worry.contains("promote_sql is late"), "{worry}");
    assert_eq!(bench.ended(), None);

    let mut calm = Bench::planned();
    while calm.ended().is_none() {
        calm.run_until(calm.now.duration_since(crate::drive::start_of_time()).as_secs() + 5);
        assert_eq!(worries(&calm.replayed(), calm.now), []);
    }
}

#[test]
fn what_is_forced_no_longer_waits_for_machines_that_nobody_stops() {
    let mut bench = Bench::planned();
    // The recovery plan takes nothing for as long as the person hesitates.
    bench.script.send("fail over recovery plan", vec![Fate::Refused(Some(30)); 4]);
    bench.at(20, |bench| bench.world.preferred_up = false);
    bench.at(40, ask_to_force);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered, "{}", bench.timeline());
    let promoted = bench.intents(StepKind::PromoteSql)[0];
    let taken = bench.world.arrivals("fail over recovery plan").next().unwrap();
    assert!(promoted < 80, "at {promoted}");
    let recovery::effect::Effect::FailOver { stop_source, .. } = taken.effect else { panic!() };
    assert!(!stop_source, "a lost region is not asked to stop anything");
}

#[test]
fn who_forces_a_move_that_works_still_loses_no_write_while_the_primary_answers() {
    for second in [3, 60, 100] {
        let mut bench = Bench::planned();
        bench.at(second, ask_to_force);
        assert_eq!(bench.run_to_end().0, Outcome::Recovered, "{second}\n{}", bench.timeline());
        assert_eq!(promotions(&bench), (1, 0));
    }
}

#[test]
fn an_abort_goes_before_force() {
    let both = |bench: &mut Bench| {
        ask_to_force(bench);
        bench.ask_to_abort();
    };
    // While a turn is at it, and before one begins.
    for busy in [true, false] {
        let mut bench = Bench::planned();
        if !busy {
            bench.nobody_works(1, 20);
        }
        bench.at(1, both);
        assert_eq!(bench.run_to_end().0, Outcome::Aborted, "{}", bench.timeline());
        assert_eq!(forced(&bench), 0, "{}", bench.timeline());
        assert!(bench.world.endpoints[&Place::Preferred]);
    }
}

#[test]
fn an_abort_goes_before_force_while_it_waits_for_a_lost_request_too() {
    let mut bench = Bench::planned();
    bench.world.leave_a_drill_standing();
    bench.script.send("clean up", [Fate::LostBefore]);
    bench.at(20, |bench| {
        ask_to_force(bench);
        bench.ask_to_abort();
    });
    assert_eq!(bench.run_to_end().0, Outcome::Aborted, "{}", bench.timeline());
    assert_eq!(forced(&bench), 0, "{}", bench.timeline());
}

#[test]
fn force_goes_on_where_an_abort_was_refused() {
    let mut bench = dying();
    bench.at(100, |bench| {
        ask_to_force(bench);
        bench.ask_to_abort();
    });
    assert_eq!(bench.run_to_end().0, Outcome::Recovered, "{}", bench.timeline());
    assert_eq!(forced(&bench), 1);
    assert_eq!(promotions(&bench), (0, 1));
}

#[test]
fn what_retreats_has_ended_or_is_no_planned_failover_is_not_forced() {
    let mut twice = dying();
    for second in [100, 110] {
        twice.at(second, ask_to_force);
    }
    twice.run_to_end();
    assert_eq!(forced(&twice), 1, "asking twice is asking once");
    assert_eq!(force_refusal(&twice.replayed()), Some("the run has ended"));
    assert!(force_refusal(&Bench::region_lost().replayed()).is_some());
    assert!(force_refusal(&Bench::drill().replayed()).is_some());
    assert_eq!(force_refusal(&Bench::planned().replayed()), None);
}

fn forced(bench: &Bench) -> usize {
    let is_force = |event: &Event| matches!(event, Event::ForceRequested { .. });
    bench.events().iter().filter(|(_, event)| is_force(event)).count()
}
