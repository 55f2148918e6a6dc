//! The world: all state, one door in, one way forward in time.

use std::net::Ipv4Addr;

use jiff::{SignedDuration, Timestamp};

use crate::agenda::Agenda;
use crate::control::Effect;
use crate::door::{Answer, Door, Outgoing, Request, Response, TcpAnswer};
use crate::durations::{Durations, Wait};
use crate::ledger::Ledger;
use crate::operations::{Operations, Snapshots};
use crate::regions::{Health, Region, Regions};
use crate::{
    application_gateway, azure_monitor, control, identity, network_interface, operations,
    recovery_plan, service_bus, sql_failover_group, traffic_manager, tutorial, user,
    virtual_machine, workload,
};

/// All of the local Azure. Cloneable, so that a test can try two futures of one moment.
#[derive(Debug, Clone)]
pub struct World {
    /// The time of the last thing that happened.
    pub(crate) now: Timestamp,
    pub(crate) random: fastrand::Rng,
    pub(crate) agenda: Agenda<Due>,
    pub(crate) regions: Regions,
    /// The world as it was when a region was lost: where stale answers come from.
    pub(crate) snapshots: Snapshots,
    pub(crate) durations: Durations,
    pub(crate) faults: control::Faults,
    pub(crate) operations: Operations,
    pub(crate) sql: sql_failover_group::State,
    pub(crate) recovery: recovery_plan::State,
    pub(crate) machines: virtual_machine::State,
    pub(crate) network: network_interface::State,
    pub(crate) gateways: application_gateway::State,
    pub(crate) traffic: traffic_manager::State,
    pub(crate) workload: workload::State,
    pub(crate) monitor: azure_monitor::State,
    pub(crate) user: user::State,
    pub(crate) bus: service_bus::State,
    pub(crate) ledger: Ledger,
    pub(crate) outbox: Vec<Outgoing>,
}

/// Something on the agenda, by the module that planned it.
#[derive(Debug, Clone)]
pub(crate) enum Due {
    Operation(operations::Due),
    Sql(sql_failover_group::Due),
    Recovery(recovery_plan::Due),
    Machine(virtual_machine::Due),
    Gateway(application_gateway::Due),
    Traffic(traffic_manager::Due),
    Workload(workload::Due),
    Monitor(azure_monitor::Due),
    User(user::Due),
    Bus(service_bus::Due),
    Fault(control::Due),
}

impl World {
    /// The tutorial's application in two regions, healthy, with East US as its primary.
    pub fn tutorial(options: &tutorial::Options) -> Self {
        tutorial::build(options)
    }

    /// Lets everything happen that is due up to `now`.
    pub fn advance(&mut self, now: Timestamp) {
        while let Some((at, due)) = self.agenda.pop(now) {
            self.now = self.now.max(at);
            match due {
                Due::Operation(due) => operations::on_due(self, due),
                Due::Sql(due) => sql_failover_group::on_due(self, due),
                Due::Recovery(due) => recovery_plan::on_due(self, due),
                Due::Machine(due) => virtual_machine::on_due(self, due),
                Due::Gateway(due) => application_gateway::on_due(self, due),
                Due::Traffic(due) => traffic_manager::on_due(self, due),
                Due::Workload(due) => workload::on_due(self, due),
                Due::Monitor(due) => azure_monitor::on_due(self, due),
                Due::User(due) => user::on_due(self, due),
                Due::Bus(due) => service_bus::on_due(self, due),
                Due::Fault(due) => control::on_due(self, due),
            }
        }
        self.now = self.now.max(now);
    }

    /// When the world next changes by itself.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.agenda.next()
    }

    /// Answers a request that arrived at `now`.
    pub fn handle(&mut self, now: Timestamp, request: &Request) -> Answer {
        self.advance(now);
        match request.door {
            Door::Arm => operations::front_door(self, request),
            Door::Identity => self.with_faults(request, identity::managed_identity),
            Door::Entra => self.with_faults(request, identity::entra),
            Door::ServiceBus => service_bus::send(self, request),
            Door::Broker => self.with_faults(request, service_bus::receive),
            Door::Control => control::handle(self, request).into(),
            Door::Webhook => self.with_faults(request, |world, request| {
                world.ledger.note_notification(world.now, request.json().unwrap_or_default());
                Response::empty(200)
            }),
            Door::Public(address) => workload::browse(self, address, request),
        }
    }

    /// Whether a receiver of this queue has anything to ask for.
    pub fn has_messages(&self, queue: &str) -> bool {
        self.bus.has_messages(queue)
    }

    /// The alert deliveries that are waiting to be sent.
    pub fn take_outgoing(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.outbox)
    }

    /// The address of a name now, with its time to live in seconds; `None` is NXDOMAIN.
    /// Covers the profile's name, the public addresses' labels, and the SQL servers and listener.
    pub fn resolve(&mut self, now: Timestamp, name: &str) -> Option<(Vec<Ipv4Addr>, u32)> {
        self.advance(now);
        traffic_manager::resolve(self, name)
            .or_else(|| network_interface::resolve(self, name))
            .or_else(|| sql_failover_group::resolve(self, name))
    }

    /// What a TCP connection to this address meets now.
    pub fn connect(&mut self, now: Timestamp, address: Ipv4Addr, port: u16) -> TcpAnswer {
        self.advance(now);
        match port {
            1433 => sql_failover_group::connect(self, address),
            _ => workload::connect(self, address, port),
        }
    }

    /// A region dies or comes back. Modules that act on that, instead of looking at
    /// `world.regions` when asked, are told here.
    pub(crate) fn set_region(&mut self, region: Region, health: Health) {
        if self.regions.health(region) == health {
            return;
        }
        if health == Health::Down {
            let mut before = self.clone();
            before.snapshots = Snapshots::default();
            self.snapshots.take(region, before);
        } else {
            self.snapshots.drop(region);
        }
        self.regions.set(region, health);
        virtual_machine::region_changed(self, region);
        sql_failover_group::on_region_changed(self, region);
        workload::on_region_changed(self, region, health);
    }

    /// Answers with the fault that is set for the request, if there is one.
    fn with_faults(
        &mut self,
        request: &Request,
        answer: impl Fn(&mut Self, &Request) -> Response,
    ) -> Answer {
        match control::fault_for(self, request).map(|fault| fault.effect) {
            None => answer(self, request).into(),
            Some(Effect::Status(status)) => Response::empty(status).into(),
            Some(Effect::LostRequest) => Answer::Reset,
            Some(Effect::Hang) => Answer::Hang,
            Some(Effect::LostAnswer) => {
                answer(self, request);
                Answer::Reset
            }
            Some(Effect::Delay(after)) => Answer::Reply { after, response: answer(self, request) },
        }
    }

    /// Draws how long something takes this time.
    pub(crate) fn sample(&mut self, wait: Wait) -> SignedDuration {
        self.durations.sample(wait, &mut self.random)
    }

    /// Puts something on the agenda, this long from now.
    pub(crate) fn plan_in(&mut self, delay: SignedDuration, due: Due) {
        self.agenda.plan(self.now + delay, due);
    }

    /// A fresh GUID, in lower case.
    pub(crate) fn guid(&mut self) -> String {
        let (high, low) = (self.random.u64(..), self.random.u64(..));
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 48 & 0x3fff | 0x8000,
            low & 0xffff_ffff_ffff,
        )
    }

    /// What was seen from outside.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}
