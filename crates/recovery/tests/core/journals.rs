//! Journals that were written once are read for ever: the fixtures under `fixtures/journals` were
//! produced by scenarios and are never written again for the version they are of.

use jiff::{SignedDuration, Timestamp};
use recovery::decide::{decide, due, next_due};
use recovery::event::{Event, Outcome, Record};
use recovery::report::report;
use recovery::run::{ReplayError, Run};

use crate::drive::Bench;
use crate::script::Fate;

const REGION_LOST: &str = include_str!("../fixtures/journals/v1/region-lost.jsonl");
const TROUBLED: &str = include_str!("../fixtures/journals/v1/troubled.jsonl");
const ABORTED: &str = include_str!("../fixtures/journals/v1/aborted.jsonl");
const DRILL: &str = include_str!("../fixtures/journals/v1/drill.jsonl");
const UNFINISHED: &str = include_str!("../fixtures/journals/v1/unfinished.jsonl");

const ALL: [(&str, &str); 5] = [
    ("region-lost", REGION_LOST),
    ("troubled", TROUBLED),
    ("aborted", ABORTED),
    ("drill", DRILL),
    ("unfinished", UNFINISHED),
];

fn read(lines: &str) -> Vec<Record> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

#[test]
fn a_journal_of_version_1_tells_the_same_report_for_ever() {
    // What an unfinished run waits for is said by the code of the day.
    for (name, lines) in ALL.iter().filter(|(name, _)| *name != "unfinished") {
        let report = report(&read(lines), noon()).unwrap();
        insta::assert_json_snapshot!(format!("report-of-{name}"), report);
    }
}

#[test]
fn a_journal_of_version_1_is_written_back_as_it_was_read() {
    for (name, lines) in ALL {
        for line in lines.lines() {
            let record: Record = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&record).unwrap(), line, "{name}");
        }
    }
}

#[test]
fn every_beginning_of_a_journal_is_a_run() {
    for (_, lines) in ALL {
        let records = read(lines);
        let mut known = Run::replay(&records[..1]).unwrap();
        for length in 2..=records.len() {
            let record = &records[length - 1];
            for event in &record.events {
                known.apply(record.at, event).unwrap();
            }
            assert_eq!(Run::replay(&records[..length]).unwrap(), known);
            let at = record.at + SignedDuration::from_secs(1);
            match &known.ended {
                Some(_) => {
                    assert_eq!((decide(&known, at), due(&known, at)), (Vec::new(), Vec::new()));
                    assert_eq!(next_due(&known, at), None);
                }
                None => assert!(next_due(&known, at).unwrap() > at),
            }
        }
    }
}

#[test]
fn every_kind_of_event_is_in_the_fixtures() {
    let kinds = [
        "run_started",
        "holder_changed",
        "saw",
        "step_started",
        "step_overdue",
        "milestone_reached",
        "step_ended",
        "intended",
        "accepted",
        "refused",
        "unresolved",
        "not_sent",
        "operation_seen",
        "abort_requested",
        "abort_refused",
        "run_ended",
    ];
    let all: Vec<_> = ALL.iter().flat_map(|(_, lines)| read(lines)).collect();
    for kind in kinds {
        let found = all.iter().flat_map(|record| &record.events).any(|event| {
            serde_json::to_value(event).unwrap().as_object().unwrap().contains_key(kind)
        });
        assert!(found, "{kind} is in no fixture");
    }
}

#[test]
fn an_unfinished_journal_of_version_1_is_taken_over_and_brought_to_its_end() {
    let run = Run::replay(&read(UNFINISHED)).unwrap();
    assert!(run.ended.is_none());
    assert!(run.is_past_no_return());
    // Nothing of what an earlier holder intended is sent by the next one.
    assert!(run.attempts().any(|(_, attempt)| attempt.is_unresolved()));
    let mut next = run.clone();
    next.epoch += 1;
    let sends = due(&next, noon());
    let is_send = |command: &_| matches!(command, recovery::decide::Command::Send { .. });
    assert!(!sends.iter().any(is_send), "{sends:?}");
}

#[test]
fn an_empty_or_headless_journal_is_refused() {
    assert_eq!(Run::replay(&[]), Err(ReplayError::Empty));
    let records = read(REGION_LOST);
    assert_eq!(Run::replay(&records[1..]), Err(ReplayError::NoStart));
}

#[test]
fn a_journal_with_a_gap_is_refused_with_its_place() {
    let mut records = read(REGION_LOST);
    let started = records
        .iter()
        .position(|record| record.events.iter().any(|e| matches!(e, Event::Intended { .. })))
        .unwrap();
    records.remove(started);
    let error = Run::replay(&records).unwrap_err();
    let ReplayError::Illegal { record, .. } = &error else { panic!("{error}") };
    assert!(*record >= started);
    assert!(error.to_string().starts_with(&format!("record {record}: ")), "{error}");
}

/// Scenarios whose journals the fixtures are. They are compared only in outline: details may
/// change with the code, a fixture never does.
#[test]
fn the_scenarios_behind_the_fixtures_still_end_the_same() {
    for (name, mut bench) in scenarios() {
        let (_, lines) = ALL.iter().find(|(known, _)| *known == name).unwrap();
        let then = Run::replay(&read(lines)).unwrap();
        if name == "unfinished" {
            bench.run_until(9);
            assert!(bench.ended().is_none() && then.ended.is_none());
        } else {
            let (outcome, _): (Outcome, String) = bench.run_to_end();
            assert_eq!(Run::replay(&read(&bench.store.lines())).unwrap(), bench.replayed());
            assert_eq!(Some(outcome), then.ended.map(|(outcome, ..)| outcome), "{name}");
        }
    }
}

fn scenarios() -> Vec<(&'static str, Bench)> {
    let mut troubled = Bench::region_lost();
    troubled.script.send("promote", [Fate::Refused(Some(5)), Fate::LostAfter]);
    troubled.script.send("disable", [Fate::LostBefore, Fate::NotSent, Fate::LostBefore]);
    troubled.world.failures.insert("managed2", 2);
    troubled.at(60, Bench::ask_to_abort);
    let mut aborted = Bench::planned();
    aborted.world.leave_a_drill_standing();
    aborted.at(20, Bench::ask_to_abort);
    let mut unfinished = Bench::region_lost();
    unfinished.script.send("promote", [Fate::CrashAfter]);
    vec![
        ("region-lost", Bench::region_lost()),
        ("troubled", troubled),
        ("aborted", aborted),
        ("drill", Bench::drill()),
        ("unfinished", unfinished),
    ]
}
