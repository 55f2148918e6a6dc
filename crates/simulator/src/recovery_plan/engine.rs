//! Runs jobs: each node of the tree in its turn.

use jiff::SignedDuration;

use super::effects;
use super::job::{Job, Node, Outcome, Problem, Target, Task, TaskState};
use super::plan::Current;
use super::scenario::{Scenario, Work};
use super::{Due, FIDELITY, fidelity, tree};
use crate::regions::Region;
use crate::world::{self, World};

/// While the vault's own region is down nothing in it goes on (a guess: documented is that its
/// operations are blocked); its jobs are looked at again this much later.
const STALLED: SignedDuration = SignedDuration::from_secs(10);

pub(super) fn on_due(world: &mut World, due: Due) {
    if !world.regions.is_up(Region::WestUs) {
        fidelity::STALLED.assert_listed(FIDELITY);
        world.plan_in(STALLED, world::Due::Recovery(due));
        return;
    }
    fidelity::of_due(&due).assert_listed(FIDELITY);
    match due {
        Due::Begin(job) => begin(world, &job),
        Due::TaskEnds { job, task } => task_ends(world, &job, task),
        Due::Replicate => super::replicate(world),
    }
}

/// The job takes its real name and starts its first task.
fn begin(world: &mut World, name: &str) {
    let now = world.now;
    let Some(job) = world.recovery.jobs.get_mut(name) else { return };
    if job.outcome.is_some() {
        return;
    }
    job.begun_at = Some(now);
    let (target, scenario, refused) = (job.target, job.scenario, job.refusal.clone());
    let checks =
        job.tasks.iter().any(|task| matches!(task.node, Node::Leaf(Work::Prerequisites(_))));
    match target {
        Target::Plan if refused.is_none() || world.recovery.plan.busy.is_none() => {
            let started_at = now;
            world.recovery.plan.current =
                Some(Current { scenario, job: name.to_owned(), started_at, outcome: None });
            if scenario == Scenario::TestFailover && refused.is_none() {
                world.recovery.plan.last_test_at = Some(now);
            }
        }
        Target::Item(item) if refused.is_none() => {
            world.recovery.items[item].scenario = Some((scenario, name.to_owned(), now));
        }
        Target::Plan | Target::Item(_) | Target::Vault => {}
    }
    if refused.is_some() && !checks {
        finish(world, name, Outcome::Failed);
    } else {
        go_on(world, name);
    }
}

/// Starts what is next at the top of the tree; ends the job when nothing is left.
pub(super) fn go_on(world: &mut World, name: &str) {
    loop {
        let Some(job) = world.recovery.jobs.get(name) else { return };
        if job.outcome.is_some() {
            return;
        }
        let top = job.children(None);
        let running = |index: &usize| {
            matches!(job.tasks[*index].state, TaskState::InProgress | TaskState::Suspended)
        };
        if top.iter().any(running) {
            return;
        }
        if job.cancelling {
            return finish(world, name, Outcome::Cancelled);
        }
        let next = top.iter().position(|index| job.tasks[*index].state == TaskState::NotStarted);
        let Some(next) = next else { return finish_as_far_as_it_got(world, name) };
        let beside = top[next + 1..].iter().take_while(|index| job.tasks[**index].together);
        let starting: Vec<usize> = std::iter::once(&top[next]).chain(beside).copied().collect();
        for task in starting {
            start(world, name, task);
        }
    }
}

fn start(world: &mut World, name: &str, index: usize) {
    let now = world.now;
    let Some(job) = world.recovery.jobs.get_mut(name) else { return };
    let task = &mut job.tasks[index];
    task.started_at = Some(now);
    task.state = TaskState::InProgress;
    let (target, order) = (job.target, job.order.clone());
    match job.tasks[index].node.clone() {
        Node::Leaf(work) => {
            let Some(mut wait) = work.wait().map(|wait| world.sample(wait)) else {
                return end(world, name, index, TaskState::Skipped, None);
            };
            if let Target::Item(item) = target {
                wait += effects::extra(world, work, &order);
                effects::begin(world, item, work, &order);
            }
            let due = Due::TaskEnds { job: name.to_owned(), task: index };
            world.plan_in(wait, world::Due::Recovery(due));
        }
        Node::Group { .. } => start_children(world, name, index),
        Node::Machine { item, stage, .. } => {
            if !effects::is_needed(world, item, stage) {
                return end(world, name, index, TaskState::Skipped, None);
            }
            let child = child_job(world, name, index, item);
            world.recovery.items[item].scenario = Some((stage.scenario(), child.clone(), now));
            go_on(world, &child);
        }
        Node::Manual => {
            world.recovery.job_task(name, index).state = TaskState::Suspended;
        }
    }
}

/// All children of a group at once; a manual action first and alone.
fn start_children(world: &mut World, name: &str, group: usize) {
    let job = &world.recovery.jobs[name];
    let waiting = |index: &usize| job.tasks[*index].state == TaskState::NotStarted;
    let children: Vec<usize> = job.children(Some(group)).into_iter().filter(waiting).collect();
    let manual = children.iter().find(|index| matches!(job.tasks[**index].node, Node::Manual));
    let starting = manual.map_or(children.clone(), |manual| vec![*manual]);
    for child in starting {
        start(world, name, child);
    }
    close(world, name, group);
}

/// A leaf's time is over.
fn task_ends(world: &mut World, name: &str, index: usize) {
    let Some(job) = world.recovery.jobs.get(name) else { return };
    let task = &job.tasks[index];
    let Node::Leaf(work) = task.node else { return };
    if job.outcome.is_some() || task.state != TaskState::InProgress {
        return;
    }
    let job = job.clone();
    let result = match (work, &job.refusal) {
        (Work::Prerequisites(_), Some(problem)) => Err(problem.clone()),
        _ => effects::end(world, &job, work),
    };
    match result {
        Ok(()) => end(world, name, index, TaskState::Succeeded, None),
        Err(problem) => {
            end(world, name, index, TaskState::Failed, Some(problem));
            if !work.may_fail() {
                return finish(world, name, Outcome::Failed);
            }
        }
    }
    go_on(world, name);
}

/// A node is over; so is its group when it was the last.
fn end(world: &mut World, name: &str, index: usize, state: TaskState, problem: Option<Problem>) {
    let now = world.now;
    let task = world.recovery.job_task(name, index);
    task.state = state;
    task.problem = problem;
    task.ended_at = (state != TaskState::Skipped).then_some(now);
    match task.parent {
        Some(parent) => close(world, name, parent),
        None => note_wait(world, name, index),
    }
}

/// Ends a group whose children are all over; goes on after its manual action.
fn close(world: &mut World, name: &str, group: usize) {
    let job = &world.recovery.jobs[name];
    if job.tasks[group].state != TaskState::InProgress {
        return;
    }
    let states: Vec<TaskState> =
        job.children(Some(group)).iter().map(|index| job.tasks[*index].state).collect();
    let count = |wanted: TaskState| states.iter().filter(|state| **state == wanted).count();
    let running = count(TaskState::InProgress) + count(TaskState::Suspended);
    if states.iter().all(|state| state.is_over()) {
        let bad = count(TaskState::Failed) + count(TaskState::Partial);
        let state = match (bad, count(TaskState::Succeeded)) {
            (0, 0) if !states.is_empty() => TaskState::Skipped,
            (0, _) => TaskState::Succeeded,
            (_, 0) if count(TaskState::Partial) == 0 => TaskState::Failed,
            _ => TaskState::Partial,
        };
        end(world, name, group, state, None);
    } else if running == 0 && count(TaskState::NotStarted) < states.len() {
        start_children(world, name, group);
    }
}

/// A person let the job go on.
pub(super) fn resume(world: &mut World, name: &str) {
    let suspended = world
        .recovery
        .jobs
        .get(name)
        .and_then(|job| job.tasks.iter().position(|task| task.state == TaskState::Suspended));
    if let Some(index) = suspended {
        end(world, name, index, TaskState::Succeeded, None);
        go_on(world, name);
    }
}

/// Runs the failed and skipped parts of an ended job again.
pub(super) fn run_again(world: &mut World, name: &str) {
    let Some(job) = world.recovery.jobs.get_mut(name) else { return };
    let again = |task: &Task| {
        let machine = matches!(task.node, Node::Machine { .. });
        matches!(task.state, TaskState::Failed) || (machine && task.state == TaskState::Skipped)
    };
    let nodes: Vec<usize> = (0..job.tasks.len()).filter(|at| again(&job.tasks[*at])).collect();
    for node in nodes {
        // A group is run again with its parts.
        for at in std::iter::successors(Some(node), |at| job.tasks[*at].parent).collect::<Vec<_>>()
        {
            let task = &mut job.tasks[at];
            (task.state, task.ended_at, task.problem) = (TaskState::NotStarted, None, None);
        }
    }
    (job.outcome, job.ended_at, job.refusal) = (None, None, None);
    job.details.clear();
    let (target, scenario) = (job.target, job.scenario);
    effects::take(world, target, name);
    effects::allow(world, target, scenario);
    if target == Target::Plan
        && let Some(current) = &mut world.recovery.plan.current
    {
        current.outcome = None;
    }
    go_on(world, name);
}

fn child_job(world: &mut World, parent: &str, node: usize, item: usize) -> String {
    let name = world.guid();
    let now = world.now;
    let job = &world.recovery.jobs[parent];
    let Node::Machine { stage, .. } = job.tasks[node].node else { return name };
    let (activity, order) = (job.activity.clone(), job.order.clone());
    let tasks = tree::of_stage(world, stage);
    let child = Job {
        name: name.clone(),
        operation: name.clone(),
        scenario: stage.scenario(),
        target: Target::Item(item),
        parent: Some((parent.to_owned(), node)),
        activity,
        accepted_at: now,
        begun_at: Some(now),
        ended_at: None,
        outcome: None,
        cancelling: false,
        order,
        tasks,
        details: Vec::new(),
        refusal: None,
    };
    world.recovery.add_job(child);
    if let Node::Machine { child, .. } = &mut world.recovery.job_task(parent, node).node {
        *child = Some(name.clone());
    }
    name
}

/// The end of a job all of whose tasks are over: the machines say how it went.
fn finish_as_far_as_it_got(world: &mut World, name: &str) {
    let job = &world.recovery.jobs[name];
    let (target, scenario) = (job.target, job.scenario);
    let outcome = match target {
        Target::Plan => effects::outcome_of_plan(world, scenario),
        Target::Item(_) | Target::Vault => {
            let failed = job
                .tasks
                .iter()
                .any(|task| task.state == TaskState::Failed && job.parent.is_some());
            if failed { Outcome::Failed } else { Outcome::Succeeded }
        }
    };
    finish(world, name, outcome);
}

fn finish(world: &mut World, name: &str, outcome: Outcome) {
    let now = world.now;
    let Some(job) = world.recovery.jobs.get_mut(name) else { return };
    fidelity::of_outcome(outcome).assert_listed(FIDELITY);
    job.outcome = Some(outcome);
    job.ended_at = Some(now);
    let (target, scenario, order) = (job.target, job.scenario, job.order.clone());
    let (parent, refused) = (job.parent.clone(), job.refusal.is_some());
    if let Some((parent, node)) = parent {
        let state = match outcome {
            Outcome::Succeeded | Outcome::Partial => TaskState::Succeeded,
            Outcome::Failed | Outcome::Cancelled => TaskState::Failed,
        };
        let problem = world.recovery.jobs[name].tasks.iter().find_map(|task| task.problem.clone());
        end(world, &parent, node, state, problem);
        return go_on(world, &parent);
    }
    if target == Target::Plan
        && let Some(current) = &mut world.recovery.plan.current
        && current.job == name
    {
        current.outcome = Some(outcome);
    }
    if !refused {
        let details = effects::release(world, target, scenario, &order);
        if let Some(job) = world.recovery.jobs.get_mut(name) {
            job.details = details;
        }
    }
}

/// Tells the ledger how long a phase took: the waits that nobody can shorten.
fn note_wait(world: &mut World, name: &str, index: usize) {
    let job = &world.recovery.jobs[name];
    let task = &job.tasks[index];
    if job.parent.is_some() || job.target == Target::Vault {
        return;
    }
    let (Some(from), Some(to)) = (task.started_at, task.ended_at) else { return };
    let what = format!("Site Recovery {}: {}", job.scenario.friendly_name(), task.friendly_name);
    world.ledger.note_wait(what, from, to);
}
