//! Everything up, a scenario played, everything down.

mod host_log;
mod instances;
mod leftovers;
mod start;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clock::Clock;
use functions_host::guard::Guard;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

pub(crate) use self::host_log::HostLog;
pub use self::instances::Freeze;
use crate::ledger::Ledger;
use crate::operator::Runs;
use crate::process::Process;
use crate::run_report::RunReport;
use crate::scenarios::{Begun, Ending, Scenario};
use crate::storage::Storage;
use crate::strikes::Struck;
use crate::world_state::WorldState;
use crate::{Binaries, Entry, LocalAzure, Operator, StoreKind, WORKLOAD};

/// How often the world is looked at, on the wall clock.
const GLANCE: Duration = Duration::from_millis(250);
/// The same for the app, which reads its journals for it.
const ASK: Duration = Duration::from_millis(500);

/// What a rehearsal is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Simulated seconds per second.
    pub speed: u32,
    pub seed: u64,
    pub store: StoreKind,
    pub entry: Entry,
    /// Where logs go; it is created.
    pub logs: PathBuf,
    /// Whether the app watches by itself, or only acts on alerts.
    pub watch: bool,
    pub plan: Value,
    /// App settings beyond the usual ones.
    pub settings: Vec<(&'static str, &'static str)>,
    /// What starts the instances, if not we ourselves: a program and its first arguments.
    pub launcher: Vec<String>,
    pub binaries: Binaries,
}

/// What is shown of a rehearsal while it runs.
pub trait Audience: Send {
    /// A line about the preparations.
    fn say(&mut self, line: &str);
    /// The world and the run have moved on.
    fn show(&mut self, scene: &Scene);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy)]
pub struct Silence;

impl Audience for Silence {
    fn say(&mut self, _: &str) {}
    fn show(&mut self, _: &Scene) {}
}

/// A moment of a scenario.
#[derive(Debug, Clone)]
pub struct Scene {
    pub begun_at: Timestamp,
    pub title: String,
    pub state: WorldState,
    pub runs: Runs,
    pub run: Option<RunReport>,
}

/// What is left when a scenario is over.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub scenario: Scenario,
    pub entry: Entry,
    pub begun: Begun,
    pub ledger: Ledger,
    pub state: WorldState,
    pub runs: Runs,
    /// The app's own report of its last run.
    pub run: Option<RunReport>,
    /// The app did not bring its run to an end in the time that the scenario gives it.
    pub overtime: bool,
    /// What struck meanwhile.
    pub strikes: Vec<Struck>,
    /// When the first instance was frozen.
    pub freezes: Vec<Freeze>,
}

/// The Functions host and its app, as the host says it whenever the app is ready.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Host {
    /// It stays the same as long as the rehearsal lasts.
    pub url: String,
    pub host_pid: u32,
    /// The app's process.
    pub handler_pid: Option<u32>,
    /// How often this host has started the app.
    pub generation: u64,
}

/// A simulator, a Functions host and the app, running.
#[derive(Debug)]
pub struct Rehearsal {
    pub azure: LocalAzure,
    pub clock: Clock,
    operator: Mutex<Operator>,
    options: Options,
    guard: Arc<Guard>,
    simulator: Mutex<Process>,
    platform: Mutex<Process>,
    /// Instances that came later.
    others: Mutex<Vec<Process>>,
    freezes: Mutex<Vec<Freeze>>,
    /// Processes that were killed: a signal may reach them until somebody has asked how they ended.
    killed: Mutex<BTreeSet<u32>>,
    pub(crate) storage: Storage,
    /// The app's files; they go when the rehearsal does.
    folder: tempfile::TempDir,
}

impl Rehearsal {
    /// Starts everything, puts the plan, and waits until the workload is at ease: the user gets good
    /// answers, Traffic Manager finds the preferred endpoint online, and so does the app's watch.
    pub async fn start(options: Options, audience: &mut dyn Audience) -> Result<Self> {
        start::start(options, audience).await
    }

    /// Plays a scenario to its end.
    pub async fn play(&self, scenario: Scenario, audience: &mut dyn Audience) -> Result<Evidence> {
        let script = scenario.script();
        let begun = script.begin(self).await?;
        let done_at = OnceLock::new();
        let meanwhile = async {
            match script.meanwhile(self).await {
                Ok(()) => {
                    done_at.get_or_init(|| self.clock.now());
                    std::future::pending().await
                }
                Err(error) => Err(error),
            }
        };
        tokio::select! {
            evidence = self.follow(scenario, begun, &done_at, audience) => evidence,
            error = meanwhile => error,
        }
    }

    /// Looks on until the scenario is over; `done_at` says since when all is done that belongs to it.
    async fn follow(
        &self,
        scenario: Scenario,
        begun: Begun,
        done_at: &OnceLock<Timestamp>,
        audience: &mut dyn Audience,
    ) -> Result<Evidence> {
        let script = scenario.script();
        let mut scene = Scene {
            begun_at: begun.at,
            title: script.title().to_owned(),
            state: self.azure.state().await?,
            runs: Runs::default(),
            run: None,
        };
        let mut ask_at = Instant::now();
        let mut closed_at: Option<Timestamp> = None;
        let overtime = loop {
            self.still_runs()?;
            scene.state = self.azure.state().await?;
            if Instant::now() >= ask_at {
                let asked_at = Instant::now();
                self.ask_app(&mut scene, begun.run.as_deref()).await;
                // An app that is busy with its answers is not asked all the time.
                ask_at = Instant::now() + ASK.max(asked_at.elapsed() * 4);
            }
            audience.show(&scene);
            let now = scene.state.now;
            if scene.run.as_ref().is_some_and(RunReport::has_ended) {
                closed_at.get_or_insert(now);
            }
            let waited = |since: Timestamp, seconds: i64| {
                now.duration_since(since) >= SignedDuration::from_secs(seconds)
            };
            match script.ending() {
                Ending::Quiet { after_s } if waited(begun.at, after_s) => break false,
                Ending::Run { then_s, .. }
                    if closed_at.is_some_and(|closed_at| waited(closed_at, then_s))
                        && done_at.get().is_some_and(|done_at| waited(*done_at, then_s)) =>
                {
                    break false;
                }
                Ending::Run { within_s, .. }
                    if closed_at.is_none() && waited(begun.at, within_s) =>
                {
                    break true;
                }
                _ => tokio::time::sleep(GLANCE).await,
            }
        };
        self.ask_app(&mut scene, begun.run.as_deref()).await;
        audience.show(&scene);
        Ok(Evidence {
            scenario,
            entry: self.options.entry,
            ledger: self.azure.ledger().await?,
            state: self.azure.state().await?,
            begun,
            runs: scene.runs,
            run: scene.run,
            overtime,
            strikes: Vec::new(),
            freezes: held(&self.freezes).clone(),
        })
    }

    /// The app's operator API.
    pub fn operator(&self) -> Operator {
        held(&self.operator).clone()
    }

    pub(crate) fn store(&self) -> StoreKind {
        self.options.store
    }

    pub async fn ledger(&self) -> Result<Ledger> {
        self.azure.ledger().await
    }

    /// An error if a process has ended that should not.
    pub fn still_runs(&self) -> Result<()> {
        held(&self.simulator).still_runs()?;
        held(&self.platform).still_runs()?;
        held(&self.others).iter_mut().try_for_each(Process::still_runs)
    }

    /// Ends all processes, the app in order first. Its store is kept as `farshore.db` beside the logs, if it
    /// is a file.
    pub async fn end(self) -> Result<()> {
        // Whoever is frozen cannot end in order.
        self.thaw();
        let Self { simulator, platform, others, storage, folder, options, .. } = self;
        into_inner(platform).end().await?;
        for other in into_inner(others) {
            other.end().await?;
        }
        into_inner(simulator).end().await?;
        leftovers::keep_app_log(&options.logs)?;
        let kept = leftovers::keep_store(storage.folder(), &options.logs);
        drop((storage, folder));
        kept
    }

    /// What the app says. An app that does not answer just now has not changed its mind.
    async fn ask_app(&self, scene: &mut Scene, known: Option<&str>) {
        if let Ok(runs) = self.operator().runs(WORKLOAD).await {
            scene.runs = runs;
        }
        let run = known.or_else(|| scene.runs.names.last().map(String::as_str));
        if let Some(run) = run
            && let Ok(report) = self.operator().run(run).await
        {
            scene.run = Some(report);
        }
    }

    /// Lets simulated time pass.
    pub async fn pass(&self, duration: SignedDuration) {
        tokio::time::sleep(self.clock.wall(duration)).await;
    }

    /// Waits until the world is as wanted; an error names what was waited for.
    pub async fn wait_until(
        &self,
        what: &str,
        within: SignedDuration,
        wanted: impl Fn(&WorldState) -> bool,
    ) -> Result<WorldState> {
        let until = self.clock.now() + within;
        loop {
            self.still_runs()?;
            let state = self.azure.state().await.context("the simulator does not answer")?;
            if wanted(&state) {
                return Ok(state);
            }
            if state.now > until {
                bail!("waited {within:#} in vain: {what}");
            }
            tokio::time::sleep(GLANCE).await;
        }
    }
}

/// What is behind a lock; no code panics while it changes any of this.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl Options {
    /// What a scenario needs, with the example plan.
    pub fn new(scenario: Scenario, entry: Entry, binaries: Binaries, logs: PathBuf) -> Self {
        let mut plan: Value =
            serde_json::from_str(entry.plan()).expect("the example plans are JSON");
        scenario.script().adapt_plan(&mut plan);
        Self {
            speed: 10,
            seed: 1,
            store: scenario.store(None).expect("a scenario can be played on its own default"),
            entry,
            logs,
            watch: scenario.script().watch(),
            plan,
            settings: Vec::new(),
            launcher: Vec::new(),
            binaries,
        }
    }
}

impl Evidence {
    pub fn outcome_by_app(&self) -> Option<&str> {
        self.run.as_ref()?.run.outcome.as_deref()
    }

    /// Simulated seconds since the scenario began.
    pub fn since_begun(&self, at: Timestamp) -> f64 {
        seconds(self.begun.at, at)
    }
}

/// The seconds from one moment to another.
pub(crate) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}
