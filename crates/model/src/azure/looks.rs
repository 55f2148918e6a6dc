//! What looks see: always what is so at that moment, unless a guard of the looks is taken away.

use std::collections::BTreeSet;

use recovery::effect::{Operation, OperationState};
use recovery::event::Sight;
use recovery::look::Look;
use recovery::view::{
    DrillState, Endpoint, EndpointHealth, FailoverGroup, ItemState, JobState, Machines, Name,
    Offer, Power, ProtectedItem, RecoveryPlan, Replication, Role, Scenario, ScenarioKind, SqlPort,
    TrafficProfile, View,
};
use recovery::{Place, Plan, ResourceId};

use super::{Azure, Drill, Job, Machine, Work};
use crate::scenario::Broken;
use crate::system::stamp;

impl Azure {
    pub(crate) fn see(&self, plan: &Plan, look: &Look, broken: Option<Broken>) -> Sight {
        match self.view(plan, look, broken) {
            Some(view) => Sight::Seen(view),
            None => Sight::Unknown("no answer in time".to_owned()),
        }
    }

    fn view(&self, plan: &Plan, look: &Look, broken: Option<Broken>) -> Option<View> {
        let place_of = |server: &ResourceId| {
            if *server == plan.preferred.sql_server { Place::Preferred } else { Place::Standby }
        };
        match look {
            Look::FailoverGroup { server, .. } => {
                let place = place_of(server);
                let primary = match broken {
                    Some(Broken::RoleByName) => Place::Preferred,
                    Some(Broken::AcceptedIsDone) => self.promoting.map_or(self.primary, |it| it.to),
                    _ => self.primary,
                };
                let role = |of| if primary == of { Role::Primary } else { Role::Secondary };
                let both = self.preferred_up;
                self.is_up(place).then(|| {
                    View::FailoverGroup(FailoverGroup {
                        role: role(place),
                        partner_role: Some(role(place.other())),
                        replication: if both {
                            Replication::CatchUp
                        } else {
                            Replication::Suspended
                        },
                        managed_by_service: false,
                    })
                })
            }
            Look::SqlPort { server } => {
                let hidden = broken == Some(Broken::OldPrimaryHidden);
                let accepts = self.is_up(place_of(server)) && !hidden;
                Some(View::SqlPort(SqlPort { accepts }))
            }
            Look::RecoveryPlan { .. } => Some(View::RecoveryPlan(self.recovery_plan(plan))),
            Look::TrafficProfile { .. } => Some(View::TrafficProfile(self.profile(plan))),
            Look::Machines { machines } => {
                let power = |id: &ResourceId| recovery::view::Machine {
                    id: id.clone(),
                    power: Power::Running,
                };
                let machines = machines.iter().map(power).collect();
                Some(View::Machines(Machines { machines }))
            }
            Look::Name { .. } => {
                let leads_there = self.machine == Machine::Moved
                    && (!self.preferred_enabled || !self.preferred_up);
                let detail = if leads_there { "leads there" } else { "does not lead there" };
                Some(View::Name(Name { leads_there, detail: detail.to_owned() }))
            }
            // The runbooks of the model do not look at these.
            Look::GatewayHealth { .. } | Look::Interfaces { .. } | Look::Application { .. } => None,
        }
    }

    /// What an operation says of itself; a finished one proves nothing.
    pub(crate) fn state_of(&self, operation: &Operation) -> OperationState {
        let running = operation.0 == format!("promotion-{}", self.accepted)
            && self.promoting.is_some()
            || operation.0 == format!("job-{}", self.jobs) && self.is_busy();
        if running { OperationState::Running } else { OperationState::Succeeded }
    }

    fn recovery_plan(&self, plan: &Plan) -> RecoveryPlan {
        let moved = self.machine == Machine::Moved;
        let offers: &[Offer] = match (self.machine, self.drill) {
            _ if self.is_busy() => &[],
            (Machine::Home, Drill::None) => &[Offer::Failover, Offer::TestFailover],
            (_, Drill::Standing) => &[Offer::TestFailoverCleanUp],
            _ => &[],
        };
        let offers: BTreeSet<_> = offers.iter().copied().collect();
        let vault = &plan.site_recovery.vault;
        let machine = |kind: &str| ResourceId::new(format!("{vault}/machines/{kind}"));
        RecoveryPlan {
            scenario: self.job.map(|job| self.scenario(job)),
            offers: offers.clone(),
            items: vec![ProtectedItem {
                id: ResourceId::new(format!("{vault}/replicationProtectedItems/one")),
                name: "one".to_owned(),
                state: if moved {
                    ItemState::FailedOver { committed: false }
                } else {
                    ItemState::Protected
                },
                drill: match self.drill {
                    Drill::None => DrillState::None,
                    Drill::Standing => DrillState::Standing,
                    Drill::Coming | Drill::Going => DrillState::Changing,
                },
                offers,
                source_machine: None,
                recovered_machine: moved.then(|| machine("moved")),
                drill_machine: (self.drill == Drill::Standing).then(|| machine("test")),
                recovery_point_at: None,
            }],
        }
    }

    fn scenario(&self, job: Job) -> Scenario {
        Scenario {
            kind: match job.what {
                Work::FailOver => ScenarioKind::Failover,
                Work::TestFailOver => ScenarioKind::TestFailover,
                Work::CleanUp => ScenarioKind::TestFailoverCleanUp,
            },
            state: if job.until.is_some() { JobState::Running } else { JobState::Succeeded },
            job: format!("job-{}", self.jobs),
            started_at: Some(stamp(job.began)),
            source_stopped: false,
            problem: None,
        }
    }

    fn profile(&self, plan: &Plan) -> TrafficProfile {
        let endpoint = |place: Place, enabled: bool, serves: bool| Endpoint {
            id: plan.site(place).traffic_endpoint.clone(),
            enabled,
            health: match (enabled, serves) {
                (false, _) => EndpointHealth::Unwatched,
                (true, true) => EndpointHealth::Online,
                (true, false) => EndpointHealth::Degraded,
            },
            target: plan.site(place).region.clone(),
        };
        let home = self.machine == Machine::Home;
        TrafficProfile {
            name: "cafe".to_owned(),
            enabled: true,
            endpoints: vec![
                endpoint(Place::Preferred, self.preferred_enabled, home && self.preferred_up),
                endpoint(Place::Standby, true, !home),
            ],
        }
    }
}
