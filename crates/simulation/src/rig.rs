//! The whole system in one process and in virtual time: the simulated world, a store, the engine,
//! and what the platform does around it (delivering messages, firing timers, restarting what died).

mod cuts;
mod doors;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request as HttpRequest;
use clock::Clock;
use engine::{Engine, Ids, Outside};
use farshore::{App, router};
use jiff::{SignedDuration, Timestamp};
use recovery::report::Report;
use serde_json::{Value, json};
use simulator::shell::InProcess;
use simulator::{Door, Options, Outgoing, Request, World};
use store::{Sqlite, Store};
use tokio::task::{Id, JoinHandle, JoinSet};
use tower::ServiceExt;

pub use cuts::{Cut, Cuts, Io, Side};
pub use doors::call;

pub const WORKLOAD: &str = "websphere-cafe";
pub const PLAN: &str = include_str!("../../../plans/websphere-cafe.json");

/// How often the pump looks for messages, in virtual time.
const PUMP: Duration = Duration::from_millis(400);
/// How long a dead process stays away.
const RESTART: Duration = Duration::from_secs(2);

/// How long the platform takes to bring a dead host back, beyond that.
const HOST_RESTART: Duration = Duration::from_secs(8);

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
    pub store: Arc<dyn Store>,
    pub cuts: Arc<Cuts>,
    pub watch_on: bool,
    ids: Ids,
    incarnation: u32,
    engine: Engine,
    /// The app that alerts reach: whichever process lives.
    app: Arc<Mutex<Router>>,
    tasks: JoinSet<()>,
    driver: JoinHandle<()>,
    /// The message that each task holds.
    held: BTreeMap<Id, String>,
    timers: Timers,
    pub crashes: u32,
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
        Self::with(seed, Cuts::none(), PLAN).await
    }

    pub async fn with(seed: u64, cuts: Cuts, plan: &str) -> Self {
        let alert_url = Some("http://farshore/api/alerts".to_owned());
        let options = Options { seed, alert_url, ..Options::default() };
        let clock = Clock::simulated(options.started_at, 1);
        let azure = InProcess::new(World::tutorial(&options), clock);
        let store: Arc<dyn Store> = Arc::new(Sqlite::in_memory().unwrap());
        let cuts = Arc::new(cuts);
        let ids = Ids::Counted(Arc::default());
        let engine = build(&azure, &store, &cuts, &ids, 0);
        let now = clock.now();
        let timers = Timers { watch: now, sweep: now, drills: now };
        let app = Arc::new(Mutex::new(surface(&engine)));
        let driver = tokio::spawn(drive(azure.clone(), Arc::clone(&app)));
        let rig = Self {
            azure,
            store,
            cuts,
            watch_on: true,
            ids,
            incarnation: 0,
            engine,
            app,
            tasks: JoinSet::new(),
            driver,
            held: BTreeMap::new(),
            timers,
            crashes: 0,
        };
        rig.cuts.pause();
        rig.engine.put_plan(WORKLOAD, plan, None).await.unwrap();
        rig.cuts.resume();
        rig
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
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
        let watch = self.engine.workload(WORKLOAD).await.unwrap().watch;
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

    async fn tick(&mut self) {
        tokio::select! {
            biased;
            () = self.cuts.crashed() => self.restart().await,
            () = tokio::time::sleep(PUMP) => {}
        }
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            let id = match ended {
                Ok((id, ())) => {
                    if let Some(lock) = self.held.remove(&id) {
                        self.settle(&lock, "complete").await;
                    }
                    continue;
                }
                Err(error) => {
                    assert!(!error.is_panic(), "the app panicked: {error}");
                    error.id()
                }
            };
            self.held.remove(&id);
        }
        self.fire_timers();
        for (queue, function) in [("signals", "receive_signal"), ("wakes", "advance_run")] {
            for message in self.received(queue).await {
                let lock = message["lock_token"].as_str().unwrap().to_owned();
                let envelope = json!({
                    "Data": {"message": message["body"]},
                    "Metadata": {"DeliveryCount": "1", "MessageId": "\"m\""},
                });
                let task = self.invoke(function, &envelope);
                self.held.insert(task, lock);
            }
        }
    }

    /// Calls a function of the app as the host does.
    fn invoke(&mut self, function: &str, envelope: &Value) -> Id {
        let request = HttpRequest::post(format!("/{function}"))
            .header("content-type", "application/json")
            .body(Body::from(envelope.to_string()))
            .unwrap();
        let app = surface(&self.engine);
        let task = self.tasks.spawn(async move {
            let answer = app.oneshot(request).await.unwrap();
            assert_eq!(answer.status(), 200, "the invocation failed");
        });
        task.id()
    }

    fn fire_timers(&mut self) {
        let now = self.now();
        let timer = || json!({"Data": {"timer": {"IsPastDue": false}}, "Metadata": {}});
        if self.watch_on && now >= self.timers.watch {
            self.timers.watch = now + SignedDuration::from_secs(10);
            self.invoke("watch", &timer());
        }
        if now >= self.timers.sweep {
            self.timers.sweep = now + SignedDuration::from_secs(30);
            self.invoke("sweep", &timer());
        }
        if now >= self.timers.drills {
            self.timers.drills = now + SignedDuration::from_secs(60);
            self.invoke("start_drills", &timer());
        }
    }

    /// SIGKILL. With the host, nobody gives the messages back: their locks run out.
    pub async fn kill(&mut self, victim: Victim) {
        if victim == Victim::HostAndApp {
            self.held.clear();
        }
        self.restart().await;
        if victim == Victim::HostAndApp {
            tokio::time::sleep(HOST_RESTART).await;
        }
    }

    /// The process died: everything it did stops where it was, its messages are given back at
    /// once, and a new process works on the same store.
    async fn restart(&mut self) {
        self.crashes += 1;
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
        for lock in std::mem::take(&mut self.held).into_values() {
            self.settle(&lock, "abandon").await;
        }
        tokio::time::sleep(RESTART).await;
        self.incarnation += 1;
        self.engine = build(&self.azure, &self.store, &self.cuts, &self.ids, self.incarnation);
        *self.app.lock().unwrap() = surface(&self.engine);
        self.cuts.revive();
    }

    async fn received(&self, queue: &str) -> Vec<Value> {
        let target = format!("/broker/{queue}/receive");
        let body = json!({"receiver": "host", "sessions_max": 8});
        let answer = call(&self.azure, Door::Broker, "POST", &target, Some(&body)).await;
        answer["messages"].as_array().cloned().unwrap_or_default()
    }

    async fn settle(&self, lock: &str, outcome: &str) {
        let body = json!({"lock_token": lock, "outcome": outcome});
        // A lock that has expired meanwhile cannot be settled: its message comes again.
        let request = request(Door::Broker, "POST", "/broker/settle", Some(&body));
        self.azure.call(request).await.unwrap();
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
        let report = self.engine.report(run).await.unwrap();
        self.cuts.resume();
        report
    }
}

fn build(
    azure: &InProcess,
    store: &Arc<dyn Store>,
    cuts: &Arc<Cuts>,
    ids: &Ids,
    incarnation: u32,
) -> Engine {
    let outside = Outside {
        store: Arc::new(doors::CutStore { inner: Arc::clone(store), cuts: Arc::clone(cuts) }),
        arm: Arc::new(doors::VirtualArm { azure: azure.clone(), cuts: Arc::clone(cuts) }),
        bus: Arc::new(doors::VirtualBus { azure: azure.clone(), cuts: Arc::clone(cuts) }),
        probes: Arc::new(doors::VirtualProbes { azure: azure.clone() }),
        clock: azure.clock,
        ids: ids.clone(),
    };
    Engine::new(outside, format!("app-{incarnation}"))
}

fn surface(engine: &Engine) -> Router {
    router(App::around(engine.clone(), farshore::Options::default()))
}

/// Lets time pass in the world; its alerts are posted to the app.
async fn drive(azure: InProcess, app: Arc<Mutex<Router>>) {
    azure
        .drive(|outgoing: Outgoing| {
            let app = app.lock().unwrap().clone();
            async move {
                let request = HttpRequest::post("/api/alerts")
                    .header("content-type", outgoing.content_type)
                    .body(Body::from(outgoing.body.to_string()))
                    .unwrap();
                Some(app.oneshot(request).await.unwrap().status().as_u16())
            }
        })
        .await;
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// A request to one of the world's doors.
pub fn request(door: Door, method: &str, target: &str, body: Option<&Value>) -> Request {
    Request {
        door,
        method: method.to_owned(),
        target: target.to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
    }
}
