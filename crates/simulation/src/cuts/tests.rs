//! A small part of the proof; `cargo xtask test` makes a larger one, and `cargo xtask cuts` the
//! whole.

use recovery::event::Outcome;
use simulator::ledger::Effects;
use simulator::regions::Region;

use super::{Case, Choice, Pairs, Row, Verdict, judge, prove};
use crate::play::{Ending, Mark, play};
use crate::rig::{Cut, Io, Way};
use crate::story::{Backend, Scenario, Story};

fn wrong(rows: &[Row]) -> Vec<String> {
    let all = rows.iter().flat_map(|row| &row.wrong);
    all.map(|(story, what)| format!("{what}\n{}", serde_json::json!(story))).collect()
}

fn case(name: &str) -> Case {
    Case::all().into_iter().find(|case| case.name == name).unwrap()
}

/// All ways, at few places.
fn few() -> Choice {
    Choice {
        seed: 1,
        backend: Backend::Sqlite,
        ways: Way::ALL.to_vec(),
        effects_every: 5,
        changes_every: 0,
        reads_every: 1500,
        pairs: Pairs::Some(1),
    }
}

#[test]
fn a_process_that_dies_beside_a_change_comes_to_the_same() {
    let choice = Choice {
        seed: 1,
        backend: Backend::Sqlite,
        ways: vec![Way::DieBefore, Way::DieAfter],
        effects_every: 1,
        changes_every: 25,
        reads_every: 0,
        pairs: Pairs::Some(0),
    };
    let rows = prove(&case("region loss"), &choice, 1);

    assert_eq!(wrong(&rows), Vec::<String>::new());
    assert_eq!(rows.len(), 2);
    assert!(rows[0].cut > 5, "{} stories", rows[0].cut);
    assert_eq!(rows[0].asked() + rows[1].asked(), 0);
}

#[test]
fn what_the_story_itself_refuses_is_refused_also_where_it_is_asked_twice() {
    let reads = Choice {
        ways: vec![Way::Twice],
        effects_every: 0,
        reads_every: 1,
        pairs: Pairs::Some(0),
        ..few()
    };
    let rows = prove(&case("aborted failover"), &reads, 1);

    assert_eq!(wrong(&rows), Vec::<String>::new());
    assert!(rows[0].cut > 100, "{} stories", rows[0].cut);
}

#[test]
fn other_scenarios_and_other_cuts_come_to_the_same_in_a_sample() {
    for name in ["region loss, alerts only", "planned"] {
        let rows = prove(&case(name), &few(), 1);

        assert_eq!(wrong(&rows), Vec::<String>::new());
        assert!(rows.len() >= Way::ALL.len(), "{name}: {} rows", rows.len());
    }
}

#[test]
fn the_stories_that_are_cut_end_as_they_should() {
    for case in Case::all() {
        let ending = play(&case.story(1), false);

        assert_eq!(ending.failure, None, "{}", case.name);
        assert_eq!(ending.outcomes, case.outcomes, "{}", case.name);
    }
}

#[test]
fn an_aborted_failover_puts_the_traffic_back_and_a_machine_that_fails_is_tried_by_itself() {
    let how_often = |name: &str, part: &str| {
        let log = play(&case(name).story(1), true).log;
        log.iter().filter(|line| line.contains(part) && line.contains(" app 0: ")).count()
    };
    assert_eq!(how_often("aborted failover", "PATCH "), 2, "disabled and enabled");
    let of_items = how_often("a machine fails", "/unplannedFailover") - 1;
    assert_eq!(of_items, 1, "beside the recovery plan's");
}

#[test]
fn a_story_that_ends_otherwise_without_a_cut_proves_nothing() {
    let (nothing, choice) = (case("nothing"), few());
    let otherwise = Case { outcomes: &[Outcome::Recovered], ..nothing };

    let rows = prove(&otherwise, &choice, 1);

    assert_eq!(wrong(&rows).len(), 1);
}

#[test]
fn a_cut_that_comes_to_something_else_is_wrong() {
    let story = Story::undisturbed(1, Scenario::Drill);
    let undisturbed = play(&story, false);
    let with = |change: fn(&mut Mark)| {
        let mut other = undisturbed.clone();
        change(other.world.as_mut().unwrap());
        judge(&undisturbed, &story, &other)
    };
    assert_eq!(with(|_| {}), Verdict::Same);
    for changed in [
        with(|world| world.effects.recovery_plan_test_failovers += 1),
        with(|world| world.avoidable_losses += 1),
        with(|world| world.served_by = None),
        with(|world| world.production.push(serde_json::json!({"what": "sql/eastus/primary"}))),
        with(|world| world.drill_machines.push(serde_json::json!({"name": "dmgr1-test"}))),
    ] {
        assert!(matches!(changed, Verdict::Wrong(_)), "{changed:?}");
    }
}

/// What is made of a cut of this kind of I/O after which a person is asked for this reason.
fn asked(io: Io, reason: &str, change: impl FnOnce(&mut Ending)) -> Verdict {
    let mut story = Story::undisturbed(1, Scenario::RegionLoss);
    let undisturbed = Ending {
        outcomes: vec![Outcome::Recovered],
        world: Some(Mark {
            effects: Effects { sql_forced: 1, ..Effects::default() },
            avoidable_losses: 0,
            served_by: Some(Region::WestUs),
            production: Vec::new(),
            drill_machines: Vec::new(),
        }),
        ios: vec![Io::Read, io],
        all_cut: true,
        ..Ending::default()
    };
    story.cuts = vec![Cut { io: 2, way: Way::RequestLost }];
    let mut cut = Ending {
        outcomes: vec![Outcome::NeedsHuman],
        needs_human: Some(reason.to_owned()),
        ..undisturbed.clone()
    };
    change(&mut cut);
    judge(&undisturbed, &story, &cut)
}

#[test]
fn a_person_is_asked_only_where_the_protocol_allows_it() {
    const REASON: &str = "promote_sql NeedsHuman: \"promote SQL server x (forced)\" was sent 2 times \
                          without an answer and nothing came of it";
    let is_wrong = |verdict| matches!(verdict, Verdict::Wrong(_));
    let effects = |ending: &mut Ending, sql_forced| {
        ending.world.as_mut().unwrap().effects.sql_forced = sql_forced;
    };

    let allowed = asked(Io::Effect, REASON, |cut| effects(cut, 0));
    assert_eq!(allowed, Verdict::NeedsHuman(REASON.to_owned()));
    assert!(is_wrong(asked(Io::Change, REASON, |_| {})), "a record was cut");
    assert!(is_wrong(asked(Io::Effect, "observe TimedOut: nobody answers", |_| {})));
    assert!(is_wrong(asked(Io::Effect, REASON, |cut| effects(cut, 2))), "it took effect twice");
    assert!(is_wrong(asked(Io::Effect, REASON, |cut| cut.outcomes = vec![Outcome::Degraded])));
    assert!(is_wrong(asked(Io::Effect, REASON, |cut| cut.outcomes.push(Outcome::NeedsHuman))));
}

#[test]
fn a_story_that_ends_before_its_cut_shows_nothing() {
    let story = Story::undisturbed(1, Scenario::Nothing);
    let undisturbed = play(&story, false);
    let cuts = vec![Cut { io: undisturbed.ios.len() + 1000, way: Way::DieBefore }];
    let story = Story { cuts, ..story };
    let never_cut = play(&story, false);
    assert!(matches!(judge(&undisturbed, &story, &never_cut), Verdict::Wrong(_)));
}
