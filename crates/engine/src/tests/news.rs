//! What people are told, by a webhook that is not always there.

use std::sync::Arc;

use recovery::event::{Event, Record};
use recovery::news::News;
use recovery::run::Run;
use recovery::runbook::StepKind;
use recovery::watch::Watch;
use serde_json::json;

use super::doors::{Shell, WORKLOAD, Webhook, Workload, cafe, start_of_time};
use super::turns::RECOVERED;
use crate::{Engine, documents};

/// The journal of a planned failover that was forced in the end.
const FORCED: &str = include_str!("../../../recovery/tests/fixtures/journals/v1/forced.jsonl");

/// A workload whose plan names this webhook.
async fn telling(webhook: &Arc<Webhook>) -> Shell {
    let workload = Workload { webhook: Arc::clone(webhook), ..Workload::default() };
    let notify = json!({"webhook": "https://hooks.example.com/oncall"});
    Shell::before(workload).with_plan(|plan| plan["notify"] = notify).await
}

fn news(detail: &str) -> News {
    News::of_incident(&cafe().workload, 1, start_of_time(), detail.to_owned())
}

async fn untold(engine: &Engine) -> Vec<News> {
    engine.workload(WORKLOAD).await.unwrap().watch.untold.into()
}

async fn have_news(shell: &Shell, all: &[&str]) {
    let tell = |watch: &mut Watch| all.iter().for_each(|detail| watch.tell(news(detail)));
    documents::change_watch(shell.store(), WORKLOAD, tell).await.unwrap();
}

#[tokio::test]
async fn what_the_webhook_does_not_take_is_told_again_by_each_sweep_until_it_does() {
    let webhook = Webhook::answering([503, 404, 200]);
    let shell = telling(&webhook).await;
    have_news(&shell, &["the region is lost"]).await;
    let body = json!({
        "at": "2026-11-22T10:00:00Z",
        "workload": WORKLOAD,
        "incident": 1,
        "detail": "the region is lost",
    });
    for left in [1, 1, 0, 0] {
        shell.engine.sweep().await.unwrap();
        assert_eq!(untold(&shell.engine).await.len(), left);
    }
    assert_eq!(webhook.take(), [body.clone(), body.clone(), body]);
}

#[tokio::test]
async fn news_are_told_in_order_and_none_is_told_before_an_older_one() {
    let webhook = Webhook::answering([200, 500]);
    let shell = telling(&webhook).await;
    have_news(&shell, &["first", "second", "third"]).await;
    shell.engine.sweep().await.unwrap();
    let came: Vec<_> = webhook.take().iter().map(|body| body["detail"].clone()).collect();
    assert_eq!(came, ["first", "second"]);
    assert_eq!(untold(&shell.engine).await, [news("second"), news("third")]);
}

#[tokio::test]
async fn what_the_webhook_will_not_have_stays_and_keeps_nothing_newer_from_it() {
    for status in [400, 413, 415, 422] {
        let webhook = Webhook::answering([status, 200, 200]);
        let shell = telling(&webhook).await;
        have_news(&shell, &["a drill has ended", "the region is lost"]).await;
        shell.engine.sweep().await.unwrap();
        let came: Vec<_> = webhook.take().iter().map(|body| body["detail"].clone()).collect();
        assert_eq!(came, ["a drill has ended", "the region is lost"]);
        assert_eq!(untold(&shell.engine).await, [news("a drill has ended")]);
        shell.engine.sweep().await.unwrap();
        assert_eq!(untold(&shell.engine).await, [], "it is offered again");
    }
}

#[tokio::test]
async fn where_a_plan_names_nobody_nothing_is_kept_for_anybody() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    have_news(&shell, &["the region is lost"]).await;
    shell.engine.sweep().await.unwrap();
    assert_eq!(untold(&shell.engine).await, []);
}

#[tokio::test]
async fn an_end_that_nobody_took_while_the_run_closed_is_told_afterwards_once() {
    let webhook = Webhook::answering([200]);
    let shell = telling(&webhook).await;
    let records: Vec<_> =
        RECOVERED.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let run = Run::replay(&records).unwrap();
    let name = run.start.run.as_str();
    let begun = |watch: &mut Watch| {
        watch.run_begun(&run.start.plan, name, "lost", run.started_at);
        watch.untold.clear();
    };
    documents::change_watch(shell.store(), WORKLOAD, begun).await.unwrap();
    for _ in 0..2 {
        shell.engine.settle(&run).await.unwrap();
        shell.engine.sweep().await.unwrap();
    }
    let came = webhook.take();
    let [body] = &came[..] else { panic!("once: {came:#?}") };
    assert_eq!((&body["run"], &body["outcome"]), (&json!(name), &json!("recovered")));
    assert_eq!((&body["goal"], &body["incident"]), (&json!({"failover": "forced"}), &json!(1)));
    assert_eq!(untold(&shell.engine).await, []);
}

#[tokio::test]
async fn that_a_run_is_late_is_told_once_while_it_goes_on() {
    let webhook = Webhook::answering([200, 200]);
    let shell = telling(&webhook).await;
    // The region has died in the middle of a planned failover, and nobody has promoted for minutes.
    let records: Vec<_> = FORCED.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let overdue = |record: &Record| {
        record.events.iter().any(|event| matches!(event, Event::MilestoneReached { .. }))
    };
    let mut run = Run::replay(&records[..=records.iter().position(overdue).unwrap()]).unwrap();
    run.steps.get_mut(&StepKind::FailOverMachines).unwrap().overdue = true;
    let begun = |watch: &mut Watch| {
        watch.run_begun(&run.start.plan, &run.start.run, "maintenance", run.started_at);
        watch.untold.clear();
    };
    documents::change_watch(shell.store(), WORKLOAD, begun).await.unwrap();
    for _ in 0..2 {
        shell.engine.tell_of_worries(&run).await;
    }
    let came = webhook.take();
    let [body] = &came[..] else { panic!("once: {came:#?}") };
    let detail = body["detail"].as_str().unwrap();
    assert!(detail.contains("fail_over_machines is late: "), "{detail}");
}

#[test]
fn a_watch_from_before_there_were_news_is_read() {
    let mut old = serde_json::to_value(Watch::default()).unwrap();
    old.as_object_mut().unwrap().remove("untold").unwrap();
    assert_eq!(serde_json::from_value::<Watch>(old).unwrap(), Watch::default());
}
