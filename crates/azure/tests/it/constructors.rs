//! Each request, to the letter.

use std::collections::BTreeSet;

use azure::recovery_plan::{RecoveryPoint, SourceSite};
use azure::{
    Kind, Method, Request, ResourceId, Target, all_requests, application_gateway,
    network_interface, recovery_plan, resource_health, sql_failover_group, traffic_manager,
    virtual_machine,
};
use serde_json::{Value, json};

use crate::parsers::{answer, fixture};

const GROUP: &str = "/subscriptions/s/resourceGroups/g";

fn id(rest: &str) -> ResourceId {
    ResourceId::parse(&format!("{GROUP}/providers/{rest}")).unwrap()
}

/// Method and path with query; the resource group left away.
fn line(request: &Request) -> String {
    request.to_string().replace(&format!("{GROUP}/providers"), "")
}

#[test]
fn sql_requests_address_the_server_that_was_named() {
    let west = id("Microsoft.Sql/servers/west");
    let fog = "/Microsoft.Sql/servers/west/failoverGroups/fog";
    let get = sql_failover_group::get(&west, "fog");
    assert_eq!(line(&get), format!("GET {fog}?api-version=2021-11-01"));
    let planned = sql_failover_group::failover(&west, "fog");
    assert_eq!(line(&planned), format!("POST {fog}/failover?api-version=2021-11-01"));
    let forced = sql_failover_group::force_failover_allow_data_loss(&west, "fog");
    assert_eq!(
        line(&forced),
        format!("POST {fog}/forceFailoverAllowDataLoss?api-version=2021-11-01")
    );
    for request in [planned, forced] {
        assert_eq!((&request.body, request.kind), (&None, Kind::Destructive));
    }
}

#[test]
fn a_plan_failover_is_the_recorded_request() {
    let plan = id("Microsoft.RecoveryServices/vaults/v/replicationRecoveryPlans/p");
    let planned =
        recovery_plan::unplanned_failover(&plan, SourceSite::Required, RecoveryPoint::Latest);
    assert_eq!(planned.body, Some(fixture("plan_failover_request")));
    assert_eq!(
        line(&planned),
        "POST /Microsoft.RecoveryServices/vaults/v/replicationRecoveryPlans/p/unplannedFailover?api-version=2024-04-01"
    );
    let lost = recovery_plan::unplanned_failover(
        &plan,
        SourceSite::NotRequired,
        RecoveryPoint::LatestProcessed,
    );
    assert_eq!(
        lost.body,
        Some(json!({"properties": {
            "failoverDirection": "PrimaryToRecovery",
            "sourceSiteOperations": "NotRequired",
            "providerSpecificDetails":
                [{"instanceType": "A2A", "recoveryPointType": "LatestProcessed"}]}}))
    );
}

#[test]
fn an_item_takes_an_object_where_a_plan_takes_a_list() {
    let item = id(
        "Microsoft.RecoveryServices/vaults/v/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/i",
    );
    let request = recovery_plan::unplanned_failover_of_item(&item, SourceSite::NotRequired, None);
    assert!(
        line(&request)
            .ends_with("/replicationProtectedItems/i/unplannedFailover?api-version=2024-04-01")
    );
    let details = |request: &Request| {
        request.body.as_ref().unwrap()["properties"]["providerSpecificDetails"].clone()
    };
    assert_eq!(details(&request), json!({"instanceType": "A2A"}));
    let point = item.child("recoveryPoints", "r");
    let request =
        recovery_plan::unplanned_failover_of_item(&item, SourceSite::NotRequired, Some(&point));
    assert_eq!(details(&request), json!({"instanceType": "A2A", "recoveryPointId": point}));
}

#[test]
fn a_drill_names_its_network_and_its_clean_up_a_comment() {
    let plan = id("Microsoft.RecoveryServices/vaults/v/replicationRecoveryPlans/p");
    let network = id("Microsoft.Network/virtualNetworks/drill");
    let drill = recovery_plan::test_failover(&plan, &network, RecoveryPoint::LatestProcessed);
    assert_eq!(
        drill.body,
        Some(json!({"properties": {
            "failoverDirection": "PrimaryToRecovery",
            "networkType": "VmNetworkAsInput",
            "networkId": network,
            "providerSpecificDetails":
                [{"instanceType": "A2A", "recoveryPointType": "LatestProcessed"}]}}))
    );
    let cleanup = recovery_plan::test_failover_cleanup(&plan, &"ä".repeat(2000));
    let comments = cleanup.body.as_ref().unwrap()["properties"]["comments"].as_str().unwrap();
    assert_eq!(comments.chars().count(), 1024);
    assert!(line(&drill).contains("/replicationRecoveryPlans/p/testFailover?"));
    assert!(line(&cleanup).contains("/replicationRecoveryPlans/p/testFailoverCleanup?"));
    let commit = recovery_plan::failover_commit(&plan);
    assert!(line(&commit).contains("/replicationRecoveryPlans/p/failoverCommit?"));
    assert_eq!(commit.body, None);
}

#[test]
fn items_are_listed_by_their_plan() {
    let vault = id("Microsoft.RecoveryServices/vaults/v");
    assert_eq!(
        line(&recovery_plan::list_items(&vault, "o'plan")),
        "GET /Microsoft.RecoveryServices/vaults/v/replicationProtectedItems?api-version=2024-04-01&$filter=RecoveryPlanName%20eq%20'o''plan'"
    );
    assert_eq!(
        line(&recovery_plan::get_job(&vault, "72b6d1a9")),
        "GET /Microsoft.RecoveryServices/vaults/v/replicationJobs/72b6d1a9?api-version=2024-04-01"
    );
    assert_eq!(
        line(&recovery_plan::list_jobs(&vault)),
        "GET /Microsoft.RecoveryServices/vaults/v/replicationJobs?api-version=2024-04-01"
    );
}

#[test]
fn an_endpoint_is_switched_by_a_patch_of_its_own() {
    let endpoint = id("Microsoft.Network/trafficManagerProfiles/p/azureEndpoints/e");
    let off = traffic_manager::set_endpoint_status(&endpoint, false);
    assert_eq!(
        line(&off),
        "PATCH /Microsoft.Network/trafficManagerProfiles/p/azureEndpoints/e?api-version=2022-04-01"
    );
    assert_eq!(off.body, Some(json!({"properties": {"endpointStatus": "Disabled"}})));
    assert_eq!(off.action, "Microsoft.Network/trafficManagerProfiles/azureEndpoints/write");
    let external = id("Microsoft.Network/trafficManagerProfiles/p/ExternalEndpoints/e");
    let on = traffic_manager::set_endpoint_status(&external, true);
    assert_eq!(on.action, "Microsoft.Network/trafficManagerProfiles/externalEndpoints/write");
    assert_eq!(on.body, Some(json!({"properties": {"endpointStatus": "Enabled"}})));
}

#[test]
fn asking_for_backend_health_is_a_read_though_a_post() {
    let gateway = id("Microsoft.Network/applicationGateways/a");
    let request = application_gateway::backend_health(&gateway);
    assert_eq!(
        line(&request),
        "POST /Microsoft.Network/applicationGateways/a/backendhealth?api-version=2024-01-01"
    );
    assert_eq!((request.kind, request.body), (Kind::Read, None));
}

#[test]
fn attaching_a_public_ip_changes_that_and_nothing_else() {
    let mut body = fixture("spec_network_interface");
    body["etag"] = "W/\"abc\"".into();
    let interface = network_interface::parse(&answer(200, &body)).unwrap();
    assert_eq!(interface.virtual_machine.as_ref().unwrap().name(), "vm1");
    assert_eq!(interface.ip_configuration(None).unwrap().name, "ipconfig1");
    let address = id("Microsoft.Network/publicIPAddresses/west");
    let request =
        network_interface::attach_public_ip(&interface, Some("IPCONFIG2"), &address).unwrap();
    assert_eq!(request.method, Method::Put);
    assert_eq!(request.if_match.as_deref(), Some("W/\"abc\""));
    let mut expected = body.clone();
    expected["properties"]["ipConfigurations"][1]["properties"]["publicIPAddress"] =
        json!({"id": address});
    assert_eq!(request.body, Some(expected));
    let primary = network_interface::attach_public_ip(&interface, None, &address).unwrap();
    let sent = primary.body.unwrap();
    let at = |index: usize| sent["properties"]["ipConfigurations"][index].clone();
    assert_eq!(at(0)["properties"]["publicIPAddress"], json!({"id": address}));
    assert_eq!(at(1), body["properties"]["ipConfigurations"][1]);
    assert_eq!(network_interface::attach_public_ip(&interface, Some("none"), &address), None);
}

#[test]
fn machines_are_read_with_their_power_and_stopped_for_good() {
    let machine = id("Microsoft.Compute/virtualMachines/dmgr1");
    assert_eq!(
        line(&virtual_machine::get(&machine)),
        "GET /Microsoft.Compute/virtualMachines/dmgr1?api-version=2024-07-01&$expand=instanceView"
    );
    let group = ResourceId::parse(GROUP).unwrap();
    assert_eq!(
        line(&virtual_machine::list(&group)),
        "GET /Microsoft.Compute/virtualMachines?api-version=2024-07-01"
    );
    assert_eq!(
        line(&virtual_machine::deallocate(&machine)),
        "POST /Microsoft.Compute/virtualMachines/dmgr1/deallocate?api-version=2024-07-01"
    );
    assert_eq!(
        line(&virtual_machine::start(&machine)),
        "POST /Microsoft.Compute/virtualMachines/dmgr1/start?api-version=2024-07-01"
    );
    assert_eq!(
        line(&resource_health::get_current(&machine)),
        "GET /Microsoft.Compute/virtualMachines/dmgr1/providers/Microsoft.ResourceHealth/availabilityStatuses/current?api-version=2024-02-01"
    );
}

#[test]
fn every_request_is_in_the_table_and_says_what_it_may_do() {
    let table = all_requests();
    let names: BTreeSet<_> = table.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), table.len(), "a name stands twice");
    for (name, request) in &table {
        assert!(request.action.starts_with("Microsoft."), "{name}: {}", request.action);
        let reads = request.action.ends_with("/read") || name.contains("backend_health");
        assert_eq!(reads, request.kind == Kind::Read, "{name}");
        let followed = matches!(request.target, Target::Verbatim(_));
        assert!(!followed || request.method == Method::Get, "{name}");
        assert!(request.if_match.is_none() || request.method == Method::Put, "{name}");
    }
    let destructive: Vec<_> = table
        .iter()
        .filter(|(_, request)| request.kind == Kind::Destructive)
        .map(|(name, _)| *name)
        .collect();
    let expected = [
        "sql_failover_group::failover",
        "sql_failover_group::force_failover_allow_data_loss",
        "recovery_plan::unplanned_failover",
        "recovery_plan::unplanned_failover_of_item",
        "recovery_plan::failover_commit",
    ];
    assert_eq!(destructive, expected);
}

/// A constructor that somebody adds without an example would escape the check of roles.
#[test]
fn every_public_constructor_is_in_the_table() {
    let table: BTreeSet<_> =
        all_requests().into_iter().map(|(name, _)| name.split(' ').next().unwrap()).collect();
    let source = format!("{}/src", env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if !path.is_file() || ["request", "operation"].contains(&module.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for function in text.split("\npub fn ").skip(1) {
            let (name, rest) = function.split_once('(').unwrap();
            let (signature, _) = rest.split_once('{').unwrap();
            if signature.contains("-> Request") || signature.contains("-> Option<Request>") {
                found.insert(format!("{module}::{name}"));
            }
        }
    }
    assert!(found.len() > 30, "{found:?}");
    let table: BTreeSet<_> = table.into_iter().map(str::to_owned).collect();
    assert_eq!(found, table);
}

#[test]
fn a_request_is_shown_as_it_goes_out() {
    let request = sql_failover_group::get(&id("Microsoft.Sql/servers/my server"), "fog");
    let shown = request.with_client_request_id("run-1").to_string();
    assert!(shown.contains("/servers/my%20server/failoverGroups/fog?"), "{shown}");
    assert_eq!(serde_json::to_value(Method::Patch).unwrap(), Value::from("PATCH"));
}
