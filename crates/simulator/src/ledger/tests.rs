//! Whole failovers by a controller that never hesitates, and what the ledger says of them.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Ledger;
use crate::regions::Region;
use crate::testing::{Azure, arm, sql};
use crate::tutorial::{EntryForm, Options, SUBSCRIPTION};

const VAULT: &str = "Microsoft.RecoveryServices/vaults/recovery-service-vault-westus";
const PLAN: &str = "replicationRecoveryPlans/recovery-plan-cafe";

impl Azure {
    fn figures(&mut self) -> Value {
        self.control("GET", "ledger", &Value::Null)
    }

    fn state(&mut self) -> Value {
        self.control("GET", "state", &Value::Null)
    }

    /// Waits until the world is as wanted, looking every second.
    fn wait_for(&mut self, limit_s: u32, what: &str, wanted: impl Fn(&Ledger) -> bool) {
        for _ in 0..limit_s {
            if wanted(self.world.ledger()) {
                return;
            }
            self.wait(1.0);
        }
        panic!("not within {limit_s} s: {what}\n{:#}", self.state());
    }

    fn enable_endpoint(&mut self, name: &str, status: &str) {
        let path = arm(
            "traffic-westus",
            &format!(
                "Microsoft.Network/trafficManagerProfiles/tmprofile-cafe/azureEndpoints/{name}"
            ),
            "2022-04-01",
        );
        let body = json!({"properties": {"endpointStatus": status}});
        assert_eq!(self.send("PATCH", &path, &body).status, 200);
    }

    fn promote(&mut self, action: &str) {
        let path = sql(Region::WestUs, &format!("/failoverGroups/failovergroup-cafe/{action}"));
        assert_eq!(self.post(&path).status, 202);
    }

    fn plan(&mut self, action: &str, properties: &Value) {
        let path = arm("was-cluster-westus", &format!("{VAULT}/{PLAN}/{action}"), "2024-04-01");
        let reply = self.send("POST", &path, &json!({"properties": properties}));
        assert_eq!(reply.status, 202, "{}", reply.text);
    }

    fn fail_over_plan(&mut self, shutdown: &str) {
        self.plan(
            "unplannedFailover",
            &json!({
                "failoverDirection": "PrimaryToRecovery",
                "sourceSiteOperations": shutdown,
                "providerSpecificDetails":
                    [{"instanceType": "A2A", "recoveryPointType": "Latest"}],
            }),
        );
    }

    fn wait_for_user(&mut self) {
        self.wait_for(1500, "the user is served from West US", |ledger| {
            let last = ledger.attempts().last();
            last.is_some_and(|last| last.good && last.served_by == Some(Region::WestUs))
        });
    }

    /// Attaches the prepared address of IBM HTTP Server as soon as there is an interface.
    fn attach_http_server(&mut self) {
        let path = arm(
            "was-cluster-westus",
            "Microsoft.Network/networkInterfaces/ihs1-nic-asr",
            "2024-01-01",
        );
        for _ in 0..600 {
            let found = self.get(&path);
            if found.status == 200 {
                let mut body = found.body();
                body["properties"]["ipConfigurations"][0]["properties"]["publicIPAddress"] = json!({
                    "id": format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/was-cluster-westus/providers/Microsoft.Network/publicIPAddresses/ihs-public-ip-westus"),
                });
                assert_eq!(self.send("PUT", &path, &body).status, 200);
                return;
            }
            self.wait(1.0);
        }
        panic!("no interface");
    }
}

/// The path of a controller that has no reaction time.
fn recover_from_loss(azure: &mut Azure) {
    azure.lose(Region::EastUs);
    azure.wait(70.0);
    azure.enable_endpoint("myPrimaryEndpoint", "Disabled");
    azure.promote("forceFailoverAllowDataLoss");
    azure.fail_over_plan("NotRequired");
}

fn names(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list").iter();
    list.map(|leg| leg["what"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn a_region_loss_costs_only_what_was_not_replicated_and_the_critical_path_explains_the_time() {
    let mut lost_in_all = 0;
    for seed in 1..=5 {
        let mut azure = Azure::new(seed);
        azure.wait(120.0);
        recover_from_loss(&mut azure);
        azure.wait_for_user();
        azure.wait(30.0);
        let report = azure.figures();
        assert_eq!(report["loss"]["region"], "eastus");
        let number = |name: &str| report[name].as_f64().expect("a number");
        assert!((69.0..71.0).contains(&number("detection_s")), "{report:#}");
        assert!((200.0..700.0).contains(&number("rto_s")), "{report:#}");
        // What remains is what the waits' names cannot tell: the latency of three requests, and
        // the second in which the user and the ledger look.
        assert!(
            (-0.5..4.0).contains(&number("overhead_s")),
            "seed {seed}: {}\n{:#}",
            report["overhead_s"],
            report["critical_path"]
        );
        let path = names(&report["critical_path"]["path"]);
        assert_eq!(
            path.first().expect("a leg"),
            "Failover: Prerequisites check for the recovery plan"
        );
        assert!(path.contains(&"Failover: Group 2: Start (3)".to_owned()), "{path:?}");
        assert!(path.iter().any(|leg| leg.starts_with("member start managed")), "{path:?}");
        assert!(!path.iter().any(|leg| leg.contains("Group 3")), "{path:?}");

        let lost = &report["lost_writes"];
        assert_eq!(lost["other"], json!([]), "{lost:#}");
        let unavoidable = lost["not_replicated_at_the_loss"].as_array().expect("a list");
        assert!(unavoidable.len() <= 4, "{lost:#}");
        assert_eq!(unavoidable.is_empty(), number("rpo_s") < 0.001);
        assert!(number("rpo_s") < 4.0, "{report:#}");
        lost_in_all += unavoidable.len();
        assert_eq!(report["dual_writable_s"], 0.0);
        assert_eq!(report["effects"]["sql_forced"], 1);
        assert_eq!(report["effects"]["sql_planned"], 0);
        assert_eq!(report["effects"]["recovery_plan_failovers"], 1);
        assert_eq!(report["destructive_requests"].as_array().expect("a list").len(), 2);
        assert_eq!(
            report["downtime"].as_array().expect("a list").len(),
            1,
            "{:#}",
            report["downtime"]
        );
    }
    assert!(lost_in_all > 0, "replication is asynchronous");
}

#[test]
fn what_a_controller_wastes_is_its_overhead() {
    let mut azure = Azure::new(3);
    azure.wait(60.0);
    azure.lose(Region::EastUs);
    azure.wait(60.0);
    azure.enable_endpoint("myPrimaryEndpoint", "Disabled");
    azure.wait(45.0);
    azure.promote("forceFailoverAllowDataLoss");
    azure.fail_over_plan("NotRequired");
    azure.wait_for_user();
    let overhead = azure.figures()["overhead_s"].as_f64().expect("a number");
    assert!((44.5..49.0).contains(&overhead), "{overhead}");
}

#[test]
fn ibm_http_server_is_on_the_path_when_it_is_the_entry() {
    let options = Options { entry: EntryForm::IbmHttpServer, ..Options::default() };
    let mut azure = Azure::with(&options);
    azure.wait(60.0);
    recover_from_loss(&mut azure);
    azure.attach_http_server();
    azure.wait_for_user();
    let report = azure.figures();
    let path = names(&report["critical_path"]["path"]);
    assert!(!path.iter().any(|leg| leg.starts_with("gateway probe")), "{path:?}");
    let overhead = report["overhead_s"].as_f64().expect("a number");
    assert!((-0.5..4.0).contains(&overhead), "{report:#}");
}

#[test]
fn a_planned_move_loses_nothing() {
    for seed in 1..=3 {
        let mut azure = Azure::new(seed);
        azure.wait(60.0);
        azure.enable_endpoint("myPrimaryEndpoint", "Disabled");
        azure.fail_over_plan("Required");
        azure.wait_for(300, "the shutdown is over", |ledger| {
            let shutdown = "Site Recovery Failover: All groups shutdown";
            ledger.waits().iter().any(|wait| wait.what.starts_with(shutdown))
        });
        azure.promote("failover");
        azure.wait_for_user();
        azure.wait(30.0);
        let report = azure.figures();
        assert_eq!(report["lost_writes"]["total"], 0, "{:#}", report["lost_writes"]);
        assert_eq!(report["rpo_s"], 0.0);
        assert_eq!(report["dual_writable_s"], 0.0);
        assert_eq!(report["effects"]["sql_planned"], 1);
        assert_eq!(report["effects"]["sql_forced"], 0);
        assert_eq!(report["loss"], Value::Null);
        let overhead = report["overhead_s"].as_f64().expect("a number");
        assert!((-0.5..5.0).contains(&overhead), "seed {seed}: {report:#}");
    }
}

#[test]
fn a_drill_leaves_production_as_it_was_and_a_real_failover_does_not() {
    let mut azure = Azure::new(1);
    azure.wait(30.0);
    let network = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/was-cluster-westus/providers/Microsoft.Network/virtualNetworks/vnet-drill-westus"
    );
    azure.plan(
        "testFailover",
        &json!({
            "failoverDirection": "PrimaryToRecovery",
            "networkType": "VmNetworkAsInput",
            "networkId": network,
            "providerSpecificDetails": [{"instanceType": "A2A", "recoveryPointType": "Latest"}],
        }),
    );
    azure.wait(1200.0);
    assert!(azure.state()["machines"].as_array().expect("machines").len() > 5);
    azure.plan("testFailoverCleanup", &json!({"comments": "over"}));
    azure.wait(600.0);
    let report = azure.figures();
    assert_eq!(report["production"], json!({"unchanged": true, "changes": []}));
    assert_eq!(report["effects"]["recovery_plan_test_failovers"], 1);
    assert_eq!(report["effects"]["recovery_plan_test_cleanups"], 1);
    assert_eq!(report["answers"]["failed"], 0, "{:#}", report["answers"]);
    assert!(report["critical_path"]["seconds"].as_f64().expect("a number") > 300.0);

    azure.enable_endpoint("myPrimaryEndpoint", "Disabled");
    let changes = azure.figures()["production"]["changes"].clone();
    assert_eq!(changes.as_array().expect("a list").len(), 1);
    assert_eq!(changes[0]["what"], "traffic/myPrimaryEndpoint");
}

#[test]
fn a_blip_is_an_outage_and_nothing_else() {
    let mut azure = Azure::new(5);
    azure.wait(60.0);
    azure.control("POST", "blip", &json!({"region": "eastus", "seconds": 43}));
    azure.wait(120.0);
    let report = azure.figures();
    let downtime = report["downtime_s"].as_f64().expect("a number");
    assert!((42.0..46.0).contains(&downtime), "{report:#}");
    assert_eq!(report["rto_s"], Value::Null);
    assert_eq!(report["lost_writes"]["total"], 0);
    assert_eq!(report["destructive_requests"], json!([]));
    assert_eq!(report["production"]["unchanged"], true);
}

/// The figure that must be 0 in a good failover can be other than 0: an old primary that was cut
/// off, not dead, comes back and takes writes until it learns that it was replaced.
#[test]
fn an_old_primary_that_returns_unfenced_makes_both_regions_writable() {
    let mut azure = Azure::new(2);
    azure.wait(30.0);
    azure.control("POST", "blip", &json!({"region": "eastus", "seconds": 900}));
    azure.wait(30.0);
    azure.promote("forceFailoverAllowDataLoss");
    azure.fail_over_plan("NotRequired");
    azure.wait(60.0);
    azure.enable_endpoint("myPrimaryEndpoint", "Disabled");
    azure.wait_for_user();
    azure.enable_endpoint("myPrimaryEndpoint", "Enabled");
    azure.wait(900.0);
    let report = azure.figures();
    let dual = report["dual_writable_s"].as_f64().expect("a number");
    assert!((2.0..10.0).contains(&dual), "{dual}");
    let spans = azure.world.ledger().servable.iter();
    let east = spans.filter(|span| span.site == Region::EastUs).map(|span| span.database);
    assert_eq!(east.collect::<Vec<_>>(), [Region::EastUs, Region::EastUs, Region::WestUs]);
}

#[test]
fn a_site_that_is_lost_could_not_have_served_anybody_meanwhile() {
    let mut azure = Azure::new(5);
    azure.wait(60.0);
    azure.control("POST", "blip", &json!({"region": "eastus", "seconds": 43}));
    azure.wait(120.0);
    let [before, after] = azure.world.ledger().servable.as_slice() else {
        panic!("{:?}", azure.world.ledger().servable)
    };
    assert_eq!((before.site, after.site), (Region::EastUs, Region::EastUs));
    let gap = super::seconds(before.to, after.from);
    assert!((43.0..46.0).contains(&gap), "{gap}");
}

#[test]
fn the_ledger_counts_every_call_and_keeps_those_that_could_change_something() {
    let mut azure = Azure::new(1);
    let group = sql(Region::WestUs, "/failoverGroups/failovergroup-cafe");
    assert_eq!(azure.get(&group).status, 200);
    azure.control(
        "POST",
        "faults",
        &json!({"door": "arm", "method": "POST", "kind": "lost_answer"}),
    );
    let path = sql(Region::WestUs, "/failoverGroups/failovergroup-cafe/failover");
    assert_eq!(azure.try_arm("POST", &path, None), crate::testing::Got::Reset);
    let path = sql(Region::EastUs, "/failoverGroups/failovergroup-cafe/failover");
    assert_eq!(azure.post(&path).status, 400);
    let report = azure.figures();
    assert_eq!(report["azure_calls"]["total"], 3);
    assert_eq!(report["azure_calls"]["reads"], 1);
    let noted = report["destructive_requests"].as_array().expect("a list");
    let statuses: Vec<&Value> = noted.iter().map(|request| &request["status"]).collect();
    assert_eq!(statuses, [202, 400]);
    let at = azure.world.ledger().mutating()[0].at;
    assert!(azure.now.duration_since(at) < SignedDuration::from_secs(1));
}

#[test]
fn production_is_read_whole_however_short_the_pages_are() {
    let mut azure = Azure::new(1);
    azure.control("POST", "options", &json!({"site_recovery": {"page_size": 2}}));
    azure.wait(5.0);
    assert_eq!(azure.figures()["production"], json!({"unchanged": true, "changes": []}));
}
