//! Real processes.

use crate::rig::{Rig, is_alive, signal, until, within};

fn outcome(message: &str, outcome: &str) -> (String, String) {
    (message.to_owned(), outcome.to_owned())
}

#[tokio::test]
async fn the_handler_is_spawned_with_its_environment_and_gets_forwarded_requests() {
    let mut rig = Rig::start(&[]).await;
    let ready = rig.ready().await;
    assert_eq!(ready.generation, 1);
    let port = rig.get(&ready, "/api/env?name=FUNCTIONS_CUSTOMHANDLER_PORT").await;
    assert_eq!(port, (200, ready.handler_port.to_string()));
    assert_eq!(rig.get(&ready, "/api/env?name=GREETING").await, (200, "hello".to_owned()));
    assert_eq!(rig.get(&ready, "/api/env?name=NOT_SET").await.0, 404);
    assert_eq!(rig.get_without_key(&ready, "/api/env?name=GREETING").await, 401);
    assert_eq!(rig.get(&ready, "/elsewhere").await.0, 404);
    let large = "x".repeat(1_000_000);
    assert_eq!(rig.post(&ready, "/api/echo", large.clone()).await, (200, large));
}

#[tokio::test]
async fn a_message_is_completed_when_the_handler_succeeds_and_comes_again_when_it_fails() {
    let mut rig = Rig::start(&[]).await;
    rig.ready().await;
    rig.broker.send("fine");
    rig.broker.send("fail");
    let expected = [
        outcome("fine", "complete"),
        outcome("fail", "abandon"),
        outcome("again fail", "complete"),
    ];
    assert_eq!(rig.settled(3).await, expected);
}

#[tokio::test]
async fn a_crash_abandons_the_message_and_brings_a_new_handler() {
    let mut rig = Rig::start(&[]).await;
    let first = rig.ready().await;
    rig.broker.send("exit 101");
    let second = rig.ready().await;
    assert_eq!(second.generation, 2);
    assert_ne!(second.handler_pid, first.handler_pid);
    assert_eq!(second.handler_port, first.handler_port);
    until(|| rig.broker.settled().iter().any(|(_, outcome)| outcome == "complete")).await;
    // What is delivered before the host knows of the death is refused, and comes once more.
    let settled = rig.broker.settled();
    let last = settled.len() - 1;
    let expected: Vec<_> = (0..=last)
        .map(|delivery| {
            let text = format!("{}exit 101", "again ".repeat(delivery));
            outcome(&text, if delivery == last { "complete" } else { "abandon" })
        })
        .collect();
    assert!(last >= 1, "{settled:?}");
    assert_eq!(settled, expected);
}

#[tokio::test]
async fn a_killed_handler_is_replaced_and_the_third_time_the_host_gives_up() {
    let mut rig = Rig::start(&[]).await;
    for _ in 0..3 {
        let ready = rig.ready().await;
        signal("-KILL", ready.handler_pid);
    }
    let status = within(rig.program.wait()).await.unwrap();
    assert_eq!(status.code(), Some(1));
}

#[tokio::test]
async fn a_handler_that_exits_with_0_stays_away() {
    let mut rig = Rig::start(&[]).await;
    let ready = rig.ready().await;
    rig.broker.send("exit 0");
    // Abandoned, refused, and abandoned again without a pause.
    assert!(rig.settled(3).await.iter().all(|(_, outcome)| outcome == "abandon"));
    // All three may have met the dead handler before the host knew of its death.
    within(async { while rig.status(&ready).await["handler"]["state"] != "gone" {} }).await;
    assert_eq!(rig.get(&ready, "/api/env?name=GREETING").await.0, 500);
    assert!(!is_alive(ready.handler_pid));
}

#[tokio::test]
async fn a_success_without_a_body_costs_the_handler_its_life_after_the_function_timeout() {
    let mut rig = Rig::start(&[]).await;
    let first = rig.ready().await;
    rig.broker.send("empty");
    let second = rig.ready().await;
    assert_eq!((first.generation, second.generation), (1, 2));
    assert!(!is_alive(first.handler_pid));
    assert_eq!(rig.settled(1).await[0], outcome("empty", "abandon"));
}

#[tokio::test]
async fn timers_run_on_simulated_time() {
    let mut rig = Rig::start(&[]).await;
    let ready = rig.ready().await;
    let mut count = 0;
    // Twenty simulated seconds are a fifth of a second.
    while count < 3 {
        let (_, text) = rig.get(&ready, "/api/count?of=sweep").await;
        count = text.parse().unwrap();
    }
}

#[tokio::test]
async fn the_handler_dies_with_a_host_that_is_killed() {
    let mut rig = Rig::start(&[]).await;
    let ready = rig.ready().await;
    signal("-KILL", ready.host_pid);
    within(rig.program.wait()).await.unwrap();
    until(|| !is_alive(ready.handler_pid)).await;
}

#[tokio::test]
async fn a_host_that_is_asked_to_stop_takes_its_handler_with_it() {
    let mut rig = Rig::start(&[]).await;
    let ready = rig.ready().await;
    signal("-TERM", ready.host_pid);
    let status = within(rig.program.wait()).await.unwrap();
    assert!(status.success());
    until(|| !is_alive(ready.handler_pid)).await;
}

#[tokio::test]
async fn a_host_that_is_taken_away_while_its_handler_starts_leaves_nothing_behind() {
    // Its standard input has ended before it began.
    let mut rig = Rig::start(&["--supervised"]).await;
    let status = within(rig.program.wait()).await.unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn the_platform_starts_a_killed_host_again_at_the_same_address() {
    let mut rig = Rig::start(&["--platform", "--restart-after", "20"]).await;
    let first = rig.ready().await;
    signal("-KILL", first.host_pid);
    let second = rig.ready().await;
    assert_ne!(second.host_pid, first.host_pid);
    assert_eq!(second.url, first.url);
    until(|| !is_alive(first.handler_pid)).await;
    assert_eq!(rig.get(&second, "/api/env?name=GREETING").await.0, 200);
}

#[tokio::test]
async fn the_platform_starts_a_host_again_that_gave_up() {
    let mut rig = Rig::start(&["--platform", "--restart-after", "20"]).await;
    let first = rig.ready().await;
    signal("-KILL", first.handler_pid);
    for _ in 0..2 {
        let ready = rig.ready().await;
        signal("-KILL", ready.handler_pid);
    }
    let after = rig.ready().await;
    assert_ne!(after.host_pid, first.host_pid);
    assert_eq!(after.generation, 1);
}

#[tokio::test]
async fn a_killed_platform_takes_host_and_handler_with_it() {
    let mut rig = Rig::start(&["--platform"]).await;
    let ready = rig.ready().await;
    signal("-KILL", rig.program.id().unwrap());
    within(rig.program.wait()).await.unwrap();
    until(|| !is_alive(ready.host_pid) && !is_alive(ready.handler_pid)).await;
}
