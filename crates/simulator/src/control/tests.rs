//! The control API, through its door.

use serde_json::{Value, json};

use crate::door::{Door, Request};
use crate::regions::Region;
use crate::testing::{Azure, Got, Reply, arm, sql};

impl Azure {
    fn ask_control(&mut self, method: &str, path: &str, body: &str) -> Reply {
        self.ask(&Request {
            door: Door::Control,
            method: method.into(),
            target: format!("/control/{path}"),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        })
        .reply()
    }
}

fn group() -> String {
    sql(Region::WestUs, "/failoverGroups/failovergroup-cafe")
}

#[test]
fn a_fault_hits_what_it_names_after_what_it_skips_as_often_as_it_says() {
    let mut azure = Azure::new(1);
    azure.control(
        "POST",
        "faults",
        &json!({
            "door": "arm", "method": "get", "path": "FAILOVERGROUPS/failovergroup-cafe",
            "skip": 1, "count": 2, "kind": "status", "status": 503,
        }),
    );
    let other = arm("sql-westus", "Microsoft.Sql/servers/sqlserversecondary-cafe", "2021-11-01");
    let mut statuses = Vec::new();
    for _ in 0..5 {
        assert_eq!(azure.get(&other).status, 200);
        statuses.push(azure.get(&group()).status);
    }
    assert_eq!(statuses, [200, 503, 503, 200, 200]);
    let faults = azure.control("GET", "faults", &Value::Null);
    assert_eq!((&faults[0]["matched"], &faults[0]["hit"]), (&json!(5), &json!(2)));
}

#[test]
fn every_kind_of_fault_does_what_it_says() {
    let fault = |kind: &str| json!({"door": "arm", "method": "POST", "kind": kind});
    let promote = format!(
        "/{}",
        sql(Region::WestUs, "/failoverGroups/failovergroup-cafe/forceFailoverAllowDataLoss")
            .trim_start_matches('/')
    );
    for (kind, expected, takes_effect) in [
        ("lost_answer", Got::Reset, true),
        ("lost_request", Got::Reset, false),
        ("hang", Got::Hang, false),
    ] {
        let mut azure = Azure::new(1);
        azure.control("POST", "faults", &fault(kind));
        assert_eq!(azure.try_arm("POST", &promote, None), expected, "{kind}");
        azure.wait(20.0);
        let promotions = azure.world.ledger().promotions().len();
        assert_eq!(promotions, usize::from(takes_effect), "{kind}");
    }
    let mut azure = Azure::new(1);
    azure.control("POST", "faults", &json!({"door": "arm", "kind": "delay", "seconds": 9}));
    let late = azure.get(&group());
    assert_eq!(late.status, 200);
    assert!(late.after.as_secs() >= 9);
}

#[test]
fn faults_can_be_set_together_and_taken_back() {
    let mut azure = Azure::new(1);
    let set = azure.control(
        "POST",
        "faults",
        &json!([{"kind": "hang", "count": 9}, {"kind": "lost_request", "count": 9}]),
    );
    assert_eq!(set["ids"], json!([1, 2]));
    assert_eq!(azure.try_arm("GET", &group(), None), Got::Hang);
    azure.control("DELETE", "faults/1", &Value::Null);
    assert_eq!(azure.try_arm("GET", &group(), None), Got::Reset);
    assert_eq!(azure.ask_control("DELETE", "faults/1", "").status, 404);
    azure.control("DELETE", "faults", &Value::Null);
    assert_eq!(azure.get(&group()).status, 200);
}

#[test]
fn what_is_not_understood_is_refused_and_changes_nothing() {
    let mut azure = Azure::new(1);
    for (method, path, body) in [
        ("POST", "faults", "not json"),
        ("POST", "faults", r#"{"kind":"explode"}"#),
        ("POST", "faults", r#"{"kind":"status"}"#),
        ("POST", "faults", r#"{"kind":"status","status":99}"#),
        ("POST", "faults", r#"{"kind":"delay","seconds":-1}"#),
        ("POST", "faults", r#"{"kind":"hang","dor":"arm"}"#),
        ("POST", "faults", r#"[{"kind":"hang"},{"kind":"status"}]"#),
        ("POST", "regions/mars", r#"{"health":"down"}"#),
        ("POST", "regions/eastus", r#"{"health":"ill"}"#),
        ("POST", "blip", r#"{"region":"eastus","seconds":-3}"#),
        ("POST", "blip", r#"{"region":"eastus","seconds":1e300}"#),
        ("POST", "user", r#"{"running":"yes"}"#),
        ("PUT", "alert-receiver", r#"{"uri":"http://x"}"#),
        ("POST", "options", r#"{"waits":{"coffee_break":{"least_s":1,"most_s":2}}}"#),
        ("POST", "options", r#"{"waits":{"asr_failover":{"least_s":2,"most_s":1}}}"#),
        ("POST", "options", r#"{"waits":{"asr_failover":{"least_s":2,"most_s":1e300}}}"#),
    ] {
        let refused = azure.ask_control(method, path, body);
        assert_eq!(refused.status, 400, "{path} {body}: {}", refused.text);
        assert!(refused.text.contains("message"), "{}", refused.text);
    }
    assert_eq!(azure.ask_control("GET", "coffee", "").status, 404);
    assert_eq!(azure.control("GET", "faults", &Value::Null), json!([]));
    let state = azure.control("GET", "state", &Value::Null);
    assert_eq!(state["regions"], json!({"eastus": "up", "westus": "up"}));
}

#[test]
fn a_wait_can_be_changed() {
    let mut azure = Azure::new(1);
    let wait = json!({"waits": {"sql_forced_failover": {"least_s": 1, "most_s": 1}}});
    let options = azure.control("POST", "options", &wait);
    assert_eq!(options["waits"]["sql_forced_failover"]["most_s"], 1.0);
    let promote =
        sql(Region::WestUs, "/failoverGroups/failovergroup-cafe/forceFailoverAllowDataLoss");
    azure.post(&promote);
    azure.wait(1.1);
    assert_eq!(azure.world.ledger().promotions().len(), 1);
}

#[test]
fn a_region_that_is_set_down_during_a_blip_stays_down() {
    let mut azure = Azure::new(1);
    azure.control("POST", "blip", &json!({"region": "eastus", "seconds": 10}));
    let again = azure.ask_control("POST", "blip", r#"{"region":"eastus","seconds":5}"#);
    assert_eq!(again.status, 400);
    azure.lose(Region::EastUs);
    azure.wait(60.0);
    let state = azure.control("GET", "state", &Value::Null);
    assert_eq!(state["regions"]["eastus"], "down");
}

#[test]
fn the_user_stops_and_goes_on() {
    let mut azure = Azure::new(1);
    azure.wait(10.0);
    azure.control("POST", "user", &json!({"running": false}));
    let tries = azure.world.ledger().attempts().len();
    azure.wait(10.0);
    assert_eq!(azure.world.ledger().attempts().len(), tries);
    azure.control("POST", "user", &json!({"running": true}));
    azure.wait(10.0);
    assert_eq!(azure.world.ledger().attempts().len(), tries + 10);
    let listed = azure.control("GET", "attempts", &Value::Null);
    assert_eq!(listed.as_array().expect("a list").len(), tries + 10);
}

#[test]
fn every_modelled_behaviour_names_its_evidence() {
    let mut azure = Azure::new(1);
    let fidelity = azure.control("GET", "fidelity", &Value::Null);
    let behaviours = fidelity["behaviours"].as_array().expect("a list");
    assert!(behaviours.len() > 30);
    for behaviour in behaviours {
        let tag = behaviour["tag"].as_str().expect("a tag");
        assert!(["RECORDED", "DOC", "GUESS"].contains(&tag), "{behaviour}");
        assert!(!behaviour["source"].as_str().expect("a source").is_empty());
    }
}

#[test]
fn asking_changes_nothing() {
    let mut asked = Azure::new(9);
    let mut left_alone = Azure::new(9);
    for _ in 0..10 {
        asked.wait(5.0);
        left_alone.wait(5.0);
        for path in ["state", "ledger", "fidelity", "options", "attempts", "faults"] {
            asked.control("GET", path, &Value::Null);
        }
    }
    let end = |azure: &mut Azure| azure.control("GET", "attempts", &Value::Null);
    assert_eq!(end(&mut asked), end(&mut left_alone));
    assert_eq!(asked.world.guid(), left_alone.world.guid());
}
