//! Each check bites: what it forbids is made up, and found.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use recovery::ResourceId;
use recovery::effect::{Effect, Manner};
use recovery::event::{Event, Outcome, Record};
use recovery::runbook::StepKind;
use simulator::Glance;
use simulator::ledger::{Kind, NotedRequest, Promotion};
use simulator::regions::Region;
use store::{Sqlite, Store};

use super::{CHECKS, Scene};
use crate::journals::Journal;
use crate::rig::Sent;
use crate::story::{Scenario, Story};

const WEST: &str = "/x/servers/sqlserversecondary-cafe/failoverGroups/g/forceFailoverAllowDataLoss";
const EAST: &str = "/x/servers/sqlserverprimary-cafe/failoverGroups/g/forceFailoverAllowDataLoss";
const PLAN: &str = "/x/replicationRecoveryPlans/p/unplannedFailover";
const DRILL: &str = "/x/replicationRecoveryPlans/p/testFailover";

const AT_REST: Glance = Glance {
    enabled_endpoints: 2,
    east_is_primary: true,
    west_is_primary: false,
    dual_writable_s: 0.0,
};

/// A scene to be made worse.
struct Made {
    story: Story,
    glance: Glance,
    arrived: Vec<NotedRequest>,
    sent: Vec<Sent>,
    moves: Vec<Promotion>,
    promotions: Vec<Promotion>,
    forced_in_vain: usize,
    journals: Vec<Journal>,
    halts: Vec<(Timestamp, Timestamp)>,
}

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

fn request(second: i64, path: &str) -> NotedRequest {
    let (method, kind) = ("POST".to_owned(), Kind::Destructive);
    NotedRequest { at: at(second), method, path: path.to_owned(), status: Some(202), kind }
}

fn sent(second: i64, path: &str, status: Option<u16>) -> Sent {
    Sent { at: at(second), app: 0, method: "POST", path: path.to_owned(), status }
}

fn forced(second: i64) -> Promotion {
    Promotion { at: at(second), region: Region::WestUs, lossless: false, left_behind: 0 }
}

/// The checks that do not hold in what was made.
fn broken(scenario: Scenario, worsen: impl FnOnce(&mut Made)) -> Vec<&'static str> {
    let mut made = Made {
        story: Story::undisturbed(1, scenario),
        glance: AT_REST,
        arrived: Vec::new(),
        sent: Vec::new(),
        moves: Vec::new(),
        promotions: Vec::new(),
        forced_in_vain: 0,
        journals: Vec::new(),
        halts: Vec::new(),
    };
    worsen(&mut made);
    let scene = Scene {
        story: &made.story,
        glance: made.glance,
        arrived: &made.arrived,
        sent: &made.sent,
        moves: &made.moves,
        promotions: &made.promotions,
        forced_in_vain: made.forced_in_vain,
        journals: &made.journals,
        halts: &made.halts,
    };
    // There is no journal here, so nothing that arrives was intended.
    let others = CHECKS.iter().filter(|check| check.name != "nothing-without-a-journaled-intent");
    others.filter(|check| (check.holds)(&scene).is_err()).map(|check| check.name).collect()
}

#[test]
fn a_world_at_rest_breaks_nothing() {
    assert_eq!(broken(Scenario::Nothing, |_| {}), Vec::<&str>::new());
}

#[test]
fn a_second_forced_failover_is_found() {
    let found = broken(Scenario::RegionLoss, |made| {
        made.promotions = vec![forced(10), forced(90)];
    });
    assert_eq!(found, ["at-most-one-forced-failover-takes-effect", "no-failover-back-and-forth"]);
}

#[test]
fn a_promotion_of_a_primary_is_found() {
    let of_the_east = broken(Scenario::RegionLoss, |made| made.arrived = vec![request(5, EAST)]);
    assert_eq!(of_the_east, ["no-promotion-of-a-primary"]);
    let again = |second| {
        broken(Scenario::RegionLoss, |made| {
            made.moves = vec![forced(10)];
            made.arrived = vec![request(second, WEST)];
        })
    };
    assert_eq!(again(80), ["no-promotion-of-a-primary"]);
    assert_eq!(again(60), Vec::<&str>::new(), "it was on its way");
}

#[test]
fn a_failover_that_is_accepted_twice_is_found() {
    let found = broken(Scenario::RegionLoss, |made| {
        made.arrived = vec![request(5, PLAN), request(500, PLAN)];
    });
    assert_eq!(found, ["nothing-is-accepted-twice"]);
}

#[test]
fn what_follows_an_aborted_failover_is_held_against_it_only_until_another_has_begun() {
    let found = |next_begins| {
        let record = |second, events| Record { at: at(second), events };
        let (by, reason) = ("ann".to_owned(), "a false alarm".to_owned());
        let abort = vec![Event::AbortRequested { by, reason }];
        let aborted = Journal {
            records: vec![record(3, abort), record(10, Vec::new())],
            ended: Some((Outcome::Aborted, String::new())),
            ..Journal::new("cafe-incident-1".to_owned())
        };
        let records = vec![record(next_begins, Vec::new())];
        let next = Journal { records, ..Journal::new("cafe-incident-2".to_owned()) };
        broken(Scenario::RegionLoss, |made| {
            made.arrived = vec![request(25, WEST)];
            made.journals = vec![aborted, next];
        })
    };
    assert_eq!(found(20), Vec::<&str>::new());
    assert_eq!(found(30), ["nothing-goes-on-after-an-abort"]);
}

#[test]
fn a_forced_promotion_is_accepted_again_only_if_the_first_came_to_nothing() {
    let accepted = |in_vain| {
        broken(Scenario::RegionLoss, |made| {
            made.arrived = vec![request(5, WEST), request(500, WEST)];
            made.forced_in_vain = in_vain;
        })
    };
    assert_eq!(accepted(0), ["nothing-is-accepted-twice"]);
    assert_eq!(accepted(1), Vec::<&str>::new());
}

#[test]
fn a_resend_on_time_out_is_found_and_a_patient_one_is_none() {
    let resent = |after, status| {
        broken(Scenario::RegionLoss, |made| {
            made.sent = vec![sent(0, WEST, status), sent(after, WEST, Some(202))];
        })
    };
    assert_eq!(resent(12, None), ["no-repeat-before-it-is-quiet"]);
    assert_eq!(resent(12, Some(500)), ["no-repeat-before-it-is-quiet"]);
    assert_eq!(resent(12, Some(409)), Vec::<&str>::new());
    assert_eq!(resent(56, None), Vec::<&str>::new());
}

#[test]
fn a_planned_failover_that_is_forced_is_found() {
    let found = broken(Scenario::Planned, |made| made.arrived = vec![request(5, WEST)]);
    assert_eq!(found, ["planned-never-becomes-forced"]);
}

#[test]
fn a_drill_that_fails_over_is_found_and_one_that_tests_is_none() {
    let found = broken(Scenario::Drill, |made| made.arrived = vec![request(5, PLAN)]);
    assert_eq!(found, ["drill-touches-no-production"]);
    let tested = broken(Scenario::Drill, |made| made.arrived = vec![request(5, DRILL)]);
    assert_eq!(tested, Vec::<&str>::new());
}

#[test]
fn whatever_is_done_about_a_blip_is_found() {
    let found = broken(Scenario::Blip { s: 43 }, |made| made.arrived = vec![request(5, DRILL)]);
    assert_eq!(found, ["no-action-on-a-blip"]);
}

#[test]
fn a_profile_without_an_endpoint_and_two_writable_databases_are_found() {
    let found = broken(Scenario::RegionLoss, |made| {
        made.glance.enabled_endpoints = 0;
        made.glance.dual_writable_s = 0.4;
    });
    assert_eq!(found, ["never-the-last-enabled-endpoint", "never-two-writable"]);
}

/// Whether what arrives was intended, by a journal with this intent at 3 s.
fn is_covered(effect: Effect, arrived: &[NotedRequest]) -> bool {
    let (step, baseline) = (StepKind::PromoteSql, Vec::new());
    let intended = Event::Intended { step, attempt: 1, effect, send_before: at(18), baseline };
    let records = vec![Record { at: at(3), events: vec![intended] }];
    let journals = [Journal { records, ..Journal::new("cafe-incident-1".to_owned()) }];
    let scene = Scene {
        story: &Story::undisturbed(1, Scenario::RegionLoss),
        glance: AT_REST,
        arrived,
        sent: &[],
        moves: &[],
        promotions: &[],
        forced_in_vain: 0,
        journals: &journals,
        halts: &[],
    };
    let check = CHECKS.iter().find(|check| check.name == "nothing-without-a-journaled-intent");
    (check.unwrap().holds)(&scene).is_ok()
}

#[test]
fn what_arrives_without_an_intent_of_its_own_is_found() {
    let promote = |server: &str, group: &str, manner| Effect::PromoteDatabase {
        server: ResourceId::new(format!("/X/servers/{server}")),
        group: group.to_owned(),
        manner,
    };
    let west = || promote("sqlserversecondary-cafe", "g", Manner::Forced);

    assert!(is_covered(west(), &[request(5, WEST)]));
    assert!(!is_covered(west(), &[request(5, WEST), request(9, WEST)]), "a second one");
    assert!(!is_covered(west(), &[request(70, WEST)]), "too late");
    assert!(!is_covered(west(), &[request(5, EAST)]), "another server");
    let (other_group, planned) = (
        promote("sqlserversecondary-cafe", "h", Manner::Forced),
        promote("sqlserversecondary-cafe", "g", Manner::Planned),
    );
    assert!(!is_covered(other_group, &[request(5, WEST)]));
    assert!(!is_covered(planned, &[request(5, WEST)]));
}

#[tokio::test]
async fn a_journal_that_does_not_replay_is_found() {
    let store: Arc<dyn Store> = Arc::new(Sqlite::in_memory().unwrap());
    let record = Record { at: at(3), events: Vec::new() };
    let bytes = serde_json::to_vec(&record).unwrap();
    store.append("without-a-start", 0, "w", &bytes).await.unwrap();
    store.append("no-record", 0, "w", b"{}").await.unwrap();
    for name in ["without-a-start", "no-record"] {
        let mut journal = Journal::new(name.to_owned());
        journal.refresh(&store).await;

        let found = broken(Scenario::Nothing, |made| made.journals = vec![journal]);

        assert_eq!(found, ["journal-replays"], "{name}");
    }
}

#[test]
fn a_promotion_after_its_run_was_aborted_is_found_and_that_of_another_run_is_none() {
    let aborted = |run: &str, second| {
        let (by, reason) = ("ann".to_owned(), "a false alarm".to_owned());
        let events = vec![Event::AbortRequested { by, reason }];
        let records = vec![Record { at: at(10), events }];
        let journal = Journal { records, ..Journal::new(run.to_owned()) };
        broken(Scenario::RegionLoss, |made| {
            made.journals = vec![journal];
            made.arrived = vec![request(second, WEST)];
        })
    };
    assert_eq!(aborted("cafe-incident-1", 14), ["nothing-goes-on-after-an-abort"]);
    assert_eq!(aborted("cafe-incident-1", 9), Vec::<&str>::new());
    assert_eq!(aborted("cafe-drill-1", 14), Vec::<&str>::new());
}

#[test]
fn what_is_sent_while_all_is_stopped_is_found_and_what_was_on_its_way_is_none() {
    let halted = |second| {
        broken(Scenario::RegionLoss, |made| {
            made.halts = vec![(at(100), at(200))];
            made.sent = vec![sent(second, WEST, Some(202))];
        })
    };
    assert_eq!(halted(150), ["nothing-is-sent-while-halted"]);
    assert_eq!(halted(139), Vec::<&str>::new());
    assert_eq!(halted(201), Vec::<&str>::new());
}
