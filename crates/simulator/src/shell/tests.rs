//! In virtual time: tokio's clock is paused and runs ahead whenever everybody waits.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::tutorial::Options;

const EAST: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
const EAST_SQL: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 50);

fn world(speed: u32) -> InProcess {
    let options = Options::default();
    let clock = Clock::simulated(options.started_at, speed);
    InProcess::new(World::tutorial(&options), clock)
}

fn request(door: Door, method: &str, target: &str, body: &Value) -> Request {
    Request {
        door,
        method: method.into(),
        target: target.into(),
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
    }
}

async fn control(world: &InProcess, method: &str, path: &str, body: Value) -> Value {
    world.control(method, path, &body).await.expect("it is understood")
}

/// Drives the world beside a test, with a receiver of alerts.
async fn beside<T>(
    world: &InProcess,
    receiver: impl Fn(Outgoing) -> Option<u16>,
    test: impl Future<Output = T>,
) -> T {
    let driven = world.drive(|outgoing| std::future::ready(receiver(outgoing)));
    tokio::select! {
        () = driven => unreachable!("it drives for ever"),
        result = test => result,
    }
}

#[tokio::test(start_paused = true)]
async fn time_passes_by_itself_at_the_clocks_speed() {
    let world = world(10);
    beside(&world, |_| None, async {
        tokio::time::sleep(Duration::from_secs(6)).await;
        let tries = world.lock().ledger().attempts().len();
        assert!((58..=61).contains(&tries), "{tries}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_comes_after_its_time_and_a_dead_region_never_answers() {
    let world = world(10);
    let fault = json!({"door": "public", "kind": "delay", "seconds": 20});
    let browse = || request(Door::Public(EAST), "GET", "/websphere-cafe/", &Value::Null);
    beside(&world, |_| None, async {
        control(&world, "POST", "faults", fault).await;
        let before = world.clock.now();
        assert_eq!(world.call(browse()).await.expect("an answer").status, 200);
        let took = world.clock.now().duration_since(before).as_secs_f64();
        assert!((20.0..20.2).contains(&took), "{took}");

        let lost = json!({"door": "public", "kind": "lost_answer"});
        control(&world, "POST", "faults", lost).await;
        assert_eq!(world.call(browse()).await.expect_err("lost"), Lost);

        world.connect(EAST_SQL, 1433).await.expect("accepted");
        control(&world, "POST", "regions/eastus", json!({"health": "down"})).await;
        let limit = SignedDuration::from_mins(5);
        assert!(world.clock.timeout(limit, world.call(browse())).await.is_err());
        assert!(world.clock.timeout(limit, world.connect(EAST_SQL, 1433)).await.is_err());
        assert!(world.resolve("tmprofile-cafe.trafficmanager.net").is_some());
        assert_eq!(world.resolve("nobody.example"), None);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn alerts_are_delivered_and_a_silent_receiver_is_tried_again() {
    let world = world(100);
    let calls = AtomicUsize::new(0);
    let receiver = |outgoing: Outgoing| {
        assert_eq!(outgoing.url, "http://app.test/api/alerts");
        (calls.fetch_add(1, Ordering::Relaxed) > 0).then_some(202)
    };
    beside(&world, receiver, async {
        let body = json!({"url": "http://app.test/api/alerts"});
        control(&world, "PUT", "alert-receiver", body).await;
        control(&world, "POST", "regions/eastus", json!({"health": "down"})).await;
        tokio::time::sleep(world.clock.wall(SignedDuration::from_mins(7))).await;
    })
    .await;
    let world = world.lock();
    let alert = world.ledger().alerts().first().expect("an alert");
    assert_eq!(alert.attempts, [None, Some(202)]);
}

/// What is due earlier than what was next is not slept through.
#[tokio::test(start_paused = true)]
async fn a_request_that_makes_something_due_earlier_wakes_the_driver() {
    let world = world(1);
    beside(&world, |_| None, async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let blip = json!({"region": "eastus", "seconds": 0.05});
        control(&world, "POST", "blip", blip).await;
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert!(world.lock().report().outages[0].to.is_some());
    })
    .await;
}
