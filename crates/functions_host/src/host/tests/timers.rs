use jiff::SignedDuration;
use serde_json::{Value, json};

use super::bench::{Bench, FINE, Setup, timer};
use crate::host::Output;
use crate::wire::ScheduleStatus;

fn fired(bench: &mut Bench) -> Option<(u64, Value)> {
    let mut calls = bench.calls();
    let (call, request) = calls.pop()?;
    assert!(calls.is_empty(), "one at a time");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    Some((call, body["Data"]["timer"].clone()))
}

fn hourly(last: &str, next: &str) -> Vec<(String, ScheduleStatus)> {
    let last = last.parse().unwrap();
    let next = next.parse().unwrap();
    vec![("sweep".into(), ScheduleStatus { last: Some(last), next, last_updated: last })]
}

#[test]
fn a_timer_fires_on_its_schedule_with_a_real_object() {
    let mut bench = Setup::new(&[timer("*/10 * * * * *", &json!({}))]).start();
    bench.pass(9);
    assert!(fired(&mut bench).is_none());
    bench.pass(1);
    let (_, data) = fired(&mut bench).unwrap();
    let expected = json!({"Schedule": {"AdjustForDST": true}, "ScheduleStatus": null,
        "IsPastDue": false});
    assert_eq!(data, expected);
}

#[test]
fn occurrences_that_pass_while_one_runs_are_lost() {
    let mut bench = Setup::new(&[timer("*/10 * * * * *", &json!({}))]).start();
    bench.pass(10);
    let (call, _) = fired(&mut bench).unwrap();
    bench.pass(35);
    assert!(fired(&mut bench).is_none());
    bench.answer(call, 200, FINE);
    bench.pass(4);
    assert!(fired(&mut bench).is_none());
    bench.pass(1);
    assert!(fired(&mut bench).is_some(), "at the next multiple of ten");
}

#[test]
fn a_timer_that_failed_simply_waits_for_its_next_time() {
    let mut bench = Setup::new(&[timer("*/10 * * * * *", &json!({}))]).start();
    bench.pass(10);
    let (call, _) = fired(&mut bench).unwrap();
    bench.answer(call, 500, "");
    bench.pass(9);
    assert!(fired(&mut bench).is_none());
    bench.pass(1);
    assert!(fired(&mut bench).is_some());
}

#[test]
fn a_status_is_kept_for_a_minute_or_more_and_shows_the_time_before_this_one() {
    let mut bench = Setup::new(&[timer("0 */5 * * * *", &json!({}))]).start();
    bench.pass(300);
    let (call, data) = fired(&mut bench).unwrap();
    assert_eq!(data["ScheduleStatus"]["Last"], "0001-01-01T00:00:00");
    assert_eq!(data["ScheduleStatus"]["Next"], "2026-11-22T10:05:00Z");
    bench.forget();
    bench.answer(call, 200, FINE);
    let saved = bench.out.iter().find_map(|output| match output {
        Output::Save { status, .. } => Some(status.clone()),
        _ => None,
    });
    let saved = saved.unwrap();
    assert_eq!(saved.last, Some(bench.now));
    assert_eq!(saved.next, bench.now + SignedDuration::from_mins(5));
    bench.pass(300);
    let (_, data) = fired(&mut bench).unwrap();
    assert_eq!(data["ScheduleStatus"]["Last"], "2026-11-22T10:05:00Z");
}

#[test]
fn without_a_monitor_there_is_no_status() {
    let more = json!({"useMonitor": false});
    let mut bench = Setup::new(&[timer("0 */5 * * * *", &more)]).start();
    bench.pass(300);
    assert_eq!(fired(&mut bench).unwrap().1["ScheduleStatus"], Value::Null);
}

#[test]
fn a_time_missed_while_the_host_was_down_runs_at_start_as_past_due() {
    let mut setup = Setup::new(&[timer("0 0 * * * *", &json!({}))]);
    setup.schedules = hourly("2026-11-22T08:00:00Z", "2026-11-22T09:00:00Z");
    let mut bench = setup.start();
    assert_eq!(fired(&mut bench).unwrap().1["IsPastDue"], true);
}

#[test]
fn a_time_not_missed_does_not_run_at_start() {
    let mut setup = Setup::new(&[timer("0 0 * * * *", &json!({}))]);
    setup.schedules = hourly("2026-11-22T09:59:00Z", "2026-11-22T10:00:00Z");
    let mut bench = setup.start();
    assert!(fired(&mut bench).is_none(), "due this very moment is not past due");
}

#[test]
fn run_on_startup_runs_at_start() {
    let more = json!({"runOnStartup": true});
    let mut bench = Setup::new(&[timer("0 0 * * * *", &more)]).start();
    assert_eq!(fired(&mut bench).unwrap().1["IsPastDue"], false);
}

#[test]
fn a_timer_runs_by_hand_with_the_master_key() {
    let mut bench = Setup::new(&[timer("0 0 * * * *", &json!({}))]).start();
    bench.forget();
    bench.send("POST", "/admin/functions/Sweep", &[("x-functions-key", "key")], "{}");
    assert_eq!(bench.responses()[0].status, 401);
    bench.send("POST", "/admin/functions/Sweep", &[("x-functions-key", "master")], "{}");
    assert_eq!(bench.responses()[0].status, 202);
    assert!(fired(&mut bench).is_some());
}
