//! A small part of the proof; `cargo xtask test` makes a larger one, and `cargo xtask cuts` the
//! whole.

use super::{Choice, Pairs, Row, judge, prove};
use crate::play::play;
use crate::rig::{Cut, Way};
use crate::story::{Backend, Scenario, Story};

fn wrong(rows: &[Row]) -> Vec<String> {
    let all = rows.iter().flat_map(|row| &row.wrong);
    all.map(|(story, what)| format!("{what}\n{}", serde_json::json!(story))).collect()
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
    let rows = prove(Scenario::RegionLoss, &choice, 1);

    assert_eq!(wrong(&rows), Vec::<String>::new());
    assert_eq!(rows.len(), 2);
    assert!(rows[0].cut > 5, "{} stories", rows[0].cut);
    assert_eq!(rows[0].asked() + rows[1].asked(), 0);
}

#[test]
fn other_scenarios_and_other_cuts_come_to_the_same_in_a_sample() {
    let choice = Choice {
        seed: 1,
        backend: Backend::Sqlite,
        ways: Way::ALL.to_vec(),
        effects_every: 5,
        changes_every: 0,
        reads_every: 1500,
        pairs: Pairs::Some(1),
    };
    for scenario in [Scenario::RegionLossAlertsOnly, Scenario::Planned] {
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
