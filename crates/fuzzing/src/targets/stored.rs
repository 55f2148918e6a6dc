//! What the store holds: records of journals and documents, as somebody may have changed them.

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use recovery::decide::{decide, due, next_due};
use recovery::event::Record;
use recovery::report;
use recovery::run::Run;
use serde_json::json;
use store::StoreError;
use store::record::{decode, encode};

use crate::app::{Farshore, RUN, WORKLOAD, play};
use crate::judge::{beginning, problem, says_why};

/// A record as a backend keeps it: it is the one that was asked for, or it is refused with its
/// journal and its number.
pub(crate) fn record(bytes: &[u8]) {
    match decode("run", 3, bytes) {
        Ok(record) => {
            let stored = encode("run", 3, "a", &record).unwrap();
            assert_eq!(decode("run", 3, stored.as_bytes()), Ok(record));
            assert!(decode("run", 4, bytes).is_err() && decode("other", 3, bytes).is_err());
        }
        Err(error) => {
            let text = error.to_string();
            says_why(&text);
            assert!(text.contains("journal \"run\"") && text.contains("record 3"), "{text}");
            assert!(matches!(error, StoreError::Corrupt { seq: 3, .. }), "{error}");
        }
    }
}

/// A journal, a record a line. It is refused, or it adds up to a run that can be decided about and
/// reported at any time. The app says the same, and other runs go on.
pub(crate) fn journal(bytes: &[u8]) {
    let lines: Vec<&[u8]> =
        bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let records: Result<Vec<Record>, _> =
        lines.iter().map(|line| serde_json::from_slice(line)).collect();
    let mut run = None;
    if let Ok(records) = &records {
        for record in records {
            let written = serde_json::to_vec(record).unwrap();
            assert_eq!(serde_json::from_slice::<Record>(&written).unwrap(), *record);
        }
        match Run::replay(records) {
            Ok(state) => {
                assert_eq!(Run::replay(records).as_ref(), Ok(&state), "replayed twice");
                think_about(&state);
                run = Some(state.start.run);
            }
            Err(error) => says_why(&error.to_string()),
        }
    }
    play(through_the_doors(&lines, run.as_deref()));
}

/// All that is asked of a run's state, soon and in a year.
fn think_about(run: &Run) {
    let last = run.ended.as_ref().map_or(run.started_at, |(_, at, _)| *at);
    for after in [0, 1, 60, 86_400, 366 * 86_400] {
        let now = last + SignedDuration::from_secs(after);
        let first: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        for now in [now, first] {
            let (follows, commands) = (decide(run, now), due(run, now));
            assert!(run.ended.is_none() || follows.is_empty() && commands.is_empty());
            assert!(next_due(run, now).is_none_or(|at| at > now));
            let report = report::of_run(run, now);
            serde_json::to_vec(&report).unwrap();
        }
    }
}

async fn through_the_doors(lines: &[&[u8]], run: Option<&str>) {
    let farshore = Farshore::new().await;
    farshore.begin_a_run().await;
    let other = "websphere-cafe-drill-20261122t101000";
    farshore.store.open_run(other).await.unwrap();
    for (number, line) in (0_u64..).zip(lines) {
        // What is not JSON never gets past the store, which has a target of its own.
        if farshore.store.append(other, number, "a", line).await.is_err() {
            return;
        }
    }
    let report = farshore.get(&format!("/api/runs/{other}")).await;
    match report.status.as_u16() {
        200 => assert_eq!(run, Some(other)),
        404 => assert!(lines.is_empty()),
        500 => {
            problem(&report.body, 0);
            let detail = report.body["detail"].as_str().unwrap();
            says_why(detail);
            assert!(detail.contains(other), "{detail}");
        }
        status => panic!("{status}: {}", beginning(&report.body.to_string())),
    }
    let wake = json!({"Data": {"message": {"run": other}}, "Metadata": {}}).to_string();
    farshore.invoke("advance_run", wake.as_bytes()).await;
    let reason = json!({"reason": "enough"});
    for path in ["abort", "set-aside"] {
        let answer = farshore.post(&format!("/api/runs/{other}/{path}"), &reason).await;
        if !answer.status.is_success() {
            problem(&answer.body, 0);
        }
    }
    farshore.invoke("sweep", b"{}").await;
    farshore.sent();
    assert_eq!(farshore.get(&format!("/api/runs/{RUN}")).await.status, StatusCode::OK);
}

/// A document: its name is the first line. What cannot be read is said to be broken, by its name,
/// and by those alone who need it.
pub(crate) fn document(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let name = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let content = parts.next().unwrap_or_default();
    if !KNOWN.contains(&name.as_str()) {
        return;
    }
    play(async {
        let farshore = Farshore::new().await;
        farshore.begin_a_run().await;
        match name.as_str() {
            "inbox" => {
                farshore.store.post_request(RUN, "abort", content).await.unwrap();
            }
            "set-aside" => {
                farshore.store.post_request(RUN, "set-aside", content).await.unwrap();
                beside_a_broken_journal(&farshore, content).await;
            }
            _ => farshore.plant(&name, content).await,
        }
        let workload = format!("/api/workloads/{WORKLOAD}");
        for path in [&workload, "/api/workloads", "/api/kill-switch", "/api/runs"] {
            let answer = farshore.get(path).await;
            if answer.status != StatusCode::OK {
                problem(&answer.body, 0);
                let detail = answer.body["detail"].as_str().unwrap();
                says_why(detail);
                assert!(detail.contains(&name), "{path}: {detail}");
            }
        }
        let order = json!({"manner": "forced", "reason": "to see what happens"});
        let reason = json!({"reason": "to see what happens"});
        for (path, body) in [("failover", &order), ("drill", &reason), ("preview", &order)] {
            let answer = farshore.post(&format!("{workload}/{path}"), body).await;
            if !answer.status.is_success() {
                problem(&answer.body, 0);
            }
        }
        let wake = json!({"Data": {"message": {"run": RUN}}, "Metadata": {}}).to_string();
        farshore.invoke("advance_run", wake.as_bytes()).await;
        for function in ["watch", "sweep", "start_drills"] {
            farshore.invoke(function, b"{}").await;
        }
        let report = farshore.get(&format!("/api/runs/{RUN}")).await;
        assert_eq!(report.status, StatusCode::OK, "{report:?}");
        farshore.sent();
    });
}

/// The word lies in the inbox of a run whose journal is broken. Whoever is answered that the run is
/// set aside finds it so; whoever is refused learns why.
async fn beside_a_broken_journal(farshore: &Farshore, word: &[u8]) {
    let broken = "websphere-cafe-drill-20261122t101000";
    farshore.store.open_run(broken).await.unwrap();
    farshore.store.append(broken, 0, "a", b"{}").await.unwrap();
    farshore.store.post_request(broken, "set-aside", word).await.unwrap();
    let path = format!("/api/runs/{broken}");
    let reason = json!({"reason": "enough"});
    let answer = farshore.post(&format!("{path}/set-aside"), &reason).await;
    if !answer.status.is_success() {
        problem(&answer.body, 0);
    }
    let report = farshore.get(&path).await;
    problem(&report.body, 0);
    let detail = report.body["detail"].as_str().unwrap();
    says_why(detail);
    assert_eq!(detail.contains("it was set aside by"), answer.status.is_success(), "{detail}");
}

const KNOWN: [&str; 6] = [
    "watches/websphere-cafe",
    "plans/websphere-cafe",
    "kill-switch",
    "wakes/websphere-cafe-incident-1",
    "inbox",
    "set-aside",
];
