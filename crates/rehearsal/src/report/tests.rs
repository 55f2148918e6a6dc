use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::checks;
use crate::testing::{self, evidence};
use crate::{Proof, Strike, Struck};

fn report() -> Report {
    let setup = Setup {
        speed: 10,
        seed: 1,
        store: "sqlite",
        entry: "application_gateway",
        versions: Versions { farshore: "0.1.0", revision: Some("abc+".to_owned()) },
    };
    let evidence = evidence();
    Report::new(&evidence, &checks::check(&evidence), setup)
}

#[test]
fn the_report_has_the_fields_that_programs_read() {
    let report = json!(report());
    let mut expected = json!({
        "scenario": "region-loss",
        "outcome": "recovered",
        "detection_s": 81.2,
        "rto_s": 440.0,
        "critical_path_s": 350.1,
        "critical_path": [
            {"what": "sql forced", "seconds": 8.1},
            {"what": "gateway probe managed1", "seconds": 342.0},
        ],
        "lost_writes": 2,
        "dual_writable_s": 0.0,
        "rpo_s": 1.5,
        "azure_calls": 321,
        "destructive_calls": [{
            "method": "POST",
            "path": "/subscriptions/s/failoverGroups/cafe/forceFailoverAllowDataLoss?api-version=1",
            "status": 202,
            "at_s": 82.0,
        }],
        "steps": [
            {"name": "observe", "started_s": 80.5, "ended_s": 81.0, "outcome": "succeeded"},
            {"name": "clean_up_drill", "started_s": null, "ended_s": 81.0, "outcome": "skipped"},
        ],
        "passed": true,
        "speed": 10,
        "seed": 1,
        "store": "sqlite",
        "entry": "application_gateway",
        "versions": {"farshore": "0.1.0", "revision": "abc+"},
        "started_at": testing::BEGUN_AT,
        "ledger": testing::ledger(),
    });
    assert_eq!(report["hinges_on"], json!(crate::Scenario::RegionLoss.hinges_on()));
    assert_eq!(report["checks"][0]["told_by"], "world");
    for (name, value) in expected.as_object_mut().unwrap() {
        assert_eq!(&report[name], value, "{name}");
    }
}

#[test]
fn the_report_for_people_tells_verdict_figures_path_and_story() {
    let text = markdown(&report(), &evidence());
    for line in [
        "# East US is lost",
        "- The standby's view of a dead primary stays a Secondary in CATCH_UP",
        "Rehearsal `region-loss` passed; it ended as **recovered**.",
        "| ✓ | the loss is acted upon within 90 s | 81.2 s | world |",
        "| ✓ | incidents in the app's books: 1 | 1 | app |",
        "| the app's own time | 8.7 s | from the first such request to that answer, less the critical path |",
        "| lost writes | 2 of 220 | acknowledged to the user and not in the database that is the primary now |",
        "| 8.1 s | 342.0 s | gateway probe managed1 |",
        "| 82.0 s | app | `POST …/failoverGroups/cafe/forceFailoverAllowDataLoss`, answered 202 |",
        "| 90.0 s | world | the database of West US is the primary (forced, writes left behind: 2) |",
        "| 0.0 s | user | POST timeout (440 tries) |",
        "| 440.0 s | user | served by West US (160 tries) |",
        "| observe | 80.5 s | 81.0 s | succeeded |",
    ] {
        assert!(text.contains(line), "{line:?} is missing in\n{text}");
    }
}

#[test]
fn the_reports_tell_what_struck_and_what_shows_it() {
    let mut evidence = evidence();
    let proof = Proof { hits: 14, seen: "the bus refuses 14 messages".to_owned() };
    let at = evidence.begun.at + SignedDuration::from_secs(60);
    let to = Some(at + SignedDuration::from_secs(120));
    evidence.strikes.push(Struck { strike: Strike::BusAway, at, to, proof });
    let report = Report::new(&evidence, &[], report().setup);
    assert_eq!(
        json!(report)["strikes"],
        json!([{"strike": "bus-away", "at_s": 60.0, "to_s": 180.0, "hits": 14,
                "seen": "the bus refuses 14 messages"}])
    );
    let text = markdown(&report, &evidence);
    let line = "| bus-away | 60.0 s | 180.0 s | the bus refuses 14 messages |";
    assert!(text.contains(line), "{text}");
}

#[test]
fn the_story_begins_with_the_scenario_and_goes_forward() {
    let entries = timeline::timeline(&evidence());
    assert_eq!(entries[0].what, "East US does not answer any more");
    assert!(entries.is_sorted_by_key(|entry| entry.at));
}

#[test]
fn a_cell_of_a_table_cannot_break_it() {
    let mut report = report();
    report.checks[0].seen = "a|b\nc".to_owned();
    assert!(markdown(&report, &evidence()).contains("| a\\|b c |"));
}

#[test]
fn figures_are_in_milliseconds() {
    assert_eq!(json!(milliseconds(12.000_000_01)), json!(12.0));
    assert_eq!(json!(milliseconds(-0.000_000_01)).to_string(), "0.0");
}
