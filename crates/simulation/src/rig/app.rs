//! One process of the app and what the host keeps about it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request as HttpRequest;
use clock::Clock;
use engine::{Engine, Ids, Outside};
use farshore::router;
use jiff::{SignedDuration, Timestamp};
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use tower::ServiceExt;

use super::doors::{VirtualArm, VirtualBus, VirtualProbes};
use super::gate::Gate;
use super::kept::Kept;
use super::wires::Wires;

/// A process, dead or alive.
#[derive(Debug)]
pub(super) struct App {
    pub(super) engine: Engine,
    surface: Router,
    wires: Wires,
    gate: Gate,
    kept: Kept,
    ids: Ids,
    /// Its processes are named after what is installed.
    installed: String,
    incarnation: u32,
    /// By how much its clock is ahead.
    ahead: SignedDuration,
    tasks: JoinSet<u16>,
    at_work: BTreeMap<Id, Work>,
    pub(super) down_until: Option<Timestamp>,
}

/// What an invocation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Work {
    Message { lock: String },
    Alert { id: u64 },
    Person,
    Timer,
}

/// An invocation that has ended; without a status, the process died at it.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) work: Work,
    pub(super) status: Option<u16>,
}

impl App {
    pub(super) fn start(wires: Wires, kept: Kept, ids: Ids) -> Self {
        let ahead = SignedDuration::ZERO;
        let installed = installed("app", wires.app);
        let engine = engine(&wires, &kept, &ids, &format!("{installed}-0"), ahead);
        Self {
            surface: surface(&engine),
            engine,
            wires,
            gate: Gate::default(),
            kept,
            ids,
            installed,
            incarnation: 0,
            ahead,
            tasks: JoinSet::new(),
            at_work: BTreeMap::new(),
            down_until: None,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.down_until.is_none()
    }

    /// Another process in its place.
    pub(super) fn restart(&mut self) {
        self.incarnation += 1;
        self.down_until = None;
        self.gate = Gate::default();
        self.rebuild();
    }

    /// What starts in its place from now on has another name.
    pub(super) fn install(&mut self, version: &str) {
        self.installed = installed(version, self.wires.app);
    }

    /// What begins from now on reads this clock; turns under way keep theirs.
    pub(super) fn set_clock(&mut self, ahead: SignedDuration) {
        self.ahead = ahead;
        self.rebuild();
    }

    pub(super) fn freeze(&self, length: Duration) {
        self.gate.close_until(Instant::now() + length);
    }

    fn rebuild(&mut self) {
        let name = format!("{}-{}", self.installed, self.incarnation);
        self.engine = engine(&self.wires, &self.kept, &self.ids, &name, self.ahead);
        self.surface = surface(&self.engine);
    }

    /// Calls the app as the host does.
    pub(super) fn invoke(&mut self, path: &str, content_type: &str, body: String, work: Work) {
        let request = HttpRequest::post(path)
            .header("content-type", content_type)
            .body(Body::from(body))
            .unwrap();
        let app = self.surface.clone();
        let call = async move { app.oneshot(request).await.unwrap().status().as_u16() };
        let task = self.tasks.spawn(self.gate.clone().hold(call));
        self.at_work.insert(task.id(), work);
    }

    /// The invocations that have ended since this was asked last.
    pub(super) fn ended(&mut self) -> Vec<Ended> {
        let mut all = Vec::new();
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            let (id, status) = match ended {
                Ok((id, status)) => (id, Some(status)),
                Err(error) => {
                    assert!(!error.is_panic(), "the app panicked: {error}");
                    (error.id(), None)
                }
            };
            all.extend(self.at_work.remove(&id).map(|work| Ended { work, status }));
        }
        all
    }

    /// Everything it did stops where it was.
    pub(super) async fn die(&mut self, down_until: Timestamp) -> Vec<Ended> {
        self.down_until = Some(down_until);
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
        let works = std::mem::take(&mut self.at_work).into_values();
        works.map(|work| Ended { work, status: None }).collect()
    }
}

fn installed(version: &str, app: usize) -> String {
    match app {
        0 => version.to_owned(),
        other => format!("{version}-{other}"),
    }
}

fn engine(wires: &Wires, kept: &Kept, ids: &Ids, name: &str, ahead: SignedDuration) -> Engine {
    let mut clock = wires.azure.clock;
    if let Clock::Simulated { origin, .. } = &mut clock {
        *origin += ahead;
    }
    let outside = Outside {
        store: kept.open(wires),
        arm: Arc::new(VirtualArm(wires.clone())),
        bus: Arc::new(VirtualBus(wires.clone())),
        probes: Arc::new(VirtualProbes(wires.clone())),
        clock,
        ids: ids.clone(),
    };
    Engine::new(outside, name)
}

fn surface(engine: &Engine) -> Router {
    router(farshore::App::around(engine.clone(), farshore::Options::default()))
}
