//! Site Recovery: the recovery plan, its items and the job under way, put together into one view.

use azure::recovery_plan::{self as asr, Job, ProtectedItem as Item, RecoveryPoint, SourceSite};
use azure::{Error, Request, ResourceId as ArmId};
use futures::future::try_join;
use jiff::SignedDuration;
use recovery::ResourceId;
use recovery::plan::RecoveryPoint as PlanPoint;
use recovery::view::{
    DrillState, ItemState, JobState, Offer, ProtectedItem, RecoveryPlan, Scenario, ScenarioKind,
    View,
};

use super::{arm_id, our_id, read};
use crate::outside::Outside;

/// More pages than this are a mistake, not a plan: a plan holds at most 100 items.
const PAGES_MAX: usize = 20;

pub(super) async fn observe(
    outside: &Outside,
    vault: &ResourceId,
    name: &str,
    limit: SignedDuration,
) -> Result<View, String> {
    let vault = arm_id(vault)?;
    let plan = async {
        let response = read(outside, &asr::get_plan(&plan_id(&vault, name)), limit).await?;
        asr::plan::parse(&response).map_err(|error| error.to_string())
    };
    let (plan, items) = try_join(plan, items(outside, &vault, name, limit)).await?;
    let job = match plan.scenario.as_ref().and_then(|scenario| scenario.job.as_ref()) {
        Some(id) => job(outside, &vault, id, limit).await?,
        None => None,
    };
    let scenario = scenario(&plan, job.as_ref());
    Ok(View::RecoveryPlan(RecoveryPlan {
        offers: offers(|operation| plan.allows(operation)),
        items: items.iter().map(|item| protected_item(item, job.as_ref())).collect(),
        scenario,
    }))
}

async fn items(
    outside: &Outside,
    vault: &ArmId,
    plan: &str,
    limit: SignedDuration,
) -> Result<Vec<Item>, String> {
    let mut request = asr::list_items(vault, plan);
    let mut items = Vec::new();
    for _ in 0..PAGES_MAX {
        let response = read(outside, &request, limit).await?;
        let page = asr::item::parse_list(&response).map_err(|error| error.to_string())?;
        items.extend(page.items);
        match page.next {
            None => return Ok(items),
            Some(next) => request = asr::next_items(&next),
        }
    }
    Err(format!("the list of protected items did not end after {PAGES_MAX} pages"))
}

/// The job; none if it is not to be found any more.
async fn job(
    outside: &Outside,
    vault: &ArmId,
    id: &ArmId,
    limit: SignedDuration,
) -> Result<Option<Job>, String> {
    let request = asr::get_job(vault, id.name());
    let response = super::send_within(outside, &request, limit).await?;
    match asr::job::parse(&response) {
        Ok(job) => Ok(Some(job)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// What the plan is doing: its own word for what, the job's for how far. The names differ between
/// the two for some scenarios, so they are never compared.
fn scenario(plan: &asr::Plan, job: Option<&Job>) -> Option<Scenario> {
    let current = plan.scenario.as_ref()?;
    let state = match job {
        Some(job) => job_state(&job.state),
        None => status(plan.scenario_status.as_deref()),
    };
    Some(Scenario {
        kind: kind(&current.name),
        state,
        job: current.job.as_ref().map(|id| id.name().to_owned()).unwrap_or_default(),
        started_at: current.started.map(whole_seconds),
        source_stopped: job.is_some_and(source_stopped),
        problem: job.and_then(problem),
    })
}

/// A fresh job's start differs between its faces by a fraction of a second; that is no news.
fn whole_seconds(at: jiff::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn kind(name: &str) -> ScenarioKind {
    match name {
        "UnplannedFailover" | "PlannedFailover" | "Failover" => ScenarioKind::Failover,
        "TestFailover" => ScenarioKind::TestFailover,
        "TestFailoverCleanup" => ScenarioKind::TestFailoverCleanUp,
        "CommitFailover" => ScenarioKind::Commit,
        other => ScenarioKind::Other(other.to_owned()),
    }
}

fn job_state(state: &asr::JobState) -> JobState {
    match state {
        asr::JobState::NotStarted
        | asr::JobState::InProgress
        | asr::JobState::Cancelling
        | asr::JobState::Other(_) => JobState::Running,
        asr::JobState::Suspended => JobState::Suspended,
        asr::JobState::Succeeded
        | asr::JobState::CompletedWithInformation
        | asr::JobState::Skipped => JobState::Succeeded,
        asr::JobState::PartiallySucceeded => JobState::PartiallySucceeded,
        asr::JobState::Failed => JobState::Failed,
        asr::JobState::Cancelled => JobState::Cancelled,
    }
}

/// The plan's own status, where the job is not to be had. A test failover that waits for its
/// clean-up shows as `Suspended` although its job has succeeded (recorded).
fn status(word: Option<&str>) -> JobState {
    match word.unwrap_or_default() {
        "Succeeded" | "Completed" | "Suspended" => JobState::Succeeded,
        "PartiallySucceeded" => JobState::PartiallySucceeded,
        "Failed" => JobState::Failed,
        "Cancelled" | "Canceled" => JobState::Cancelled,
        _ => JobState::Running,
    }
}

/// The group of tasks that shuts the source machines down, by its kind or its well-known id
/// (recorded: Azure/azure-powershell A2ARecoveryPlanReplication.json).
fn source_stopped(job: &Job) -> bool {
    job.tasks.iter().any(|task| {
        task.path.len() == 1
            && task.path.iter().any(|id| id.eq_ignore_ascii_case("ShutdownAllActionGroup"))
            && task.state.is_over()
    })
}

fn problem(job: &Job) -> Option<String> {
    let of_job = job.errors.iter();
    let of_tasks = job.tasks.iter().flat_map(|task| &task.errors);
    of_job.chain(of_tasks).find_map(|error| error.message.clone())
}

fn protected_item(item: &Item, job: Option<&Job>) -> ProtectedItem {
    let recovery_point_at = job.and_then(|job| {
        job.items
            .iter()
            .find(|details| {
                details
                    .friendly_name
                    .as_deref()
                    .is_some_and(|name| name.eq_ignore_ascii_case(&item.friendly_name))
            })
            .and_then(|details| details.recovery_point_time)
    });
    ProtectedItem {
        id: our_id(&item.id),
        name: item.friendly_name.clone(),
        state: state(item),
        drill: drill(item),
        offers: offers(|operation| item.allows(operation)),
        source_machine: item.source_machine.as_ref().map(our_id),
        recovered_machine: item
            .recovery_machine
            .as_ref()
            .filter(|_| item.is_failed_over())
            .map(our_id),
        drill_machine: item.test_machine.as_ref().map(our_id),
        recovery_point_at,
    }
}

fn state(item: &Item) -> ItemState {
    if item.is_failed_over() {
        let committed = item.protection_state == "UnplannedFailoverCommitted";
        return ItemState::FailedOver { committed };
    }
    match item.protection_state.as_str() {
        "Protected" => ItemState::Protected,
        other => ItemState::Unprotected(other.to_owned()),
    }
}

fn drill(item: &Item) -> DrillState {
    if item.allows("TestFailoverCleanup") {
        DrillState::Standing
    } else if item.test_failover_state.is_some() {
        DrillState::Changing
    } else {
        DrillState::None
    }
}

fn offers(allows: impl Fn(&str) -> bool) -> std::collections::BTreeSet<Offer> {
    [
        ("UnplannedFailover", Offer::Failover),
        ("TestFailover", Offer::TestFailover),
        ("TestFailoverCleanup", Offer::TestFailoverCleanUp),
        ("Commit", Offer::Commit),
    ]
    .into_iter()
    .filter(|(operation, _)| allows(operation))
    .map(|(_, offer)| offer)
    .collect()
}

pub(super) fn fail_over(
    vault: &ResourceId,
    name: &str,
    stop_source: bool,
    point: PlanPoint,
) -> Result<Request, String> {
    let source = if stop_source { SourceSite::Required } else { SourceSite::NotRequired };
    Ok(asr::unplanned_failover(&plan_id(&arm_id(vault)?, name), source, recovery_point(point)))
}

pub(super) fn fail_over_item(item: &ResourceId) -> Result<Request, String> {
    Ok(asr::unplanned_failover_of_item(&arm_id(item)?, SourceSite::NotRequired, None))
}

pub(super) fn test_fail_over(
    vault: &ResourceId,
    name: &str,
    network: &ResourceId,
    point: PlanPoint,
) -> Result<Request, String> {
    let plan = plan_id(&arm_id(vault)?, name);
    Ok(asr::test_failover(&plan, &arm_id(network)?, recovery_point(point)))
}

pub(super) fn clean_up(vault: &ResourceId, name: &str, comments: &str) -> Result<Request, String> {
    Ok(asr::test_failover_cleanup(&plan_id(&arm_id(vault)?, name), comments))
}

fn plan_id(vault: &ArmId, name: &str) -> ArmId {
    vault.child("replicationRecoveryPlans", name)
}

fn recovery_point(point: PlanPoint) -> RecoveryPoint {
    match point {
        PlanPoint::LatestProcessed => RecoveryPoint::LatestProcessed,
        PlanPoint::Latest => RecoveryPoint::Latest,
    }
}
