use std::time::Duration;

use serde_json::json;

use super::bench::{Bench, FINE, Setup, http, timer, wakes};
use crate::host::{Input, Level, Note, Output};
use crate::message::Settlement;
use crate::wire::{Exit, Stream};

fn is_spawn(output: &Output) -> bool {
    matches!(output, Output::Spawn { .. })
}

fn is_kill(output: &Output) -> bool {
    matches!(output, Output::Kill { .. })
}

fn exit(bench: &mut Bench, generation: u64, exit: Exit) {
    bench.give(Input::Exited { generation, exit });
}

/// A process ends, and the next one is ready at once.
fn exit_and_restart(bench: &mut Bench, generation: u64, end: Exit) {
    exit(bench, generation, end);
    bench.give(Input::Probed { generation: generation + 1, answered: true });
}

#[test]
fn the_handler_is_started_with_the_documented_environment() {
    let mut bench = Setup::new(&[]).build();
    bench.give(Input::Start);
    let Some(Output::Spawn { generation: 1, launch }) = bench.out.first() else { panic!() };
    assert_eq!(
        (launch.executable.as_str(), launch.arguments.as_slice()),
        ("farshore", &["--quiet".into()][..])
    );
    let of = |name: &str| {
        let found = launch.environment.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap()
    };
    assert_eq!(of("FUNCTIONS_CUSTOMHANDLER_PORT"), "4242");
    assert_eq!(of("FUNCTIONS_HTTPWORKER_PORT"), "4242");
    assert_eq!(of("FUNCTIONS_APP_ROOT_PATH"), "/app");
    assert_eq!(of("FUNCTIONS_CUSTOMHANDLER_WORKER_ID"), of("FUNCTIONS_HTTPWORKER_ID"));
    assert_eq!(of("FUNCTIONS_HTTPWORKER_ID").len(), 36);
}

#[test]
fn readiness_is_asked_every_25_ms_for_30_seconds_of_waiting() {
    let mut bench = Setup::new(&[]).build();
    bench.give(Input::Start);
    let mut waited = Duration::ZERO;
    while bench.count(is_kill) == 0 {
        let probes = bench.out.iter();
        let mut wait = probes.filter_map(|output| match output {
            Output::Probe { wait, .. } => Some(*wait),
            _ => None,
        });
        waited += wait.next_back().unwrap_or_default();
        bench.forget();
        bench.give(Input::Probed { generation: 1, answered: false });
    }
    assert_eq!(waited, Duration::from_secs(30));
    assert_eq!(bench.count(is_spawn), 1, "a handler that is not ready in time is an error");
}

#[test]
fn a_probe_that_never_comes_back_is_given_up_a_minute_after_the_function_timeout() {
    let mut bench = Setup::new(&[]).build();
    bench.give(Input::Start);
    bench.forget();
    bench.pass(359);
    assert_eq!(bench.count(is_spawn), 0);
    bench.pass(1);
    assert_eq!(bench.count(is_kill), 1);
    assert_eq!(bench.count(is_spawn), 1);
}

#[test]
fn an_invocation_waits_for_the_handler() {
    let mut bench = Setup::new(&[wakes()]).build();
    bench.give(Input::Start);
    let message = bench.message("run", "m");
    bench.deliver(vec![message]);
    assert!(bench.calls().is_empty());
    bench.give(Input::Probed { generation: 1, answered: true });
    assert_eq!(bench.call().1.target, "/advance_run");
}

#[test]
fn a_handler_that_exits_with_0_is_never_started_again_and_every_delivery_fails_at_once() {
    let mut bench = Setup::new(&[wakes()]).start();
    bench.forget();
    exit(&mut bench, 1, Exit::Code(0));
    for delivery in 0..10 {
        let message = bench.message("run", &format!("m{delivery}"));
        bench.deliver(vec![message]);
        assert_eq!(bench.settle().1, Settlement::Abandon);
    }
    bench.pass(3600);
    assert_eq!(bench.count(is_spawn), 0);
    assert_eq!(bench.host.stopped(), None);
    assert_eq!(bench.failures().len(), 10);
}

#[test]
fn a_handler_that_exits_with_200_is_started_again_as_often_as_it_likes() {
    let mut bench = Setup::new(&[]).start();
    for generation in 1..=20 {
        exit(&mut bench, generation, Exit::Code(200));
    }
    assert_eq!(bench.count(is_spawn), 21);
    assert_eq!(bench.host.stopped(), None);
}

#[test]
fn the_third_error_within_half_an_hour_of_the_one_before_stops_the_host() {
    let mut bench = Setup::new(&[]).start();
    exit_and_restart(&mut bench, 1, Exit::Code(101));
    bench.pass(29 * 60);
    exit_and_restart(&mut bench, 2, Exit::Signal(9));
    bench.pass(29 * 60);
    assert_eq!(bench.host.stopped(), None);
    exit(&mut bench, 3, Exit::Code(1));
    assert!(bench.host.stopped().unwrap().contains("Exceeded http worker restart retry count"));
    bench.forget();
    bench.get("/api/x", &[]);
    assert_eq!(bench.responses()[0].status, 503);
}

#[test]
fn errors_more_than_half_an_hour_apart_are_forgiven() {
    let mut bench = Setup::new(&[]).start();
    for generation in 1..=6 {
        exit_and_restart(&mut bench, generation, Exit::Code(101));
        bench.pass(30 * 60 + 1);
    }
    assert_eq!(bench.host.stopped(), None);
}

#[test]
fn a_handler_that_cannot_be_started_stops_the_host_after_three_attempts() {
    let mut bench = Setup::new(&[]).build();
    bench.give(Input::Start);
    for generation in 1..=3 {
        let problem = "no such file".to_owned();
        bench.give(Input::SpawnFailed { generation, problem });
    }
    assert_eq!(bench.count(is_spawn), 3);
    assert!(bench.host.stopped().is_some());
}

#[test]
fn a_crash_fails_what_is_in_flight_and_what_comes_next_waits_for_the_new_process() {
    let mut bench = Setup::new(&[wakes()]).start();
    let first = bench.message("a", "m1");
    bench.deliver(vec![first]);
    let (call, _) = bench.call();
    exit(&mut bench, 1, Exit::Signal(9));
    assert_eq!(bench.settle(), ("lock-m1".into(), Settlement::Abandon));
    let again = bench.message("a", "m1");
    bench.deliver(vec![again]);
    assert!(bench.calls().is_empty());
    // The answer of the dead process, if it still comes, changes nothing.
    bench.answer(call, 200, FINE);
    assert!(bench.settlements().is_empty());
    bench.give(Input::Probed { generation: 2, answered: true });
    assert_eq!(bench.calls().len(), 1);
}

#[test]
fn a_function_that_runs_out_of_time_costs_the_whole_handler_its_life() {
    let mut bench = Setup::new(&[wakes(), timer("0 * * * * *", &json!({}))]).start();
    let slow = bench.message("a", "slow");
    bench.deliver(vec![slow]);
    assert_eq!(bench.calls().len(), 1);
    bench.pass(240);
    assert_eq!(bench.calls().len(), 1, "the timer runs beside it");
    bench.forget();
    bench.pass(60);
    assert_eq!(bench.count(is_kill), 1);
    assert_eq!(bench.count(is_spawn), 1);
    assert_eq!(bench.failures().len(), 2, "what ran beside it fails too");
    exit(&mut bench, 1, Exit::Signal(9));
    assert_eq!(bench.count(is_spawn), 1, "the kill is not counted as a crash");
}

#[test]
fn without_a_function_timeout_nothing_is_ever_killed() {
    let mut setup = Setup::new(&[http("f", "f", "anonymous", "get")]);
    setup.host["functionTimeout"] = json!("-1");
    let mut bench = setup.start();
    bench.get("/api/f", &[]);
    bench.pass(86_400);
    assert_eq!(bench.count(is_kill), 0);
}

#[test]
fn a_success_without_a_value_hangs_until_the_function_timeout() {
    let mut bench = Setup::new(&[wakes()]).start();
    let message = bench.message("a", "m");
    bench.deliver(vec![message]);
    let (call, _) = bench.call();
    bench.answer(call, 200, "");
    bench.pass(299);
    assert!(bench.settlements().is_empty());
    assert_eq!(bench.count(is_kill), 0);
    bench.pass(1);
    assert_eq!(bench.settlements()[0].1, Settlement::Abandon);
    assert_eq!(bench.count(is_kill), 1);
}

#[test]
fn lines_of_the_handler_get_their_level_from_where_they_come() {
    let mut bench = Setup::new(&[]).start();
    bench.forget();
    for (stream, text) in [
        (Stream::Stdout, "error: but on stdout"),
        (Stream::Stderr, "some Warning"),
        (Stream::Stderr, "hello"),
        (Stream::Stdout, "azfuncjsonlog:{}"),
        (Stream::Stdout, "LanguageWorkerConsoleLogsystem"),
    ] {
        bench.give(Input::Line { generation: 1, stream, text: text.into() });
    }
    let levels: Vec<(Level, String)> = bench
        .notes()
        .into_iter()
        .filter_map(|note| match note {
            Note::Log { level, text, .. } => Some((level, text)),
            _ => None,
        })
        .collect();
    let expected = [
        (Level::Information, "error: but on stdout"),
        (Level::Warning, "some Warning"),
        (Level::Error, "hello"),
        (Level::Information, "system"),
    ];
    assert_eq!(levels, expected.map(|(level, text)| (level, text.to_owned())));
}

#[test]
fn a_host_that_is_taken_away_settles_nothing() {
    let mut bench = Setup::new(&[wakes()]).start();
    let message = bench.message("a", "m");
    bench.deliver(vec![message]);
    bench.forget();
    bench.give(Input::ShutDown);
    assert!(bench.settlements().is_empty());
    assert_eq!(bench.count(is_kill), 1);
    let closed = Output::CloseSession { session_token: "session-a".into() };
    assert_eq!(bench.count(|output| *output == closed), 1);
    assert_eq!(bench.host.next_due(), None);
}
