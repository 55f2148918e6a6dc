//! What the service really said, read.

use azure::application_gateway::Health;
use azure::operation::{self, Accepted, Status};
use azure::recovery_plan::item::ActiveLocation;
use azure::recovery_plan::{JobState, item, job, plan};
use azure::sql_failover_group::{self, FailoverPolicy, Role};
use azure::traffic_manager::{self, MonitorStatus};
use azure::virtual_machine::{self, Power};
use azure::{Error, ResourceId, Response, application_gateway, network_interface, resource_health};
use serde_json::{Value, json};

pub(crate) fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(&path).expect(&path)).expect(&path)
}

pub(crate) fn answer(status: u16, body: &Value) -> Response {
    Response { status, headers: Vec::new(), body: body.to_string().into_bytes() }
}

fn recorded(name: &str) -> Response {
    answer(200, &fixture(name))
}

#[test]
fn a_plan_that_never_ran_has_no_scenario() {
    let plan = plan::parse(&recorded("plan_never_run")).unwrap();
    assert_eq!(plan.name, "A2ARP918");
    assert_eq!(plan.scenario, None);
    assert_eq!(plan.allowed_operations, ["UnplannedFailover", "TestFailover"]);
    assert!(!plan.has_uncleaned_drill());
    let [boot] = plan.boot_groups().collect::<Vec<_>>()[..] else { panic!("one boot group") };
    assert_eq!(boot.items[0].id.name(), "a2aVM918");
    let guid = "4729c5ac-c388-5797-9919-05455b7acfd9";
    assert_eq!(boot.items[0].virtual_machine_id.as_deref(), Some(guid));
    assert_eq!(plan.primary_fabric.unwrap().name(), "a2aPrimaryFabric918");
}

#[test]
fn a_drill_that_was_not_cleaned_up_is_all_that_its_plan_knows() {
    let during = plan::parse(&recorded("plan_after_test_failover")).unwrap();
    assert!(during.has_uncleaned_drill());
    assert!(!during.allows("UnplannedFailover"));
    assert_eq!(during.scenario_status.as_deref(), Some("Suspended"));
    let after = plan::parse(&recorded("plan_after_cleanup")).unwrap();
    assert!(!after.has_uncleaned_drill() && after.allows("UnplannedFailover"));
    assert_eq!(after.scenario.unwrap().name, "TestFailoverCleanup");
}

#[test]
fn a_plan_still_offers_a_failover_after_one() {
    let plan = plan::parse(&recorded("plan_after_failover")).unwrap();
    assert!(plan.allows("UnplannedFailover"));
    assert_eq!(plan.scenario.unwrap().name, "UnplannedFailover");
    assert_eq!(plan.last_unplanned_failover, None);
}

#[test]
fn an_accepted_failover_names_its_operation_and_its_job() {
    let headers = fixture("plan_failover_accepted_headers");
    let headers =
        headers.as_array().unwrap().iter().map(|pair| {
            (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned())
        });
    let response = Response { status: 202, headers: headers.collect(), body: Vec::new() };
    let accepted = Accepted::parse(&response).unwrap();
    let operation = "72b6d1a9-cdd5-4538-9b95-739b4c1b8ff7";
    assert_eq!(accepted.job.as_ref().unwrap().name(), operation);
    assert!(accepted.poll_url().unwrap().contains("replicationOperationStatus"));
    assert!(accepted.location_url.unwrap().contains("operationresults"));
    assert_eq!(accepted.retry_after.unwrap().as_secs(), 30);
    assert!(!accepted.finished);
}

#[test]
fn the_three_faces_of_a_fresh_job_are_read() {
    let faces = ["job_first_face", "job_second_face", "job_third_face"]
        .map(|name| job::parse(&recorded(name)).unwrap());
    let [first, second, third] = &faces;
    assert_eq!((first.scenario.as_deref(), &first.state), (None, &JobState::NotStarted));
    assert_eq!((&first.target_name, first.started), (&None, None));
    assert_eq!(second.scenario.as_deref(), Some("UnplannedFailover"));
    assert!(second.tasks.is_empty() && second.started.is_some());
    assert_eq!(first.name, second.name);
    assert_ne!(third.name, first.name, "the job is not called as the operation");
    assert_eq!(third.allowed_actions, ["Cancel"]);
    assert!(faces.iter().all(|job| !job.state.is_over() && job.ended.is_none()));
}

#[test]
fn a_plan_job_is_a_tree_that_starts_out_unstarted() {
    use JobState::{InProgress, NotStarted, Succeeded};
    let job = job::parse(&recorded("job_third_face")).unwrap();
    let tree: Vec<_> = job
        .tasks
        .iter()
        .map(|task| (task.path.len(), task.name.as_str(), task.state.clone()))
        .collect();
    let expected = [
        (1, "RpSrsPrerequisitesCheck", Succeeded),
        (1, "Shutdown", InProgress),
        (2, "Shutdown", InProgress),
        (3, "a2avm918", InProgress),
        (1, "RpFailoverTask", NotStarted),
        (2, "a2avm918", NotStarted),
        (1, "BootGroup", NotStarted),
        (2, "a2avm918", NotStarted),
        (1, "EndRecoveryPlanTask", NotStarted),
    ];
    assert_eq!(tree, expected);
    let machine = &job.tasks[3];
    assert_eq!(machine.path[..2], ["ShutdownAllActionGroup", "Group1"]);
    assert_eq!(machine.target_name.as_deref(), Some("a2avm918"));
    assert_eq!(machine.child_job.as_ref().unwrap().name(), "6c831d34-df1c-4d78-ab4d-bee47daf0b84");
    let waiting = &job.tasks[5];
    assert_eq!((&waiting.child_job, waiting.started, waiting.ended), (&None, None, None));
    assert_eq!(waiting.target_id, machine.target_id);
}

#[test]
fn a_finished_failover_tells_the_recovery_point_of_each_machine() {
    let job = job::parse(&recorded("job_succeeded")).unwrap();
    assert!(job.state.is_over() && job.state.is_success());
    assert!(job.tasks.iter().all(|task| task.state == JobState::Succeeded));
    let [item] = &job.items[..] else { panic!("one machine") };
    assert_eq!(item.id.as_deref(), Some("4729c5ac-c388-5797-9919-05455b7acfd9"));
    let time = item.recovery_point_time.unwrap();
    assert_eq!(time.to_string(), "2022-10-11T21:52:08.0160738Z");
    let took = job.ended.unwrap().duration_since(job.started.unwrap());
    assert_eq!(took.as_secs(), 202);
}

#[test]
fn a_drill_and_its_clean_up_are_jobs_with_trees_of_their_own() {
    let drill = job::parse(&recorded("job_test_failover")).unwrap();
    assert_eq!(drill.scenario.as_deref(), Some("TestFailover"));
    assert_eq!(drill.items[0].test_machine_name.as_deref(), Some("vm1-test"));
    assert_eq!(drill.items[0].network_status.as_deref(), Some("Connected"));
    let cleanup = job::parse(&recorded("job_test_failover_cleanup")).unwrap();
    assert_eq!(cleanup.scenario.as_deref(), Some("TestFailoverCleanup"));
    assert!(cleanup.tasks.iter().any(|task| task.name == "RpTfoDeleteTestNetwork"));
    assert!(cleanup.state.is_success());
}

#[test]
fn a_skipped_task_is_over_and_no_failure() {
    let job = job::parse(&recorded("job_of_item")).unwrap();
    assert!(job.state.is_success());
    let skipped: Vec<_> = job.tasks.iter().filter(|task| task.state == JobState::Skipped).collect();
    assert_eq!(skipped[0].name, "VmPrepareForUnPlannedFailover");
    assert!(skipped[0].started.is_some() && skipped[0].ended.is_none());
    let reprotect = job::parse(&recorded("job_with_skipped_task")).unwrap();
    assert_eq!(reprotect.state, JobState::InProgress);
    assert!(reprotect.tasks.iter().any(|task| task.state == JobState::Skipped));
}

#[test]
fn a_partial_success_is_not_a_success_though_its_operation_says_so() {
    let body = fixture("jobs_partially_succeeded");
    let page = job::parse_list(&answer(200, &body)).unwrap();
    let partial = &page.jobs[0];
    assert_eq!(partial.state, JobState::PartiallySucceeded);
    assert!(partial.state.is_over() && !partial.state.is_success());
    assert!(partial.tasks.is_empty(), "a list has no tasks");
    let operation = operation::parse(&answer(200, &body["value"][0])).unwrap();
    assert_eq!(operation.status, Status::Succeeded);
}

#[test]
fn job_states_are_one_vocabulary() {
    let state = |state: &str, description: &str| {
        let body = json!({
            "id": "/subscriptions/s/resourceGroups/g/providers/P/vaults/v/replicationJobs/j",
            "name": "j",
            "properties": {"state": state, "stateDescription": description},
        });
        job::parse(&answer(200, &body)).unwrap().state
    };
    assert_eq!(state("Succeeded", "Completed"), JobState::Succeeded);
    assert_eq!(state("Succeeded", "PartiallySucceeded"), JobState::PartiallySucceeded);
    assert_eq!(state("CompletedWithInformation", ""), JobState::CompletedWithInformation);
    assert_eq!(state("Suspended", "WaitingForManualAction"), JobState::Suspended);
    assert_eq!(state("Cancelling", ""), JobState::Cancelling);
    assert_eq!(state("Cancelled", ""), JobState::Cancelled);
    let unknown = state("Other", "Pondering");
    assert_eq!(unknown, JobState::Other("Other/Pondering".into()));
    assert!(!unknown.is_over() && !unknown.is_success());
}

#[test]
fn a_protected_item_is_read_with_its_machines_and_interfaces() {
    let item = item::parse(&recorded("item_protected")).unwrap();
    assert_eq!(item.friendly_name, "CliVM2");
    assert_eq!(item.protection_state, "Protected");
    assert_eq!(item.active_location, ActiveLocation::Primary);
    assert_eq!((item.scenario.clone(), item.test_failover_state.clone()), (None, None));
    assert!(item.allows("UnplannedFailover") && !item.is_failed_over());
    assert!(!item.has_uncleaned_drill());
    assert_eq!(item.source_machine.unwrap().name(), "clivm2");
    assert_eq!((item.recovery_machine, item.test_machine), (None, None));
    assert_eq!(item.test_machine_name.as_deref(), Some("CliVM2-test"));
    assert_eq!(item.rpo_seconds, Some(393));
    let configuration = &item.interfaces[0].ip_configurations[0];
    assert!(configuration.primary);
    assert_eq!(configuration.recovery_public_ip, None);
    assert_eq!(configuration.recovery_address, None, "an empty text is no address");
}

#[test]
fn an_item_is_failed_over_before_and_after_its_commit() {
    let before = item::parse(&recorded("item_before_commit")).unwrap();
    assert_eq!(before.protection_state, "UnplannedFailoverCommitPendingStatesBegin");
    assert!(before.is_failed_over() && before.allows("Commit"));
    let after = item::parse(&recorded("item_committed")).unwrap();
    assert!(after.is_failed_over() && !after.allows("Commit"));
    assert_eq!(after.recovery_machine.unwrap().name(), "reprotectvm");
    assert!(after.last_failover.is_some());
}

#[test]
fn items_come_in_pages() {
    let body = json!({"value": [fixture("item_protected")], "nextLink": "https://h/next?s=1"});
    let page = item::parse_list(&answer(200, &body)).unwrap();
    assert_eq!((page.items.len(), page.next.as_deref()), (1, Some("https://h/next?s=1")));
    let last = item::parse_list(&answer(200, &json!({"value": [], "nextLink": null}))).unwrap();
    assert_eq!((last.items.len(), last.next), (0, None));
    assert!(matches!(item::parse_list(&answer(200, &json!({}))), Err(Error::Malformed { .. })));
}

#[test]
fn an_operation_is_running_until_it_says_otherwise() {
    let running = operation::parse(&recorded("operation_in_progress")).unwrap();
    assert_eq!(running.status, Status::Running);
    let done = operation::parse(&recorded("operation_succeeded")).unwrap();
    assert_eq!(done.status, Status::Succeeded);
    assert!(done.started.is_some());
}

#[test]
fn recorded_errors_are_sorted_and_keep_their_codes() {
    let mut seen = Vec::new();
    for entry in fixture("errors").as_array().unwrap() {
        let status = u16::try_from(entry["status"].as_u64().unwrap()).unwrap();
        let error = Error::of(&answer(status, &entry["body"])).unwrap();
        seen.push((status, error.code().unwrap().to_owned(), error.nothing_started()));
    }
    let expected = [
        (400, "ArmResourceNameNotAvailable", true),
        (409, "ScopeLocked", true),
        (404, "ArmResourceDoesNotExist", true),
        (503, "ServerTimeout", false),
    ];
    assert_eq!(seen, expected.map(|(status, code, nothing)| (status, code.to_owned(), nothing)));
}

#[test]
fn a_failover_group_is_read_from_its_own_point_of_view() {
    let group = sql_failover_group::parse(&recorded("spec_failover_group")).unwrap();
    assert_eq!((group.role, group.state.as_deref()), (Role::Primary, Some("CATCH_UP")));
    assert_eq!(group.policy, FailoverPolicy::Automatic);
    assert_eq!(group.partners[0].server.name(), "failover-group-secondary-server");
    assert_eq!(group.partners[0].role, Some(Role::Secondary));
    let mut forced = fixture("spec_failover_group");
    forced["properties"]["replicationState"] = "SUSPENDED".into();
    let group = sql_failover_group::parse(&answer(200, &forced)).unwrap();
    assert_eq!((group.role, group.state.as_deref()), (Role::Primary, Some("SUSPENDED")));
    forced["properties"]["replicationRole"] = Value::Null;
    let error = sql_failover_group::parse(&answer(200, &forced)).unwrap_err();
    assert!(error.to_string().contains("replicationRole"), "{error}");
}

#[test]
fn a_refusal_because_it_is_primary_already_is_known_as_such() {
    let refusal = |code: &str| {
        let body = json!({"error": {"code": code, "message": "m"}});
        sql_failover_group::says_already_primary(&Error::of(&answer(400, &body)).unwrap())
    };
    assert!(refusal("FailoverGroupFailoverRequestOnPrimary"));
    assert!(refusal("FailoverGroupNotSecondary"));
    assert!(!refusal("FailoverGroupDoesNotExist"));
}

#[test]
fn a_traffic_manager_profile_is_read_with_its_endpoints() {
    let body = fixture("traffic_manager_profile");
    let profile = traffic_manager::parse(&answer(200, &body)).unwrap();
    assert!(profile.enabled);
    assert_eq!(profile.fqdn.as_deref(), Some("mytrafficmanager001100a.trafficmanager.net"));
    assert_eq!((profile.ttl_seconds, profile.monitor.interval_seconds), (Some(30), Some(30)));
    let [endpoint] = &profile.endpoints[..] else { panic!("one endpoint") };
    assert!(endpoint.enabled && !endpoint.always_serve);
    assert_eq!(endpoint.monitor_status, MonitorStatus::CheckingEndpoint);
    assert_eq!(endpoint.priority, Some(1));
    let shouted = ResourceId::parse(&endpoint.id.as_str().to_uppercase()).unwrap();
    assert_eq!(profile.endpoint(&shouted), Some(endpoint));
    let alone = traffic_manager::parse_endpoint(&answer(200, &body["properties"]["endpoints"][0]));
    assert_eq!(alone.as_ref(), Ok(endpoint));
}

#[test]
fn backend_health_speaks_both_vocabularies() {
    use Health::{Healthy, Unhealthy, Unknown};
    let mut body = fixture("spec_backend_health");
    let health = application_gateway::parse_backend_health(&answer(200, &body)).unwrap().unwrap();
    assert_eq!(health.groups.len(), 2);
    assert_eq!(health.servers("mfpool").count(), 2);
    assert!(health.servers("MFPool").all(|server| server.health == Healthy));
    let servers = &mut body["backendAddressPools"][1]["backendHttpSettingsCollection"][0];
    servers["servers"] = json!([
        {"address": "10.1.0.5", "health": "Healthy"},
        {"address": "10.1.0.6", "health": "Unhealthy", "healthProbeLog": "timed out"},
        {"address": "10.1.0.7", "health": "Down"},
        {"address": "10.1.0.8"},
    ]);
    let health = application_gateway::parse_backend_health(&answer(200, &body)).unwrap().unwrap();
    let words: Vec<_> = health.servers("MFPool").map(|server| server.health.clone()).collect();
    assert_eq!(words, [Healthy, Unhealthy, Unhealthy, Unknown]);
}

#[test]
fn backend_health_that_is_not_there_yet_is_no_health() {
    let pending = application_gateway::parse_backend_health(&answer(202, &Value::Null));
    assert_eq!(pending, Ok(None));
    let empty = answer(200, &json!({"backendAddressPools": []}));
    let health = application_gateway::parse_backend_health(&empty).unwrap().unwrap();
    assert_eq!(health.servers("managedServerPool").count(), 0);
    let nothing = application_gateway::parse_backend_health(&answer(200, &Value::Null));
    assert!(matches!(nothing, Err(Error::Malformed { .. })));
}

#[test]
fn an_application_gateway_tells_its_state_and_pools() {
    let body = json!({
        "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationGateways/a",
        "properties": {"operationalState": "Running", "provisioningState": "Succeeded",
            "backendAddressPools": [{
                "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationGateways/a/backendAddressPools/p",
                "properties": {"backendAddresses": []},
            }, {
                "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationGateways/a/backendAddressPools/q",
                "properties": {"backendAddresses": [{"ipAddress": "10.1.0.5"}, {"fqdn": "vm.example"}]},
            }]},
    });
    let gateway = application_gateway::parse(&answer(200, &body)).unwrap();
    assert_eq!(gateway.operational_state.as_deref(), Some("Running"));
    assert_eq!(gateway.pools[0].addresses, Vec::<String>::new());
    assert_eq!(gateway.pools[1].addresses, ["10.1.0.5", "vm.example"]);
}

#[test]
fn a_public_ip_tells_who_has_it() {
    let address = network_interface::parse_public_ip(&recorded("spec_public_ip")).unwrap();
    assert_eq!(address.interface().unwrap().name(), "testDNS649");
    let mut free = fixture("spec_public_ip");
    free["properties"]["ipConfiguration"] = Value::Null;
    let address = network_interface::parse_public_ip(&answer(200, &free)).unwrap();
    assert_eq!((address.interface(), address.attached_to), (None, None));
}

#[test]
fn a_machine_tells_its_power_and_its_interfaces() {
    let mut body = fixture("spec_virtual_machine");
    body["properties"]["instanceView"]["statuses"] = json!([
        {"code": "ProvisioningState/succeeded"}, {"code": "PowerState/deallocated"}]);
    let machine = virtual_machine::parse(&answer(200, &body)).unwrap();
    assert_eq!(machine.power, Some(Power::Deallocated));
    assert!(machine.primary_interface().is_some());
    body["properties"].as_object_mut().unwrap().remove("instanceView");
    let list = answer(200, &json!({"value": [body], "nextLink": "https://h/n"}));
    let page = virtual_machine::parse_list(&list).unwrap();
    assert_eq!((page.machines[0].power.clone(), page.next.as_deref()), (None, Some("https://h/n")));
}

#[test]
fn resource_health_is_read_with_its_misspelt_time() {
    let status = resource_health::parse(&recorded("spec_availability_status")).unwrap();
    assert_eq!(status.state, resource_health::Availability::Unavailable);
    assert!(status.occurred.is_some());
}
