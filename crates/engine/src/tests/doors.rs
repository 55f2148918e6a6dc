//! The doors: Azure and the workload answer what the test says, and the bus remembers.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use azure::{Request, Response, Transport, TransportError, Trouble, TroubleKind};
use bus::{Bus, BusError, Message};
use clock::Clock;
use jiff::{SignedDuration, Timestamp};
use recovery::Plan;
use serde_json::Value;
use store::{Sqlite, Store};

use crate::{Engine, Ids, Outside, Page, ProbeError, Probes};

pub(super) const WORKLOAD: &str = "websphere-cafe";
const PLAN: &str = include_str!("../../../../plans/websphere-cafe.json");

pub(super) fn cafe() -> Plan {
    Plan::parse(PLAN).unwrap()
}

pub(super) fn start_of_time() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

/// An engine, and what it left on the queues.
pub(super) struct Shell {
    pub(super) engine: Engine,
    pub(super) bus: Arc<Queues>,
}

impl Shell {
    /// Nobody answers.
    pub(super) fn alone() -> Self {
        Self::between(Azure::default(), Workload::default())
    }

    pub(super) fn on(azure: Azure) -> Self {
        Self::between(azure, Workload::default())
    }

    pub(super) fn before(workload: Workload) -> Self {
        Self::between(Azure::default(), workload)
    }

    fn between(azure: Azure, workload: Workload) -> Self {
        let bus = Arc::new(Queues::default());
        let outside = Outside {
            store: Arc::new(Sqlite::in_memory().unwrap()),
            arm: Arc::new(azure),
            bus: Arc::clone(&bus) as _,
            probes: Arc::new(workload),
            clock: Clock::simulated(start_of_time(), 1),
            ids: Ids::Counted(Arc::default()),
        };
        Self { engine: Engine::new(outside, "app"), bus }
    }

    /// With the tutorial's workload, changed by `change`.
    pub(super) async fn with_plan(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut plan = serde_json::from_str(PLAN).unwrap();
        change(&mut plan);
        self.engine.put_plan(WORKLOAD, &plan.to_string(), None).await.unwrap();
        self
    }

    pub(super) fn store(&self) -> &dyn Store {
        self.engine.outside.store.as_ref()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.engine.outside.clock.now()
    }
}

/// Answers by a text in the request's path and query, after a while; the first that fits.
#[derive(Debug, Default)]
pub(super) struct Azure {
    answers: Vec<Answer>,
    /// How many requests have come.
    pub(super) came: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Answer {
    to: &'static str,
    /// None: it is lost.
    response: Option<Response>,
    after: Duration,
}

impl Azure {
    pub(super) fn says(mut self, to: &'static str, status: u16, body: &impl ToString) -> Self {
        let body = body.to_string().into_bytes();
        let response = Some(Response { status, headers: Vec::new(), body });
        self.answers.push(Answer { to, response, after: Duration::ZERO });
        self
    }

    /// Takes the request and never answers.
    pub(super) fn keeps_silent(mut self, to: &'static str) -> Self {
        self.answers.push(Answer { to, response: None, after: Duration::ZERO });
        self
    }

    /// The last answer takes so long.
    pub(super) fn after(mut self, seconds: u64) -> Self {
        self.answers.last_mut().expect("an answer").after = Duration::from_secs(seconds);
        self
    }

    /// A header of the last answer.
    pub(super) fn with(mut self, header: &str, value: &str) -> Self {
        let answer = self.answers.last_mut().and_then(|last| last.response.as_mut());
        answer.expect("an answer").headers.push((header.to_owned(), value.to_owned()));
        self
    }
}

#[async_trait]
impl Transport for Azure {
    async fn send(&self, request: &Request, _: SignedDuration) -> Result<Response, TransportError> {
        // An answer takes a moment, in which others go on.
        tokio::task::yield_now().await;
        self.came.fetch_add(1, Ordering::Relaxed);
        let asked = request.target.path_and_query();
        let Some(answer) = self.answers.iter().find(|answer| asked.contains(answer.to)) else {
            let nobody = Trouble::new(TroubleKind::Connect, "nobody is there");
            return Err(TransportError::NotSent(nobody));
        };
        tokio::time::sleep(answer.after).await;
        let silence = || Trouble::new(TroubleKind::Timeout, "no answer in time");
        answer.response.clone().ok_or_else(|| TransportError::Ambiguous(silence()))
    }
}

/// The pages of the application by their path, where names lead, and whoever is told.
#[derive(Debug, Default)]
pub(super) struct Workload {
    pub(super) webhook: Arc<Webhook>,
    pub(super) pages: Vec<(&'static str, u16, &'static str)>,
    pub(super) names: Vec<(&'static str, Vec<IpAddr>)>,
}

/// Remembers what came, and answers what is next in line; then nothing.
#[derive(Debug, Default)]
pub(super) struct Webhook {
    answers: Mutex<VecDeque<u16>>,
    came: Mutex<Vec<Value>>,
}

impl Webhook {
    pub(super) fn answering(answers: impl IntoIterator<Item = u16>) -> Arc<Self> {
        let answers = Mutex::new(answers.into_iter().collect());
        Arc::new(Self { answers, ..Self::default() })
    }

    /// What came since this was asked last.
    pub(super) fn take(&self) -> Vec<Value> {
        std::mem::take(&mut self.came.lock().unwrap())
    }
}

fn nobody<T>() -> Result<T, ProbeError> {
    Err(ProbeError("nobody is there".to_owned()))
}

#[async_trait]
impl Probes for Workload {
    async fn get(&self, _: &str, path: &str, _: SignedDuration) -> Result<Page, ProbeError> {
        let page = self.pages.iter().find(|(at, ..)| *at == path);
        page.map_or_else(nobody, |(_, status, body)| {
            Ok(Page { status: *status, body: (*body).to_owned() })
        })
    }

    async fn connect(&self, _: &str, _: u16, _: SignedDuration) -> Result<(), ProbeError> {
        nobody()
    }

    async fn resolve(&self, name: &str, _: SignedDuration) -> Result<Vec<IpAddr>, ProbeError> {
        let found = self.names.iter().find(|(known, _)| *known == name);
        found.map_or_else(nobody, |(_, addresses)| Ok(addresses.clone()))
    }

    async fn notify(&self, _: &str, body: &Value, _: SignedDuration) -> Result<u16, ProbeError> {
        self.webhook.came.lock().unwrap().push(body.clone());
        self.webhook.answers.lock().unwrap().pop_front().map_or_else(nobody, Ok)
    }
}

/// Remembers what was sent.
#[derive(Debug, Default)]
pub(super) struct Queues(Mutex<Vec<Message>>);

impl Queues {
    /// What was sent since this was asked last.
    pub(super) fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[async_trait]
impl Bus for Queues {
    async fn send(&self, _: &str, message: &Message) -> Result<(), BusError> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}
