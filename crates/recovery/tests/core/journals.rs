//! Journals that were written once are read for ever: the fixtures under `fixtures/journals` were
//! produced by scenarios and are never written again for the version they are of.

mod scenarios;
mod state;
mod words;

use jiff::{SignedDuration, Timestamp};
use recovery::decide::{decide, due, next_due};
use recovery::event::{Event, Record};
use recovery::report::report;
use recovery::run::{ReplayError, Run};

const REGION_LOST: &str = include_str!("../fixtures/journals/v1/region-lost.jsonl");
const TROUBLED: &str = include_str!("../fixtures/journals/v1/troubled.jsonl");
const ABORTED: &str = include_str!("../fixtures/journals/v1/aborted.jsonl");
const DRILL: &str = include_str!("../fixtures/journals/v1/drill.jsonl");
const UNFINISHED: &str = include_str!("../fixtures/journals/v1/unfinished.jsonl");
const PLANNED: &str = include_str!("../fixtures/journals/v1/planned.jsonl");
const NEEDS_HUMAN: &str = include_str!("../fixtures/journals/v1/needs-human.jsonl");
const TOLD: &str = include_str!("../fixtures/journals/v1/told.jsonl");
/// The same from before a notification said which outcome it told.
const TOLD_SOMETHING: &str = include_str!("../fixtures/journals/v1/told-something.jsonl");
const DEGRADED: &str = include_str!("../fixtures/journals/v1/degraded.jsonl");
const DRILL_FAILED: &str = include_str!("../fixtures/journals/v1/drill-failed.jsonl");
const OUT_OF_STANDBY: &str = include_str!("../fixtures/journals/v1/out-of-standby.jsonl");
const PORTAL: &str = include_str!("../fixtures/journals/v1/portal.jsonl");
const NOT_SEEDED: &str = include_str!("../fixtures/journals/v1/not-seeded.jsonl");
const NOT_REPLICATING: &str = include_str!("../fixtures/journals/v1/not-replicating.jsonl");
const FORCED: &str = include_str!("../fixtures/journals/v1/forced.jsonl");
const SPARSE: &str = include_str!("../fixtures/journals/v1/sparse.jsonl");

const ALL: [(&str, &str); 17] = [
    ("region-lost", REGION_LOST),
    ("planned", PLANNED),
    ("needs-human", NEEDS_HUMAN),
    ("troubled", TROUBLED),
    ("aborted", ABORTED),
    ("drill", DRILL),
    ("unfinished", UNFINISHED),
    ("told", TOLD),
    ("told-something", TOLD_SOMETHING),
    ("degraded", DEGRADED),
    ("drill-failed", DRILL_FAILED),
    ("out-of-standby", OUT_OF_STANDBY),
    ("portal", PORTAL),
    ("not-seeded", NOT_SEEDED),
    ("not-replicating", NOT_REPLICATING),
    ("forced", FORCED),
    ("sparse", SPARSE),
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
fn a_journal_of_version_1_adds_up_to_the_same_states_for_ever() {
    for (name, lines) in ALL {
        insta::assert_snapshot!(format!("states-of-{name}"), state::record_by_record(&read(lines)));
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
fn whoever_was_told_before_it_was_noted_what_is_not_told_again() {
    for lines in [TOLD, TOLD_SOMETHING] {
        assert!(Run::replay(&read(lines)).unwrap().has_told());
    }
    assert!(!Run::replay(&read(REGION_LOST)).unwrap().has_told(), "its plan names nobody");
}

#[test]
fn an_empty_or_headless_journal_is_refused() {
    assert_eq!(Run::replay(&[]), Err(ReplayError::Empty));
    let records = read(REGION_LOST);
    assert_eq!(Run::replay(&records[1..]), Err(ReplayError::NoStart));
}

#[test]
fn a_record_of_no_clock_s_time_is_refused_with_its_place() {
    for (wrong, place) in [("9999-12-30T10:00:00Z", 3), ("-009999-01-03T10:00:00Z", 0)] {
        let mut records = read(REGION_LOST);
        records[place].at = wrong.parse().unwrap();
        let error = Run::replay(&records).unwrap_err().to_string();
        assert!(error.starts_with(&format!("record {place}: ")), "{error}");
        assert!(error.contains("no clock has told its time"), "{error}");
    }
}

#[test]
fn a_record_that_comes_twice_is_refused_with_its_place() {
    let mut records = read(REGION_LOST);
    let twice = records[1].clone();
    records.insert(2, twice);
    let error = Run::replay(&records).unwrap_err();
    assert!(error.to_string().starts_with("record 2: "), "{error}");
    assert!(error.to_string().len() < 700, "an event is quoted by its beginning");
}

#[test]
fn an_event_or_a_word_in_one_that_nobody_knows_is_refused_by_its_name() {
    let refused = |event: &str| {
        let line = format!(r#"{{"at":"2026-11-22T10:00:00Z","events":[{event}]}}"#);
        serde_json::from_str::<Record>(&line).unwrap_err().to_string()
    };
    let error = refused(r#"{"sang":{"what":"a song"}}"#);
    assert!(error.starts_with("unknown variant `sang`"), "{error}");
    let error = refused(r#"{"step_ended":{"step":"close","outcome":"sung","detail":""}}"#);
    assert!(error.starts_with("unknown variant `sung`"), "{error}");
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
