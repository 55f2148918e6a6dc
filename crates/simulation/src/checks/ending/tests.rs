//! Each of the last checks bites: what it forbids is made up, and found.

use jiff::{SignedDuration, Timestamp};
use recovery::event::{Outcome, Record};
use serde_json::json;
use simulator::ledger::{AcknowledgedWrite, Attempt, Notification, Promotion, Report};
use simulator::regions::Region;
use simulator::{Options, World};

use super::{End, LAST_CHECKS};
use crate::fault::{Fault, Kind, Target};
use crate::journals::Journal;
use crate::story::{Scenario, Story};

/// When the run has ended.
const ENDED_S: i64 = 600;

/// An end to be made worse.
struct Made {
    story: Story,
    ledger: Report,
    enabled_endpoints: usize,
    promotions: Vec<Promotion>,
    journals: Vec<Journal>,
    overdue: Option<Vec<String>>,
}

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

fn promoted(second: i64, region: Region) -> Promotion {
    Promotion { at: at(second), region, lossless: false, left_behind: 0 }
}

fn happens(kind: Kind) -> Fault {
    let (at, at_most, target) = (None, None, Target::Any);
    Fault { kind, at, from_s: 0, for_s: 0, percent: 100, at_most, target, dice: 1 }
}

fn notification(body: serde_json::Value) -> Notification {
    Notification { at: at(ENDED_S), body }
}

/// Its run has ended so, people know, and users are served in the west.
fn ended(scenario: Scenario, outcome: Outcome) -> Made {
    let name = if scenario == Scenario::Drill { "cafe-drill-1" } else { "cafe-incident-1" };
    let mut ledger = World::tutorial(&Options::default()).report();
    ledger.notifications = vec![
        notification(json!({"detail": format!("{name} begins")})),
        notification(json!({"run": name, "outcome": outcome})),
    ];
    ledger.answers.last = Some(Attempt {
        at: at(ENDED_S + 30),
        address: None,
        good: true,
        served_by: Some(Region::WestUs),
        database: Some(Region::WestUs),
        problem: None,
        wrote: None,
    });
    let mut made = Made {
        story: Story::undisturbed(1, scenario),
        ledger,
        enabled_endpoints: 2,
        promotions: Vec::new(),
        journals: vec![Journal {
            records: vec![Record { at: at(ENDED_S), events: Vec::new() }],
            ended: Some((outcome, "it is over".to_owned())),
            ..Journal::new(name.to_owned())
        }],
        overdue: None,
    };
    if outcome == Outcome::Recovered {
        made.enabled_endpoints = 1;
        made.promotions = vec![promoted(100, Region::WestUs)];
        made.ledger.promotions = made.promotions.clone();
    }
    made
}

/// The checks that do not hold in what was made.
fn broken(mut made: Made, worsen: impl FnOnce(&mut Made)) -> Vec<&'static str> {
    worsen(&mut made);
    let end = End {
        story: &made.story,
        ledger: &made.ledger,
        enabled_endpoints: made.enabled_endpoints,
        promotions: &made.promotions,
        journals: &made.journals,
        overdue: made.overdue.as_deref(),
        is_promoted_by_hand: made.story.is_by_hand(),
        is_over_by_itself: false,
    };
    let broken = LAST_CHECKS.iter().filter(|check| (check.holds)(&end).is_err());
    broken.map(|check| check.name).collect()
}

fn recovered() -> Made {
    ended(Scenario::RegionLoss, Outcome::Recovered)
}

const NOTHING: [&str; 0] = [];

#[test]
fn what_has_ended_well_breaks_nothing() {
    assert_eq!(broken(recovered(), |_| {}), NOTHING);
    assert_eq!(broken(ended(Scenario::Planned, Outcome::Recovered), |_| {}), NOTHING);
    assert_eq!(broken(ended(Scenario::Drill, Outcome::Drilled), |_| {}), NOTHING);
}

#[test]
fn a_run_that_does_not_end_is_found() {
    let open = vec!["cafe-incident-1".to_owned()];
    assert_eq!(broken(recovered(), |made| made.overdue = Some(open)), ["the-run-ends"]);
    // Whatever else it is that keeps the story from being over.
    assert_eq!(broken(recovered(), |made| made.overdue = Some(Vec::new())), ["the-run-ends"]);
}

#[test]
fn an_acknowledged_write_that_need_not_be_gone_is_found() {
    let write =
        AcknowledgedWrite { at: at(90), id: 1, name: "mocha".to_owned(), region: Region::WestUs };
    let found = broken(recovered(), |made| made.ledger.lost_writes.other.push(write));
    assert_eq!(found, ["no-avoidable-loss"]);
}

#[test]
fn less_than_the_best_outcome_is_found_unless_something_went_wrong() {
    for (scenario, outcome) in [
        (Scenario::RegionLoss, Outcome::Degraded),
        (Scenario::RegionLoss, Outcome::NeedsHuman),
        (Scenario::Planned, Outcome::NeedsHuman),
        (Scenario::Drill, Outcome::Failed),
    ] {
        assert_eq!(broken(ended(scenario, outcome), |_| {}), ["the-outcome-is-allowed"]);
        let beside = |kind: Kind| {
            broken(ended(scenario, outcome), |made| made.story.faults.push(happens(kind)))
        };
        assert_eq!(beside(Kind::ServerError), NOTHING, "{outcome:?}");
        assert_eq!(
            beside(Kind::AppKilled { app: 0 }),
            ["the-outcome-is-allowed"],
            "it only delays"
        );
    }
}

#[test]
fn an_outcome_of_another_scenario_and_a_run_too_many_are_found() {
    let drilled = ended(Scenario::RegionLoss, Outcome::Drilled);
    let aborted = ended(Scenario::RegionLoss, Outcome::Aborted);
    assert_eq!(broken(drilled, |_| {}), ["the-outcome-is-allowed"]);
    assert_eq!(broken(aborted, |_| {}), ["the-outcome-is-allowed"], "nobody asked for it");
    let twice = broken(recovered(), |made| {
        let again = Journal { ended: made.journals[0].ended.clone(), ..Journal::new("x".into()) };
        made.journals.push(again);
    });
    assert_eq!(twice, ["the-outcome-is-allowed"]);
}

#[test]
fn users_without_a_good_answer_are_found() {
    let bad = |made: &mut Made| made.ledger.answers.last.iter_mut().for_each(|it| it.good = false);
    assert_eq!(broken(recovered(), bad), ["users-are-served"]);
    assert_eq!(broken(ended(Scenario::Drill, Outcome::Drilled), bad), ["users-are-served"]);
}

#[test]
fn people_who_were_told_less_than_all_are_found() {
    for missing in 0..2 {
        let found = broken(recovered(), |made| drop(made.ledger.notifications.remove(missing)));
        assert_eq!(found, ["people-are-told"]);
    }
    let otherwise = broken(recovered(), |made| {
        made.ledger.notifications[1].body["outcome"] = json!("degraded");
    });
    assert_eq!(otherwise, ["people-are-told"]);
}

#[test]
fn what_an_aborted_failover_leaves_behind_is_found() {
    let aborted = || {
        let mut made = ended(Scenario::RegionLoss, Outcome::Aborted);
        made.story.faults.push(happens(Kind::Abort));
        made
    };
    let check = "an-abort-leaves-things-as-they-were";
    assert_eq!(broken(aborted(), |_| {}), NOTHING);
    assert_eq!(broken(aborted(), |made| made.enabled_endpoints = 1), [check]);
    let moved = broken(aborted(), |made| made.promotions = vec![promoted(90, Region::WestUs)]);
    assert_eq!(moved, [check]);
}

#[test]
fn a_run_that_says_recovered_and_has_moved_nothing_is_found() {
    for scenario in [Scenario::RegionLoss, Scenario::Planned] {
        let nothing = broken(ended(scenario, Outcome::Recovered), |made| {
            made.promotions.clear();
            made.ledger.promotions.clear();
        });
        let elsewhere = broken(ended(scenario, Outcome::Recovered), |made| {
            let last = made.ledger.answers.last.as_mut().unwrap();
            last.served_by = Some(Region::EastUs);
        });
        assert_eq!(nothing, ["recovered-means-recovered"]);
        assert_eq!(elsewhere, ["recovered-means-recovered"]);
    }
}

#[test]
fn a_run_that_says_recovered_after_its_database_was_failed_back_is_found() {
    let failed_back = |second| {
        broken(recovered(), |made| {
            made.story.faults.push(happens(Kind::FailedBackByHand));
            made.ledger.promotions.push(promoted(second, Region::EastUs));
        })
    };
    assert_eq!(failed_back(ENDED_S - 40), ["recovered-means-recovered"]);
    assert_eq!(failed_back(ENDED_S - 20), NOTHING, "it could not know");
    assert_eq!(failed_back(ENDED_S + 20), NOTHING, "it was over");
}

#[test]
fn a_drill_that_changes_production_is_found() {
    let found = broken(ended(Scenario::Drill, Outcome::Drilled), |made| {
        made.ledger.production.changes.push(json!({"what": "sql/eastus/primary"}));
    });
    assert_eq!(found, ["drill-leaves-production-as-it-was"]);
}
