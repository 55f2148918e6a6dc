//! What requests do when they arrive.

use recovery::Place;
use recovery::ResourceId;
use recovery::effect::{Effect, Manner, OperationState};
use recovery::view::{DrillState, ItemState, JobState, Power, ScenarioKind};

use super::agenda::Change;
use super::names::machine_of;
use super::{
    Arrival, BOOT_S, CLEAN_UP_S, FORCED_S, ITEM_S, MANAGED, MOVE_S, PLANNED_S, Reply, SHUTDOWN_S,
    TEST_S, World,
};

const STOP_S: i64 = 50;
const ATTACH_S: i64 = 5;

impl World {
    /// A request arrives.
    pub(crate) fn arrive(&mut self, effect: &Effect) -> Reply {
        let reply = self.take(effect);
        let refused = match &reply {
            Reply::Refused(code) => Some(*code),
            Reply::Silence => return reply,
            Reply::Accepted(_) => None,
        };
        self.ledger.push(Arrival { at: self.now, effect: effect.clone(), refused });
        reply
    }

    fn take(&mut self, effect: &Effect) -> Reply {
        match effect {
            Effect::SetEndpoint { endpoint, enabled, .. } => {
                let place = if *endpoint == self.plan.preferred.traffic_endpoint {
                    Place::Preferred
                } else {
                    assert_eq!(*endpoint, self.plan.standby.traffic_endpoint);
                    Place::Standby
                };
                self.endpoints.insert(place, *enabled);
                Reply::Accepted(None)
            }
            Effect::PromoteDatabase { server, manner, .. } => self.promote(server, *manner),
            Effect::FailOver { stop_source, .. } => self.fail_over(*stop_source),
            Effect::FailOverItem { item, .. } => self.fail_over_item(machine_of(item)),
            Effect::TestFailOver { .. } => self.test_fail_over(),
            Effect::CleanUpTestFailOver { .. } => self.clean_up(),
            Effect::AttachPublicIp { interface, public_ip } => {
                let interface = interface.clone();
                let address = public_ip.clone();
                self.after(ATTACH_S, Change::Attached { address, interface });
                Reply::Accepted(None)
            }
            Effect::StopMachine { machine } => self.stop_machine(machine),
            Effect::Notify { .. } => Reply::Accepted(None),
        }
    }

    fn promote(&mut self, server: &ResourceId, manner: Manner) -> Reply {
        let place = self.place_of(server);
        if !self.is_up(place) {
            return Reply::Silence;
        }
        if self.sql.primary == place {
            return Reply::Refused("FailoverGroupFailoverRequestOnPrimary");
        }
        if self.sql.busy.is_some() {
            return Reply::Refused("FailoverGroupBusy");
        }
        if manner == Manner::Planned && !self.is_up(place.other()) {
            return Reply::Refused("PartnerUnavailable");
        }
        let operation = self.begin_operation("promotion");
        self.sql.busy = Some(operation.clone());
        let takes = if manner == Manner::Forced { FORCED_S } else { PLANNED_S };
        self.after(takes, Change::Promoted { place, manner, operation: operation.clone() });
        Reply::Accepted(Some(operation))
    }

    fn fail_over(&mut self, stop_source: bool) -> Reply {
        let moved = |item: &super::Item| matches!(item.state, ItemState::FailedOver { .. });
        if self.is_busy()
            || self.items.values().any(|item| item.drill != DrillState::None)
            || self.items.values().any(moved)
        {
            return Reply::Refused("NotAllowedInCurrentState");
        }
        self.begin_job(ScenarioKind::Failover);
        let operation = self.begin_operation("failover");
        let mut at = 10;
        if stop_source {
            at += SHUTDOWN_S;
            self.after(at, Change::SourceStopped);
        }
        at += MOVE_S;
        self.after(at, Change::Moved);
        for group in [&["dmgr1"][..], &MANAGED, &["ihs1"]] {
            at += BOOT_S;
            self.after(at, Change::Booted(group));
        }
        self.after(at, Change::FailoverEnded { operation: operation.clone() });
        Reply::Accepted(Some(operation))
    }

    fn fail_over_item(&mut self, machine: &'static str) -> Reply {
        let busy = self.is_busy();
        let item = self.items.get_mut(machine).unwrap();
        if busy || item.busy || item.drill != DrillState::None || item.state != ItemState::Protected
        {
            return Reply::Refused("NotAllowedInCurrentState");
        }
        item.busy = true;
        let operation = self.begin_operation("item");
        self.after(ITEM_S, Change::ItemEnded { machine, operation: operation.clone() });
        Reply::Accepted(Some(operation))
    }

    fn test_fail_over(&mut self) -> Reply {
        let at_rest = |item: &super::Item| {
            item.drill == DrillState::None && item.state == ItemState::Protected
        };
        if self.is_busy() || !self.items.values().all(at_rest) {
            return Reply::Refused("NotAllowedInCurrentState");
        }
        let operation = self.begin_operation("drill");
        self.after(self.site_recovery_lags_s, Change::TestBegun);
        self.after(TEST_S, Change::TestEnded { operation: operation.clone() });
        Reply::Accepted((!self.accepts_without_operation).then_some(operation))
    }

    fn clean_up(&mut self) -> Reply {
        let standing = self.items.values().any(|item| item.drill == DrillState::Standing);
        if self.is_busy() || !standing {
            return Reply::Refused("NotAllowedInCurrentState");
        }
        self.begin_job(ScenarioKind::TestFailoverCleanUp);
        self.test_machines(DrillState::Changing);
        let operation = self.begin_operation("clean-up");
        self.after(CLEAN_UP_S, Change::CleanedUp { operation: operation.clone() });
        Reply::Accepted(Some(operation))
    }

    fn stop_machine(&mut self, machine: &ResourceId) -> Reply {
        if !self.is_up(Self::place_named(machine)) {
            return Reply::Silence;
        }
        let vm = self.machines.get_mut(machine).expect("it stops machines that exist");
        vm.power = Power::Changing;
        self.after(STOP_S, Change::Stopped(machine.clone()));
        Reply::Accepted(None)
    }

    pub(super) fn is_busy(&self) -> bool {
        self.job.as_ref().is_some_and(|job| job.state == JobState::Running)
            || self.items.values().any(|item| item.busy)
    }

    pub(super) fn place_of(&self, server: &ResourceId) -> Place {
        if *server == self.plan.preferred.sql_server {
            return Place::Preferred;
        }
        assert_eq!(*server, self.plan.standby.sql_server);
        Place::Standby
    }

    fn begin_operation(&mut self, kind: &str) -> String {
        let operation = self.fresh(kind);
        self.operations.insert(operation.clone(), OperationState::Running);
        operation
    }
}
