//! A tiny world in memory: what the core looks at and what its effects change. It answers in the
//! core's own words, so that only the core is under test; time is an argument, as it is there.

mod agenda;
mod effects;
mod looks;
mod names;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use recovery::effect::{Effect, Manner, OperationState};
use recovery::view::{
    DrillState, EndpointHealth, ItemState, JobState, Power, Replication, ScenarioKind,
};
use recovery::{Place, Plan, ResourceId};

use self::agenda::Change;
use self::names::drill_machine;
pub(crate) use self::names::{MACHINES, MANAGED, id_in};

/// The world's durations, in seconds. Rounder than the real ones, and of their order.
pub(crate) const FORCED_S: i64 = 8;
pub(crate) const PLANNED_S: i64 = 50;
pub(crate) const SHUTDOWN_S: i64 = 65;
pub(crate) const MOVE_S: i64 = 95;
pub(crate) const BOOT_S: i64 = 40;
pub(crate) const ITEM_S: i64 = 140;
pub(crate) const TEST_S: i64 = 200;
pub(crate) const CLEAN_UP_S: i64 = 190;
/// From a machine's start until its application server answers.
pub(crate) const WARM_UP_S: i64 = 45;

pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) plan: Plan,
    /// Where the machines are protected: Site Recovery moves them out of this place.
    pub(crate) home: Place,
    /// Whether the preferred place lives; the standby always does.
    pub(crate) preferred_up: bool,
    pub(crate) sql: Sql,
    pub(crate) items: BTreeMap<&'static str, Item>,
    pub(crate) job: Option<Job>,
    pub(crate) machines: BTreeMap<ResourceId, Vm>,
    pub(crate) endpoints: BTreeMap<Place, bool>,
    /// Which interface holds which public address.
    pub(crate) addresses: BTreeMap<ResourceId, ResourceId>,
    /// Site Recovery attaches the prepared addresses on its own.
    pub(crate) attaches_itself: bool,
    /// How often a machine still fails to move.
    pub(crate) failures: BTreeMap<&'static str, u32>,
    /// Nothing is in the gateways' pools.
    pub(crate) pool_is_empty: bool,
    /// The failover group shows a promotion so many seconds late.
    pub(crate) failover_group_lags_s: i64,
    /// Until then Traffic Manager has not seen the standby's endpoint answer.
    pub(crate) standby_online_from: Timestamp,
    /// What Traffic Manager says of an endpoint, if not what is so.
    pub(crate) said_health: BTreeMap<Place, EndpointHealth>,
    /// Until then no request leaves the machine.
    pub(crate) offline_until_s: Option<i64>,
    /// The next operations of a kind fail, so many times.
    pub(crate) broken_operations: Vec<(&'static str, u32)>,
    /// A test failover brings up all machines but one.
    pub(crate) only_some_test_machines: bool,
    /// Site Recovery shows an accepted test failover, and the machines of an ended one, so late.
    pub(crate) site_recovery_lags_s: i64,
    /// An accepted test failover names no operation.
    pub(crate) accepts_without_operation: bool,
    /// So many clean-ups leave one machine standing.
    pub(crate) partial_clean_ups: u32,
    /// Azure leaves out what it may: the partner's role, a job's beginning, an item's source.
    pub(crate) says_little: bool,
    pub(crate) operations: BTreeMap<String, OperationState>,
    /// Every request that arrived, with what was answered.
    pub(crate) ledger: Vec<Arrival>,
    agenda: BTreeMap<(Timestamp, u64), Change>,
    counter: u64,
}

pub(crate) struct Sql {
    pub(crate) primary: Place,
    pub(crate) replication: Replication,
    /// A promotion under way: its operation.
    pub(crate) busy: Option<String>,
    /// Promotions that took effect.
    pub(crate) promotions: Vec<(Timestamp, Manner, Place)>,
}

pub(crate) struct Item {
    pub(crate) state: ItemState,
    pub(crate) drill: DrillState,
    /// An item's own failover is under way.
    pub(crate) busy: bool,
    /// How often it was moved.
    pub(crate) moves: u32,
}

pub(crate) struct Job {
    pub(crate) kind: ScenarioKind,
    pub(crate) name: String,
    pub(crate) state: JobState,
    pub(crate) started_at: Timestamp,
    pub(crate) source_stopped: bool,
    pub(crate) problem: Option<String>,
}

pub(crate) struct Vm {
    pub(crate) power: Power,
    /// From when on what runs on it answers.
    pub(crate) answers_from: Timestamp,
}

/// A request that reached the world.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) at: Timestamp,
    pub(crate) effect: Effect,
    /// The code of the refusal, if it was refused.
    pub(crate) refused: Option<&'static str>,
}

/// What the world answers to a request.
pub(crate) enum Reply {
    Accepted(Option<String>),
    Refused(&'static str),
    /// Nobody there: the sender's time runs out.
    Silence,
}

impl World {
    /// Everything runs in the preferred place.
    pub(crate) fn new(plan: Plan, now: Timestamp) -> Self {
        Self::at_home(Place::Preferred, plan, now)
    }

    /// Everything runs in the standby place, and is protected for the way back.
    pub(crate) fn in_standby(plan: Plan, now: Timestamp) -> Self {
        let mut world = Self::at_home(Place::Standby, plan, now);
        for name in MACHINES {
            world.attach_prepared(name, &id_in(Place::Standby, name));
        }
        world
    }

    fn at_home(home: Place, plan: Plan, now: Timestamp) -> Self {
        let items = MACHINES.map(|name| {
            let state = ItemState::Protected;
            (name, Item { state, drill: DrillState::None, busy: false, moves: 0 })
        });
        let vm = || Vm { power: Power::Running, answers_from: now };
        let machines = MACHINES.map(|name| (id_in(home, name), vm()));
        Self {
            now,
            plan,
            home,
            preferred_up: true,
            sql: Sql {
                primary: home,
                replication: Replication::CatchUp,
                busy: None,
                promotions: Vec::new(),
            },
            items: items.into(),
            job: None,
            machines: machines.into(),
            endpoints: BTreeMap::from([(Place::Preferred, true), (Place::Standby, true)]),
            addresses: BTreeMap::new(),
            attaches_itself: false,
            failures: BTreeMap::new(),
            pool_is_empty: false,
            failover_group_lags_s: 0,
            standby_online_from: now,
            said_health: BTreeMap::new(),
            offline_until_s: None,
            broken_operations: Vec::new(),
            only_some_test_machines: false,
            site_recovery_lags_s: 0,
            accepts_without_operation: false,
            partial_clean_ups: 0,
            says_little: false,
            operations: BTreeMap::new(),
            ledger: Vec::new(),
            agenda: BTreeMap::new(),
            counter: 0,
        }
    }

    /// The preferred place is gone.
    pub(crate) fn lost(plan: Plan, now: Timestamp) -> Self {
        let mut world = Self::new(plan, now);
        world.preferred_up = false;
        world.sql.replication = Replication::Suspended;
        world
    }

    pub(crate) fn is_up(&self, place: Place) -> bool {
        place == Place::Standby || self.preferred_up
    }

    /// Somebody else's clean-up has come to its end.
    pub(crate) fn take_the_drill_down(&mut self) {
        self.test_machines(DrillState::None);
        for name in MACHINES {
            self.machines.remove(&drill_machine(name));
        }
        self.begin_job(ScenarioKind::TestFailoverCleanUp);
        self.end_job(JobState::Succeeded);
    }

    /// Test machines stand since an earlier drill.
    pub(crate) fn leave_a_drill_standing(&mut self) {
        for item in self.items.values_mut() {
            item.drill = DrillState::Standing;
        }
        self.job = Some(Job {
            kind: ScenarioKind::TestFailover,
            name: "job-of-the-last-drill".to_owned(),
            state: JobState::Succeeded,
            started_at: self.now - SignedDuration::from_hours(3),
            source_stopped: false,
            problem: None,
        });
    }

    /// Somebody brings test machines up.
    pub(crate) fn begin_a_foreign_drill(&mut self) {
        let plan = &self.plan.site_recovery;
        let effect = Effect::TestFailOver {
            vault: plan.vault.clone(),
            recovery_plan: plan.recovery_plan.clone(),
            network: self.plan.drill.as_ref().unwrap().network.clone(),
            recovery_point: plan.recovery_point,
        };
        assert!(matches!(self.arrive(&effect), Reply::Accepted(_)));
    }

    /// Somebody promotes the database; or tries to, and is refused.
    pub(crate) fn promote_by_hand(&mut self) {
        let promotion = Effect::PromoteDatabase {
            server: self.plan.standby.sql_server.clone(),
            group: self.plan.failover_group.clone(),
            manner: Manner::Forced,
        };
        self.arrive(&promotion);
    }

    /// Somebody promotes the database and fails the machines over.
    pub(crate) fn begin_a_foreign_failover(&mut self) {
        self.promote_by_hand();
        self.advance(self.now + SignedDuration::from_secs(FORCED_S));
        let plan = &self.plan.site_recovery;
        let failover = Effect::FailOver {
            vault: plan.vault.clone(),
            recovery_plan: plan.recovery_plan.clone(),
            stop_source: false,
            recovery_point: plan.recovery_point,
        };
        assert!(matches!(self.arrive(&failover), Reply::Accepted(_)));
    }

    /// How many promotions of a manner took effect.
    pub(crate) fn promoted(&self, manner: Manner) -> usize {
        self.sql.promotions.iter().filter(|(_, how, _)| *how == manner).count()
    }

    /// How many of a kind of request arrived and were not refused.
    pub(crate) fn taken(&self, subject: &str) -> usize {
        self.arrivals(subject).filter(|arrival| arrival.refused.is_none()).count()
    }

    /// Every request whose subject contains the text.
    pub(crate) fn arrivals(&self, subject: &str) -> impl Iterator<Item = &Arrival> {
        self.ledger.iter().filter(move |arrival| arrival.effect.subject().contains(subject))
    }

    /// The machines that run in a place and do the work of a cluster member.
    pub(crate) fn healthy_members(&self, place: Place) -> u32 {
        if !self.is_up(place) {
            return 0;
        }
        let count = MANAGED.iter().filter(|name| self.answers(&id_in(place, name))).count();
        u32::try_from(count).unwrap()
    }

    pub(crate) fn answers(&self, machine: &ResourceId) -> bool {
        self.machines
            .get(machine)
            .is_some_and(|vm| vm.power == Power::Running && vm.answers_from <= self.now)
    }

    /// Whether users of this place's entry are served.
    pub(crate) fn serves(&self, place: Place) -> bool {
        use recovery::plan::Entry;
        self.is_up(place)
            && match self.plan.site(place).entry {
                Entry::ApplicationGateway { .. } => self.healthy_members(place) > 0,
                Entry::IbmHttpServer {} => {
                    // Its public address is given to it only by hand in the standby place.
                    let reachable = place == Place::Preferred
                        || self.addresses.keys().any(|id| id.name().starts_with("ihs"));
                    reachable
                        && self.healthy_members(place) > 0
                        && self.answers(&id_in(place, "ihs1"))
                }
            }
    }

    /// Where the profile leads users now: the first that is online, else all that are enabled.
    pub(crate) fn leads_to(&self) -> BTreeSet<Place> {
        let enabled = || self.endpoints.iter().filter(|(_, on)| **on).map(|(place, _)| *place);
        match enabled().find(|place| self.serves(*place)) {
            Some(place) => BTreeSet::from([place]),
            None => enabled().collect(),
        }
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.counter += 1;
        format!("{prefix}-{}", self.counter)
    }

    fn after(&mut self, seconds: i64, change: Change) {
        self.counter += 1;
        self.agenda.insert((self.now + SignedDuration::from_secs(seconds), self.counter), change);
    }
}
