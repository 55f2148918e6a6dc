//! The whole system in one process and in virtual time: the simulated world, a store, one or more
//! apps, and what the platform does around them (delivering messages and alerts, firing timers,
//! restarting what died).

mod app;
mod cuts;
mod doors;
mod gate;
mod kept;
mod latency;
mod log;
mod steps;
mod weather;
mod wires;
mod writes;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use clock::Clock;
use engine::{Engine, Ids};
use jiff::{SignedDuration, Timestamp};
use recovery::report::Report;
use serde_json::{Value, json};
use simulator::shell::InProcess;
use simulator::{Door, Options, World};
use store::Store;

use crate::fault::Kind;
use crate::story::Backend;
use app::{App, Ended, Work};
use kept::Kept;
use wires::Wires;

pub use cuts::{Cut, Cuts, Io, Way};
#[cfg(test)]
pub(crate) use doors::Account;
pub use doors::{call, request, token};
pub use latency::Latency;
pub use log::Log;
pub use weather::{Hit, Sent, Weather};
pub use writes::Writes;

pub const WORKLOAD: &str = "websphere-cafe";
/// The tutorial's, with a webhook to tell.
pub static PLAN: LazyLock<String> = LazyLock::new(|| {
    let mut plan: Value = serde_json::from_str(EXAMPLE).unwrap();
    plan["notify"] = json!({"webhook": "https://hooks.example.com/oncall"});
    plan.to_string()
});

const EXAMPLE: &str = include_str!("../../../plans/websphere-cafe.json");

/// How often the pump looks for messages, in virtual time.
const PUMP: Duration = Duration::from_millis(400);
/// How long a dead process stays away.
const RESTART: SignedDuration = SignedDuration::from_secs(2);
/// How long with its host.
const HOST_RESTART: SignedDuration = SignedDuration::from_secs(10);

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    App,
    HostAndApp,
}

/// The system under test.
#[derive(Debug)]
pub struct Rig {
    pub azure: InProcess,
    /// What is kept, whatever comes between it and the apps.
    pub store: Arc<dyn Store>,
    pub cuts: Arc<Cuts>,
    pub weather: Arc<Weather>,
    pub latency: Arc<Latency>,
    pub log: Arc<Log>,
    pub writes: Arc<Writes>,
    pub watch_on: bool,
    apps: Vec<App>,
    timers: Timers,
    ticks: usize,
    pub crashes: u32,
    /// What people who asked were told; none, if the app died at it.
    pub told: Vec<Option<u16>>,
}

#[derive(Debug, Clone, Copy)]
struct Timers {
    watch: Timestamp,
    sweep: Timestamp,
    drills: Timestamp,
}

impl Rig {
    /// The tutorial's world with its plan stored, at rest.
    pub async fn new(seed: u64) -> Self {
        Self::with(seed, Cuts::none(), &PLAN).await
    }

    pub async fn with(seed: u64, cuts: Cuts, plan: &str) -> Self {
        Self::with_apps(seed, cuts, plan, 1, Backend::Sqlite).await
    }

    /// Some apps at once on one store.
    pub async fn with_apps(
        seed: u64,
        cuts: Cuts,
        plan: &str,
        apps: usize,
        backend: Backend,
    ) -> Self {
        let alert_url = Some("http://farshore/api/alerts".to_owned());
        let options = Options { seed, alert_url, ..Options::default() };
        let clock = Clock::simulated(options.started_at, 1);
        let azure = InProcess::new(World::tutorial(&options), clock);
        let cuts = Arc::new(cuts);
        let (weather, latency) = (Arc::<Weather>::default(), Arc::<Latency>::default());
        let (log, writes) = (Arc::<Log>::default(), Arc::<Writes>::default());
        let kept = Kept::new(backend, clock, Arc::clone(&writes));
        let ids = Ids::Counted(Arc::default());
        let start = |app| {
            let wires = Wires {
                azure: azure.clone(),
                cuts: Arc::clone(&cuts),
                weather: Arc::clone(&weather),
                latency: Arc::clone(&latency),
                log: Arc::clone(&log),
                writes: Arc::clone(&writes),
                app,
            };
            App::start(wires, kept.clone(), ids.clone())
        };
        let apps: Vec<App> = (0..apps).map(start).collect();
        let now = clock.now();
        let timers = Timers { watch: now, sweep: now, drills: now };
        let rig = Self {
            azure,
            store: kept.undisturbed(),
            cuts,
            weather,
            latency,
            log,
            writes,
            watch_on: true,
            apps,
            timers,
            ticks: 0,
            crashes: 0,
            told: Vec::new(),
        };
        rig.cuts.pause();
        rig.engine().put_plan(WORKLOAD, plan, None).await.unwrap();
        rig.cuts.resume();
        rig
    }

    /// The first app's.
    pub fn engine(&self) -> &Engine {
        &self.apps[0].engine
    }

    pub fn now(&self) -> Timestamp {
        self.azure.clock.now()
    }

    /// Lets everything run for so many simulated seconds.
    pub async fn run_for(&mut self, seconds: i64) {
        let until = self.now() + SignedDuration::from_secs(seconds);
        while self.now() < until {
            self.tick().await;
        }
    }

    pub async fn run_for_ms(&mut self, milliseconds: i64) {
        self.run_for(milliseconds / 1000).await;
        let rest = u64::try_from(milliseconds % 1000).unwrap();
        tokio::time::sleep(Duration::from_millis(rest)).await;
    }

    /// Whether the incident has come and gone.
    pub async fn has_closed(&self) -> bool {
        let watch = self.engine().workload(WORKLOAD).await.unwrap().watch;
        watch.incident.is_none() && !watch.past.is_empty()
    }

    /// Lets everything run until no run is open, at most for so many simulated seconds.
    pub async fn run_until_closed(&mut self, seconds: i64) -> bool {
        let until = self.now() + SignedDuration::from_secs(seconds);
        let mut seen = false;
        while self.now() < until {
            let open = !self.store.open_runs().await.unwrap().is_empty();
            if seen && !open {
                return true;
            }
            seen |= open;
            self.tick().await;
        }
        false
    }

    /// A moment passes, at most until something is due, and the platform does its part.
    pub async fn tick(&mut self) {
        self.ticks += 1;
        tokio::select! {
            biased;
            () = self.cuts.crashed() => self.kill_app(0, Victim::App).await,
            () = self.weather.strikes() => {}
            () = tokio::time::sleep(PUMP) => {}
        }
        for index in 0..self.apps.len() {
            let ended = self.apps[index].ended();
            for one in ended {
                self.settle(one).await;
            }
            if self.apps[index].down_until.is_some_and(|until| until <= self.now()) {
                self.apps[index].restart();
                self.cuts.revive();
            }
        }
        let up: Vec<usize> = (0..self.apps.len()).filter(|app| self.apps[*app].is_up()).collect();
        self.post_alerts(&up);
        if up.is_empty() {
            return;
        }
        // The platform gives each of them work in turn.
        let first = up[self.ticks % up.len()];
        self.fire_timers(first);
        for turn in 0..up.len() {
            self.deliver_messages(up[(self.ticks + turn) % up.len()]).await;
        }
    }

    async fn deliver_messages(&mut self, app: usize) {
        for (queue, function) in [("signals", "/receive_signal"), ("wakes", "/advance_run")] {
            for message in self.received(queue, app).await {
                let lock = message["lock_token"].as_str().unwrap().to_owned();
                let count = message["delivery_count"].to_string();
                let envelope = json!({
                    "Data": {"message": message["body"]},
                    "Metadata": {"DeliveryCount": count, "MessageId": "\"m\""},
                });
                let work = Work::Message { lock };
                self.apps[app].invoke(function, "application/json", envelope.to_string(), work);
            }
        }
    }

    fn fire_timers(&mut self, app: usize) {
        let now = self.now();
        let timer = json!({"Data": {"timer": {"IsPastDue": false}}, "Metadata": {}}).to_string();
        let mut fire = |path: &str| {
            self.apps[app].invoke(path, "application/json", timer.clone(), Work::Timer);
        };
        if self.watch_on && now >= self.timers.watch {
            self.timers.watch = now + SignedDuration::from_secs(10);
            fire("/watch");
        }
        if now >= self.timers.sweep {
            self.timers.sweep = now + SignedDuration::from_secs(30);
            fire("/sweep");
        }
        if now >= self.timers.drills {
            self.timers.drills = now + SignedDuration::from_secs(60);
            fire("/start_drills");
        }
    }

    /// A person asks for something; false if there is nobody to ask.
    pub fn ask(&mut self, path: &str, body: &Value) -> bool {
        let Some(app) = self.apps.iter_mut().find(|app| app.is_up()) else { return false };
        app.invoke(path, "application/json", body.to_string(), Work::Person);
        true
    }

    /// The world's alerts go to whichever app lives.
    fn post_alerts(&mut self, up: &[usize]) {
        let now = self.now();
        let outgoing = {
            let mut world = self.azure.lock();
            world.advance(now);
            world.take_outgoing()
        };
        for alert in outgoing {
            let lost = self.weather.on(now, |kind| kind == Kind::AlertLost).is_some();
            let Some(app) = up.first().filter(|_| !lost) else {
                self.azure.lock().delivered(now, alert.id, None);
                continue;
            };
            let work = Work::Alert { id: alert.id };
            let body = alert.body.to_string();
            self.apps[*app].invoke("/api/alerts", alert.content_type, body, work);
        }
    }

    /// What the platform does after an invocation.
    async fn settle(&mut self, ended: Ended) {
        match ended.work {
            Work::Message { lock } => {
                let now = self.now();
                let again = self.weather.on(now, |kind| kind == Kind::Redelivered).is_some();
                let done = ended.status == Some(200) && !again;
                let outcome = if done { "complete" } else { "abandon" };
                let body = json!({"lock_token": lock, "outcome": outcome});
                // A lock that has expired meanwhile cannot be settled: its message comes again.
                let request = request(Door::Broker, "POST", "/broker/settle", Some(&body));
                self.azure.call(request).await.unwrap();
            }
            Work::Alert { id } => {
                let now = self.now();
                self.azure.lock().delivered(now, id, ended.status);
            }
            Work::Person => self.told.push(ended.status),
            Work::Timer => {}
        }
    }

    /// SIGKILL for the first app. With the host, nobody gives the messages back: their locks run
    /// out.
    pub async fn kill(&mut self, victim: Victim) {
        self.kill_app(0, victim).await;
    }

    pub async fn kill_app(&mut self, app: usize, victim: Victim) {
        self.crashes += 1;
        let away = match victim {
            Victim::App => RESTART,
            Victim::HostAndApp => HOST_RESTART,
        };
        let until = self.now() + away;
        for broken_off in self.apps[app].die(until).await {
            let is_message = matches!(broken_off.work, Work::Message { .. });
            if victim == Victim::App || !is_message {
                self.settle(broken_off).await;
            }
        }
    }

    /// Another version is installed as Flex Consumption does it by default: whatever executes is
    /// killed with its host, and what comes back is the new version under a name of its own. Only
    /// the name differs here; that later code reads earlier journals is shown by the golden ones.
    pub async fn upgrade(&mut self, version: &str) {
        for app in 0..self.apps.len() {
            self.kill_app(app, Victim::HostAndApp).await;
            self.apps[app].install(version);
        }
    }

    /// A process stands still for a while.
    pub fn freeze(&self, app: usize, length: Duration) {
        self.apps[app].freeze(length);
    }

    /// An app's clock is so much ahead of the true one from now on.
    pub fn set_clock(&mut self, app: usize, ahead: SignedDuration) {
        self.apps[app].set_clock(ahead);
    }

    async fn received(&self, queue: &str, app: usize) -> Vec<Value> {
        // Asking an empty queue changes nothing and is most of what a host does.
        if !self.azure.lock().has_messages(queue) {
            return Vec::new();
        }
        let target = format!("/broker/{queue}/receive");
        let body = json!({"receiver": format!("host-{app}"), "sessions_max": 8});
        let answer = call(&self.azure, Door::Broker, "POST", &target, Some(&body)).await;
        answer["messages"].as_array().cloned().unwrap_or_default()
    }

    /// The control API.
    pub async fn control(&self, method: &str, target: &str, body: Option<Value>) -> Value {
        call(&self.azure, Door::Control, method, target, body.as_ref()).await
    }

    pub async fn lose_east(&self) {
        self.control("POST", "/control/regions/eastus", Some(json!({"health": "down"}))).await;
    }

    /// What the simulator's ledger saw.
    pub fn ledger(&self) -> simulator::ledger::Report {
        let mut world = self.azure.lock();
        world.advance(self.azure.clock.now());
        world.report()
    }

    pub async fn report(&self, run: &str) -> Report {
        self.cuts.pause();
        let report = self.engine().report(run).await.unwrap();
        self.cuts.resume();
        report
    }
}
