//! What looks see.

use std::collections::BTreeSet;

use jiff::Timestamp;
use recovery::effect::Operation;
use recovery::event::Sight;
use recovery::look::Look;
use recovery::view::{
    Application, Backends, DrillState, Endpoint, EndpointHealth, FailoverGroup, GatewayHealth,
    Interface, Interfaces, ItemState, Machine, Machines, Name, Offer, Power, ProtectedItem,
    PublicIp, RecoveryPlan, Role, Scenario, SqlPort, TrafficProfile, View,
};
use recovery::{Place, ResourceId};

use super::names::{drill_machine, group, interface, item};
use super::{Item, MACHINES, World, id_in};

impl World {
    /// What a look sees now; `None` if nobody answers.
    pub(crate) fn see(&mut self, look: &Look, asked: Option<&Operation>) -> Option<Sight> {
        self.view(look, asked).map(Sight::Seen)
    }

    fn view(&mut self, look: &Look, asked: Option<&Operation>) -> Option<View> {
        match look {
            Look::FailoverGroup { server, .. } => {
                let place = self.place_of(server);
                self.is_up(place).then(|| View::FailoverGroup(self.failover_group(place)))
            }
            Look::SqlPort { server } => {
                let accepts = self.is_up(self.place_of(server));
                Some(View::SqlPort(SqlPort { accepts }))
            }
            Look::RecoveryPlan { .. } => Some(View::RecoveryPlan(self.recovery_plan())),
            Look::TrafficProfile { .. } => Some(View::TrafficProfile(self.profile())),
            Look::GatewayHealth { gateway } => {
                let place = Self::place_named(gateway);
                self.is_up(place).then(|| View::GatewayHealth(self.gateway(place, asked)))
            }
            Look::Interfaces { machines, public_ips } => {
                Some(View::Interfaces(self.interfaces(machines, public_ips)))
            }
            Look::Machines { machines } => self.powers(machines).map(View::Machines),
            Look::Application { host, contains, .. } => {
                Some(View::Application(self.application(host, contains.is_some())))
            }
            Look::Name { name, leads_to } => {
                let there = BTreeSet::from([place_of_host(leads_to)]);
                let leads_there = self.leads_to() == there;
                let verb = if leads_there { "leads" } else { "does not lead" };
                let detail = format!("{name} {verb} to {leads_to}");
                Some(View::Name(Name { leads_there, detail }))
            }
        }
    }

    fn failover_group(&self, place: Place) -> FailoverGroup {
        let primary = match self.sql.promotions.last() {
            Some((at, _, to)) if self.lags(*at) => to.other(),
            _ => self.sql.primary,
        };
        let role = |place| if primary == place { Role::Primary } else { Role::Secondary };
        FailoverGroup {
            role: role(place),
            partner_role: (!self.says_little).then(|| role(place.other())),
            replication: self.sql.replication.clone(),
            managed_by_service: false,
        }
    }

    fn lags(&self, promoted_at: Timestamp) -> bool {
        self.now.duration_since(promoted_at).as_secs() < self.failover_group_lags_s
    }

    fn recovery_plan(&self) -> RecoveryPlan {
        let items: Vec<_> =
            MACHINES.iter().map(|name| self.protected(name, &self.items[name])).collect();
        let scenario = self.job.as_ref().map(|job| Scenario {
            kind: job.kind.clone(),
            state: job.state,
            job: job.name.clone(),
            started_at: (!self.says_little).then_some(job.started_at),
            source_stopped: job.source_stopped,
            problem: job.problem.clone(),
        });
        // The plan's own list is coarser than its items': it offers what any of them does, and a
        // failover even after one (recorded).
        let mut offers: BTreeSet<_> = items.iter().flat_map(|item| item.offers.clone()).collect();
        if !self.is_busy() && self.items.values().all(|item| item.drill == DrillState::None) {
            offers.extend([Offer::Failover, Offer::TestFailover]);
        }
        RecoveryPlan { scenario, offers, items }
    }

    fn protected(&self, name: &str, known: &Item) -> ProtectedItem {
        let moved = matches!(known.state, ItemState::FailedOver { .. });
        let offers: &[Offer] = match (&known.state, known.drill) {
            _ if self.is_busy() => &[],
            (ItemState::Protected, DrillState::None) => &[Offer::Failover, Offer::TestFailover],
            (ItemState::Protected, DrillState::Standing) => &[Offer::TestFailoverCleanUp],
            (ItemState::FailedOver { committed: false }, _) => &[Offer::Commit],
            _ => &[],
        };
        let standing = known.drill == DrillState::Standing;
        ProtectedItem {
            id: item(&self.plan.site_recovery.vault, name),
            name: name.to_owned(),
            state: known.state.clone(),
            drill: known.drill,
            offers: offers.iter().copied().collect(),
            source_machine: (!self.says_little).then(|| id_in(self.home, name)),
            recovered_machine: moved.then(|| id_in(self.home.other(), name)),
            drill_machine: standing.then(|| drill_machine(name)),
            recovery_point_at: moved.then(|| "2026-11-22T09:58:00Z".parse().unwrap()),
        }
    }

    fn profile(&self) -> TrafficProfile {
        let endpoint = |place: Place| {
            let enabled = self.endpoints[&place];
            let noticed = place == Place::Preferred || self.standby_online_from <= self.now;
            let health = match (enabled, self.serves(place) && noticed) {
                (false, _) => EndpointHealth::Unwatched,
                (true, true) => EndpointHealth::Online,
                (true, false) => EndpointHealth::Degraded,
            };
            let health = self.said_health.get(&place).copied().unwrap_or(health);
            let id = self.plan.site(place).traffic_endpoint.clone();
            Endpoint { id, enabled, health, target: host_of(place).to_owned() }
        };
        TrafficProfile {
            name: "tmprofile-cafe.trafficmanager.net".to_owned(),
            enabled: true,
            endpoints: vec![endpoint(Place::Preferred), endpoint(Place::Standby)],
        }
    }

    /// The gateway takes its time: the first look asks, the next fetches.
    fn gateway(&mut self, place: Place, asked: Option<&Operation>) -> GatewayHealth {
        if asked.is_some() {
            let backends = if self.pool_is_empty {
                Backends { all: 0, healthy: 0 }
            } else {
                Backends { all: 3, healthy: self.healthy_members(place) }
            };
            GatewayHealth { backends: Some(backends), asked: None }
        } else {
            let operation = Operation(self.fresh("health"));
            GatewayHealth { backends: None, asked: Some(operation) }
        }
    }

    fn interfaces(&self, machines: &[ResourceId], public_ips: &[ResourceId]) -> Interfaces {
        let interfaces = machines
            .iter()
            .filter(|machine| self.machines.contains_key(machine))
            .map(|machine| {
                let id = interface(machine);
                let held = self.addresses.iter().find(|(_, holder)| **holder == id);
                let public_ip = held.map(|(address, _)| address.clone());
                Interface { id, machine: machine.clone(), public_ip }
            })
            .collect();
        let public_ips = public_ips
            .iter()
            .map(|id| PublicIp { id: id.clone(), held_by: self.addresses.get(id).cloned() })
            .collect();
        Interfaces { interfaces, public_ips }
    }

    fn powers(&self, machines: &[ResourceId]) -> Option<Machines> {
        let mut seen = Vec::new();
        for id in machines {
            if !self.is_up(Self::place_named(id)) {
                return None;
            }
            let power = self.machines.get(id).map_or(Power::Missing, |vm| vm.power);
            seen.push(Machine { id: id.clone(), power });
        }
        Some(Machines { machines: seen })
    }

    fn application(&self, host: &str, with_data: bool) -> Application {
        let place = place_of_host(host);
        let serves = self.serves(place);
        let answer = if serves { "answers 200" } else { "does not answer" };
        Application {
            serves,
            right_data: (serves && with_data).then_some(self.sql.primary == place),
            detail: format!("{host} {answer}"),
        }
    }

    pub(super) fn place_named(id: &ResourceId) -> Place {
        if id.as_str().contains(group(Place::Preferred)) {
            return Place::Preferred;
        }
        assert!(id.as_str().contains(group(Place::Standby)), "{id} is nowhere");
        Place::Standby
    }
}

fn host_of(place: Place) -> &'static str {
    match place {
        Place::Preferred => "agw-cafe.eastus.cloudapp.azure.com",
        Place::Standby => "agw-cafe.westus.cloudapp.azure.com",
    }
}

fn place_of_host(host: &str) -> Place {
    let place = if host.contains("eastus") { Place::Preferred } else { Place::Standby };
    assert_eq!(host_of(place), host);
    place
}
