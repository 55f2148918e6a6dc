//! What `azure`'s parsers read of a body, without what names anybody: states, times, numbers.

use azure::recovery_plan::{item, job, plan};
use azure::{
    Response, application_gateway, network_interface, resource_health, sql_failover_group,
    traffic_manager, virtual_machine,
};
use serde_json::Value;

/// The states that a body tells to the reader of this constructor's answers, or its error's kind.
pub(crate) fn states(constructor: &str, status: u16, body: &Value) -> String {
    let response = Response { status, headers: Vec::new(), body: body.to_string().into_bytes() };
    let (resource, verb) = constructor.split_once("::").unwrap();
    let read = match (resource, verb) {
        ("sql_failover_group", _) => sql_failover_group::parse(&response).map(|it| {
            let partners: Vec<_> =
                it.partners.into_iter().map(|it| (it.role, it.location)).collect();
            format!("{:?}", (it.role, it.state, it.policy, partners, it.databases.len()))
        }),
        ("recovery_plan", "get_plan") => plan::parse(&response).map(|it| {
            let groups: Vec<_> =
                it.groups.iter().map(|group| (&group.kind, group.items.len())).collect();
            let scenario = it.scenario.as_ref().map(|it| (&it.name, it.started));
            format!(
                "{:?}",
                (
                    &it.allowed_operations,
                    scenario,
                    &it.scenario_status,
                    &it.scenario_description,
                    groups
                )
            )
        }),
        ("recovery_plan", "get_item") => item::parse(&response).map(|it| of_item(&it)),
        ("recovery_plan", "list_items" | "next_items") => item::parse_list(&response).map(|it| {
            let items: Vec<_> = it.items.iter().map(of_item).collect();
            format!("{:?}", (items, it.next.is_some()))
        }),
        ("recovery_plan", "get_job") => job::parse(&response).map(|it| of_job(&it)),
        ("recovery_plan", "list_jobs" | "next_jobs") => job::parse_list(&response).map(|it| {
            let jobs: Vec<_> = it.jobs.iter().map(of_job).collect();
            format!("{:?}", (jobs, it.next.is_some()))
        }),
        ("traffic_manager", _) => traffic_manager::parse(&response).map(|it| {
            let endpoints: Vec<_> = it
                .endpoints
                .iter()
                .map(|it| (it.enabled, &it.monitor_status, it.always_serve, it.priority))
                .collect();
            let monitor = (&it.monitor.status, &it.monitor.protocol, it.monitor.port);
            format!("{:?}", (it.enabled, &it.routing, it.ttl_seconds, monitor, endpoints))
        }),
        ("application_gateway", "get") => application_gateway::parse(&response).map(|it| {
            format!("{:?}", (it.operational_state, it.provisioning_state, it.pools.len()))
        }),
        ("application_gateway", _) => {
            application_gateway::parse_backend_health(&response).map(|it| {
                let servers = it.into_iter().flat_map(|it| it.groups).flat_map(|it| it.servers);
                format!("{:?}", servers.map(|it| it.health).collect::<Vec<_>>())
            })
        }
        ("network_interface", "get") => network_interface::parse(&response).map(|it| {
            let configurations: Vec<_> = it
                .ip_configurations
                .iter()
                .map(|it| (it.primary, it.private_address.is_some(), it.public_ip.is_some()))
                .collect();
            format!("{:?}", (&it.provisioning_state, configurations, it.virtual_machine.is_some()))
        }),
        ("network_interface", _) => network_interface::parse_public_ip(&response).map(|it| {
            format!("{:?}", (it.provisioning_state, it.address.is_some(), it.attached_to.is_some()))
        }),
        ("virtual_machine", "get") => virtual_machine::parse(&response).map(|it| of_machine(&it)),
        ("virtual_machine", _) => virtual_machine::parse_list(&response).map(|it| {
            let machines: Vec<_> = it.machines.iter().map(of_machine).collect();
            format!("{:?}", (machines, it.next.is_some()))
        }),
        ("resource_health", _) => resource_health::parse(&response)
            .map(|it| format!("{:?}", (it.state, it.reason_type, it.occurred, it.reported))),
        other => panic!("no parser is known for {other:?}"),
    };
    // An error's message is a sentence with names; that it is an error, and which, is its state.
    read.unwrap_or_else(|error| format!("error {status} {:?}", error.code()))
}

fn of_item(item: &azure::recovery_plan::ProtectedItem) -> String {
    format!(
        "{:?}",
        (
            &item.protection_state,
            &item.protection_description,
            &item.active_location,
            &item.test_failover_state,
            &item.allowed_operations,
            item.scenario.as_ref().map(|it| (&it.name, it.started)),
            &item.replication_health,
            &item.failover_health,
            (item.rpo_seconds, item.rpo_calculated, item.last_failover),
            (item.source_machine.is_some(), item.recovery_machine.is_some()),
            item.interfaces.len(),
        )
    )
}

fn of_job(job: &azure::recovery_plan::Job) -> String {
    let tasks: Vec<_> = job
        .tasks
        .iter()
        .map(|it| (it.path.len(), &it.state, &it.description, it.started, it.child_job.is_some()))
        .collect();
    format!(
        "{:?}",
        (
            &job.scenario,
            &job.state,
            &job.description,
            job.started,
            job.ended,
            &job.allowed_actions,
            tasks
        )
    )
}

fn of_machine(machine: &azure::virtual_machine::VirtualMachine) -> String {
    format!(
        "{:?}",
        (
            &machine.location,
            &machine.provisioning_state,
            &machine.power,
            machine.agent_ready,
            machine.interfaces.len(),
        )
    )
}
