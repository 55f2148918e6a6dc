//! Answers of Azure Resource Manager, one target per resource.

use std::fmt::Debug;

use azure::operation::{self, Accepted};
use azure::recovery_plan::{item, job, plan};
use azure::{
    Error, ResourceId, Response, application_gateway as gateway, network_interface,
    resource_health, sql_failover_group, traffic_manager, virtual_machine,
};
use jiff::SignedDuration;

use crate::http_text;
use crate::judge::says_why;

/// An answer means the same each time, a success alone has a meaning, and a refusal says why.
fn read<T: Debug + PartialEq>(
    response: &Response,
    parse: impl Fn(&Response) -> Result<T, Error>,
) -> Option<T> {
    let answer = parse(response);
    assert_eq!(answer, parse(response), "the same answer, read twice");
    match answer {
        Ok(value) => {
            assert!(response.is_success(), "a status of {} has a value", response.status);
            Some(value)
        }
        Err(error) => {
            says_why(&error.to_string());
            assert!(error.code().is_none_or(|code| !code.is_empty() && code.len() <= 1000));
            assert!(error.retry_after().is_none_or(|wait| wait >= SignedDuration::ZERO));
            None
        }
    }
}

/// What we took for an id leads where it says.
fn sound<'a>(ids: impl IntoIterator<Item = &'a ResourceId>) {
    for id in ids {
        assert_eq!(ResourceId::parse(id.as_str()).as_ref(), Ok(id));
    }
}

pub(crate) fn failover_group(bytes: &[u8]) {
    let response = http_text::response(bytes);
    if let Some(group) = read(&response, sql_failover_group::parse) {
        sound(group.databases.iter().chain(group.partners.iter().map(|partner| &partner.server)));
        sound([&group.id]);
    }
}

pub(crate) fn recovery_plan(bytes: &[u8]) {
    let response = http_text::response(bytes);
    if let Some(plan) = read(&response, plan::parse) {
        sound(plan.groups.iter().flat_map(|group| group.items.iter().map(|item| &item.id)));
        let _ = (plan.has_uncleaned_drill(), plan.boot_groups().count());
    }
    if let Some(item) = read(&response, item::parse) {
        let _ = item.is_failed_over();
    }
    let _ = read(&response, item::parse_list);
    if let Some(job) = read(&response, job::parse) {
        assert!(!job.state.is_success() || job.state.is_over(), "{:?}", job.state);
        sound(job.tasks.iter().filter_map(|task| task.child_job.as_ref()));
        for task in &job.tasks {
            assert!(!task.path.is_empty(), "a task is somewhere");
        }
    }
    let _ = read(&response, job::parse_list);
}

pub(crate) fn traffic_manager(bytes: &[u8]) {
    let response = http_text::response(bytes);
    if let Some(profile) = read(&response, traffic_manager::parse) {
        for endpoint in &profile.endpoints {
            assert!(profile.endpoint(&endpoint.id).is_some());
        }
    }
    let _ = read(&response, traffic_manager::parse_endpoint);
}

pub(crate) fn application_gateway(bytes: &[u8]) {
    let response = http_text::response(bytes);
    let _ = read(&response, gateway::parse);
    if let Some(Some(health)) = read(&response, gateway::parse_backend_health) {
        assert!(response.status != 202, "an answer that is not there yet has no servers");
        let _ = health.servers("pool").count();
    }
}

/// The interface is sent back as it came, with one address more.
pub(crate) fn network_interface(bytes: &[u8]) {
    let response = http_text::response(bytes);
    if let Some(interface) = read(&response, network_interface::parse) {
        let address = ResourceId::parse("/subscriptions/s/resourceGroups/g").unwrap();
        for name in [None, Some("ipconfig1"), Some("")] {
            let Some(put) = network_interface::attach_public_ip(&interface, name, &address) else {
                continue;
            };
            let body = put.body.clone().unwrap().to_string().into_bytes();
            let sent = Response { status: 200, headers: Vec::new(), body };
            let after = network_interface::parse(&sent).unwrap();
            assert_eq!(after.ip_configuration(name).unwrap().public_ip.as_ref(), Some(&address));
            assert_eq!(after.ip_configurations.len(), interface.ip_configurations.len());
        }
    }
    if let Some(address) = read(&response, network_interface::parse_public_ip) {
        sound(address.interface().as_ref());
    }
}

pub(crate) fn virtual_machine(bytes: &[u8]) {
    let response = http_text::response(bytes);
    if let Some(machine) = read(&response, virtual_machine::parse) {
        sound(machine.interfaces.iter().map(|interface| &interface.id));
        let _ = machine.primary_interface();
    }
    let _ = read(&response, virtual_machine::parse_list);
}

pub(crate) fn resource_health(bytes: &[u8]) {
    let _ = read(&http_text::response(bytes), resource_health::parse);
}

/// What a request was answered, and how the operation stands that it started.
pub(crate) fn operation(bytes: &[u8]) {
    let mut response = http_text::response(bytes);
    if response.header("date").is_none() {
        // Else a wait would count from this machine's now.
        response.headers.push(("date".into(), "Sun, 22 Nov 2026 10:00:00 GMT".into()));
    }
    if let Some(accepted) = read(&response, Accepted::parse) {
        assert!(response.status != 202 || !accepted.finished, "202 is never the end");
        sound(&accepted.job);
        assert!(accepted.retry_after.is_none_or(|wait| wait >= SignedDuration::ZERO));
    }
    let _ = read(&response, operation::parse);
    match Error::of(&response) {
        None => assert!(response.is_success()),
        Some(error) => {
            assert!(!error.is_definite_rejection() || error.nothing_started());
            let ambiguous = matches!(response.status, 408 | 500..);
            assert!(!(ambiguous && error.nothing_started()), "{error:?}");
        }
    }
}
