//! Azure Site Recovery: a vault with one recovery plan over five replicated machines.
//!
//! The plan fails over all machines in parallel and then starts its boot groups one after the
//! other. What the real service does that one would not expect is kept: a plan action's operation
//! is not its job, a fresh job has three faces, the plan offers what its items refuse.

mod actions;
mod effects;
mod engine;
mod fidelity;
mod item;
mod item_body;
mod job;
mod job_body;
mod names;
mod plan;
mod refusals;
mod route;
mod scenario;
mod settings;
#[cfg(test)]
mod tests;
mod tree;
mod vault;

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::regions::Region;
use crate::tutorial::Options;
use crate::virtual_machine::Role;
use crate::world::{self, World};

pub(crate) use fidelity::FIDELITY;
use item::{Item, Protection};
use job::{Job, Task};
pub(crate) use route::handle;

/// The vault and what is in it.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) behaviour: Behaviour,
    items: Vec<Item>,
    plan: plan::Plan,
    jobs: BTreeMap<String, Job>,
    /// The jobs' names in the order of their beginning.
    order: Vec<String>,
}

/// How Site Recovery behaves where that can be chosen, or where nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Behaviour {
    /// Machines that cannot be created in the target region, until their item is tried by itself.
    pub(crate) fail_items: BTreeSet<String>,
    pub(crate) refusing: Refusing,
    pub(crate) partial: Partially,
    /// The items' settings name the prepared public addresses, so that Site Recovery attaches them.
    pub(crate) recovery_public_ips: bool,
    /// A person must confirm before the first boot group.
    pub(crate) manual_action: bool,
    /// Entries in one page of a list.
    pub(crate) page_size: usize,
}

/// How an action is refused that the state does not allow. Both are guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Refusing {
    /// 400 or 409 in the known envelope.
    #[default]
    AtOnce,
    /// 202, and a job that fails its prerequisites check.
    InJob,
}

/// How a job is shown that succeeded for some machines only. Which it is for Azure to Azure is a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Partially {
    /// `state: PartiallySucceeded` (recorded of another provider).
    #[default]
    State,
    /// `state: Succeeded, stateDescription: PartiallySucceeded` (specification).
    Description,
}

#[derive(Debug, Clone)]
pub(crate) enum Due {
    /// A job begins its tasks.
    Begin(String),
    /// A leaf task's time is over.
    TaskEnds { job: String, task: usize },
    /// All items report how far their replication is.
    Replicate,
}

/// How often the replication reports.
const REPLICATION: SignedDuration = SignedDuration::from_secs(60);

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            fail_items: BTreeSet::new(),
            refusing: Refusing::default(),
            partial: Partially::default(),
            recovery_public_ips: false,
            manual_action: false,
            page_size: 100,
        }
    }
}

impl State {
    pub(crate) fn tutorial(options: &Options) -> Self {
        let item = |name, role, group, host| Item::new(name, role, group, host, options.started_at);
        Self {
            behaviour: Behaviour::default(),
            items: vec![
                item("dmgr1", Role::Dmgr, 1, 4),
                item("managed1", Role::Member, 2, 5),
                item("managed2", Role::Member, 2, 6),
                item("managed3", Role::Member, 2, 7),
                item("ihs1", Role::Ihs, 3, 8),
            ],
            plan: plan::Plan::default(),
            jobs: BTreeMap::new(),
            order: Vec::new(),
        }
    }

    fn add_job(&mut self, job: Job) {
        self.order.push(job.name.clone());
        self.jobs.insert(job.name.clone(), job);
    }

    fn find_job(&self, name: &str) -> Option<&Job> {
        self.jobs.values().find(|job| job.is_called(name))
    }

    fn job_task(&mut self, job: &str, task: usize) -> &mut Task {
        let job = self.jobs.get_mut(job).expect("jobs are never forgotten");
        &mut job.tasks[task]
    }

    fn find_item(&self, name: &str) -> Option<usize> {
        self.items.iter().position(|item| item.name.eq_ignore_ascii_case(name))
    }
}

pub(crate) fn start(world: &mut World) {
    world.plan_in(REPLICATION, world::Due::Recovery(Due::Replicate));
}

pub(crate) fn on_due(world: &mut World, due: Due) {
    engine::on_due(world, due);
}

/// Changes how Site Recovery behaves.
pub(crate) fn set_behaviour(world: &mut World, behaviour: Behaviour) {
    let attach = behaviour.recovery_public_ips;
    world.recovery.behaviour = behaviour;
    for item in &mut world.recovery.items {
        let address = match item.role {
            Role::Dmgr => "dmgr-public-ip-westus",
            Role::Ihs => "ihs-public-ip-westus",
            Role::Member => continue,
        };
        item.settings.public_address = attach.then(|| {
            names::resource(Region::WestUs, "Microsoft.Network/publicIPAddresses", address)
        });
    }
}

/// While the source is up, recovery points go on arriving.
fn replicate(world: &mut World) {
    world.plan_in(REPLICATION, world::Due::Recovery(Due::Replicate));
    if !world.regions.is_up(Region::EastUs) {
        return;
    }
    let now = world.now;
    for item in &mut world.recovery.items {
        if item.protection == Protection::Protected {
            item.replicated_at = now;
            item.lag = SignedDuration::from_secs(world.random.i64(30..=240));
        }
    }
}
