//! What operators ask over HTTP, and how it is answered.

mod contract;

use std::collections::BTreeSet;

use axum::http::StatusCode;
use farshore::Options;
use serde_json::{Value, json};
use store::Store;

use self::contract::Contract;
use crate::support::{Answer, Farshore, Mood, PLAN, WORKLOAD, alert};

const PLAN_PATH: &str = "/api/workloads/websphere-cafe/plan";
const RUN: &str = "websphere-cafe-incident-1";

async fn put(farshore: &Farshore, condition: &[(&str, &str)], plan: &str) -> Answer {
    farshore.call("PUT", PLAN_PATH, condition, plan.to_owned()).await
}

fn shown(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.problem())
}

#[test]
fn the_document_lists_what_the_router_has() {
    let source = include_str!("../../handlers/lib.rs");
    let routed: BTreeSet<_> =
        source.split('"').filter(|text| text.starts_with("/api/")).map(str::to_owned).collect();
    let documented: BTreeSet<_> =
        Contract::read().operations().into_iter().map(|(_, path)| path).collect();

    assert_eq!(documented, routed);
}

#[tokio::test(start_paused = true)]
async fn every_answer_is_as_the_document_says() {
    let contract = Contract::read();
    let farshore = Farshore::empty(Options::default());
    let broken = PLAN.replace("\"version\": 1", "\"version\": 2");
    let big = format!("{PLAN}{}", " ".repeat(1 << 20));
    let why = json!({"reason": "a test"}).to_string();
    let planned = json!({"manner": "planned", "reason": "a test"}).to_string();
    let forced = json!({"manner": "forced"}).to_string();
    let switch = json!({"on": true, "reason": "a test"}).to_string();
    let off = json!({"on": false, "reason": "a test"}).to_string();
    let here = json!({"place": "preferred", "reason": "a test"}).to_string();
    let fired = alert("tm_endpoint_metric_fired").to_string();
    let test = alert("service_health_incident_fired").to_string().replace("\"False\"", "\"True\"");
    farshore.store.append("broken-run", 1, "a", b"{}").await.unwrap();
    let mut seen = BTreeSet::new();
    let one = "/api/workloads/{workload}";
    for (status, method, path, header, body) in [
        (200, "GET", "/api/workloads", "", ""),
        (404, "GET", one, "", ""),
        (404, "GET", "/api/workloads/{workload}/plan", "", ""),
        (412, "PUT", "/api/workloads/{workload}/plan", "If-Match: *", PLAN),
        (422, "PUT", "/api/workloads/{workload}/plan", "", &broken),
        (413, "PUT", "/api/workloads/{workload}/plan", "", &big),
        (400, "PUT", "/api/workloads/{workload}/plan", "If-None-Match: \"a\"", PLAN),
        (201, "PUT", "/api/workloads/{workload}/plan", "", PLAN),
        (428, "PUT", "/api/workloads/{workload}/plan", "", PLAN),
        (412, "PUT", "/api/workloads/{workload}/plan", "If-None-Match: *", PLAN),
        (200, "PUT", "/api/workloads/{workload}/plan", "If-Match: *", PLAN),
        (200, "GET", "/api/workloads/{workload}/plan", "", ""),
        (200, "GET", "/api/workloads", "", ""),
        (200, "GET", one, "", ""),
        (200, "POST", "/api/workloads/{workload}/preview", "", &forced),
        (400, "POST", "/api/workloads/{workload}/preview", "", "{}"),
        (200, "GET", "/api/kill-switch", "", ""),
        (200, "PUT", "/api/kill-switch", "", &switch),
        (400, "PUT", "/api/kill-switch", "", ""),
        (409, "POST", "/api/workloads/{workload}/failover", "", &planned),
        (200, "PUT", "/api/kill-switch", "", &off),
        (202, "POST", "/api/workloads/{workload}/drill", "", &why),
        (200, "PUT", "/api/workloads/{workload}/active", "", &here),
        (400, "PUT", "/api/workloads/{workload}/active", "", &why),
        (202, "POST", "/api/workloads/{workload}/failover", "", &planned),
        (409, "PUT", "/api/workloads/{workload}/active", "", &here),
        (409, "POST", "/api/workloads/{workload}/failover", "", &planned),
        (409, "POST", "/api/workloads/{workload}/drill", "", &why),
        (200, "GET", one, "", ""),
        (200, "GET", "/api/runs", "", ""),
        (200, "GET", "/api/runs/{run}", "", ""),
        (404, "GET", "/api/runs/nobody", "", ""),
        (202, "POST", "/api/runs/{run}/abort", "", &why),
        (400, "POST", "/api/runs/{run}/abort", "", &planned),
        (413, "POST", "/api/runs/{run}/abort", "", &big),
        (200, "POST", "/api/runs/broken-run/set-aside", "", &why),
        (400, "POST", "/api/runs/{run}/set-aside", "", &planned),
        (404, "POST", "/api/runs/nobody/set-aside", "", &why),
        (409, "POST", "/api/runs/{run}/set-aside", "", &why),
        (202, "POST", "/api/alerts?workload=websphere-cafe", "", &fired),
        (200, "POST", "/api/alerts", "", &test),
        (404, "POST", "/api/alerts", "", &fired),
        (400, "POST", "/api/alerts", "", "{}"),
        (200, "OPTIONS", "/api/alerts", "WebHook-Request-Origin: eventgrid.azure.net", ""),
    ] {
        let called = path.replace("{workload}", WORKLOAD).replace("{run}", RUN);
        let header: Vec<_> = header.split_once(": ").into_iter().collect();

        let answer = farshore.call(method, &called, &header, body.to_owned()).await;

        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {answer:?}");
        let template = path.split('?').next().unwrap();
        let template = template.replace("nobody", "{run}").replace("broken-run", "{run}");
        contract.judge(method, &template, &answer);
        seen.insert((method.to_owned(), template, status.to_string()));
    }
    farshore.store.set(Mood::Unavailable);
    for (method, path) in contract.operations() {
        let good =
            contract.statuses(&method, &path).into_iter().find(|status| status.starts_with('2'));
        let good = (method.clone(), path.clone(), good.unwrap());
        assert!(seen.contains(&good), "{good:?} was not tried");

        // And each says so when the store is away.
        let called = path.replace("{workload}", WORKLOAD).replace("{run}", RUN);
        let body = match path.rsplit('/').next().unwrap() {
            "plan" => PLAN,
            "preview" => &forced,
            "active" => &here,
            "failover" => &planned,
            "kill-switch" => &off,
            "alerts" => &fired,
            _ => &why,
        };
        if method != "OPTIONS" {
            let answer = farshore.call(&method, &called, &[], body.to_owned()).await;
            assert_eq!(shown(&answer), (503, "unavailable"), "{method} {path}");
            contract.judge(&method, &path, &answer);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_replaced_only_by_who_has_seen_it() {
    let farshore = Farshore::new().await;
    let read = farshore.get(PLAN_PATH).await;
    let first = read.header("etag").to_owned();
    assert_eq!(farshore.get("/api/workloads/websphere-cafe").await.body["plan"], read.body);

    let second = put(&farshore, &[("If-Match", &first)], PLAN).await;
    assert_eq!(second.status, 200);
    let second = second.header("etag").to_owned();
    assert_ne!(first, second);
    assert_eq!(
        shown(&put(&farshore, &[("If-Match", &first)], PLAN).await),
        (412, "version-mismatch")
    );
    let listed = format!("\"other\", W/{second}");
    assert_eq!(put(&farshore, &[("If-Match", &listed)], PLAN).await.status, 200);
    let both = put(&farshore, &[("If-Match", "*"), ("If-None-Match", "*")], PLAN).await;
    assert_eq!(shown(&both), (400, "invalid-request"));
    assert_eq!(shown(&put(&farshore, &[], PLAN).await), (428, "version-required"));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_plan_is_refused_with_all_that_is_wrong() {
    let farshore = Farshore::empty(Options::default());
    let wrong = PLAN
        .replace("\"rto_s\": 1200", "\"rto_s\": 0, \"rto\": 1")
        .replace("\"cooldown_s\": 3600", "\"cooldown_s\": \"long\"");

    let answer = put(&farshore, &[], &wrong).await;

    assert_eq!(shown(&answer), (422, "invalid-plan"));
    assert_eq!(answer.pointers(), ["/objectives/rto_s", "/objectives/rto", "/cooldown_s"]);
    for error in answer.body["errors"].as_array().unwrap() {
        assert!(error["line"].as_u64().unwrap() > 1 && error["mend"].is_string(), "{error}");
    }
    let other = put(&farshore, &[], &PLAN.replace("\"websphere-cafe\"", "\"other\"")).await;
    assert_eq!((shown(&other), other.pointers()), ((422, "invalid-plan"), vec!["/workload"]));
    let latin = farshore.call("PUT", PLAN_PATH, &[], vec![b'{', 0xe9, b'}']).await;
    assert_eq!(shown(&latin), (400, "invalid-request"));
    assert_eq!(shown(&put(&farshore, &[], "").await), (422, "invalid-plan"));
    assert_eq!(farshore.get("/api/workloads").await.body["workloads"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_wrongly_is_refused_with_its_place() {
    let farshore = Farshore::new().await;
    let failover = "/api/workloads/websphere-cafe/failover";
    let long = json!({"manner": "forced", "reason": "x".repeat(501)}).to_string();
    for (method, path, body, pointer, word) in [
        ("POST", failover, r#"{"manner":"forced","reason":"x","force":1}"#, "/force", "force"),
        ("POST", failover, r#"{"manner":"rushed","reason":"x"}"#, "/manner", "rushed"),
        ("POST", failover, r#"{"manner":"forced"}"#, "", "reason"),
        ("POST", failover, r#"{"manner":"forced","reason":" "}"#, "/reason", "empty"),
        ("POST", failover, r#"{"manner":"forced","reason":7}"#, "/reason", "integer"),
        ("POST", failover, r#"{"manner":"forced","reason":"a\u0007"}"#, "/reason", "control"),
        ("POST", failover, &long, "/reason", "500"),
        ("POST", failover, r#"{"manner":"forced","reason":"x"} {}"#, "", "trailing"),
        ("POST", failover, "", "", "Content-Length"),
        ("POST", failover, "[]", "", "expected"),
        ("POST", "/api/workloads/websphere-cafe/preview", r#"{"manner":1}"#, "/manner", "manner"),
        ("POST", "/api/workloads/websphere-cafe/drill", r#"{"reason":""}"#, "/reason", "empty"),
        ("POST", "/api/runs/a/abort", r#"{"why":"x"}"#, "/why", "why"),
        ("PUT", "/api/kill-switch", r#"{"on":"yes","reason":"x"}"#, "/on", "boolean"),
        ("PUT", "/api/kill-switch", r#"{"on":true}"#, "", "reason"),
        ("GET", "/api/runs?all=1", "", "", "\"all\""),
    ] {
        let answer = farshore.call(method, path, &[], body.to_owned()).await;

        assert_eq!(shown(&answer), (400, "invalid-request"), "{body}: {answer:?}");
        assert_eq!(answer.pointers(), [pointer], "{body}: {answer:?}");
        assert!(answer.body["detail"].as_str().unwrap().contains(word), "{body}: {answer:?}");
    }
    assert_eq!(farshore.get("/api/runs").await.body["runs"], json!([]));
    assert_eq!(farshore.bus.take(), []);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_not_found_and_what_cannot_be_done_is_not_allowed() {
    let farshore = Farshore::new().await;
    for (path, kind) in [
        ("/api/workloads/nobody", "unknown-workload"),
        ("/api/workloads/No%20Body", "unknown-workload"),
        ("/api/workloads/..%2f..%2fplans", "unknown-workload"),
        ("/api/workloads/%ff", "unknown-workload"),
        ("/api/workloads/a/b/c", "unknown-path"),
        ("/api/runs/nobody-incident-7", "unknown-run"),
        ("/api/runs/a%0ab", "unknown-run"),
        ("/api/runs/%ff", "unknown-run"),
        ("/api", "unknown-path"),
        ("/admin/host/status", "unknown-path"),
    ] {
        let answer = farshore.get(path).await;
        assert_eq!(shown(&answer), (404, kind), "{path}");
        assert_eq!(answer.body["instance"], path);
    }
    let long = format!("/api/runs/{}", "a".repeat(5000));
    assert_eq!(shown(&farshore.get(&long).await), (404, "unknown-run"));
    for (method, path, allow) in [
        ("DELETE", PLAN_PATH, "GET,HEAD,PUT"),
        ("GET", "/api/alerts", "POST,OPTIONS"),
        ("POST", "/api/kill-switch", "GET,HEAD,PUT"),
        ("GET", "/advance_run", "POST"),
    ] {
        let answer = farshore.call(method, path, &[], "").await;
        assert_eq!(shown(&answer), (405, "method-not-allowed"), "{method} {path}");
        assert_eq!(answer.header("allow"), allow);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failover_is_started_once_followed_and_stopped() {
    let farshore = Farshore::new().await;
    let order = json!({"manner": "planned", "reason": "a rehearsal"});
    let path = "/api/workloads/websphere-cafe/failover";

    let started = farshore.post(path, &order).await;
    assert_eq!(started.status, StatusCode::ACCEPTED);
    assert_eq!(started.body, json!({"run": RUN}));
    let report = farshore.get(started.header("location")).await;
    assert_eq!(report.body["goal"], json!({"failover": "planned"}));
    assert_eq!(
        (&report.body["by"], &report.body["outcome"]),
        (&json!("function key"), &Value::Null)
    );
    assert_eq!(farshore.get("/api/runs").await.body["runs"], json!([RUN]));

    let again = farshore.post(path, &order).await;
    assert_eq!(shown(&again), (409, "conflict"));
    assert!(again.body["detail"].as_str().unwrap().contains(RUN), "{again:?}");

    let abort =
        farshore.post(&format!("/api/runs/{RUN}/abort"), &json!({"reason": "enough"})).await;
    assert_eq!(abort.status, StatusCode::ACCEPTED);
    let wakes = farshore.bus.take();
    farshore.deliver("advance_run", &wakes[0].message.body).await.logs();
    let report = farshore.get(&format!("/api/runs/{RUN}")).await;
    assert_eq!(report.body["abort"], "function key: enough");
}

#[tokio::test(start_paused = true)]
async fn the_kill_switch_stops_failovers_and_says_who_turned_it() {
    let farshore = Farshore::new().await;
    let initial = farshore.get("/api/kill-switch").await;
    assert_eq!(initial.body["on"], false);

    let on = json!({"on": true, "reason": "maintenance"}).to_string();
    let set = farshore.call("PUT", "/api/kill-switch", &[], on).await;

    let expected = json!({"on": true, "by": "function key", "reason": "maintenance"});
    assert_eq!((set.status.as_u16(), &set.body), (200, &expected));
    assert_eq!(farshore.get("/api/kill-switch").await.body, expected);
    let order = json!({"manner": "forced", "reason": "x"});
    let refused = farshore.post("/api/workloads/websphere-cafe/failover", &order).await;
    assert_eq!(shown(&refused), (409, "conflict"));
    let forced = json!({"manner": "forced"});
    let preview = farshore.post("/api/workloads/websphere-cafe/preview", &forced).await;
    let obstacles = preview.body["obstacles"].to_string();
    assert!(obstacles.contains("kill switch"), "{obstacles}");
}

#[tokio::test(start_paused = true)]
async fn in_the_standby_place_a_preview_shows_no_half_of_a_fail_back() {
    let farshore = Farshore::new().await;
    let moved = json!({"place": "standby", "reason": "moved by hand"}).to_string();
    let path = "/api/workloads/websphere-cafe/active";
    assert_eq!(farshore.call("PUT", path, &[], moved).await.status, StatusCode::OK);
    let planned = json!({"manner": "planned"});
    let preview = farshore.post("/api/workloads/websphere-cafe/preview", &planned).await;
    assert_eq!(preview.body["requests"], json!([]));
    assert!(preview.body["obstacles"][0].as_str().unwrap().contains("failing back"), "{preview:?}");
}

#[tokio::test(start_paused = true)]
async fn a_callers_name_counts_only_where_the_platform_checks_it() {
    let on = json!({"on": true, "reason": "maintenance"}).to_string();
    for (verified, expected) in
        [(true, "ada@example.com"), (false, "function key (says \"ada@example.com\")")]
    {
        let options = Options { principals_are_verified: verified, ..Options::default() };
        let farshore = Farshore::empty(options);
        let name = [("X-MS-CLIENT-PRINCIPAL-NAME", "ada@example.com")];

        let set = farshore.call("PUT", "/api/kill-switch", &name, on.clone()).await;

        assert_eq!(set.body["by"], expected);
    }
}
