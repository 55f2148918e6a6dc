use serde_json::{Value, json};

use super::*;
use crate::Scenario;
use crate::testing::{self, evidence_of};
use crate::{Freeze, Proof, Strike, Struck};

type Spoil = fn(&mut Value, &mut Value);

/// The checks that a spoiled region loss does not pass.
fn failing(spoil: impl FnOnce(&mut Value, &mut Value, &mut Value)) -> Vec<String> {
    failing_in(Scenario::RegionLoss, spoil)
}

fn failing_in(
    scenario: Scenario,
    spoil: impl FnOnce(&mut Value, &mut Value, &mut Value),
) -> Vec<String> {
    let (mut ledger, mut state, mut run) = (testing::ledger(), testing::state(), testing::run());
    spoil(&mut ledger, &mut state, &mut run);
    let run = (!run.is_null()).then_some(run);
    let checks = check(&evidence_of(scenario, ledger, state, run));
    checks.into_iter().filter(|check| !check.passed).map(|check| check.what).collect()
}

#[test]
fn a_recovered_region_loss_passes() {
    assert_eq!(failing(|_, _, _| {}), [""; 0]);
    assert_eq!(failing_in(Scenario::RegionLossAlertOnly, |_, _, _| {}), [""; 0]);
}

#[test]
fn each_fault_is_found_and_named() {
    let faults: [(&str, Spoil); 14] = [
        ("the loss is acted upon within 90 s", |it, _| it["detection_s"] = json!(90.1)),
        ("the loss is acted upon within 90 s", |it, _| it["detection_s"] = json!(null)),
        ("recovery takes at most 20 s longer", |it, _| it["overhead_s"] = json!(20.1)),
        ("SQL failovers: 1 forced, 0 planned", |it, _| it["effects"]["sql_forced"] = json!(2)),
        ("SQL failovers: 1 forced, 0 planned", |it, _| it["effects"]["sql_planned"] = json!(1)),
        ("recovery plan failovers: 1", |it, _| it["effects"]["recovery_plan_failovers"] = json!(2)),
        ("only writes are lost", |it, _| it["lost_writes"]["other"] = json!([{"id": 3}])),
        ("never do both regions", |it, _| it["dual_writable_s"] = json!(1.0)),
        ("all 3 backends", |_, state| {
            state["gateways"]["westus"]["healthy"] = json!(["10.1.0.5", "10.1.0.6"]);
        }),
        ("both prepared public addresses", |it, _| it["production"]["changes"] = json!([])),
        ("myPrimaryEndpoint is Disabled", |_, state| {
            state["traffic"]["endpoints"]["myPrimaryEndpoint"]["status"] = json!("Enabled");
        }),
        ("myFailoverEndpoint is Online", |_, state| {
            state["traffic"]["endpoints"]["myFailoverEndpoint"]["monitor"] = json!("Degraded");
        }),
        ("people are told", |it, _| it["notifications"] = json!([])),
        ("the user is served by West US", |it, _| it["answers"]["last"]["good"] = json!(false)),
    ];
    for (name, spoil) in faults {
        let failing = failing(|ledger, state, _| spoil(ledger, state));
        assert!(failing.iter().any(|what| what.starts_with(name)), "{name}: {failing:?}");
    }
}

#[test]
fn the_first_alert_must_be_enough() {
    let late = |at: &str| {
        failing_in(Scenario::RegionLossAlertOnly, |ledger, _, _| {
            ledger["alerts"][0]["at"] = json!(at);
        })
    };
    assert_eq!(late("2026-11-22T10:01:01Z"), [""; 0]);
    let mut slow = testing::ledger();
    slow["mutating_requests"][0]["at"] = json!("2026-11-22T10:05:00Z");
    slow["mutating_requests"][1]["at"] = json!("2026-11-22T10:05:01Z");
    let failing = failing_in(Scenario::RegionLossAlertOnly, |ledger, _, _| *ledger = slow);
    assert_eq!(failing, ["the loss is acted upon within 100 s of the first alert"]);
    let after = late("2026-11-22T10:02:22Z");
    assert!(after.contains(&"an alert arrives before anything is done".to_owned()), "{after:?}");
}

#[test]
fn what_the_world_shows_counts_more_than_what_the_app_says() {
    let boasts = failing(|ledger, _, _| {
        ledger["answers"]["last"] =
            json!({"at": "2026-11-22T10:11:00Z", "good": false, "problem": "POST timeout"});
    });
    assert!(boasts.contains(&"it ends as recovered".to_owned()), "{boasts:?}");
    let disagrees = failing(|_, _, run| run["outcome"] = json!("degraded"));
    assert_eq!(disagrees, ["it ends as recovered"]);
}

#[test]
fn fewer_backends_are_a_degraded_recovery() {
    let outcome = |healthy: &[&str]| {
        let mut state = testing::state();
        state["gateways"]["westus"]["healthy"] = json!(healthy);
        let run = Some(testing::run());
        Outcome::of(&evidence_of(Scenario::RegionLoss, testing::ledger(), state, run))
    };
    assert_eq!(outcome(&["10.1.0.5", "10.1.0.6", "10.1.0.7"]), Outcome::Recovered);
    assert_eq!(outcome(&["10.1.0.5", "10.1.0.6"]), Outcome::Degraded);
}

#[test]
fn only_an_unfinished_failover_takes_its_outcome_from_the_app() {
    let outcome = |by_app: Value| {
        let (mut ledger, mut run) = (testing::ledger(), testing::run());
        ledger["promotions"] = json!([]);
        run["outcome"] = by_app;
        Outcome::of(&evidence_of(Scenario::RegionLoss, ledger, testing::state(), Some(run)))
    };
    assert_eq!(outcome(json!("aborted")), Outcome::Aborted);
    assert_eq!(outcome(json!("needs_human")), Outcome::NeedsHuman);
    assert_eq!(outcome(json!("recovered")), Outcome::Failed);
    assert_eq!(outcome(json!(null)), Outcome::Failed);
}

/// A world in which nothing happened.
fn untouched(ledger: &mut Value) {
    ledger["mutating_requests"] = json!([]);
    ledger["promotions"] = json!([]);
    ledger["lost_writes"] = json!({"total": 0, "not_replicated_at_the_loss": [], "other": []});
    ledger["production"] = json!({"unchanged": true, "changes": []});
    ledger["answers"]["last"]["served_by"] = json!("eastus");
    ledger["answers"]["last"]["database"] = json!("eastus");
    ledger["effects"]["sql_forced"] = json!(0);
    ledger["effects"]["recovery_plan_failovers"] = json!(0);
}

#[test]
fn a_blip_passes_only_without_any_request() {
    let quiet = failing_in(Scenario::Blip, |ledger, _, run| {
        untouched(ledger);
        *run = Value::Null;
    });
    assert_eq!(quiet, [""; 0]);
    let acted = failing_in(Scenario::Blip, |ledger, _, run| {
        let requests = ledger["mutating_requests"].clone();
        untouched(ledger);
        ledger["mutating_requests"] = requests;
        *run = Value::Null;
    });
    assert_eq!(
        acted,
        ["it ends as no_action", "no request that could change something reaches Azure"]
    );
}

#[test]
fn a_drill_passes_only_if_it_is_cleaned_up_and_production_did_not_notice() {
    let drill = |spoil: Spoil| {
        failing_in(Scenario::Drill, |ledger, state, run| {
            let requests = ledger["mutating_requests"].clone();
            untouched(ledger);
            ledger["mutating_requests"] = requests;
            ledger["effects"]["recovery_plan_test_failovers"] = json!(1);
            ledger["effects"]["recovery_plan_test_cleanups"] = json!(1);
            ledger["answers"]["spans"] = json!([]);
            run["outcome"] = json!("drilled");
            spoil(ledger, state);
        })
    };
    // A drill belongs to no incident, and the books of this world show one.
    let always = "incidents in the app's books: 0";
    assert_eq!(drill(|_, _| {}), [always]);
    let left = drill(|_, state| state["machines"][0]["drill"] = json!(true));
    assert_eq!(left, ["no machine of the drill is left", always]);
    let changed = drill(|ledger, _| {
        ledger["production"] =
            json!({"unchanged": false, "changes": [{"what": "x", "before": 1, "now": 2}]});
    });
    assert_eq!(changed, ["it ends as drilled", "production is as it was", always]);
    let noticed = drill(|ledger, _| {
        ledger["answers"]["spans"] = testing::ledger()["answers"]["spans"].clone();
    });
    assert_eq!(noticed, ["no try of the user fails", always]);
}

#[test]
fn a_run_that_goes_on_for_ever_fails_the_rehearsal() {
    let mut evidence = testing::evidence();
    evidence.overtime = true;
    assert!(check(&evidence).iter().any(|check| !check.passed && check.what.contains("in time")));
}

#[test]
fn whoever_is_struck_may_be_late_and_nothing_else() {
    let mut ledger = testing::ledger();
    ledger["detection_s"] = json!(400.0);
    ledger["effects"]["sql_forced"] = json!(2);
    let mut evidence =
        evidence_of(Scenario::RegionLoss, ledger, testing::state(), Some(testing::run()));
    let failing = |evidence: &Evidence| -> Vec<String> {
        let failing = check(evidence).into_iter().filter(|check| !check.passed);
        failing.map(|check| check.what).collect()
    };
    let (late, twice) =
        ("the loss is acted upon within 90 s", "SQL failovers: 1 forced, 0 planned");
    assert_eq!(failing(&evidence), [late, twice]);
    let at = evidence.begun.at;
    let proof = Proof { hits: 1, seen: "one came in its place".to_owned() };
    evidence.strikes.push(Struck { strike: Strike::AppKilled, at, to: Some(at), proof });
    assert_eq!(failing(&evidence), [twice]);
    evidence.strikes[0].proof.hits = 0;
    assert_eq!(failing(&evidence), [twice, "the strike app-killed hits"], "it proves nothing");
}

/// What the checks of a region that came back, and nothing else, do not pass.
fn failing_when_it_came_back(spoil: fn(&mut Value)) -> Vec<String> {
    failing_in(Scenario::ReturningHalf, |ledger, state, _| {
        let outage = |from: &str, to: &str| json!({"region": "eastus", "from": from, "to": to});
        ledger["outages"] = json!([
            outage(testing::BEGUN_AT, "2026-11-22T10:02:50Z"),
            outage("2026-11-22T10:05:00Z", "2026-11-22T10:06:40Z"),
        ]);
        let mut could_serve = |from: &str, to: &str| {
            let span = json!({"site": "eastus", "database": "westus", "from": from, "to": to});
            ledger["servable"].as_array_mut().unwrap().push(span);
        };
        could_serve("2026-11-22T10:04:00Z", "2026-11-22T10:04:59Z");
        could_serve("2026-11-22T10:09:00Z", "2026-11-22T10:11:00Z");
        state["regions"]["eastus"] = json!("up");
        spoil(ledger);
    })
}

#[test]
fn a_region_that_came_back_tells_something_only_if_it_could_have_served_each_time() {
    let led_there = "East US could have served, and nobody was led there";
    assert_eq!(failing_when_it_came_back(|_| {}), [""; 0]);
    let never_up = failing_when_it_came_back(|ledger| ledger["servable"] = json!([]));
    assert_eq!(never_up, [led_there]);
    let up_once = failing_when_it_came_back(|ledger| {
        ledger["servable"].as_array_mut().unwrap().pop();
    });
    assert_eq!(up_once, [led_there]);
    let served = failing_when_it_came_back(|ledger| {
        let span = json!({
            "from": "2026-11-22T10:04:10Z", "to": "2026-11-22T10:04:10Z", "tries": 1, "good": true,
            "served_by": "eastus", "database": "westus", "problem": null,
        });
        ledger["answers"]["spans"].as_array_mut().unwrap().push(span);
    });
    assert_eq!(served, [led_there]);
}

/// What the checks of an instance that froze and woke, and nothing else, do not pass.
fn failing_when_it_froze(spoil: fn(&mut Evidence)) -> Vec<String> {
    let mut ledger = testing::ledger();
    let machines = json!({
        "at": "2026-11-22T10:02:31Z", "method": "POST", "status": 202,
        "path": "/subscriptions/s/replicationRecoveryPlans/cafe/unplannedFailover?api-version=1",
    });
    ledger["mutating_requests"].as_array_mut().unwrap().push(machines);
    let (state, run) = (testing::state(), Some(testing::run()));
    let mut evidence = evidence_of(Scenario::StaleExecutor, ledger, state, run);
    let (from, to) = ("2026-11-22T10:02:21.5Z", "2026-11-22T10:04:00Z");
    let (from, to) = (from.parse().unwrap(), Some(to.parse().unwrap()));
    evidence.freezes.push(Freeze { from, to, woken: Some("Overtaken".to_owned()) });
    spoil(&mut evidence);
    check(&evidence).into_iter().filter(|check| !check.passed).map(|check| check.what).collect()
}

#[test]
fn an_instance_that_woke_tells_something_only_if_another_had_promoted_in_its_place() {
    let froze = "the first instance freezes when it has withdrawn the traffic and promoted nothing";
    let promoted = "another instance promotes the database and fails the machines over meanwhile";
    let woken = "the first instance wakes, and its turn ends as overtaken";
    assert_eq!(failing_when_it_froze(|_| {}), [""; 0]);
    let never = failing_when_it_froze(|evidence| evidence.freezes.clear());
    assert_eq!(never, [froze, promoted, woken]);
    let late = failing_when_it_froze(|evidence| {
        evidence.freezes[0].from = "2026-11-22T10:02:25Z".parse().unwrap();
    });
    assert_eq!(late, [froze, promoted], "the first had promoted by then");
    let early = failing_when_it_froze(|evidence| {
        evidence.freezes[0].to = Some("2026-11-22T10:02:25Z".parse().unwrap());
    });
    assert_eq!(early, [promoted], "the machines were failed over when it had woken");
    let went_on = failing_when_it_froze(|evidence| {
        evidence.freezes[0].woken = Some("Waiting".to_owned());
    });
    assert_eq!(went_on, [woken]);
    let asleep = failing_when_it_froze(|evidence| evidence.freezes[0].woken = None);
    assert_eq!(asleep, [woken]);
}

#[test]
fn each_check_says_whether_the_app_is_believed() {
    let checks = check(&testing::evidence());
    let by_app = checks.iter().filter(|check| check.told_by == ToldBy::App);
    let both = checks.iter().filter(|check| check.told_by == ToldBy::Both);
    let what = |check: &Check| check.what.clone();
    assert_eq!(by_app.map(what).collect::<Vec<_>>(), ["incidents in the app's books: 1"]);
    assert_eq!(both.map(what).collect::<Vec<_>>(), ["it ends as recovered"]);
}
