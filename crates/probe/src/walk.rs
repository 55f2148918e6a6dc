//! What is read, and in which order: everything that the app would look at for one plan.

use std::collections::BTreeSet;

use azure::operation::Accepted;
use azure::recovery_plan::{self as asr, ProtectedItem, item, job};
use azure::{
    Request, ResourceId, Response, application_gateway as gateway, network_interface as nic,
    resource_health, sql_failover_group as sql, traffic_manager, virtual_machine as vm,
};
use jiff::SignedDuration;
use recovery::Plan;
use recovery::plan::{Entry, SitePlan};

use crate::recorder::{Recorder, pause};

/// Every read that the probe makes, by its constructor's name.
pub const READS: &[&str] = &[
    "sql_failover_group::get",
    "recovery_plan::get_plan",
    "recovery_plan::list_items",
    "recovery_plan::next_items",
    "recovery_plan::get_item",
    "recovery_plan::get_job",
    "recovery_plan::list_jobs",
    "recovery_plan::next_jobs",
    "traffic_manager::get",
    "application_gateway::get",
    "application_gateway::backend_health",
    "application_gateway::poll_backend_health",
    "network_interface::get",
    "network_interface::get_public_ip",
    "virtual_machine::get",
    "virtual_machine::list",
    "virtual_machine::next_page",
    "resource_health::get_current",
];

/// The reads that it cannot make: each asks how a change stands, at an address that only the
/// answer to that change gives.
pub const AFTER_A_CHANGE: &[&str] = &[
    "sql_failover_group::poll",
    "sql_failover_group::poll_result",
    "recovery_plan::poll",
    "network_interface::poll",
    "virtual_machine::poll",
];

/// A list that does not end after so many pages is long enough.
const PAGES_MAX: usize = 10;
/// Of the jobs, the newest tell how the service speaks today.
const JOBS_MAX: usize = 25;
/// A plan holds at most 100 items; a dozen show what items are like.
const ITEMS_MAX: usize = 12;
/// A gateway takes seconds to say how its backends are; after a minute it will not.
const POLLS_MAX: usize = 30;
const BETWEEN_POLLS: SignedDuration = SignedDuration::from_secs(2);

/// What was found on the way and is read later.
#[derive(Debug, Default)]
struct Found {
    machines: BTreeSet<ResourceId>,
    groups: BTreeSet<ResourceId>,
    interfaces: BTreeSet<ResourceId>,
    public_ips: BTreeSet<ResourceId>,
}

/// Reads all of it. What does not answer, or not in a form that is understood, ends its own branch
/// and nothing else.
pub async fn walk(recorder: &mut Recorder<'_>, plan: &Plan) {
    let mut found = Found::default();
    traffic(recorder, plan, &mut found).await;
    for site in [&plan.preferred, &plan.standby] {
        if let Some(server) = id(&site.sql_server) {
            let request = sql::get(&server, &plan.failover_group);
            recorder.ask("sql_failover_group::get", request).await;
        }
    }
    site_recovery(recorder, plan, &mut found).await;
    for site in [&plan.preferred, &plan.standby] {
        entry(recorder, site, &mut found).await;
    }
    machines(recorder, &mut found).await;
    interfaces(recorder, &mut found).await;
    for address in &found.public_ips {
        recorder.ask("network_interface::get_public_ip", nic::get_public_ip(address)).await;
    }
}

async fn traffic(recorder: &mut Recorder<'_>, plan: &Plan, found: &mut Found) {
    let Some(profile) = id(&plan.traffic_manager_profile) else { return };
    let answer = recorder.ask("traffic_manager::get", traffic_manager::get(&profile)).await;
    let Some(profile) = answer.and_then(|it| traffic_manager::parse(&it).ok()) else { return };
    let targets = profile.endpoints.into_iter().filter_map(|endpoint| endpoint.target_resource);
    found.public_ips.extend(targets.filter(|it| it.segment("publicIPAddresses").is_some()));
}

async fn site_recovery(recorder: &mut Recorder<'_>, plan: &Plan, found: &mut Found) {
    let Some(vault) = id(&plan.site_recovery.vault) else { return };
    let name = &plan.site_recovery.recovery_plan;
    let request = asr::get_plan(&vault.child("replicationRecoveryPlans", name));
    let answer = recorder.ask("recovery_plan::get_plan", request).await;
    // What the plan says it is doing names its job as the operation, not as the job.
    let current = answer
        .and_then(|it| asr::plan::parse(&it).ok())
        .and_then(|plan| plan.scenario?.job)
        .map(|job| job.name().to_owned());

    for item in items(recorder, &vault, name).await.into_iter().take(ITEMS_MAX) {
        recorder.ask("recovery_plan::get_item", asr::get_item(&item.id)).await;
        found.of_item(&item);
    }

    let jobs = jobs(recorder, &vault).await;
    let mut names: Vec<String> = current.into_iter().collect();
    names.extend(jobs.into_iter().take(JOBS_MAX));
    for name in names {
        recorder.ask("recovery_plan::get_job", asr::get_job(&vault, &name)).await;
    }
}

async fn items(recorder: &mut Recorder<'_>, vault: &ResourceId, plan: &str) -> Vec<ProtectedItem> {
    let (mut request, mut constructor) =
        (asr::list_items(vault, plan), "recovery_plan::list_items");
    let mut items = Vec::new();
    for _ in 0..PAGES_MAX {
        let answer = recorder.ask(constructor, request).await;
        let Some(page) = answer.and_then(|it| item::parse_list(&it).ok()) else { break };
        items.extend(page.items);
        let Some(next) = page.next else { break };
        (request, constructor) = (asr::next_items(&next), "recovery_plan::next_items");
    }
    items
}

/// The names of the jobs, the newest first.
async fn jobs(recorder: &mut Recorder<'_>, vault: &ResourceId) -> Vec<String> {
    let (mut request, mut constructor) = (asr::list_jobs(vault), "recovery_plan::list_jobs");
    let mut jobs = Vec::new();
    for _ in 0..PAGES_MAX {
        let answer = recorder.ask(constructor, request).await;
        let Some(page) = answer.and_then(|it| job::parse_list(&it).ok()) else { break };
        jobs.extend(page.jobs);
        let Some(next) = page.next else { break };
        (request, constructor) = (asr::next_jobs(&next), "recovery_plan::next_jobs");
    }
    jobs.sort_by_key(|job| std::cmp::Reverse(job.started));
    jobs.into_iter().map(|job| job.name).collect()
}

async fn entry(recorder: &mut Recorder<'_>, site: &SitePlan, found: &mut Found) {
    found.public_ips.extend(site.public_ips.iter().filter_map(|it| id(&it.public_ip)));
    let Entry::ApplicationGateway { gateway: gateway_id, .. } = &site.entry else { return };
    let Some(gateway_id) = id(gateway_id) else { return };
    recorder.ask("application_gateway::get", gateway::get(&gateway_id)).await;
    let request = resource_health::get_current(&gateway_id);
    recorder.ask("resource_health::get_current", request).await;
    let request = gateway::backend_health(&gateway_id);
    let answer = recorder.ask("application_gateway::backend_health", request).await;
    let accepted = answer.and_then(|it| Accepted::parse(&it).ok());
    let Some(address) = accepted.and_then(|it| it.location_url) else { return };
    for _ in 0..POLLS_MAX {
        let request = gateway::poll_backend_health(&address);
        let answer = recorder.ask("application_gateway::poll_backend_health", request).await;
        match answer {
            Some(answer) if answer.status == 202 => {
                pause(answer.retry_after().unwrap_or(BETWEEN_POLLS).min(BETWEEN_POLLS)).await;
            }
            _ => return,
        }
    }
}

async fn machines(recorder: &mut Recorder<'_>, found: &mut Found) {
    for group in std::mem::take(&mut found.groups) {
        let (mut request, mut constructor) = (vm::list(&group), "virtual_machine::list");
        for _ in 0..PAGES_MAX {
            let answer = recorder.ask(constructor, request).await;
            let Some(page) = answer.and_then(|it| vm::parse_list(&it).ok()) else { break };
            let Some(next) = page.next else { break };
            (request, constructor) = (vm::next_page(&next), "virtual_machine::next_page");
        }
    }
    for machine in std::mem::take(&mut found.machines) {
        let answer = recorder.ask("virtual_machine::get", vm::get(&machine)).await;
        let request = resource_health::get_current(&machine);
        recorder.ask("resource_health::get_current", request).await;
        if let Some(machine) = answer.and_then(|it: Response| vm::parse(&it).ok()) {
            found.interfaces.extend(machine.interfaces.into_iter().map(|it| it.id));
        }
    }
}

async fn interfaces(recorder: &mut Recorder<'_>, found: &mut Found) {
    for interface in std::mem::take(&mut found.interfaces) {
        let request: Request = nic::get(&interface);
        let answer = recorder.ask("network_interface::get", request).await;
        let Some(interface) = answer.and_then(|it| nic::parse(&it).ok()) else { continue };
        let attached = interface.ip_configurations.into_iter().filter_map(|it| it.public_ip);
        found.public_ips.extend(attached);
    }
}

impl Found {
    fn of_item(&mut self, item: &ProtectedItem) {
        let machines = [&item.source_machine, &item.recovery_machine, &item.test_machine];
        for machine in machines.into_iter().flatten() {
            self.groups.extend(machine.parent());
            self.machines.insert(machine.clone());
        }
        self.groups.extend(item.recovery_resource_group.clone());
    }
}

/// The plan's checker knows these ids; one that `azure` would refuse is not asked for.
fn id(id: &recovery::ResourceId) -> Option<ResourceId> {
    ResourceId::parse(id.as_str()).ok()
}

#[cfg(test)]
mod tests {
    use azure::{Kind, all_requests};

    use super::*;

    #[test]
    fn every_read_there_is_is_made_or_needs_a_change_before_it() {
        let of = |kind| all_requests().into_iter().filter(move |(_, it)| it.kind == kind);
        let reads: BTreeSet<&str> = of(Kind::Read).map(|(name, _)| name).collect();
        let ours: BTreeSet<&str> = READS.iter().chain(AFTER_A_CHANGE).copied().collect();
        assert_eq!(ours, reads);
        assert_eq!(READS.len() + AFTER_A_CHANGE.len(), ours.len());
    }
}
