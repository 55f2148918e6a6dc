use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::json;

use crate::door::{Door, Request};
use crate::ledger::Kind;
use crate::regions::Region::{EastUs, WestUs};
use crate::testing::{Azure, Got, arm, sql};

const GROUP: &str = "/failoverGroups/failovergroup-cafe";
const FAILOVER: &str = "/failoverGroups/failovergroup-cafe/failover";
const FORCE: &str = "/failoverGroups/failovergroup-cafe/forceFailoverAllowDataLoss";

#[test]
fn a_request_without_a_token_is_told_where_to_get_one() {
    let mut azure = Azure::new(1);
    let mut request = azure.request("GET", &sql(WestUs, GROUP), None);
    request.headers.retain(|(name, _)| name != "authorization");
    let refused = azure.ask(&request).reply();
    assert_eq!((refused.status, refused.code().as_str()), (401, "AuthenticationFailed"));
    assert!(refused.header("www-authenticate").is_some_and(|it| it.starts_with("Bearer ")));
    request.headers.push(("authorization".into(), "Bearer e30.e30.forged".into()));
    assert_eq!(azure.ask(&request).reply().code(), "InvalidAuthenticationToken");
}

#[test]
fn a_token_for_another_audience_is_refused() {
    let mut azure = Azure::new(1);
    let token = azure.token_for("https://servicebus.azure.net");
    let mut request = azure.request("GET", &sql(WestUs, GROUP), None);
    request.headers.retain(|(name, _)| name != "authorization");
    request.headers.push(("authorization".into(), format!("Bearer {token}")));
    let refused = azure.ask(&request).reply();
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (401, "InvalidAuthenticationTokenAudience")
    );
}

#[test]
fn versions_are_demanded_and_unknown_ones_answered_with_the_known() {
    let mut azure = Azure::new(1);
    let target = sql(WestUs, GROUP);
    let without = azure.get(target.split('?').next().expect("a path"));
    assert_eq!((without.status, without.code().as_str()), (400, "MissingApiVersionParameter"));
    let unknown = azure.get(&target.replace("2021-11-01", "2001-01-01"));
    assert_eq!((unknown.status, unknown.code().as_str()), (400, "NoRegisteredProviderFound"));
    assert!(unknown.text.contains("2021-11-01") && unknown.text.contains("2025-01-01"));
    for known in ["2024-11-01-preview", "2025-01-01"] {
        assert_eq!(azure.get(&target.replace("2021-11-01", known)).status, 200, "{known}");
    }
}

#[test]
fn traffic_manager_does_not_know_the_versions_of_the_other_network_resources() {
    let mut azure = Azure::new(1);
    let profile = "Microsoft.Network/trafficManagerProfiles/tmprofile-cafe";
    assert_eq!(azure.get(&arm("traffic-westus", profile, "2022-04-01")).status, 200);
    assert_eq!(
        azure.get(&arm("traffic-westus", profile, "2024-01-01")).code(),
        "NoRegisteredProviderFound"
    );
}

#[test]
fn subscriptions_are_listed_and_strange_ones_refused() {
    let mut azure = Azure::new(1);
    let listed = azure.get("/subscriptions?api-version=2022-12-01").body();
    assert_eq!(listed["value"][0]["subscriptionId"], "00000000-0000-4000-8000-000000000001");
    assert_eq!(listed["value"][0]["state"], "Enabled");
    let strange = sql(WestUs, GROUP).replace("000000000001", "000000000002");
    assert_eq!(azure.get(&strange).code(), "SubscriptionNotFound");
    assert_eq!(
        azure.get(&sql(WestUs, GROUP).replace("sql-westus", "sql-mars")).code(),
        "ResourceGroupNotFound"
    );
    assert_eq!(
        azure.get(&arm("sql-westus", "Microsoft.Quantum/workspaces/x", "2024-01-01")).code(),
        "InvalidResourceNamespace"
    );
}

#[test]
fn answers_carry_the_headers_that_say_who_served_them() {
    let mut azure = Azure::new(1);
    let mut request = azure.request("GET", &sql(WestUs, GROUP), None);
    request.headers.push(("x-ms-client-request-id".into(), "mine".into()));
    let reply = azure.ask(&request).reply();
    assert!(
        reply
            .header("x-ms-routing-request-id")
            .is_some_and(|it| it.starts_with("WESTUS:20261122T100000Z:"))
    );
    assert!(
        reply.header("x-ms-request-id").is_some()
            && reply.header("x-ms-correlation-request-id").is_some()
    );
    assert_eq!(reply.header("x-ms-ratelimit-remaining-subscription-reads"), Some("249"));
    assert_eq!(reply.header("x-ms-client-request-id"), Some("mine"));
    assert!(
        reply.after >= SignedDuration::from_millis(80)
            && reply.after <= SignedDuration::from_millis(300)
    );
}

#[test]
fn poll_urls_point_to_the_host_that_was_asked() {
    let mut azure = Azure::new(1);
    let mut request = azure.request("POST", &sql(WestUs, FAILOVER), None);
    request.headers[0].1 = "127.0.0.1:4180".into();
    let accepted = azure.ask(&request).reply();
    assert!(
        accepted
            .header("location")
            .is_some_and(|url| url.starts_with("http://127.0.0.1:4180/subscriptions/"))
    );
}

#[test]
fn reads_are_throttled_after_a_burst_and_again_allowed_after_a_pause() {
    let mut azure = Azure::new(1);
    let target = sql(WestUs, GROUP);
    for _ in 0..250 {
        assert_eq!(azure.get(&target).status, 200);
    }
    let refused = azure.get(&target);
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("1")));
    azure.wait(1.0);
    let passed = (0..40).filter(|_| azure.get(&target).status == 200).count();
    assert_eq!(passed, 25);
}

#[test]
fn writes_are_throttled_apart_from_reads() {
    let mut azure = Azure::new(1);
    let target = sql(EastUs, FAILOVER);
    for _ in 0..200 {
        assert_eq!(azure.post(&target).status, 400);
    }
    assert_eq!(azure.post(&target).status, 429);
    assert_eq!(azure.get(&sql(EastUs, GROUP)).status, 200);
    let destructive = azure.world.ledger().mutating();
    assert_eq!(destructive.len(), 201);
    assert!(destructive.iter().all(|noted| noted.kind == Kind::Destructive));
    assert_eq!(destructive.last().map(|noted| noted.status), Some(Some(429)));
}

#[test]
fn calls_to_a_dead_region_hang_fail_or_get_what_was_true_before() {
    let mut azure = Azure::new(1);
    azure.lose(EastUs);
    azure.post(&sql(WestUs, FORCE));
    let mut seen = BTreeSet::new();
    for _ in 0..60 {
        azure.wait(1.0);
        match azure.try_arm("GET", &sql(EastUs, GROUP), None) {
            Got::Hang => seen.insert("hang".to_owned()),
            Got::Reset => panic!("a dead region does not close connections"),
            Got::Reply(reply) if reply.status == 200 => {
                assert_eq!(reply.body()["properties"]["replicationRole"], "Primary");
                seen.insert("stale".to_owned())
            }
            Got::Reply(reply) => {
                assert_eq!(reply.header("x-ms-failure-cause"), Some("gateway"));
                seen.insert(format!(
                    "{} {} {}",
                    reply.status,
                    reply.code(),
                    reply.after.as_secs() > 50
                ))
            }
        };
    }
    let wanted = ["503 ServerTimeout true", "504 GatewayTimeout false", "hang", "stale"];
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
    assert_eq!(azure.get(&sql(WestUs, GROUP)).body()["properties"]["replicationRole"], "Primary");
    azure.restore(EastUs);
    assert_eq!(azure.get(&sql(EastUs, GROUP)).status, 200);
}

#[test]
fn changes_sent_to_a_dead_region_have_no_effect() {
    let mut azure = Azure::new(1);
    let forced = azure.post(&sql(WestUs, FORCE));
    assert_eq!(forced.status, 202);
    azure.wait(400.0);
    azure.lose(EastUs);
    for _ in 0..20 {
        match azure.try_arm("POST", &sql(EastUs, FORCE), None) {
            Got::Hang => {}
            Got::Reset => panic!("a dead region does not close connections"),
            Got::Reply(reply) => assert!(matches!(reply.status, 503 | 504), "{}", reply.status),
        }
    }
    azure.wait(400.0);
    azure.restore(EastUs);
    azure.wait(60.0);
    assert_eq!(azure.get(&sql(WestUs, GROUP)).body()["properties"]["replicationRole"], "Primary");
    assert_eq!(azure.world.ledger().promotions().len(), 1);
}

#[test]
fn a_lost_answer_has_its_effect_and_a_lost_request_has_none() {
    for (kind, wanted) in
        [("lost_answer", "Primary"), ("lost_request", "Secondary"), ("hang", "Secondary")]
    {
        let mut azure = Azure::new(1);
        azure.control(
            "POST",
            "faults",
            &json!({"door": "arm", "path": "forceFailover", "kind": kind}),
        );
        let got = azure.try_arm("POST", &sql(WestUs, FORCE), None);
        assert!(!matches!(got, Got::Reply(_)), "{kind}");
        azure.wait(20.0);
        assert_eq!(
            azure.get(&sql(WestUs, GROUP)).body()["properties"]["replicationRole"],
            wanted,
            "{kind}"
        );
    }
}

#[test]
fn an_injected_status_replaces_the_effect_and_is_noted() {
    let mut azure = Azure::new(1);
    azure.control(
        "POST",
        "faults",
        &json!({"path": "forceFailover", "kind": "status", "status": 503}),
    );
    assert_eq!(azure.post(&sql(WestUs, FORCE)).status, 503);
    azure.wait(20.0);
    assert!(azure.world.ledger().promotions().is_empty());
    assert_eq!(azure.world.ledger().mutating()[0].status, Some(503));
    assert_eq!(azure.post(&sql(WestUs, FORCE)).status, 202);
}

#[test]
fn a_delayed_answer_is_late() {
    let mut azure = Azure::new(1);
    azure.control("POST", "faults", &json!({"kind": "delay", "seconds": 12.0}));
    assert!(azure.get(&sql(WestUs, GROUP)).after >= SignedDuration::from_secs(12));
}

#[test]
fn an_unknown_operation_is_not_found() {
    let mut azure = Azure::new(1);
    let target = "/subscriptions/00000000-0000-4000-8000-000000000001/providers/Microsoft.Sql/locations/westus/failoverGroupAzureAsyncOperation/00000000-0000-4000-8000-00000000beef?api-version=2021-11-01";
    assert_eq!(azure.get(target).status, 404);
}

/// Everything a world says within an eventful hour.
fn transcript(seed: u64) -> Vec<String> {
    let mut azure = Azure::new(seed);
    let mut said = Vec::new();
    for minute in 0..60 {
        match minute {
            5 => azure.lose(EastUs),
            7 => drop(azure.try_arm("POST", &sql(WestUs, FORCE), None)),
            30 => azure.restore(EastUs),
            _ => {}
        }
        for region in [EastUs, WestUs] {
            said.push(format!("{:?}", azure.try_arm("GET", &sql(region, GROUP), None)));
        }
        let profile = arm(
            "traffic-westus",
            "Microsoft.Network/trafficManagerProfiles/tmprofile-cafe",
            "2022-04-01",
        );
        said.push(format!("{:?}", azure.try_arm("GET", &profile, None)));
        said.push(format!(
            "{:?}",
            azure.world.resolve(azure.now, "tmprofile-cafe.trafficmanager.net")
        ));
        azure.wait(60.0);
    }
    said
}

#[test]
fn the_same_seed_says_the_same_bytes() {
    assert_eq!(transcript(11), transcript(11));
    assert_ne!(transcript(11), transcript(12));
}

fn identity(
    azure: &mut Azure,
    door: Door,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (u16, serde_json::Value) {
    let headers =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let reply = azure
        .ask(&Request {
            door,
            method: method.into(),
            target: target.into(),
            headers,
            body: body.into(),
        })
        .reply();
    (reply.status, reply.body())
}

#[test]
fn both_forms_of_managed_identity_give_their_times_as_strings() {
    let mut azure = Azure::new(1);
    let wall = ("x-farshore-wall-time", "2030-01-01T00:00:00Z");
    let app = "/msi/token?api-version=2019-08-01&resource=https://management.azure.com";
    let (status, body) =
        identity(&mut azure, Door::Identity, "GET", app, &[("x-identity-header", "s"), wall], "");
    assert_eq!((status, &body["expires_on"]), (200, &json!("1893542400")));
    assert_eq!(identity(&mut azure, Door::Identity, "GET", app, &[], "").0, 401);
    let machine = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F";
    let (status, body) =
        identity(&mut azure, Door::Identity, "GET", machine, &[("metadata", "true"), wall], "");
    assert_eq!(
        (status, &body["expires_in"], &body["resource"]),
        (200, &json!("86400"), &json!("https://management.azure.com/"))
    );
    assert_eq!(identity(&mut azure, Door::Identity, "GET", machine, &[], "").0, 400);
}

#[test]
fn entra_gives_tokens_for_a_scope_and_says_where() {
    let mut azure = Azure::new(1);
    let host = ("host", "127.0.0.1:4443");
    let proto = ("x-forwarded-proto", "https");
    let target = "/tenant/v2.0/.well-known/openid-configuration";
    let (_, body) = identity(&mut azure, Door::Entra, "GET", target, &[host, proto], "");
    assert_eq!(body["token_endpoint"], "https://127.0.0.1:4443/tenant/oauth2/v2.0/token");
    let token = "/tenant/oauth2/v2.0/token";
    let form = "grant_type=client_credentials&client_id=c&client_secret=s&scope=https%3A%2F%2Fmanagement.azure.com%2F.default";
    let (status, body) = identity(&mut azure, Door::Entra, "POST", token, &[host], form);
    assert_eq!((status, &body["token_type"]), (200, &json!("Bearer")));
    let mut request = azure.request("GET", &sql(WestUs, GROUP), None);
    request.headers[1].1 = format!("Bearer {}", body["access_token"].as_str().expect("a token"));
    assert_eq!(azure.ask(&request).reply().status, 200);
    let without = form.replace("client_secret=s&", "");
    assert_eq!(identity(&mut azure, Door::Entra, "POST", token, &[host], &without).0, 401);
}
