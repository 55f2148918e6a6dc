//! The café through its public addresses.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::{ProbeAnswer, probe};
use crate::door::{Door, Request, TcpAnswer};
use crate::regions::Region;
use crate::testing::{Azure, Got, Reply};

const EAST: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
const WEST: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 10);
const EAST_HTTP_SERVER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 20);
const EAST_CONSOLE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 30);

impl Azure {
    fn browse(&mut self, address: Ipv4Addr, method: &str, path: &str, body: &str) -> Got {
        self.ask(&Request {
            door: Door::Public(address),
            method: method.into(),
            target: path.into(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        })
    }

    fn page(&mut self, address: Ipv4Addr, path: &str) -> Reply {
        self.browse(address, "GET", path, "").reply()
    }

    fn quiet(seed: u64) -> Self {
        let mut azure = Self::new(seed);
        azure.control("POST", "user", &json!({"running": false}));
        azure
    }
}

#[test]
fn the_page_and_the_list_show_the_coffees_and_say_who_served_them() {
    let mut azure = Azure::quiet(1);
    for address in [EAST, EAST_HTTP_SERVER] {
        let page = azure.page(address, "/websphere-cafe/");
        assert_eq!(page.status, 200);
        assert!(page.text.contains("farshore-sentinel"), "{}", page.text);
        assert_eq!(page.header("x-served-by"), Some("eastus"));
        let list = azure.page(address, "/websphere-cafe/rest/coffees").body();
        assert_eq!(list[0], json!({"id": 1, "name": "farshore-sentinel", "price": 0.0}));
    }
    assert_eq!(azure.page(EAST, "/websphere-cafe/rest/coffees/2").body()["name"], "Coffee 1");
    assert_eq!(azure.page(EAST, "/websphere-cafe").header("location"), Some("/websphere-cafe/"));
    for missing in ["/", "/favicon.ico", "/websphere-cafe/rest/coffees/99"] {
        assert_eq!(azure.page(EAST, missing).status, 404, "{missing}");
    }
}

#[test]
fn an_order_is_there_at_once_and_escaped_on_the_page() {
    let mut azure = Azure::quiet(1);
    let order = r#"{"name":"<b>flat & white</b>","price":3.5}"#;
    let created = azure.browse(EAST, "POST", "/websphere-cafe/rest/coffees", order).reply();
    assert_eq!(created.status, 201);
    assert_eq!(created.body(), json!({"id": 4, "name": "<b>flat & white</b>", "price": 3.5}));
    let list = azure.page(EAST, "/websphere-cafe/rest/coffees").body();
    assert_eq!(list[3], created.body());
    let page = azure.page(EAST, "/websphere-cafe/").text;
    assert!(page.contains("&lt;b&gt;flat &amp; white&lt;/b&gt;"), "{page}");
}

#[test]
fn a_bad_order_is_refused_with_what_is_wrong() {
    let mut azure = Azure::quiet(1);
    let long = "x".repeat(101);
    let huge = format!(r#"{{"name":"x","price":1,"note":"{}"}}"#, "y".repeat(70_000));
    for (order, word) in [
        ("", "not JSON"),
        ("{", "not JSON"),
        (r#"{"price":1}"#, "name"),
        (r#"{"name":7,"price":1}"#, "name"),
        (r#"{"name":"  ","price":1}"#, "name"),
        (&format!(r#"{{"name":"{long}","price":1}}"#), "name"),
        (r#"{"name":"x"}"#, "price"),
        (r#"{"name":"x","price":-1}"#, "price"),
        (r#"{"name":"x","price":"1"}"#, "price"),
        (&huge, "too long"),
    ] {
        let refused = azure.browse(EAST, "POST", "/websphere-cafe/rest/coffees", order).reply();
        assert_eq!(refused.status, 400, "{order}");
        assert!(refused.text.contains(word), "{order}: {}", refused.text);
    }
    assert_eq!(
        azure.browse(EAST, "DELETE", "/websphere-cafe/rest/coffees", "").reply().status,
        405
    );
}

#[test]
fn the_standby_has_a_gateway_that_answers_502_and_no_machine() {
    let mut azure = Azure::quiet(1);
    assert_eq!(azure.page(WEST, "/websphere-cafe/").status, 502);
    assert_eq!(probe(&azure.world, WEST), ProbeAnswer::Status(502));
    let nobody = Ipv4Addr::new(198, 51, 100, 20);
    assert_eq!(azure.browse(nobody, "GET", "/websphere-cafe/", ""), Got::Hang);
    assert_eq!(azure.world.connect(azure.now, nobody, 80), TcpAnswer::Hang);
}

#[test]
fn a_dead_region_hangs_and_is_as_before_when_only_its_network_was_gone() {
    let mut azure = Azure::quiet(1);
    azure.wait(15.0);
    azure.control("POST", "blip", &json!({"region": "eastus", "seconds": 43}));
    azure.wait(1.0);
    assert_eq!(azure.browse(EAST, "GET", "/websphere-cafe/", ""), Got::Hang);
    assert_eq!(azure.world.connect(azure.now, EAST, 80), TcpAnswer::Hang);
    assert_eq!(probe(&azure.world, EAST), ProbeAnswer::NoAnswer);
    azure.wait(43.0);
    assert_eq!(azure.page(EAST, "/websphere-cafe/").status, 200);
    assert_eq!(azure.page(EAST_HTTP_SERVER, "/websphere-cafe/").status, 200);
}

#[test]
fn machines_that_lost_power_take_their_time_to_serve_again() {
    let mut azure = Azure::quiet(1);
    azure.lose(Region::EastUs);
    azure.wait(300.0);
    azure.restore(Region::EastUs);
    azure.wait(5.0);
    let refused = azure.browse(EAST_HTTP_SERVER, "GET", "/websphere-cafe/", "");
    assert_eq!(refused, Got::Reset);
    assert_eq!(azure.world.connect(azure.now, EAST_HTTP_SERVER, 80), TcpAnswer::Refuse);
    assert_eq!(azure.world.connect(azure.now, EAST_CONSOLE, 9043), TcpAnswer::Refuse);
    azure.wait(40.0);
    // IBM HTTP Server is there, the members are not.
    assert_eq!(azure.page(EAST_HTTP_SERVER, "/websphere-cafe/").status, 503);
    azure.wait(90.0);
    assert_eq!(azure.page(EAST_HTTP_SERVER, "/websphere-cafe/").status, 200);
    assert_eq!(azure.page(EAST, "/websphere-cafe/").status, 200);
    assert_eq!(azure.world.connect(azure.now, EAST_CONSOLE, 9043), TcpAnswer::Accept);
}

#[test]
fn in_the_last_seconds_of_a_planned_failover_orders_are_refused_and_the_list_is_not() {
    let mut azure = Azure::quiet(4);
    azure.wait(15.0);
    let path = crate::testing::sql(Region::WestUs, "/failoverGroups/failovergroup-cafe/failover");
    assert_eq!(azure.post(&path).status, 202);
    let order = r#"{"name":"ristretto","price":2}"#;
    let mut refused = 0;
    let mut taken = 0;
    for _ in 0..100 {
        azure.wait(1.0);
        let answer = azure.browse(EAST, "POST", "/websphere-cafe/rest/coffees", order).reply();
        match answer.status {
            201 => taken += 1,
            503 => refused += 1,
            other => panic!("{other}"),
        }
        assert_eq!(azure.page(EAST, "/websphere-cafe/rest/coffees").status, 200);
    }
    assert!(refused > 0 && taken > refused, "{refused} refused, {taken} taken");
    // East's members now work on the database in West US, and none of the orders is lost.
    let list = azure.page(EAST, "/websphere-cafe/rest/coffees");
    assert_eq!(list.header("x-database"), Some("westus"));
    assert_eq!(list.body().as_array().expect("a list").len(), 3 + taken);
}

#[test]
fn a_write_reaches_the_other_region_a_little_later() {
    let mut azure = Azure::quiet(6);
    let order = r#"{"name":"lungo","price":2}"#;
    azure.browse(EAST, "POST", "/websphere-cafe/rest/coffees", order);
    let rows = |azure: &mut Azure| {
        let state = azure.control("GET", "state", &Value::Null);
        (state["sql"]["eastus"]["writes"].clone(), state["sql"]["westus"]["writes"].clone())
    };
    assert_eq!(rows(&mut azure), (json!(4), json!(3)));
    azure.wait(3.5);
    assert_eq!(rows(&mut azure), (json!(4), json!(4)));
}

#[test]
fn what_was_written_before_a_short_loss_is_replicated_after_it() {
    let mut azure = Azure::quiet(6);
    let order = r#"{"name":"lungo","price":2}"#;
    azure.browse(EAST, "POST", "/websphere-cafe/rest/coffees", order);
    azure.control("POST", "blip", &json!({"region": "eastus", "seconds": 20}));
    azure.wait(10.0);
    assert_eq!(azure.control("GET", "state", &Value::Null)["sql"]["westus"]["writes"], 3);
    azure.wait(15.0);
    assert_eq!(azure.control("GET", "state", &Value::Null)["sql"]["westus"]["writes"], 4);
}

#[test]
fn a_fault_on_a_public_address_hits_who_browses_there() {
    let mut azure = Azure::quiet(1);
    azure.control(
        "POST",
        "faults",
        &json!({"door": "public", "path": "/websphere-cafe/", "kind": "status", "status": 418}),
    );
    assert_eq!(azure.page(EAST, "/websphere-cafe/").status, 418);
    assert_eq!(azure.page(EAST, "/websphere-cafe/").status, 200);
}

#[test]
fn what_ran_in_a_region_before_its_outage_does_not_serve_when_it_is_back_but_boots_first() {
    let mut azure = Azure::quiet(3);
    azure.control("POST", "regions/eastus", &json!({"health": "down"}));
    azure.wait(60.2);
    azure.control("POST", "regions/eastus", &json!({"health": "up"}));
    let at_once = probe(&azure.world, EAST);
    azure.wait(600.0);
    let in_the_end = probe(&azure.world, EAST);
    assert_ne!(at_once, ProbeAnswer::Status(200));
    assert_eq!(in_the_end, ProbeAnswer::Status(200));
}
