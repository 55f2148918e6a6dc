//! What happens in the world by itself when its time has come.

use jiff::{SignedDuration, Timestamp};
use recovery::Place;
use recovery::ResourceId;
use recovery::effect::{Manner, OperationState};
use recovery::view::{DrillState, ItemState, JobState, Power, Replication, ScenarioKind};

use super::names::{drill_machine, interface};
use super::{MACHINES, Vm, WARM_UP_S, World, id_in};

pub(super) enum Change {
    Promoted { place: Place, manner: Manner, operation: String },
    SourceStopped,
    Moved,
    Booted(&'static [&'static str]),
    FailoverEnded { operation: String },
    ItemEnded { machine: &'static str, operation: String },
    TestBegun,
    TestEnded { operation: String },
    TestMachinesShown,
    CleanedUp { operation: String },
    Stopped(ResourceId),
    Attached { address: ResourceId, interface: ResourceId },
}

impl World {
    /// Lets time pass.
    pub(crate) fn advance(&mut self, to: Timestamp) {
        while let Some(entry) = self.agenda.first_entry() {
            if entry.key().0 > to {
                break;
            }
            let ((at, _), change) = entry.remove_entry();
            self.now = self.now.max(at);
            self.happen(change);
        }
        self.now = self.now.max(to);
    }

    fn happen(&mut self, change: Change) {
        match change {
            Change::Promoted { place, manner, operation } => {
                self.sql.busy = None;
                if self.breaks(&operation) {
                    return;
                }
                self.sql.primary = place;
                self.sql.replication = if self.is_up(place.other()) {
                    Replication::CatchUp
                } else {
                    Replication::Suspended
                };
                self.sql.promotions.push((self.now, manner, place));
                self.succeeds(operation);
            }
            Change::SourceStopped => {
                if let Some(job) = &mut self.job {
                    job.source_stopped = true;
                }
                for name in MACHINES {
                    self.stop(&id_in(self.home, name));
                }
            }
            Change::Moved => {
                for name in MACHINES {
                    let fails = self.failures.get_mut(name).filter(|left| **left > 0);
                    match fails {
                        Some(left) => *left -= 1,
                        None => self.moved(name),
                    }
                }
            }
            Change::Booted(names) => {
                for name in names {
                    if matches!(self.items[name].state, ItemState::FailedOver { .. }) {
                        self.start(id_in(self.home.other(), name));
                    }
                }
            }
            Change::FailoverEnded { operation } => self.failover_ended(operation),
            Change::ItemEnded { machine, operation } => {
                self.items.get_mut(machine).unwrap().busy = false;
                let fails = self.failures.get_mut(machine).filter(|left| **left > 0);
                if let Some(left) = fails {
                    *left -= 1;
                    self.fails(operation, "VmFailedToMove");
                } else {
                    self.moved(machine);
                    self.start(id_in(self.home.other(), machine));
                    self.succeeds(operation);
                }
            }
            Change::TestBegun => {
                self.begin_job(ScenarioKind::TestFailover);
                self.test_machines(DrillState::Changing);
            }
            Change::TestEnded { operation } => {
                if self.breaks(&operation) {
                    self.test_machines(DrillState::None);
                    self.end_job(JobState::Failed);
                    return;
                }
                self.items.get_mut("dmgr1").unwrap().drill = DrillState::Standing;
                self.after(self.site_recovery_lags_s, Change::TestMachinesShown);
                for name in MACHINES {
                    self.start(drill_machine(name));
                }
                if self.only_some_test_machines {
                    self.end_job(JobState::PartiallySucceeded);
                } else {
                    self.end_job(JobState::Succeeded);
                }
                self.succeeds(operation);
            }
            Change::TestMachinesShown => {
                self.test_machines(DrillState::Standing);
                if self.only_some_test_machines {
                    self.items.get_mut("managed1").unwrap().drill = DrillState::None;
                }
            }
            Change::CleanedUp { operation } => {
                if self.breaks(&operation) {
                    self.test_machines(DrillState::Standing);
                    self.end_job(JobState::Failed);
                    return;
                }
                self.test_machines(DrillState::None);
                for name in MACHINES {
                    self.machines.remove(&drill_machine(name));
                }
                if self.partial_clean_ups > 0 {
                    self.partial_clean_ups -= 1;
                    self.items.get_mut("ihs1").unwrap().drill = DrillState::Standing;
                    self.end_job(JobState::PartiallySucceeded);
                } else {
                    self.end_job(JobState::Succeeded);
                }
                self.succeeds(operation);
            }
            Change::Stopped(machine) => self.stop(&machine),
            Change::Attached { address, interface } => {
                self.addresses.insert(address, interface);
            }
        }
    }

    fn failover_ended(&mut self, operation: String) {
        let moved = |world: &Self| {
            let moved = |state: &ItemState| matches!(state, ItemState::FailedOver { .. });
            world.items.values().filter(|item| moved(&item.state)).count()
        };
        match moved(self) {
            0 => {
                self.end_job(JobState::Failed);
                self.fails(operation, "AllFailed");
            }
            all if all == MACHINES.len() => {
                self.end_job(JobState::Succeeded);
                self.succeeds(operation);
            }
            // The operation of a partial success says that it succeeded (recorded).
            _ => {
                self.end_job(JobState::PartiallySucceeded);
                self.succeeds(operation);
            }
        }
    }

    fn moved(&mut self, name: &'static str) {
        let item = self.items.get_mut(name).unwrap();
        item.state = ItemState::FailedOver { committed: false };
        item.moves += 1;
        let machine = id_in(self.home.other(), name);
        let vm = Vm { power: Power::Stopped, answers_from: Timestamp::MAX };
        self.machines.insert(machine.clone(), vm);
        if self.attaches_itself {
            self.attach_prepared(name, &machine);
        }
    }

    /// Gives a machine of the standby place the public address that is prepared for it.
    pub(super) fn attach_prepared(&mut self, name: &str, machine: &ResourceId) {
        let wanted = self.plan.standby.public_ips.iter().find(|wanted| wanted.fits(name));
        if let Some(wanted) = wanted {
            self.addresses.insert(wanted.public_ip.clone(), interface(machine));
        }
    }

    fn start(&mut self, machine: ResourceId) {
        let answers_from = self.now + SignedDuration::from_secs(WARM_UP_S);
        self.machines.insert(machine, Vm { power: Power::Running, answers_from });
    }

    fn stop(&mut self, machine: &ResourceId) {
        if let Some(vm) = self.machines.get_mut(machine) {
            vm.power = Power::Stopped;
        }
    }

    pub(super) fn test_machines(&mut self, state: DrillState) {
        for item in self.items.values_mut() {
            item.drill = state;
        }
    }

    pub(crate) fn end_job(&mut self, state: JobState) {
        if let Some(job) = &mut self.job {
            job.state = state;
            if state != JobState::Succeeded {
                job.problem = Some("not all of it worked".to_owned());
            }
        }
    }

    fn succeeds(&mut self, operation: String) {
        self.operations.insert(operation, OperationState::Succeeded);
    }

    fn fails(&mut self, operation: String, code: &str) {
        let message = "it did not work".to_owned();
        let state = OperationState::Failed { code: code.to_owned(), message };
        self.operations.insert(operation, state);
    }

    /// Whether this operation is one that is to fail; then it has.
    fn breaks(&mut self, operation: &str) -> bool {
        let broken = self
            .broken_operations
            .iter_mut()
            .find(|(prefix, left)| operation.starts_with(prefix) && *left > 0);
        let Some((_, left)) = broken else { return false };
        *left -= 1;
        self.fails(operation.to_owned(), "ScriptedFailure");
        true
    }

    pub(crate) fn begin_job(&mut self, kind: ScenarioKind) -> String {
        let name = self.fresh("job");
        self.job = Some(super::Job {
            kind,
            name: name.clone(),
            state: JobState::Running,
            started_at: self.now,
            source_stopped: false,
            problem: None,
        });
        name
    }
}
