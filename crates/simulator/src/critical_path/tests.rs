use std::net::Ipv4Addr;

use jiff::SignedDuration;

use super::*;
use crate::ledger::{Kind, Move, Promotion};
use crate::regions::Region;

const WEST: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 10);

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000_000 + seconds)
}

/// A failover in which everything happened as early as it could, from second 0 on.
fn failover(waits: &[(&str, i64, i64)], promoted: i64, served: i64) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.note_request(at(0), "POST", "/x", Some(202), Kind::Destructive);
    for (what, from, to) in waits {
        ledger.note_wait(*what, at(*from), at(*to));
    }
    let region = Region::WestUs;
    ledger.promotions.push(Promotion { at: at(promoted), region, lossless: false, left_behind: 0 });
    ledger.answers.push(Attempt {
        at: at(served),
        address: Some(WEST),
        good: true,
        served_by: Some(region),
        database: Some(region),
        problem: None,
        wrote: None,
    });
    ledger
}

const PLAN: [(&str, i64, i64); 4] = [
    ("Site Recovery Failover: Prerequisites check for the recovery plan", 0, 3),
    ("Site Recovery Failover: Recovery plan failover", 3, 100),
    ("Site Recovery Failover: Group 1: Start (1)", 100, 140),
    ("Site Recovery Failover: Group 2: Start (3)", 140, 180),
];

fn member(name: &'static str, boot: i64, started: i64, found: i64) -> [(String, i64, i64); 3] {
    [
        (format!("machine boot {name} westus"), boot, boot + 20),
        (format!("member start {name} westus"), boot + 20, started),
        (format!("gateway probe {name} westus"), started, found),
    ]
}

fn with_members<'a>(
    waits: &[(&'a str, i64, i64)],
    members: &'a [(String, i64, i64)],
) -> Vec<(&'a str, i64, i64)> {
    let members = members.iter().map(|(what, from, to)| (what.as_str(), *from, *to));
    waits.iter().copied().chain(members).collect()
}

fn names(path: &CriticalPath) -> Vec<&str> {
    path.path.iter().map(|leg| leg.what.as_str()).collect()
}

#[test]
fn the_fastest_member_counts_with_its_own_probe() {
    let members: Vec<_> =
        [member("managed1", 178, 260, 262), member("managed2", 170, 240, 249)].concat();
    let waits = with_members(&PLAN, &members);
    let path = compute(&failover(&waits, 8, 249), EntryForm::ApplicationGateway);
    assert!((path.seconds - 249.0).abs() < 1e-6, "{path:?}");
    assert_eq!(
        names(&path)[4..],
        [
            "machine boot managed2 westus",
            "member start managed2 westus",
            "gateway probe managed2 westus"
        ]
    );
}

#[test]
fn machines_of_a_region_that_has_come_back_are_not_on_the_path() {
    let returned = member("managed1", 20, 90, 95)
        .map(|(what, from, to)| (what.replace("westus", "eastus"), from, to));
    let members = [returned, member("managed2", 170, 240, 249)].concat();
    let waits = with_members(&PLAN, &members);
    let path = compute(&failover(&waits, 8, 249), EntryForm::ApplicationGateway);
    assert!((path.seconds - 249.0).abs() < 1e-6, "{path:?}");
    assert_eq!(names(&path)[4], "machine boot managed2 westus");
}

#[test]
fn a_slow_database_counts_instead_of_the_machines() {
    let members = member("managed1", 170, 240, 409).to_vec();
    let mut waits = with_members(&PLAN, &members);
    waits.push(("sql forced", 0, 400));
    waits.retain(|(what, _, _)| !what.starts_with("gateway probe"));
    waits.push(("gateway probe managed1 westus", 400, 409));
    let path = compute(&failover(&waits, 400, 409), EntryForm::ApplicationGateway);
    assert_eq!(names(&path), ["sql forced", "gateway probe managed1 westus"]);
    assert!((path.seconds - 409.0).abs() < 1e-6, "{path:?}");
}

#[test]
fn time_between_the_waits_is_not_on_the_path() {
    let members = member("managed1", 270, 340, 345).to_vec();
    let late: Vec<(&str, i64, i64)> =
        PLAN.iter().map(|(what, from, to)| (*what, from + 100, to + 100)).collect();
    let waits = with_members(&late, &members);
    let path = compute(&failover(&waits, 8, 345), EntryForm::ApplicationGateway);
    assert!((path.seconds - 245.0).abs() < 1e-6, "{path:?}");
}

#[test]
fn a_planned_database_follows_the_shutdown_beside_the_machines() {
    let members = member("managed1", 110, 160, 165).to_vec();
    let plan = [
        ("Site Recovery Failover: Prerequisites check for the recovery plan", 0, 3),
        ("Site Recovery Failover: All groups shutdown (1)", 3, 70),
        ("sql planned", 71, 191),
        ("Site Recovery Failover: Recovery plan failover", 70, 100),
        ("Site Recovery Failover: Group 2: Start (3)", 100, 110),
    ];
    let mut waits = with_members(&plan, &members);
    waits.retain(|(what, _, _)| !what.starts_with("gateway probe"));
    waits.push(("gateway probe managed1 westus", 191, 193));
    let path = compute(&failover(&waits, 191, 193), EntryForm::ApplicationGateway);
    assert_eq!(
        names(&path),
        [
            "Failover: Prerequisites check for the recovery plan",
            "Failover: All groups shutdown (1)",
            "sql planned",
            "gateway probe managed1 westus",
        ],
    );
    assert!((path.seconds - (70.0 + 120.0 + 2.0)).abs() < 1e-6, "{path:?}");
}

#[test]
fn the_clean_up_of_a_drill_comes_before_the_plan() {
    let members = member("managed1", 370, 440, 445).to_vec();
    let mut waits =
        vec![("Site Recovery Test failover cleanup: Group 1: Test failover cleanup (1)", 0, 190)];
    waits.extend(PLAN.iter().map(|(what, from, to)| (*what, from + 200, to + 200)));
    let waits = with_members(&waits, &members);
    let path = compute(&failover(&waits, 8, 445), EntryForm::ApplicationGateway);
    assert!((path.seconds - (190.0 + 245.0)).abs() < 1e-6, "{path:?}");
}

#[test]
fn traffic_counts_when_all_else_was_faster() {
    let members = member("managed1", 170, 240, 241).to_vec();
    let mut waits = with_members(&PLAN, &members);
    waits.push(("traffic propagation myPrimaryEndpoint", 0, 300));
    let mut ledger = failover(&waits, 8, 310);
    ledger.moves.push(Move { at: at(309), address: WEST });
    let path = compute(&ledger, EntryForm::ApplicationGateway);
    assert_eq!(
        names(&path)[..2],
        ["traffic propagation myPrimaryEndpoint", "the user's name expires"]
    );
    assert!((path.seconds - 310.0).abs() < 1e-6, "{path:?}");
}

#[test]
fn without_a_change_there_is_no_path() {
    assert_eq!(compute(&Ledger::default(), EntryForm::ApplicationGateway), CriticalPath::default());
}

#[test]
fn what_a_drill_cleans_up_side_by_side_counts_once() {
    let mut ledger = failover(
        &[
            ("Site Recovery Test failover: Recovery plan test failover", 0, 200),
            ("Site Recovery Test failover cleanup: Group 1 (1)", 300, 440),
            ("Site Recovery Test failover cleanup: Group 2 (3)", 300, 460),
            ("Site Recovery Test failover cleanup: Group 3 (1)", 310, 430),
        ],
        0,
        0,
    );
    ledger.promotions.clear();
    ledger.answers.clear();
    let path = compute(&ledger, EntryForm::ApplicationGateway);
    assert!((path.seconds - 360.0).abs() < 1e-6, "{path:?}");
}
