//! A run whose journal is broken: it stops and says why, everything else goes on, and a person can
//! take it out of the way.

use farshore::Options;
use serde_json::{Value, json};
use store::Store;

use crate::support::{Answer, Farshore, PLAN, WORKLOAD};

const RUN: &str = "websphere-cafe-incident-1";
const DRILL: &str = "websphere-cafe-drill-20261122t101000";
const SONG: &str = r#"{"at":"2026-11-22T10:10:05Z","events":[{"sang":{"what":"a song"}}]}"#;

fn golden() -> Vec<String> {
    let lines = include_str!("../../crates/recovery/tests/fixtures/journals/v1/drill.jsonl");
    lines.lines().map(|line| line.replace(RUN, DRILL)).collect()
}

async fn fail_over(farshore: &Farshore) -> Answer {
    let order = json!({"manner": "forced", "reason": "East US is lost"});
    farshore.post(&format!("/api/workloads/{WORKLOAD}/failover"), &order).await
}

async fn set_aside(farshore: &Farshore, run: &str) -> Answer {
    let reason = json!({"reason": "record 1 is lost, ticket 4711"});
    farshore.post(&format!("/api/runs/{run}/set-aside"), &reason).await
}

/// A failover whose second record nobody understands.
async fn broken_failover() -> Farshore {
    let farshore = Farshore::new().await;
    assert_eq!(fail_over(&farshore).await.body, json!({"run": RUN}));
    farshore.store.append(RUN, 1, "a", SONG.as_bytes()).await.unwrap();
    farshore.bus.take();
    farshore
}

async fn wake(farshore: &Farshore, run: &str) -> Vec<String> {
    let message = json!({"run": run}).to_string();
    farshore.deliver("advance_run", message.as_bytes()).await.logs()
}

#[tokio::test(start_paused = true)]
async fn a_broken_journal_is_refused_with_its_run_the_record_and_what_is_wrong() {
    let good = golden();
    let numbered = |lines: &[String]| (0..).zip(lines.iter().cloned()).collect::<Vec<_>>();
    let mut twice = good[..2].to_vec();
    twice.push(good[1].clone());
    let mut late = good[..3].to_vec();
    late[2] = late[2].replacen("\"at\":\"2026-", "\"at\":\"9999-", 1);
    for (records, number, words) in [
        (
            vec![(0, good[0].clone()), (1, good[1].clone()), (3, good[3].clone())],
            2,
            "it is missing",
        ),
        (vec![(0, good[0].clone()), (1, SONG.to_owned())], 1, "does not know: unknown variant"),
        (vec![(0, good[0].replace(DRILL, "other-drill-1"))], 0, "begins run \"other-drill-1\""),
        (vec![(0, good[1].clone())], 0, "the first event is not run_started"),
        (numbered(&twice), 2, "cannot happen"),
        (numbered(&late), 2, "no clock has told its time"),
        (vec![(0, "[1,2,3]".to_owned())], 0, "it is not what Farshore writes"),
    ] {
        let farshore = Farshore::new().await;
        fail_over(&farshore).await;
        farshore.bus.take();
        farshore.store.open_run(DRILL).await.unwrap();
        for (seq, record) in &records {
            farshore.store.append(DRILL, *seq, "a", record.as_bytes()).await.unwrap();
        }

        let report = farshore.get(&format!("/api/runs/{DRILL}")).await;
        assert_eq!((report.status.as_u16(), report.problem()), (500, "broken-record"));
        let said = report.body["detail"].as_str().unwrap();
        for word in [DRILL, &format!("record {number}"), words, "docs/operating.md"] {
            assert!(said.contains(word), "{word}: {said}");
        }

        // A message for it goes to the poison queue, and no other follows.
        wake(&farshore, DRILL).await;
        let sent = farshore.bus.take();
        let [poison] = sent.as_slice() else { panic!("{words}: {sent:?}") };
        let reason = poison.body()["reason"].as_str().unwrap().to_owned();
        assert!(poison.queue == "poison" && reason.contains(words), "{reason}");
        assert_eq!(farshore.arm.take(), 0, "{words}: nothing was asked of Azure for it");

        // Others go on.
        let swept = farshore.tick("sweep").await.logs();
        assert!(swept.contains(&format!("{RUN}: Waiting")), "{swept:?}");
        assert!(swept.iter().any(|line| line.starts_with(DRILL) && line.contains("Unreadable")));
        assert!(farshore.arm.take() > 0);
        assert_eq!(farshore.get(&format!("/api/runs/{RUN}")).await.status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn the_watch_goes_on_beside_a_broken_run() {
    let farshore = broken_failover().await;
    let before = farshore.watch().await;
    for _ in 0..2 {
        assert_eq!(farshore.tick("watch").await.logs(), Vec::<String>::new());
        farshore.tick("sweep").await.logs();
    }
    let after = farshore.watch().await;
    assert_ne!(before, after, "it looks");
    let told = after["incident"]["told"].as_array().unwrap();
    assert!(told.contains(&json!("broken_journal")), "a person was told: {after:#}");
}

#[tokio::test(start_paused = true)]
async fn of_a_drill_with_a_broken_journal_people_hear_once() {
    let farshore = Farshore::empty(Options::default());
    let mut plan: Value = serde_json::from_str(PLAN).unwrap();
    plan["notify"] = json!({"webhook": "https://hooks.example.com/nobody-takes-it"});
    let path = format!("/api/workloads/{WORKLOAD}/plan");
    assert_eq!(farshore.call("PUT", &path, &[], plan.to_string()).await.status, 201);
    let order = json!({"reason": "quarterly exercise"});
    let drill = farshore.post(&format!("/api/workloads/{WORKLOAD}/drill"), &order).await;
    let drill = drill.body["run"].as_str().unwrap().to_owned();
    farshore.store.append(&drill, 1, "a", SONG.as_bytes()).await.unwrap();
    for _ in 0..3 {
        farshore.tick("sweep").await.logs();
    }
    let watch = farshore.watch().await;
    let untold = watch["untold"].as_array().unwrap();
    assert_eq!(untold.len(), 1, "{watch:#}");
    assert_eq!(untold[0]["run"], json!(drill));
    let detail = untold[0]["detail"].as_str().unwrap();
    assert!(detail.contains("record 1: ") && detail.contains("sang"), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn a_run_with_a_broken_journal_is_set_aside_and_another_can_begin() {
    let farshore = broken_failover().await;
    assert_eq!(fail_over(&farshore).await.problem(), "conflict");

    let aside = set_aside(&farshore, RUN).await;
    assert_eq!(aside.status, 200, "{aside:?}");
    assert_eq!((&aside.body["run"], &aside.body["by"]), (&json!(RUN), &json!("function key")));
    let problem = aside.body["problem"].as_str().unwrap();
    assert!(problem.contains("record 1: ") && problem.contains("sang"), "{problem}");

    assert_eq!(farshore.get("/api/runs").await.body["runs"], json!([]));
    let watch = farshore.watch().await;
    assert_eq!(
        (&watch["incident"], &watch["past"][0]["end"]),
        (&Value::Null, &json!("needs_human"))
    );
    let report = farshore.get(&format!("/api/runs/{RUN}")).await;
    let said = report.body["detail"].as_str().unwrap();
    assert!(said.contains("it was set aside by function key") && said.contains("4711"), "{said}");
    assert_eq!(farshore.store.read(RUN, 0).await.unwrap().len(), 2, "the journal is evidence");

    // Once more changes nothing: whoever asked first may have died half-way.
    assert_eq!(set_aside(&farshore, RUN).await.body, aside.body);
    assert_eq!(fail_over(&farshore).await.body, json!({"run": "websphere-cafe-incident-2"}));
    assert_eq!(set_aside(&farshore, RUN).await.body, aside.body);
    assert_eq!(farshore.get("/api/runs").await.body["runs"], json!(["websphere-cafe-incident-2"]));
}

#[tokio::test(start_paused = true)]
async fn whoever_still_works_on_a_run_that_was_set_aside_sends_nothing_more() {
    let farshore = Farshore::new().await;
    fail_over(&farshore).await;
    wake(&farshore, RUN).await;
    assert!(farshore.arm.take() > 0, "the run is at work, and this app knows its journal");
    let word = json!({"run": RUN, "by": "ann", "reason": "x", "at": "2026-11-22T10:10:00Z",
        "problem": "seen by another app"});
    farshore.store.post_request(RUN, "set-aside", word.to_string().as_bytes()).await.unwrap();
    farshore.bus.take();

    wake(&farshore, RUN).await;

    assert_eq!(farshore.arm.take(), 0);
    let sent = farshore.bus.take();
    assert!(sent.iter().all(|sent| sent.queue == "poison"), "no turn follows: {sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_can_be_read_is_not_set_aside() {
    let farshore = Farshore::new().await;
    fail_over(&farshore).await;
    for (number, line) in (0..).zip(golden()) {
        farshore.store.append(DRILL, number, "a", line.as_bytes()).await.unwrap();
    }
    for (run, status, words) in
        [(RUN, 409, "abort it instead"), (DRILL, 409, "has ended"), ("nobody", 404, "no run")]
    {
        let answer = set_aside(&farshore, run).await;
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");
        assert!(answer.body["detail"].as_str().unwrap().contains(words), "{answer:?}");
    }
    assert_eq!(farshore.get("/api/runs").await.body["runs"], json!([RUN]));
}

#[tokio::test(start_paused = true)]
async fn a_word_that_cannot_be_read_sets_no_run_aside() {
    let farshore = broken_failover().await;
    farshore.store.post_request(RUN, "set-aside", b"[1,2").await.unwrap();

    let answer = set_aside(&farshore, RUN).await;

    assert_eq!((answer.status.as_u16(), answer.problem()), (500, "broken-record"));
    let said = answer.body["detail"].as_str().unwrap();
    assert!(said.contains(RUN) && said.contains("cannot be read"), "{said}");
    assert_eq!(farshore.store.open_runs().await.unwrap(), [RUN]);
}
