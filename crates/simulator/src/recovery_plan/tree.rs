//! The trees of tasks, with the recorded names: drill, clean-up and commit are Hyper-V to Azure's.

use super::item::Item;
use super::job::{Node, Order, Task};
use super::scenario::{Scenario, Stage, Work};
use crate::durations::Wait;
use crate::world::World;

/// The whole tree of a plan's job: it is there from the start, as `NotStarted` (recorded).
pub(super) fn of_plan(world: &mut World, scenario: Scenario, order: &Order) -> Vec<Task> {
    let mut tree = Tree { groups: groups(&world.recovery.items), tasks: Vec::new() };
    let manual = world.recovery.behaviour.manual_action;
    let mut guid = || world.guid();
    match scenario {
        Scenario::UnplannedFailover => {
            tree.check(guid(), Wait::AsrPrerequisites);
            if order.shut_down {
                tree.shut_down(&mut guid);
            }
            tree.all_at_once(Stage::FailOver, &mut guid);
            tree.one_by_one("BootGroup", "Start", Stage::Boot, manual, &mut guid);
            tree.finalise(guid());
        }
        Scenario::TestFailover => {
            tree.check(guid(), Wait::AsrPrerequisites);
            tree.plain(
                guid(),
                "RpTfoNetworkCreation",
                "Create the test environment",
                Work::Formality(Wait::AsrTestNetwork),
            );
            tree.all_at_once(Stage::TestFailOver, &mut guid);
            tree.one_by_one("BootGroup", "Start", Stage::TestBoot, false, &mut guid);
            tree.finalise(guid());
        }
        Scenario::TestFailoverCleanup => {
            tree.check(guid(), Wait::AsrCleanupPrerequisites);
            tree.together(
                "TestFailoverCleanupGroup",
                "Test failover cleanup",
                Stage::CleanUp,
                &mut guid,
            );
            tree.plain(
                guid(),
                "RpTfoDeleteTestNetwork",
                "Clean up the test environment",
                Work::Formality(Wait::AsrTestNetwork),
            );
            tree.finalise(guid());
        }
        Scenario::CommitFailover => {
            tree.together("CommitGroup", "Commit", Stage::Commit, &mut guid);
        }
        Scenario::UpdateItem | Scenario::RefreshVaultHealth | Scenario::RestartJob => {}
    }
    tree.tasks
}

/// The tasks of a job for one item, asked for by itself.
pub(super) fn of_item(world: &mut World, scenario: Scenario, order: &Order) -> Vec<Task> {
    match scenario {
        Scenario::UnplannedFailover => {
            let mut tasks = vec![Task::leaf(
                "UnplannedFailoverPreflightChecksTask",
                "VmUfoPrerequisitesCheck",
                "Prerequisites check for failover",
                Work::Prerequisites(Wait::AsrItemPrerequisites),
            )];
            if order.shut_down {
                tasks.push(stop_source());
            }
            tasks.push(synchronise());
            tasks.push(fail_over(Wait::AsrItemFailover));
            tasks.push(start_replica(Wait::AsrStartReplica));
            tasks
        }
        Scenario::TestFailover => vec![
            Task::leaf(
                "TestFailoverPreflightChecksTask",
                "VmTfoPrerequisitesCheck",
                "Prerequisites check for test failover",
                Work::Prerequisites(Wait::AsrItemPrerequisites),
            ),
            test_fail_over(),
            test_prepare(),
            test_start(),
        ],
        Scenario::TestFailoverCleanup => {
            let mut tasks = vec![Task::leaf(
                "TestFailoverCleanupPreflightChecksTask",
                "VmTfoCleanupPreflightsCheck",
                "Prerequisites check for test failover cleanup",
                Work::Prerequisites(Wait::AsrItemPrerequisites),
            )];
            tasks.extend(clean_up());
            tasks
        }
        Scenario::CommitFailover => {
            let check = Task::leaf(
                world.guid(),
                "VmCommitPrerequisitesCheck",
                "Prerequisite check",
                Work::Prerequisites(Wait::AsrItemPrerequisites),
            );
            vec![check, commit(world.guid())]
        }
        Scenario::UpdateItem => vec![Task::leaf(
            world.guid(),
            "UpdateVmPropertiesTask",
            "Update the virtual machine properties",
            Work::ApplySettings(Wait::AsrUpdateItem),
        )],
        Scenario::RefreshVaultHealth => vec![Task::leaf(
            "RefreshFailoverHealthTask",
            "RefreshFailoverHealthTask",
            "Refreshing failover health",
            Work::Formality(Wait::AsrStartReplica),
        )],
        Scenario::RestartJob => vec![Task::leaf(
            world.guid(),
            "RemediateTask",
            "Restarting job",
            Work::Remediate(Wait::AsrRestart),
        )],
    }
}

/// The tasks of the child job behind a machine node of the plan's tree.
pub(super) fn of_stage(world: &mut World, stage: Stage) -> Vec<Task> {
    match stage {
        Stage::ShutDown => vec![stop_source()],
        Stage::FailOver => vec![synchronise(), fail_over(Wait::AsrFailover)],
        Stage::Boot => vec![start_replica(Wait::AsrBootGroup)],
        Stage::TestFailOver => vec![test_fail_over()],
        Stage::TestBoot => vec![test_prepare(), test_start()],
        Stage::CleanUp => clean_up(),
        Stage::Commit => vec![commit(world.guid())],
    }
}

struct Tree {
    /// Number of the boot group, numbers and names of its items.
    groups: Vec<(u8, Vec<(usize, String)>)>,
    tasks: Vec<Task>,
}

fn groups(items: &[Item]) -> Vec<(u8, Vec<(usize, String)>)> {
    let mut groups: Vec<(u8, Vec<(usize, String)>)> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let member = (index, item.machine_name.to_lowercase());
        match groups.iter_mut().find(|(number, _)| *number == item.group) {
            Some((_, members)) => members.push(member),
            None => groups.push((item.group, vec![member])),
        }
    }
    groups.sort_by_key(|(number, _)| *number);
    groups
}

impl Tree {
    fn plain(&mut self, id: String, name: &'static str, friendly: &str, work: Work) {
        self.tasks.push(Task::leaf(id, name, friendly, work));
    }

    fn check(&mut self, id: String, wait: Wait) {
        let friendly = "Prerequisites check for the recovery plan";
        self.plain(id, "RpSrsPrerequisitesCheck", friendly, Work::Prerequisites(wait));
    }

    fn finalise(&mut self, id: String) {
        let friendly = "Finalizing the recovery plan";
        self.plain(id, "EndRecoveryPlanTask", friendly, Work::Formality(Wait::AsrFinalise));
    }

    fn node(&mut self, parent: Option<usize>, id: String, friendly: String, node: Node) -> usize {
        self.tasks.push(Task::new(parent, id, "Unknown", friendly, node));
        self.tasks.len() - 1
    }

    fn machines(
        &mut self,
        parent: usize,
        members: &[(usize, String)],
        stage: Stage,
        guid: &mut impl FnMut() -> String,
    ) {
        for (item, name) in members {
            let node = Node::Machine { item: *item, stage, child: None };
            self.node(Some(parent), guid(), name.clone(), node);
        }
    }

    /// All groups' machines side by side (recorded with one group; that several groups do not
    /// wait for each other here is a guess from the name).
    fn shut_down(&mut self, guid: &mut impl FnMut() -> String) {
        let groups = self.groups.clone();
        let friendly = format!("All groups shutdown ({})", groups.len());
        let kind = Node::Group { kind: "Shutdown" };
        let all = self.node(None, "ShutdownAllActionGroup".to_owned(), friendly, kind);
        for (number, members) in &groups {
            let friendly = format!("Shutdown: Group {number} ({})", members.len());
            let kind = Node::Group { kind: "Shutdown" };
            let group = self.node(Some(all), format!("Group{number}"), friendly, kind);
            self.machines(group, members, Stage::ShutDown, guid);
        }
    }

    /// One phase for all machines (by the recorded tree, which has one machine).
    fn all_at_once(&mut self, stage: Stage, guid: &mut impl FnMut() -> String) {
        let members: Vec<_> = self.groups.iter().flat_map(|(_, members)| members.clone()).collect();
        let kind = Node::Group { kind: "RpFailoverTask" };
        let friendly = "Recovery plan failover".to_owned();
        let group = self.node(None, "FailoverAllActionGroup".to_owned(), friendly, kind);
        self.machines(group, &members, stage, guid);
    }

    fn one_by_one(
        &mut self,
        kind: &'static str,
        verb: &str,
        stage: Stage,
        manual: bool,
        guid: &mut impl FnMut() -> String,
    ) {
        for (number, members) in self.groups.clone() {
            let friendly = format!("Group {number}: {verb} ({})", members.len());
            let group = self.node(None, format!("Group{number}"), friendly, Node::Group { kind });
            if manual && number == 1 {
                let friendly = "Confirm before the first group".to_owned();
                self.node(Some(group), guid(), friendly, Node::Manual);
            }
            self.machines(group, &members, stage, guid);
        }
    }

    /// Groups side by side: recordings have one group only, and a clean-up of several machines
    /// at once takes no longer than of one.
    fn together(
        &mut self,
        kind: &'static str,
        verb: &str,
        stage: Stage,
        guid: &mut impl FnMut() -> String,
    ) {
        let first = self.tasks.len();
        self.one_by_one(kind, verb, stage, false, guid);
        for task in self.tasks.iter_mut().skip(first + 1).filter(|task| task.parent.is_none()) {
            task.together = true;
        }
    }
}

fn stop_source() -> Task {
    Task::leaf(
        "ShutdownVmOnPrimaryForUFO",
        "VmShutdownVmOnPrimary",
        "Shut down the virtual machine",
        Work::StopSource,
    )
}

fn synchronise() -> Task {
    Task::leaf(
        "PrepareForUnPlannedFailoverTask",
        "VmPrepareForUnPlannedFailover",
        "Synchronizing the latest changes",
        Work::Skipped,
    )
}

fn fail_over(wait: Wait) -> Task {
    Task::leaf("FailoverTask", "VmFailover", "Start failover", Work::FailOver(wait))
}

fn start_replica(wait: Wait) -> Task {
    Task::leaf(
        "StartVmOnSecondary",
        "VmFoStartVmOnSecondary",
        "Start the replica virtual machine",
        Work::StartReplica(wait),
    )
}

fn test_fail_over() -> Task {
    Task::leaf(
        "BeginTestFailoverTask",
        "VmTfoInitiateFailover",
        "Create test virtual machine",
        Work::TestFailOver(Wait::AsrTestFailover),
    )
}

fn test_prepare() -> Task {
    Task::leaf(
        "PrepareTestProtectedEntitiesTask",
        "VmTfoPrepareTestVm",
        "Preparing the virtual machine",
        Work::Formality(Wait::AsrStartReplica),
    )
}

fn test_start() -> Task {
    Task::leaf(
        "BootTestProtectedEntitiesTask",
        "VmTfoBootTestVm",
        "Start the virtual machine",
        Work::TestStart(Wait::AsrTestBoot),
    )
}

fn clean_up() -> Vec<Task> {
    vec![
        Task::leaf(
            "EndTestFailoverTask",
            "VmTfoEndFailover",
            "Ending test failover",
            Work::Formality(Wait::AsrStartReplica),
        ),
        Task::leaf(
            "CleanupTestProtectedEntitiesTask",
            "VmTfoDeleteTestVm",
            "Clean up the test virtual machine",
            Work::DeleteTestMachine(Wait::AsrTestCleanup),
        ),
    ]
}

fn commit(id: String) -> Task {
    Task::leaf(id, "VmCommit", "Commit", Work::Commit(Wait::AsrCommit))
}
