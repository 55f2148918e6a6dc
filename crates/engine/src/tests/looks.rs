//! What a look makes of the answers: only what is plainly good counts as good.

use recovery::event::Sight;
use recovery::look::Look;
use recovery::view::{Application, Backends, GatewayHealth, Power, Replication, View};
use serde_json::{Value, json};

use super::doors::{Azure, Shell, Workload};
use crate::adapters;

const GATEWAY: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationGateways/gw";
const MACHINE: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm";
const SERVER: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/west";
const VAULT: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v";
/// Recorded answers of Site Recovery.
const PLAN: &str = include_str!("../../../azure/tests/fixtures/plan_after_failover.json");
const ITEM: &str = include_str!("../../../azure/tests/fixtures/item_protected.json");
const JOB_STOPS_THE_SOURCE: &str =
    include_str!("../../../azure/tests/fixtures/job_third_face.json");
const JOB_IS_OVER: &str = include_str!("../../../azure/tests/fixtures/job_succeeded.json");

async fn seen(shell: Shell, look: Look) -> View {
    match adapters::look(&shell.engine.outside, &look, None).await {
        Sight::Seen(view) => view,
        Sight::Unknown(why) => panic!("unknown: {why}"),
    }
}

fn page(items: &[&str], next: Option<&str>) -> Value {
    let items: Vec<Value> = items.iter().map(|item| serde_json::from_str(item).unwrap()).collect();
    json!({"value": items, "nextLink": next})
}

async fn application(pages: Vec<(&'static str, u16, &'static str)>) -> (bool, Option<bool>) {
    let shell = Shell::before(Workload { pages, ..Workload::default() });
    let look = Look::Application {
        host: "cafe.example".to_owned(),
        path: "/".to_owned(),
        data_path: Some("/coffees".to_owned()),
        contains: Some("Latte".to_owned()),
    };
    match seen(shell, look).await {
        View::Application(Application { serves, right_data, .. }) => (serves, right_data),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_application_serves_when_it_answers_200_and_nothing_else() {
    for status in [204, 301, 404, 500, 503] {
        let (serves, right_data) = application(vec![("/", status, "")]).await;
        assert_eq!((serves, right_data), (false, None), "{status}");
    }
    assert_eq!(application(Vec::new()).await, (false, None));
    let good = vec![("/", 200, ""), ("/coffees", 200, "Mocha, Latte")];
    assert_eq!(application(good).await, (true, Some(true)));
}

#[tokio::test]
async fn data_is_right_when_its_page_is_there_and_shows_what_the_plan_names() {
    let with = |status, body| application(vec![("/", 200, ""), ("/coffees", status, body)]);
    assert_eq!(with(200, "Latte").await, (true, Some(true)));
    assert_eq!(with(200, "no coffee").await, (true, Some(false)));
    assert_eq!(with(500, "Latte").await, (true, Some(false)));
    assert_eq!(application(vec![("/", 200, "")]).await, (true, Some(false)));
}

#[tokio::test]
async fn a_name_leads_there_when_each_of_its_addresses_is_one_of_the_others() {
    let leads = async |here: &[&str], there: &[&str]| {
        let addresses = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let names = vec![("users", addresses(here)), ("standby", addresses(there))];
        let shell = Shell::before(Workload { names, ..Workload::default() });
        let look = Look::Name { name: "users".to_owned(), leads_to: "standby".to_owned() };
        match seen(shell, look).await {
            View::Name(name) => name.leads_there,
            other => panic!("{other:?}"),
        }
    };
    assert!(leads(&["10.0.0.2"], &["10.0.0.2", "10.0.0.3"]).await);
    assert!(!leads(&["10.0.0.1", "10.0.0.2"], &["10.0.0.2"]).await);
    assert!(!leads(&[], &["10.0.0.2"]).await, "it leads nowhere");
    assert!(!leads(&[], &[]).await, "both lead nowhere");
}

#[tokio::test]
async fn a_backend_is_healthy_when_the_gateway_says_so_in_that_word() {
    let server = |health| json!({"address": "10.0.0.4", "health": health});
    let words = ["Healthy", "Up", "Unknown", "Unhealthy", "Down", "Partial", "Draining", "", "New"];
    let servers: Vec<_> = words.into_iter().map(server).collect();
    let settings = json!([{"backendHttpSettings": {}, "servers": servers}]);
    let pools = json!([{"backendAddressPool": {}, "backendHttpSettingsCollection": settings}]);
    let azure =
        Azure::default().says("/backendhealth", 200, &json!({"backendAddressPools": pools}));
    let look = Look::GatewayHealth { gateway: GATEWAY.into() };
    let backends = Some(Backends { all: 9, healthy: 2 });
    let health = GatewayHealth { backends, asked: None };
    assert_eq!(seen(Shell::on(azure), look).await, View::GatewayHealth(health));
}

#[tokio::test]
async fn a_machine_runs_when_its_power_says_running_and_not_before() {
    let power = async |status: u16, code: Option<&str>| {
        let statuses: Vec<_> = code.into_iter().map(|code| json!({"code": code})).collect();
        let properties = json!({"instanceView": {"statuses": statuses}});
        let body = json!({"id": MACHINE, "name": "vm", "properties": properties});
        let azure = Azure::default().says("/virtualMachines/vm", status, &body);
        let look = Look::Machines { machines: vec![MACHINE.into()] };
        match seen(Shell::on(azure), look).await {
            View::Machines(machines) => machines.machines[0].power,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(power(200, Some("PowerState/running")).await, Power::Running);
    for between in ["starting", "stopping", "deallocating"] {
        assert_eq!(power(200, Some(&format!("PowerState/{between}"))).await, Power::Changing);
    }
    for stopped in ["stopped", "deallocated"] {
        assert_eq!(power(200, Some(&format!("PowerState/{stopped}"))).await, Power::Stopped);
    }
    assert_eq!(power(200, Some("PowerState/dreaming")).await, Power::Unknown);
    assert_eq!(power(200, Some("ProvisioningState/succeeded")).await, Power::Unknown);
    assert_eq!(power(200, None).await, Power::Unknown);
    assert_eq!(power(404, None).await, Power::Missing);
}

#[tokio::test]
async fn a_standby_that_lost_its_primary_is_told_from_one_that_lacks_data() {
    let replication = async |state: &str| {
        let endpoint = json!({"failoverPolicy": "Manual"});
        let properties = json!({
            "replicationRole": "Secondary",
            "replicationState": state,
            "readWriteEndpoint": endpoint,
            "partnerServers": [],
        });
        let id = format!("{SERVER}/failoverGroups/fog");
        let azure = Azure::default().says(
            "/failoverGroups/fog",
            200,
            &json!({"id": id, "properties": properties}),
        );
        let look = Look::FailoverGroup { server: SERVER.into(), group: "fog".to_owned() };
        match seen(Shell::on(azure), look).await {
            View::FailoverGroup(group) => group.replication,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(replication("SUSPENDED").await, Replication::Suspended);
    assert_eq!(replication("SEEDING").await, Replication::Seeding);
    assert_eq!(replication("CATCH_UP").await, Replication::CatchUp);
    assert_eq!(replication("PENDING").await, Replication::Pending);
    assert_eq!(replication("NEW").await, Replication::Other("NEW".to_owned()));
}

async fn recovery_plan(azure: Azure) -> recovery::view::RecoveryPlan {
    let look = Look::RecoveryPlan { vault: VAULT.into(), recovery_plan: "p".to_owned() };
    let azure = azure.says("/replicationRecoveryPlans/p", 200, &PLAN);
    match seen(Shell::on(azure), look).await {
        View::RecoveryPlan(plan) => plan,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_items_of_a_recovery_plan_are_those_of_all_its_pages() {
    let second = "https://management.azure.com/second-page?token=2";
    let azure = Azure::default()
        .says("/replicationJobs/", 404, &json!({"error": {"code": "NotFound"}}))
        .says("/replicationProtectedItems", 200, &page(&[ITEM], Some(second)))
        .says("/second-page", 200, &page(&[ITEM, ITEM], None));
    assert_eq!(recovery_plan(azure).await.items.len(), 3);
}

#[tokio::test]
async fn the_source_machines_are_stopped_when_the_task_that_stops_them_is_over() {
    let stopped = async |job: &'static str| {
        let azure = Azure::default().says("/replicationJobs/", 200, &job).says(
            "/replicationProtectedItems",
            200,
            &page(&[ITEM], None),
        );
        recovery_plan(azure).await.scenario.unwrap().source_stopped
    };
    assert!(!stopped(JOB_STOPS_THE_SOURCE).await, "they are being stopped");
    assert!(stopped(JOB_IS_OVER).await);
}
