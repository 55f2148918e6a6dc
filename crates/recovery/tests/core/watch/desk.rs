//! A watch over the world in memory, tick by tick.

use jiff::{SignedDuration, Timestamp};
use recovery::diagnosis::Diagnosis;
use recovery::event::Sight;
use recovery::look::Look;
use recovery::signal::{Condition, Signal, Source};
use recovery::view::{Application, EndpointHealth, FailoverGroup, ItemState, Power, View};
use recovery::watch::{Follow, IncidentEnd, Watch};
use recovery::{Place, Plan};

use crate::drive::{cafe, start_of_time};
use crate::world::{MACHINES, Vm, World, id_in};

pub(super) struct Desk {
    pub(super) plan: Plan,
    pub(super) world: World,
    pub(super) watch: Watch,
    /// Looks whose subject contains one of these get no answer.
    pub(super) silent: Vec<&'static str>,
    pub(super) traffic_manager_says_online: bool,
    pub(super) our_probe_answers: bool,
    pub(super) standby_is_lost: bool,
    /// What was asked, by subject.
    pub(super) asked: Vec<String>,
    /// How often people were told.
    pub(super) told: usize,
}

impl Desk {
    pub(super) fn new() -> Self {
        let plan = cafe();
        Self {
            world: World::new(plan.clone(), start_of_time()),
            plan,
            watch: Watch::default(),
            silent: Vec::new(),
            traffic_manager_says_online: false,
            our_probe_answers: false,
            standby_is_lost: false,
            asked: Vec::new(),
            told: 0,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.world.now
    }

    pub(super) fn second(&self) -> i64 {
        self.now().duration_since(start_of_time()).as_secs()
    }

    /// Time passes, then the watch looks once.
    pub(super) fn tick(&mut self, seconds: i64) -> Follow {
        self.world.advance(self.now() + SignedDuration::from_secs(seconds));
        self.look(false)
    }

    /// Ticks of 10 s, none of which may find anything.
    pub(super) fn calm(&mut self, seconds: i64) {
        let until = self.second() + seconds;
        while self.second() < until {
            let follow = self.tick((until - self.second()).min(10));
            assert_eq!(follow, Follow::Nothing, "at {}", self.second());
        }
    }

    /// Ticks of 10 s until one finds this; `None` if none does in time.
    pub(super) fn watch_until(
        &mut self,
        seconds: i64,
        fits: impl Fn(&Follow) -> bool,
    ) -> Option<Follow> {
        let until = self.second() + seconds;
        while self.second() < until {
            let follow = self.tick(10);
            if fits(&follow) {
                return Some(follow);
            }
        }
        None
    }

    /// Somebody reports something, and the watch looks because of it. Whether it was news.
    pub(super) fn alert(&mut self, signal: &Signal) -> bool {
        let now = self.now();
        let news = self.watch.receive(&self.plan, signal, now);
        if news {
            self.look(true);
        }
        news
    }

    pub(super) fn diagnosis(&self) -> Diagnosis {
        self.watch.diagnosis(&self.plan, self.now())
    }

    pub(super) fn group_watched(&mut self) -> FailoverGroup {
        let server = self.plan.standby.sql_server.clone();
        let group = self.plan.failover_group.clone();
        match self.world.see(&Look::FailoverGroup { server, group }, None) {
            Some(Sight::Seen(View::FailoverGroup(group))) => group,
            other => panic!("{other:?}"),
        }
    }

    /// The run that the watch asked for begins.
    pub(super) fn begin_run(&mut self) {
        let now = self.now();
        self.watch.run_begun(&self.plan, "the-run", "lost", now);
    }

    pub(super) fn end_run(&mut self, moved_to: Option<Place>, end: IncidentEnd) {
        let now = self.now();
        self.watch.run_ended("the-run", moved_to, end, now);
    }

    /// As after a failover.
    pub(super) fn move_everything(&mut self) {
        self.world.sql.primary = Place::Standby;
        self.world.endpoints.insert(Place::Preferred, false);
        for name in MACHINES {
            self.world.items.get_mut(name).unwrap().state =
                ItemState::FailedOver { committed: false };
            let vm = Vm { power: Power::Running, answers_from: self.world.now };
            self.world.machines.insert(id_in(Place::Standby, name), vm);
        }
    }

    fn look(&mut self, suspicious: bool) -> Follow {
        let now = self.now();
        let mut seen = Vec::new();
        self.look_at(suspicious, &mut seen);
        // A probe that fails for the first time brings the other witnesses in at once.
        let mut after = self.watch.clone();
        for (look, sight) in &seen {
            after.saw(&self.plan, now, look, sight);
        }
        if after.probe.failing_since.is_some() && self.watch.probe.failing_since.is_none() {
            self.look_at(true, &mut seen);
        }
        for (look, sight) in &seen {
            self.watch.saw(&self.plan, now, look, sight);
        }
        let follow = self.watch.conclude(&self.plan, now);
        if matches!(follow, Follow::Tell { .. }) {
            self.told += 1;
        }
        follow
    }

    fn look_at(&mut self, suspicious: bool, seen: &mut Vec<(Look, Sight)>) {
        for look in self.watch.looks(&self.plan, self.now(), suspicious) {
            if !seen.iter().any(|(known, _)| *known == look) {
                self.asked.push(look.subject());
                let sight = self.sight(&look);
                seen.push((look, sight));
            }
        }
    }

    fn sight(&mut self, look: &Look) -> Sight {
        let subject = look.subject();
        let answer = if self.silent.iter().any(|text| subject.contains(text)) {
            None
        } else {
            self.world.see(look, None)
        };
        let mut sight = answer.unwrap_or_else(|| Sight::Unknown("no answer in time".to_owned()));
        match &mut sight {
            Sight::Seen(View::Application(seen)) if self.our_probe_answers => {
                *seen = Application { serves: true, right_data: None, detail: "200".to_owned() };
            }
            Sight::Seen(View::Application(seen)) if self.standby_is_lost => seen.serves = false,
            Sight::Seen(View::TrafficProfile(profile)) => {
                for endpoint in &mut profile.endpoints {
                    if self.traffic_manager_says_online {
                        endpoint.health = EndpointHealth::Online;
                    }
                    if self.standby_is_lost {
                        endpoint.health = EndpointHealth::Degraded;
                    }
                }
            }
            _ => {}
        }
        sight
    }
}

/// A report that the Traffic Manager endpoint of the preferred place is degraded.
pub(super) fn fired(id: &str) -> Signal {
    Signal {
        id: id.to_owned(),
        source: Source::TrafficManager,
        condition: Condition::Fired,
        rule: "endpoint-degraded".to_owned(),
        resources: vec![cafe().traffic_manager_profile],
        regions: Vec::new(),
        endpoint: Some("myPrimaryEndpoint".to_owned()),
        fired_at: start_of_time(),
        summary: "an endpoint is degraded".to_owned(),
    }
}

pub(super) fn resolved(id: &str) -> Signal {
    Signal { condition: Condition::Resolved, ..fired(id) }
}

/// A report about the gateway of a place.
pub(super) fn fired_about(id: &str, place: Place) -> Signal {
    use recovery::plan::Entry;
    let Entry::ApplicationGateway { gateway, .. } = cafe().site(place).entry.clone() else {
        panic!("the plan has gateways")
    };
    Signal {
        source: Source::ApplicationGateway,
        rule: "unhealthy-hosts".to_owned(),
        resources: vec![gateway],
        endpoint: None,
        ..fired(id)
    }
}
