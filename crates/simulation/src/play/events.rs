//! What happens at moments: to the workload, to processes, and what people ask for.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::regions::Region;

use super::people;
use super::portal::ByHand;
use crate::fault::Kind;
use crate::rig::{Rig, Victim, WORKLOAD};
use crate::story::{EVENT_S, Scenario, Story};

/// A person who got no answer, or was refused for now, asks again.
const ASK_AGAIN_S: i64 = 10;

/// What is still to happen.
#[derive(Debug)]
pub(super) struct Events {
    faults: Vec<(u32, Kind)>,
    world: Vec<(u32, Happening)>,
    question: Option<Question>,
    /// From when to when the kill switch was on.
    pub(super) halts: Vec<(Timestamp, Timestamp)>,
    pub(super) by_hand: ByHand,
    /// When it is turned off again.
    off_at: Option<Timestamp>,
    /// How long what Azure does takes when nothing slows it down, once it has been asked.
    usual_waits: Option<Value>,
}

#[derive(Debug, Clone, Copy)]
enum Happening {
    Loss,
    Blip { s: u16 },
}

#[derive(Debug)]
struct Question {
    path: String,
    body: Value,
    ask_at: i64,
}

impl Events {
    pub(super) fn of(story: &Story) -> Self {
        let failover = || Question {
            path: format!("/api/workloads/{WORKLOAD}/failover"),
            body: json!({"manner": "planned", "reason": "moving house"}),
            ask_at: EVENT_S.into(),
        };
        let drill = || Question {
            path: format!("/api/workloads/{WORKLOAD}/drill"),
            body: json!({"reason": "quarterly"}),
            ask_at: EVENT_S.into(),
        };
        let (world, question) = match story.scenario {
            Scenario::RegionLoss | Scenario::RegionLossAlertsOnly => {
                (vec![(EVENT_S, Happening::Loss)], None)
            }
            Scenario::RegionLossInPlanned { after_s } => {
                (vec![(EVENT_S + u32::from(after_s), Happening::Loss)], Some(failover()))
            }
            Scenario::RegionLossInDrill { after_s } => {
                (vec![(EVENT_S + u32::from(after_s), Happening::Loss)], Some(drill()))
            }
            Scenario::Planned => (Vec::new(), Some(failover())),
            Scenario::Drill => (Vec::new(), Some(drill())),
            Scenario::Blip { s } => (vec![(EVENT_S, Happening::Blip { s })], None),
            Scenario::Nothing => (Vec::new(), None),
        };
        Self {
            faults: story.events(),
            world,
            question,
            halts: Vec::new(),
            by_hand: ByHand::default(),
            off_at: None,
            usual_waits: None,
        }
    }

    /// `begun`: there is a run of what was asked for.
    pub(super) async fn happen(&mut self, rig: &mut Rig, second: i64, begun: bool) {
        while let Some((_, kind)) = self.faults.pop_if_first(second) {
            self.strike(rig, kind).await;
        }
        for kind in rig.weather.take_due() {
            self.strike(rig, kind).await;
        }
        if self.off_at.is_some_and(|at| at <= rig.now()) {
            self.off_at = None;
            people::turn_the_kill_switch(rig, false).await;
        }
        while let Some((_, happening)) = self.world.pop_if_first(second) {
            match happening {
                Happening::Loss => rig.lose_east().await,
                Happening::Blip { s } => {
                    let body = json!({"region": "eastus", "seconds": s});
                    rig.control("POST", "/control/blip", Some(body)).await;
                }
            }
        }
        // Whoever is told that something is in the way, an open incident say, asks again.
        let is_definite = |status: u16| status < 500 && status != 409;
        if begun || rig.told.drain(..).flatten().any(is_definite) {
            self.question = None;
        }
        if let Some(question) = &mut self.question
            && second >= question.ask_at
        {
            question.ask_at = second + ASK_AGAIN_S;
            rig.ask(&question.path, &question.body);
        }
    }

    async fn strike(&mut self, rig: &mut Rig, kind: Kind) {
        rig.weather.note(rig.now(), kind);
        match kind {
            Kind::AppKilled { app } => rig.kill_app(app.into(), Victim::App).await,
            Kind::HostKilled { app } => rig.kill_app(app.into(), Victim::HostAndApp).await,
            Kind::Frozen { app, s } => rig.freeze(app.into(), Duration::from_secs(s.into())),
            Kind::ClockJump { app, ms } => {
                rig.set_clock(app.into(), SignedDuration::from_millis(ms.into()));
            }
            Kind::SlowOperations { times_percent } => self.slow_down(rig, times_percent).await,
            Kind::Abort => people::ask_to_abort(rig).await,
            Kind::Force => people::ask_to_force(rig).await,
            Kind::RegionBack => {
                // A small database has soon caught up, so that it can be failed back.
                let soon = json!({"least_s": 1, "most_s": 20});
                let waits = json!({"waits": {"sql_rejoin": soon, "sql_catch_up": soon}});
                rig.control("POST", "/control/options", Some(waits)).await;
                let up = json!({"health": "up"});
                rig.control("POST", "/control/regions/eastus", Some(up)).await;
            }
            Kind::PromotedByHand => self.by_hand.promote(rig, Region::WestUs).await,
            Kind::FailedBackByHand => self.by_hand.promote(rig, Region::EastUs).await,
            Kind::FailedOverByHand => self.by_hand.fail_over(rig).await,
            Kind::KillSwitch { s } => {
                let until = rig.now() + SignedDuration::from_secs(s.into());
                self.halts.push((rig.now(), until));
                self.off_at = self.off_at.max(Some(until));
                people::turn_the_kill_switch(rig, true).await;
            }
            _ => {}
        }
    }

    /// What Azure does takes longer than the table says; what the network does, does not.
    async fn slow_down(&mut self, rig: &Rig, percent: u16) {
        if self.usual_waits.is_none() {
            let mut options = rig.control("GET", "/control/options", None).await;
            self.usual_waits = Some(options["waits"].take());
        }
        let usual = self.usual_waits.iter().filter_map(Value::as_object).flatten();
        let slowed = usual.filter(|(name, _)| {
            ["sql_planned", "sql_forced", "asr_", "machine_", "member_", "interface_"]
                .iter()
                .any(|of| name.starts_with(of))
        });
        let factor = f64::from(percent) / 100.0;
        let waits: serde_json::Map<String, Value> = slowed
            .map(|(name, wait)| {
                let times = |bound: &str| wait[bound].as_f64().unwrap_or_default() * factor;
                (name.clone(), json!({"least_s": times("least_s"), "most_s": times("most_s")}))
            })
            .collect();
        rig.control("POST", "/control/options", Some(json!({"waits": waits}))).await;
    }
}

trait PopIfFirst<T> {
    fn pop_if_first(&mut self, second: i64) -> Option<T>;
}

impl<T> PopIfFirst<(u32, T)> for Vec<(u32, T)> {
    /// The first, if its time has come.
    fn pop_if_first(&mut self, second: i64) -> Option<(u32, T)> {
        let is_due = self.first().is_some_and(|(at, _)| i64::from(*at) <= second);
        is_due.then(|| self.remove(0))
    }
}
