//! A few stories; `cargo xtask test` tells three thousand, `cargo xtask simulate` as many as one
//! likes.

use crate::batch;
use crate::fault::{Fault, Kind, Target};
use crate::play::{Ending, play};
use crate::story::cells::{self, Cell};
use crate::story::{Backend, Scenario, Story};

const SEEDS: u64 = 8;

#[test]
fn no_check_fails_in_the_first_stories() {
    let told = batch::tell((1..=SEEDS).map(Story::of).collect(), 1, |_| {});

    let failed: Vec<_> = told.iter().filter(|one| one.ending.failure.is_some()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// A few; `cargo xtask simulate --cells` plays all.
#[test]
fn a_fault_that_is_aimed_at_a_step_takes_place_while_the_step_is_at_work() {
    let short = ["observe", "confirm_application", "close"];
    let seldom = ["app killed", "message twice", "late request"];
    let is_chosen = |cell: &Cell| {
        let (fault, step) = cell.key();
        seldom.contains(&fault) && short.contains(&step)
    };
    for cell in cells::all().filter(is_chosen) {
        let ending = play(&cell.story(), false);

        assert_eq!(ending.failure, None, "{cell}");
        assert!(ending.coverage.contains_key(&cell.key()), "{cell} is empty");
    }
}

#[test]
fn a_drill_gives_way_to_the_failover_of_its_workload() {
    // While its test machines come up, and while they stand.
    for after_s in [100, 300, 490] {
        let ending = play(&Story::undisturbed(1, Scenario::RegionLossInDrill { after_s }), false);

        assert_eq!(ending.failure, None);
        assert_eq!(ending.name(), "Aborted + Recovered", "lost after {after_s} s");
    }
}

/// In the loss of a region.
fn with(events: &[(u32, Kind)]) -> Ending {
    let mut story = Story::undisturbed(1, Scenario::RegionLoss);
    story.faults = events
        .iter()
        .map(|(from_s, kind)| Fault {
            kind: *kind,
            at: None,
            from_s: *from_s,
            for_s: 0,
            percent: 100,
            at_most: None,
            target: Target::Any,
            dice: 1,
        })
        .collect();
    play(&story, false)
}

#[test]
fn what_somebody_has_begun_in_the_portal_is_left_to_them_or_adopted() {
    // Before anybody here has noticed the loss, and in the middle of the failover.
    let before = with(&[(65, Kind::PromotedByHand)]);
    let amid = with(&[(124, Kind::PromotedByHand), (125, Kind::FailedOverByHand)]);

    assert_eq!((before.failure.clone(), before.name()), (None, "no run".to_owned()));
    assert_eq!((amid.failure.clone(), amid.name()), (None, "Recovered".to_owned()));
}

#[test]
fn what_somebody_fails_back_is_not_promoted_again_nor_called_recovered() {
    let ending = with(&[(160, Kind::RegionBack), (200, Kind::FailedBackByHand)]);

    assert_eq!(ending.failure, None);
    assert_eq!(ending.name(), "Degraded");
}

#[test]
fn a_panic_that_the_app_catches_is_a_failure_of_the_story() {
    let mut story = Story::undisturbed(1, Scenario::RegionLoss);
    story.faults = vec![Fault {
        kind: Kind::Panic,
        at: None,
        from_s: 0,
        for_s: 600,
        percent: 100,
        at_most: Some(1),
        target: Target::Promotion,
        dice: 1,
    }];

    let failure = play(&story, false).failure.expect("it panicked");

    assert_eq!(failure.check, "nothing-panics");
    assert!(failure.what.starts_with("a fault of the story at "), "{}", failure.what);
    assert!(failure.at_s > 60, "after {} s, and the story went on", failure.at_s);
    assert_eq!(play(&Story::undisturbed(1, Scenario::Nothing), false).failure, None);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let is_wild = |story: &Story| {
        let kinds = |of: fn(Kind) -> bool| story.faults.iter().any(|fault| of(fault.kind));
        story.scenario == Scenario::RegionLoss
            && story.apps == 2
            && story.faults.iter().any(|fault| fault.at.is_some() && fault.kind.is_event())
            && kinds(Kind::is_of_arm)
            && (kinds(Kind::is_of_bus) || kinds(Kind::is_of_store))
    };
    let wild = (1..1000).map(Story::of).find(is_wild).expect("some seed is wild");
    for backend in [Backend::Sqlite, Backend::Blob] {
        let story = Story { backend, ..wild.clone() };

        let (once, again) = (play(&story, true), play(&story, true));

        assert!(once.log.len() > 500, "{} lines", once.log.len());
        assert!(once.log == again.log, "seed {} was told in two ways", story.seed);
    }
}

#[test]
fn what_only_delays_delays_and_changes_nothing() {
    assert!((1..100).all(|nth| !Story::of(8 * nth).is_hurt()), "every eighth story is gentle");
    let gentle = (1..20).map(|seed| Story::of(seed).gently()).collect();
    let told = batch::tell(gentle, 1, |_| {});

    let failures: Vec<_> = told.iter().filter_map(|one| one.ending.failure.as_ref()).collect();
    assert!(failures.is_empty(), "{failures:?}");
    assert!(told.iter().filter(|one| one.story.is_disturbed()).count() > 10);
}
