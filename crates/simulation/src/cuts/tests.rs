//! A bounded part of the proof; `cargo xtask cuts` makes the whole.

use super::{Choice, Pairs, Row, judge, prove};
use crate::play::play;
use crate::rig::{Cut, Way};
use crate::story::{Scenario, Story};

const BLIP: Scenario = Scenario::Blip { s: 43 };

fn wrong(rows: &[Row]) -> Vec<String> {
    let all = rows.iter().flat_map(|row| &row.wrong);
    all.map(|(story, what)| format!("{what}\n{}", serde_json::json!(story))).collect()
}

/// On that side of every I/O that changes something, and of a sample of the others.
fn dies(way: Way) {
    let choice = Choice {
        seed: 1,
        ways: vec![way],
        effects_every: 1,
        changes_every: 1,
        reads_every: 97,
        pairs: Pairs::Some(0),
    };
    let rows = prove(Scenario::RegionLoss, &choice, 1);

    assert_eq!(wrong(&rows), Vec::<String>::new());
    assert_eq!(rows.len(), 1);
    assert!(rows[0].cut > 100, "{} stories", rows[0].cut);
    assert_eq!(rows[0].asked(), 0);
}

#[test]
fn a_process_that_dies_before_a_change_comes_to_the_same() {
    dies(Way::DieBefore);
}

#[test]
fn a_process_that_dies_after_a_change_comes_to_the_same() {
    dies(Way::DieAfter);
}

#[test]
fn other_scenarios_and_other_cuts_come_to_the_same_in_a_sample() {
    let choice = Choice {
        seed: 1,
        ways: Way::ALL.to_vec(),
        effects_every: 13,
        changes_every: 89,
        reads_every: 997,
        pairs: Pairs::Some(1),
    };
    for scenario in [Scenario::RegionLoss, Scenario::Planned, Scenario::Drill, BLIP] {
        let rows = prove(scenario, &choice, 1);

        assert_eq!(wrong(&rows), Vec::<String>::new());
        assert!(rows.len() >= Way::ALL.len(), "{}: {} rows", scenario.name(), rows.len());
    }
}

#[test]
fn a_cut_that_comes_to_something_else_is_wrong() {
    let undisturbed = play(&Story::undisturbed(1, Scenario::Drill), false);
    let mut other = undisturbed.clone();
    if let Some(world) = &mut other.world {
        world.effects.recovery_plan_test_failovers += 1;
    }
    assert_eq!(judge(&undisturbed, &undisturbed), super::Verdict::Same);
    assert!(matches!(judge(&undisturbed, &other), super::Verdict::Wrong(_)));
}

#[test]
fn a_story_that_ends_before_its_cut_shows_nothing() {
    let story = Story::undisturbed(1, Scenario::Nothing);
    let undisturbed = play(&story, false);
    let cuts = vec![Cut { io: undisturbed.ios.len() + 1000, way: Way::DieBefore }];
    let never_cut = play(&Story { cuts, ..story }, false);
    assert!(matches!(judge(&undisturbed, &never_cut), super::Verdict::Wrong(_)));
}
