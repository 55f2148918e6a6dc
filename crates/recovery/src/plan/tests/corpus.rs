//! Good and bad plans, on which the checker and the published schema must agree.

use serde_json::{Value, json};

use super::documents::schema_accepts;
use super::{CAFE, CAFE_IHS, Edit, edited, minimal, parse};

use Edit::{Remove, Set};
use Seen::{ByBoth, ByTheCheckerOnly};

/// Who sees what is wrong. A schema sees one value at a time and knows neither calendars nor
/// which zones exist.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    ByBoth,
    ByTheCheckerOnly,
}

const PROFILE: &str = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/\
                       traffic-westus/providers/Microsoft.Network/trafficManagerProfiles/";

#[test]
fn good_plans_satisfy_checker_and_schema() {
    let profile = format!("{PROFILE}tmprofile-cafe");
    let address = |machine: &str, name: &str| {
        let group = PROFILE.split("/providers/").next().unwrap();
        let id = format!("{group}/providers/Microsoft.Network/publicIPAddresses/{name}");
        json!({"machine": machine, "public_ip": id})
    };
    let changes: Vec<Vec<Edit>> = vec![
        vec![],
        vec![Set("/mode", json!("observe")), Remove("/accept_unmeasured_data_loss")],
        vec![Set("/mode", json!("approve")), Set("/accept_unmeasured_data_loss", json!(false))],
        vec![Set("/objectives", json!({"rto_s": 604_800, "rpo_s": 1}))],
        vec![Set("/cooldown_s", json!(60))],
        vec![Set("/workload", json!("x".repeat(48)))],
        vec![Set("/preferred/entry", json!({"kind": "ibm_http_server"}))],
        vec![Set("/preferred/public_ips", json!([]))],
        // The other site's addresses are for the other site's machines.
        vec![Set("/preferred/public_ips", json!([address("ihs*", "ihs-public-ip-eastus")]))],
        vec![Set("/standby/public_ips/2", address("managed1", "x"))],
        vec![Set("/traffic_manager_profile", json!(profile.to_uppercase()))],
        vec![Set("/traffic_manager_profile", json!(profile.to_lowercase()))],
        vec![Set(
            "/standby/traffic_endpoint",
            json!(format!("{profile}/externalEndpoints/Standby_(west).1")),
        )],
        vec![Set("/standby/sql_server", json!(id("Größe-é", "Microsoft.Sql/servers/b")))],
        vec![Set("/site_recovery/recovery_point", json!("latest"))],
        vec![Remove("/application/data_contains")],
        vec![Remove("/application/data_contains"), Remove("/application/data_path")],
        vec![Set("/application/path", json!("/"))],
        vec![Set("/application/data_path", json!("/rest/coffees?limit=%31&x=~!\"'[]"))],
        vec![Set("/application/data_contains", json!("ü".repeat(1000)))],
        vec![Remove("/drill")],
        vec![Set("/drill/schedule", json!("30 2 1-7 JAN,jul SUN"))],
        vec![Set("/drill/time_zone", json!("America/Argentina/Buenos_Aires"))],
        vec![Set("/drill/hold_s", json!(0))],
        vec![Set("/notify", json!({"webhook": "http://127.0.0.1:9/hook?x=a@b"}))],
    ];
    for change in changes {
        let plan = edited(&change);
        if let Err(errors) = parse(&plan) {
            panic!("{change:?}: {errors}");
        }
        assert!(schema_accepts(&plan), "the schema refuses {change:?}");
    }
    assert!(schema_accepts(&minimal()) && parse(&minimal()).is_ok());
    for plan in [CAFE, CAFE_IHS] {
        assert!(schema_accepts(&serde_json::from_str(plan).unwrap()));
    }
}

#[test]
fn bad_plans_are_refused_where_they_are_wrong() {
    for (edits, pointer, problem, seen) in bad_plans() {
        let plan = edited(&edits);
        let errors = parse(&plan).expect_err(&format!("{edits:?} is bad"));
        let [error] = &errors.0[..] else { panic!("{edits:?} is one mistake: {errors}") };
        assert_eq!(error.pointer, pointer, "{edits:?}: {error}");
        assert!(error.problem.contains(problem), "{edits:?}: {error}");
        assert!(!error.mend.is_empty(), "{edits:?}: {error}");
        let schema = if schema_accepts(&plan) { ByTheCheckerOnly } else { ByBoth };
        assert_eq!(schema, seen, "{edits:?}: {error}");
    }
}

fn id(group: &str, rest: &str) -> String {
    let subscription = "/subscriptions/00000000-0000-4000-8000-000000000001";
    format!("{subscription}/resourceGroups/{group}/providers/{rest}")
}

type BadPlan = (Vec<Edit>, &'static str, &'static str, Seen);

fn bad_plans() -> Vec<BadPlan> {
    [shapes(), numbers(), texts(), ids(), sense()].concat()
}

fn set(pointer: &'static str, value: Value, problem: &'static str, seen: Seen) -> BadPlan {
    (vec![Set(pointer, value)], pointer, problem, seen)
}

fn shapes() -> Vec<BadPlan> {
    let mut plans = vec![
        set("/colour", json!("blue"), "not a known field", ByBoth),
        set("/kind", json!("plan"), "not a known field", ByBoth),
        // In a pointer, a tilde is escaped.
        (vec![Set("/a~b", json!(1))], "/a~0b", "not a known field", ByBoth),
        set("/preferred/entry/port", json!(80), "not a known field", ByBoth),
        set("/standby/public_ips/0/nic", json!("x"), "not a known field", ByBoth),
        set("/mode", json!("auto"), "not one of", ByBoth),
        set("/mode", json!(true), "is true or false, not a text", ByBoth),
        set("/accept_unmeasured_data_loss", json!("true"), "not true or false", ByBoth),
        set("/version", json!("1"), "is a text, not a whole number", ByBoth),
        set("/objectives", json!([]), "is a list, not an object", ByBoth),
        set("/standby/public_ips", json!({}), "is an object, not a list", ByBoth),
        set("/standby/public_ips/0", json!("x"), "is a text, not an object", ByBoth),
        set("/preferred/entry", json!("gateway"), "is a text, not an object", ByBoth),
        set("/drill", json!(null), "is null", ByBoth),
        set("/$schema", json!(7), "is a number, not a text", ByBoth),
        (vec![Set("/preferred/entry", json!({}))], "/preferred/entry/kind", "is missing", ByBoth),
        (
            vec![Set("/preferred/entry", json!({"kind": 1, "x": 2}))],
            "/preferred/entry/kind",
            "is a number",
            ByBoth,
        ),
        (
            vec![Set("/preferred/entry", json!({"kind": "front_door"}))],
            "/preferred/entry/kind",
            "not one of",
            ByBoth,
        ),
        (
            vec![Set("/preferred/entry", json!({"kind": "ibm_http_server", "min_healthy": 1}))],
            "/preferred/entry/min_healthy",
            "not a known field",
            ByBoth,
        ),
    ];
    for pointer in [
        "/version",
        "/workload",
        "/objectives",
        "/objectives/rto_s",
        "/objectives/rpo_s",
        "/preferred",
        "/preferred/region",
        "/standby",
        "/standby/sql_server",
        "/standby/traffic_endpoint",
        "/standby/entry",
        "/standby/entry/gateway",
        "/standby/public_ips/0/machine",
        "/standby/public_ips/0/public_ip",
        "/failover_group",
        "/traffic_manager_profile",
        "/site_recovery",
        "/site_recovery/vault",
        "/site_recovery/recovery_plan",
        "/application",
        "/application/path",
        "/drill/schedule",
        "/drill/network",
    ] {
        let problem = "is missing";
        plans.push((vec![Remove(pointer)], pointer, problem, ByBoth));
    }
    plans.push((vec![Set("/notify", json!({}))], "/notify/webhook", "is missing", ByBoth));
    plans
}

fn numbers() -> Vec<BadPlan> {
    vec![
        set("/version", json!(2), "is 2, not 1", ByBoth),
        set("/objectives/rto_s", json!(0), "not between", ByBoth),
        set("/objectives/rto_s", json!(604_801), "not between", ByBoth),
        set("/objectives/rto_s", json!(-5), "not between", ByBoth),
        set("/objectives/rto_s", json!(u64::MAX), "not between", ByBoth),
        set("/objectives/rto_s", json!(1.5), "not a whole number", ByBoth),
        // For a schema 60.0 is an integer.
        set("/objectives/rto_s", json!(60.0), "not a whole number", ByTheCheckerOnly),
        set("/objectives/rpo_s", json!(0), "not between", ByBoth),
        set("/objectives/rpo_s", json!(604_801), "not between", ByBoth),
        set("/cooldown_s", json!(59), "not between", ByBoth),
        set("/cooldown_s", json!(604_801), "not between", ByBoth),
        set("/standby/entry/min_healthy", json!(0), "not between", ByBoth),
        set("/standby/entry/min_healthy", json!(1201), "not between", ByBoth),
        set("/drill/hold_s", json!(14_401), "not between", ByBoth),
        set("/standby/public_ips", json!(vec![0; 101]), "more than 100", ByBoth),
    ]
}

fn texts() -> Vec<BadPlan> {
    vec![
        set("/workload", json!("WebSphere Cafe"), "not a workload name", ByBoth),
        set("/workload", json!("x".repeat(49)), "not a workload name", ByBoth),
        set("/workload", json!("cafe\n"), "not a workload name", ByBoth),
        set("/standby/region", json!("West US"), "not the short name", ByBoth),
        set("/standby/region", json!(""), "not the short name", ByBoth),
        set("/failover_group", json!("Group"), "not the name", ByBoth),
        set("/failover_group", json!("x".repeat(64)), "not the name", ByBoth),
        set("/site_recovery/recovery_plan", json!("a/b"), "not the name", ByBoth),
        set("/site_recovery/recovery_plan", json!("x".repeat(91)), "not the name", ByBoth),
        set("/standby/public_ips/0/machine", json!("*"), "not the name", ByBoth),
        set("/standby/public_ips/0/machine", json!("d*r"), "not the name", ByBoth),
        set("/application/path", json!("websphere-cafe/"), "not a path", ByBoth),
        set("/application/path", json!("//evil.example/"), "not a path", ByBoth),
        set("/application/path", json!("/a b"), "not a path", ByBoth),
        set("/application/path", json!("/a\\b"), "not a path", ByBoth),
        set("/application/path", json!(format!("/{}", "x".repeat(2000))), "not a path", ByBoth),
        set("/application/data_path", json!("/a#b"), "not a path", ByBoth),
        set("/application/data_contains", json!(""), "empty", ByBoth),
        set("/application/data_contains", json!("ü".repeat(1001)), "longer", ByBoth),
        set("/notify", json!({"webhook": "ftp://example.com/"}), "", ByBoth),
        set("/notify", json!({"webhook": "https:///x"}), "", ByBoth),
        set("/notify", json!({"webhook": "https://user@example.com/"}), "", ByBoth),
        set("/notify", json!({"webhook": "https://example.com/\u{e9}"}), "", ByBoth),
        set("/notify", json!({"webhook": "https://example.com:99999/"}), "", ByTheCheckerOnly),
        set("/drill/schedule", json!("weekly"), "five fields", ByBoth),
        set("/drill/schedule", json!("0 4  * * 3"), "five fields", ByBoth),
        set("/drill/schedule", json!("0 4 * * 5#1"), "character", ByBoth),
        set("/drill/schedule", json!("61 4 * * 3"), "not a schedule", ByTheCheckerOnly),
        set("/drill/schedule", json!("0 0 30 2 *"), "never due", ByTheCheckerOnly),
        set("/drill/schedule", json!("* * * * *"), "more than once an hour", ByTheCheckerOnly),
        set("/drill/time_zone", json!(""), "not a time zone", ByBoth),
        set("/drill/time_zone", json!("Mars/Olympus"), "not a time zone", ByTheCheckerOnly),
    ]
    .into_iter()
    .map(|(edits, pointer, problem, seen)| {
        let pointer = if pointer == "/notify" { "/notify/webhook" } else { pointer };
        (edits, pointer, problem, seen)
    })
    .collect()
}

fn ids() -> Vec<BadPlan> {
    let network = |kind: &str| json!(id("g", &format!("Microsoft.Network/{kind}/x")));
    let endpoint = |kind: &str| json!(format!("{PROFILE}tmprofile-cafe/{kind}/x"));
    let server = |server: &str| json!(id("sql", &format!("Microsoft.Sql/servers/{server}")));
    vec![
        set("/standby/sql_server", json!("sqlserver"), "/subscriptions/", ByBoth),
        set("/standby/sql_server", network("applicationGateways"), "not the id of", ByBoth),
        set("/standby/sql_server", server("a/databases/b"), "not the id of", ByBoth),
        set("/standby/sql_server", server(".."), "no resource's name", ByBoth),
        set("/standby/sql_server", server("a%2fb"), "no resource's name", ByBoth),
        set("/standby/sql_server", server(&"x".repeat(1000)), "too long", ByBoth),
        set("/standby/traffic_endpoint", endpoint("nestedEndpoints"), "not the id of", ByBoth),
        set("/standby/entry/gateway", network("loadBalancers"), "not the id of", ByBoth),
        set(
            "/standby/public_ips/0/public_ip",
            network("networkInterfaces"),
            "not the id of",
            ByBoth,
        ),
        set("/site_recovery/vault", network("vaults"), "not the id of", ByBoth),
        set("/drill/network", network("virtualNetworks/x/subnets"), "not the id of", ByBoth),
        set(
            "/drill/network",
            json!(
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/x"
            ),
            "subscription's id",
            ByBoth,
        ),
    ]
}

fn sense() -> Vec<BadPlan> {
    let plan: Value = serde_json::from_str(CAFE).unwrap();
    let same = |pointer: &'static str| {
        let preferred = plan.pointer(&pointer.replace("/standby", "/preferred")).unwrap();
        set(pointer, preferred.clone(), "is the same as /preferred/", ByTheCheckerOnly)
    };
    let address = plan["standby"]["public_ips"][0]["public_ip"].as_str().unwrap();
    let entry = json!([{"machine": "ihs1", "public_ip": address.to_uppercase()}]);
    vec![
        (vec![Remove("/accept_unmeasured_data_loss")], "/mode", "not measured", ByBoth),
        (vec![Set("/accept_unmeasured_data_loss", json!(false))], "/mode", "not measured", ByBoth),
        same("/standby/region"),
        same("/standby/sql_server"),
        same("/standby/traffic_endpoint"),
        same("/standby/entry/gateway"),
        set(
            "/standby/traffic_endpoint",
            json!(format!("{PROFILE}tmprofile-cafe-2/azureEndpoints/myFailoverEndpoint")),
            "not an endpoint of",
            ByTheCheckerOnly,
        ),
        (vec![Remove("/application/data_path")], "/application/data_contains", "not where", ByBoth),
        set("/standby/public_ips/1/machine", json!("DM*"), "fits", ByTheCheckerOnly),
        set(
            "/standby/public_ips/1/public_ip",
            json!(address),
            "is the same as /standby/public_ips/0/public_ip",
            ByTheCheckerOnly,
        ),
        (
            vec![Set("/preferred/public_ips", entry)],
            "/standby/public_ips/0/public_ip",
            "is the same as /preferred/public_ips/0/public_ip",
            ByTheCheckerOnly,
        ),
    ]
}
