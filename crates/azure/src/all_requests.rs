//! One example of every request there is.
//!
//! Roles are checked against this table: each [`Request::action`] must be in one. A constructor
//! that is not here is one that no test knows; the last test counts them.

use serde_json::json;

use crate::recovery_plan::{RecoveryPoint, SourceSite};
use crate::{
    Request, ResourceId, Response, application_gateway, network_interface, recovery_plan,
    resource_health, sql_failover_group, traffic_manager, virtual_machine,
};

/// Every constructor's name with an example of what it makes.
pub fn all_requests() -> Vec<(&'static str, Request)> {
    let group = id("/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/group");
    let of = |kind: &str, name: &str| {
        let (provider, kind) = kind.split_once('/').expect("the kinds below have a slash");
        group.child("providers", provider).child(kind, name)
    };
    let server = of("Microsoft.Sql/servers", "server");
    let vault = of("Microsoft.RecoveryServices/vaults", "vault");
    let plan = vault.child("replicationRecoveryPlans", "plan");
    let item = vault
        .child("replicationFabrics", "fabric")
        .child("replicationProtectionContainers", "container")
        .child("replicationProtectedItems", "item");
    let network = of("Microsoft.Network/virtualNetworks", "drill");
    let profile = of("Microsoft.Network/trafficManagerProfiles", "profile");
    let endpoint = |kind| profile.child(kind, "endpoint");
    let gateway = of("Microsoft.Network/applicationGateways", "gateway");
    let interface = of("Microsoft.Network/networkInterfaces", "interface");
    let public_ip = of("Microsoft.Network/publicIPAddresses", "address");
    let machine = of("Microsoft.Compute/virtualMachines", "machine");
    let url = "https://management.azure.com/subscriptions/s/operations/o?s=signature";
    let (source, point) = (SourceSite::NotRequired, RecoveryPoint::LatestProcessed);
    let attach =
        network_interface::attach_public_ip(&example_interface(&interface), None, &public_ip)
            .expect("the example has one IP configuration");
    vec![
        ("sql_failover_group::get", sql_failover_group::get(&server, "fog")),
        ("sql_failover_group::failover", sql_failover_group::failover(&server, "fog")),
        (
            "sql_failover_group::force_failover_allow_data_loss",
            sql_failover_group::force_failover_allow_data_loss(&server, "fog"),
        ),
        ("sql_failover_group::poll", sql_failover_group::poll(url)),
        ("sql_failover_group::poll_result", sql_failover_group::poll_result(url)),
        ("recovery_plan::get_plan", recovery_plan::get_plan(&plan)),
        ("recovery_plan::list_items", recovery_plan::list_items(&vault, "plan")),
        ("recovery_plan::next_items", recovery_plan::next_items(url)),
        ("recovery_plan::get_item", recovery_plan::get_item(&item)),
        (
            "recovery_plan::unplanned_failover",
            recovery_plan::unplanned_failover(&plan, source, point),
        ),
        (
            "recovery_plan::unplanned_failover_of_item",
            recovery_plan::unplanned_failover_of_item(&item, source, None),
        ),
        ("recovery_plan::test_failover", recovery_plan::test_failover(&plan, &network, point)),
        (
            "recovery_plan::test_failover_cleanup",
            recovery_plan::test_failover_cleanup(&plan, "drill ended"),
        ),
        ("recovery_plan::failover_commit", recovery_plan::failover_commit(&plan)),
        ("recovery_plan::get_job", recovery_plan::get_job(&vault, "job")),
        ("recovery_plan::list_jobs", recovery_plan::list_jobs(&vault)),
        ("recovery_plan::next_jobs", recovery_plan::next_jobs(url)),
        ("recovery_plan::poll", recovery_plan::poll(url)),
        ("traffic_manager::get", traffic_manager::get(&profile)),
        (
            "traffic_manager::set_endpoint_status",
            traffic_manager::set_endpoint_status(&endpoint("azureEndpoints"), false),
        ),
        (
            "traffic_manager::set_endpoint_status (external)",
            traffic_manager::set_endpoint_status(&endpoint("externalEndpoints"), true),
        ),
        (
            "traffic_manager::set_endpoint_status (nested)",
            traffic_manager::set_endpoint_status(&endpoint("nestedEndpoints"), true),
        ),
        ("application_gateway::get", application_gateway::get(&gateway)),
        ("application_gateway::backend_health", application_gateway::backend_health(&gateway)),
        ("application_gateway::poll_backend_health", application_gateway::poll_backend_health(url)),
        ("network_interface::get", network_interface::get(&interface)),
        ("network_interface::attach_public_ip", attach),
        ("network_interface::poll", network_interface::poll(url)),
        ("network_interface::get_public_ip", network_interface::get_public_ip(&public_ip)),
        ("virtual_machine::get", virtual_machine::get(&machine)),
        ("virtual_machine::list", virtual_machine::list(&group)),
        ("virtual_machine::next_page", virtual_machine::next_page(url)),
        ("virtual_machine::deallocate", virtual_machine::deallocate(&machine)),
        ("virtual_machine::start", virtual_machine::start(&machine)),
        ("virtual_machine::poll", virtual_machine::poll(url)),
        ("resource_health::get_current", resource_health::get_current(&machine)),
    ]
}

fn id(text: &str) -> ResourceId {
    ResourceId::parse(text).expect("the examples are well formed")
}

fn example_interface(id: &ResourceId) -> network_interface::NetworkInterface {
    let body = json!({
        "id": id,
        "etag": "W/\"1\"",
        "properties": {"ipConfigurations": [{"name": "ipconfig1", "properties": {}}]},
    });
    let response =
        Response { status: 200, headers: Vec::new(), body: body.to_string().into_bytes() };
    network_interface::parse(&response).expect("the example is well formed")
}
