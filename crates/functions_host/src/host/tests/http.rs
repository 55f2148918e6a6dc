use serde_json::{Value, json};

use super::bench::{Bench, Setup, http, wakes};
use crate::host::Input;
use crate::wire::HttpResponse;

fn app() -> Bench {
    let mut bench = Setup::new(&[
        http("ingest_alert", "alerts", "function", "post"),
        http("operate_run", "runs/{*path}", "function", "get"),
        http("open", "open/{id?}", "anonymous", "get"),
        http("secret", "secret", "admin", "get"),
        wakes(),
    ])
    .start();
    bench.forget();
    bench
}

/// Without forwarding.
fn enveloped() -> Bench {
    let mut setup = Setup::new(&[http("f", "f/{id}", "function", "post")]);
    setup.host["customHandler"]["enableForwardingHttpRequest"] = json!(false);
    let mut bench = setup.start();
    bench.forget();
    bench
}

#[test]
fn a_request_without_a_good_key_is_answered_401_and_never_reaches_the_handler() {
    let mut bench = app();
    for headers in [&[][..], &[("x-functions-key", "wrong")], &[("x-functions-key", "")]] {
        bench.send("POST", "/api/alerts", headers, "");
        assert_eq!(bench.responses()[0].status, 401, "{headers:?}");
    }
    bench.get("/api/secret", &[("x-functions-key", "key")]);
    assert_eq!(bench.responses()[0].status, 401);
    assert!(bench.calls().is_empty());
}

#[test]
fn a_key_is_taken_from_the_header_or_the_query() {
    let mut bench = app();
    bench.send("POST", "/api/alerts", &[("X-Functions-Key", "key")], "");
    bench.send("POST", "/api/alerts?code=key", &[], "");
    bench.get("/api/secret?code=master", &[]);
    bench.get("/api/open", &[]);
    assert_eq!(bench.calls().len(), 4);
    bench.send("POST", "/api/alerts?code=key", &[("x-functions-key", "wrong")], "");
    assert_eq!(bench.responses()[0].status, 401, "the header comes first");
}

#[test]
fn what_no_route_matches_is_not_found() {
    let mut bench = app();
    for (method, target) in [
        ("GET", "/api/alerts"),
        ("POST", "/alerts"),
        ("POST", "/apis/alerts"),
        ("GET", "/api/nothing"),
        ("GET", "/api/open/1/2"),
    ] {
        bench.send(method, target, &[("x-functions-key", "key")], "");
        assert_eq!(bench.responses()[0].status, 404, "{method} {target}");
    }
}

#[test]
fn a_catch_all_takes_every_path_below_and_the_root() {
    let mut bench = app();
    for target in ["/api/runs", "/api/runs/", "/api/runs/1", "/API/Runs/1/report%20of"] {
        bench.get(target, &[("x-functions-key", "key")]);
        assert_eq!(bench.call().1.target, target);
    }
}

#[test]
fn a_forwarded_request_keeps_method_path_headers_and_body() {
    let mut bench = app();
    let headers = [
        ("x-functions-key", "key"),
        ("content-type", "application/json"),
        ("content-length", "2"),
        ("user-agent", "IcMBroadcaster/1.0"),
        ("connection", "keep-alive"),
    ];
    bench.send("POST", "/api/alerts?a=1&b=2&a=3", &headers, "{}");
    let (_, request) = bench.call();
    assert_eq!(request.method, "POST");
    assert_eq!(request.target, "/api/alerts?a=1,3&b=2");
    assert_eq!(request.body, b"{}");
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("connection"), None);
    let agent = request.header("user-agent").unwrap();
    assert!(agent.starts_with("IcMBroadcaster/1.0 Azure-Functions-Host/"), "{agent}");
    assert!(request.header("x-azure-functions-invocationid").is_some());
}

#[test]
fn a_body_in_chunks_is_lost() {
    let mut bench = app();
    let headers = [("x-functions-key", "key"), ("transfer-encoding", "chunked")];
    bench.send("POST", "/api/alerts", &headers, "{\"lost\":true}");
    assert_eq!(bench.call().1.body, b"");
}

#[test]
fn a_forwarded_answer_reaches_the_client_whatever_its_status() {
    let mut bench = app();
    for status in [200, 302, 404, 503] {
        bench.get("/api/open", &[]);
        let (call, _) = bench.call();
        bench.answer(call, status, "");
        assert_eq!(bench.responses()[0].status, status);
        assert!(bench.failures().is_empty(), "an error status is no failure of the function");
    }
}

#[test]
fn a_handler_that_breaks_the_connection_gives_the_client_500() {
    let mut bench = app();
    bench.get("/api/open", &[]);
    let (call, _) = bench.call();
    bench.give(Input::Answered { call, answer: Err("reset".into()) });
    assert_eq!(bench.responses(), [HttpResponse::empty(500)]);
}

#[test]
fn without_forwarding_the_request_comes_in_an_envelope() {
    let mut bench = enveloped();
    let headers = [("x-functions-key", "key"), ("content-length", "10"), ("host", "app.test")];
    bench.send("POST", "/api/f/7?x=1&code=key", &headers, r#"{"deep":1}"#);
    let (_, request) = bench.call();
    assert_eq!(request.target, "/f");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let data = &body["Data"]["request"];
    assert_eq!(data["Url"], "http://app.test/api/f/7?x=1&code=key");
    assert_eq!(data["Method"], "POST");
    assert_eq!(data["Query"], json!({"x": "1", "code": "key"}));
    assert_eq!(data["Headers"]["host"], json!(["app.test"]));
    assert_eq!(data["Params"], json!({"id": "7"}));
    assert_eq!(data["Body"], r#"{"deep":1}"#);
    assert_eq!(data["Identities"][0]["Claims"][0]["Value"], "Function");
    let metadata = &body["Metadata"];
    assert_eq!(metadata["x"], r#""1""#);
    assert_eq!(metadata["deep"], r#""1""#);
    assert_eq!(metadata["id"], r#""7""#);
    assert!(metadata.get("code").is_none());
}

#[test]
fn without_forwarding_a_failed_function_gives_the_client_500_and_an_output_its_own_status() {
    for (status, body, expected) in [
        (503, "", 500),
        (200, r#"{"Outputs":{"response":{"statusCode":"503"}}}"#, 503),
        (200, r#"{"Outputs":{"response":{"body":"hello"}}}"#, 200),
        (200, r#"{"Outputs":{"response":7}}"#, 500),
    ] {
        let mut bench = enveloped();
        bench.send("POST", "/api/f/7?code=key", &[], "");
        let (call, _) = bench.call();
        bench.answer(call, status, body);
        assert_eq!(bench.responses()[0].status, expected, "{status} {body}");
    }
}

#[test]
fn the_admin_api_wants_the_master_key() {
    let mut bench = app();
    bench.get("/admin/host/ping", &[]);
    bench.get("/admin/host/status", &[]);
    bench.get("/admin/host/status?code=key", &[]);
    bench.get("/admin/host/status?code=master", &[]);
    let statuses: Vec<u16> = bench.responses().iter().map(|response| response.status).collect();
    assert_eq!(statuses, [200, 401, 401, 200]);
}

#[test]
fn a_queue_function_can_be_run_by_hand_without_a_broker() {
    let mut bench = app();
    let target = "/admin/functions/advance_run?code=master";
    bench.send("POST", target, &[], r#"{"input":"hello"}"#);
    assert_eq!(bench.responses()[0].status, 202);
    let (call, request) = bench.call();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["Data"]["message"], "aGVsbG8=");
    assert!(body["Metadata"].get("MessageId").is_none());
    bench.answer(call, 500, "");
    assert!(bench.settlements().is_empty());
}
