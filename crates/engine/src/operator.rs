//! What people ask for: plans, failovers, aborts, the kill switch, and reports.

use recovery::effect::Manner;
use recovery::report::{Report, report};
use recovery::request::{Request, abort_refusal, force_refusal};
use recovery::run::Run;
use recovery::runbook;
use recovery::watch::Watch;
use recovery::{Place, Plan};
use serde::{Deserialize, Serialize};
use store::Put;

use crate::Engine;
use crate::documents::{self, KillSwitch};
use crate::error::Error;
use crate::watch::incident_run;
use crate::{journal, request_id};

/// Asks for a failover.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailoverRequest {
    pub manner: Manner,
    pub reason: String,
}

/// Says where the workload runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivePlace {
    pub place: Place,
    pub reason: String,
}

/// A run that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Started {
    pub run: String,
}

/// A workload as it stands.
#[derive(Debug, Clone, Serialize)]
pub struct WorkloadStatus {
    pub workload: String,
    pub plan: Plan,
    pub plan_version: Option<String>,
    pub watch: Watch,
    pub open_runs: Vec<String>,
}

impl Engine {
    pub async fn workloads(&self) -> Result<Vec<String>, Error> {
        documents::workloads(self.outside.store.as_ref()).await
    }

    pub async fn workload(&self, name: &str) -> Result<WorkloadStatus, Error> {
        let store = self.outside.store.as_ref();
        let plan = documents::plan(store, name).await?;
        let watch = documents::watch(store, name).await?.value;
        let prefix = format!("{name}-");
        let mut open_runs = store.open_runs().await?;
        open_runs.retain(|run| run.starts_with(&prefix));
        Ok(WorkloadStatus {
            workload: name.to_owned(),
            plan: plan.value,
            plan_version: plan.version,
            watch,
            open_runs,
        })
    }

    /// Stores a plan. `expected` is the version it replaces; with none it must be new.
    pub async fn put_plan(
        &self,
        workload: &str,
        text: &str,
        expected: Option<&str>,
    ) -> Result<String, Error> {
        let plan = Plan::parse(text)?;
        if plan.workload.as_str() != workload {
            return Err(Error::Invalid(format!(
                "the plan is for workload {:?}, not {workload:?}",
                plan.workload.as_str()
            )));
        }
        let store = self.outside.store.as_ref();
        match documents::put_plan(store, &plan, expected).await? {
            Put::Stored { version } => Ok(version),
            Put::Conflict => Err(Error::Conflict(
                "the plan has another version now: read it, then send its version as If-Match"
                    .to_owned(),
            )),
        }
    }

    /// The workloads that a signal is about.
    pub async fn concerned(&self, signal: &recovery::signal::Signal) -> Result<Vec<String>, Error> {
        let store = self.outside.store.as_ref();
        let mut concerned = Vec::new();
        for name in documents::workloads(store).await? {
            match documents::plan(store, &name).await {
                Ok(plan) if signal.concerns(&plan.value) => concerned.push(name),
                Ok(_) => {}
                // One broken plan must not keep the others from hearing of their trouble.
                Err(error @ Error::Corrupt(_)) => {
                    tracing::error!(workload = name, %error, "the plan cannot be read");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(concerned)
    }

    /// Starts a failover because a person wants it, or forces the planned one that is under way.
    pub async fn fail_over(
        &self,
        workload: &str,
        request: &FailoverRequest,
        by: &str,
    ) -> Result<Started, Error> {
        if request.reason.trim().is_empty() {
            return Err(Error::Invalid(
                "`reason` is empty: say why, it goes into the report".into(),
            ));
        }
        let store = self.outside.store.as_ref();
        let plan = documents::plan(store, workload).await?.value;
        if documents::kill_switch(store).await?.on {
            return Err(Error::Conflict("the kill switch is on: turn it off first".to_owned()));
        }
        let now = self.outside.clock.now();
        let manner = request.manner;
        let watch = documents::watch(store, workload).await?.value;
        if let (Manner::Forced, Some(run)) = (manner, watch.incident.and_then(|it| it.run)) {
            return self.force(&run, &request.reason, by).await;
        }
        let begun = documents::change_watch(store, workload, |watch| {
            let from = sets_out_from(watch, manner)?;
            if let Some(run) = watch.incident.as_ref().and_then(|incident| incident.run.clone()) {
                return Err(format!("run {run} is under way"));
            }
            let number = watch.incident.as_ref().map_or(watch.next_incident, |open| open.number);
            let runbook = runbook::failover(manner, from);
            watch.run_begun(&plan, &incident_run(&plan, number), &request.reason, now);
            if let Some(incident) = &mut watch.incident {
                incident.runbook = Some(runbook.clone());
            }
            Ok((number, runbook))
        })
        .await?;
        let (incident, runbook) = begun.map_err(Error::Conflict)?;
        self.begin_run(&plan, runbook, incident, by, &request.reason).await?;
        Ok(Started { run: incident_run(&plan, incident) })
    }

    /// Has a planned failover forced, if that is what is under way. It is the run's holder that
    /// decides; here only what is clear already is refused.
    async fn force(&self, run: &str, reason: &str, by: &str) -> Result<Started, Error> {
        let why = match self.replayed(run).await {
            Ok(state) => force_refusal(&state),
            Err(Error::NotFound { .. }) => Some("it has only just been asked for"),
            Err(Error::Corrupt(problem)) => {
                return Err(Error::Conflict(format!("run {run} is under way: {problem}")));
            }
            Err(error) => return Err(error),
        };
        if let Some(why) = why {
            return Err(Error::Conflict(format!("run {run} is under way: {why}")));
        }
        let request = Request::Force { by: by.to_owned(), reason: reason.to_owned() };
        self.ask(run, "force", &request).await?;
        Ok(Started { run: run.to_owned() })
    }

    /// Starts a drill because a person wants it.
    pub async fn drill(&self, workload: &str, reason: &str, by: &str) -> Result<Started, Error> {
        let plan = documents::plan(self.outside.store.as_ref(), workload).await?.value;
        Ok(Started { run: self.drill_now(plan, by, reason).await? })
    }

    /// Takes a person's word for where the workload runs now: after failing back by hand.
    pub async fn set_active(
        &self,
        workload: &str,
        active: &ActivePlace,
        by: &str,
    ) -> Result<(), Error> {
        let store = self.outside.store.as_ref();
        documents::plan(store, workload).await?;
        let ActivePlace { place, reason } = active;
        tracing::warn!(workload, %place, by, reason, "the workload was moved by hand");
        documents::change_watch(store, workload, |watch| watch.moved_by_hand(*place))
            .await?
            .map_err(Error::Conflict)
    }

    /// The report of a run, finished or not.
    pub async fn report(&self, run: &str) -> Result<Report, Error> {
        let store = self.outside.store.as_ref();
        let read = journal::load(store, run).await.and_then(|records| {
            if records.is_empty() {
                return Err(Error::NotFound { what: "run", name: run.to_owned() });
            }
            let mut report = report(&records, self.outside.clock.now())
                .map_err(|error| Error::Corrupt(journal::unreadable(run, &error)))?;
            request_id::name(&mut report);
            Ok(report)
        });
        match read {
            Err(Error::Corrupt(problem)) => match journal::inbox(store, run).await?.set_aside {
                Some(word) => Err(Error::Corrupt(format!("{}. {problem}", word.told()))),
                None => Err(Error::Corrupt(problem)),
            },
            read => read,
        }
    }

    pub async fn open_runs(&self) -> Result<Vec<String>, Error> {
        Ok(self.outside.store.open_runs().await?)
    }

    /// Asks a run to stop. It is the run's holder that decides; here only what is clear already is
    /// refused.
    pub async fn abort(&self, run: &str, reason: &str, by: &str) -> Result<(), Error> {
        if reason.trim().is_empty() {
            return Err(Error::Invalid(
                "`reason` is empty: say why, it goes into the report".into(),
            ));
        }
        let state = self.replayed(run).await?;
        if let Some(why) = abort_refusal(&state, self.outside.clock.now()) {
            return Err(Error::Conflict(why.to_owned()));
        }
        let request = Request::Abort { by: by.to_owned(), reason: reason.to_owned() };
        self.ask(run, "abort", &request).await
    }

    /// The run as its journal has it now.
    pub(crate) async fn replayed(&self, run: &str) -> Result<Run, Error> {
        let records = journal::load(self.outside.store.as_ref(), run).await?;
        if records.is_empty() {
            return Err(Error::NotFound { what: "run", name: run.to_owned() });
        }
        Run::replay(&records).map_err(|error| Error::Corrupt(journal::unreadable(run, &error)))
    }

    /// Puts a request into a run's inbox. One key for each kind: asking twice is asking once.
    async fn ask(&self, run: &str, key: &str, request: &Request) -> Result<(), Error> {
        let bytes = serde_json::to_vec(request).expect("a request serialises");
        self.outside.store.post_request(run, key, &bytes).await?;
        self.wake_now(run).await;
        Ok(())
    }

    pub async fn kill_switch(&self) -> Result<KillSwitch, Error> {
        documents::kill_switch(self.outside.store.as_ref()).await
    }

    pub async fn set_kill_switch(&self, switch: &KillSwitch) -> Result<(), Error> {
        tracing::warn!(on = switch.on, by = switch.by, reason = switch.reason, "kill switch");
        documents::set_kill_switch(self.outside.store.as_ref(), switch).await
    }
}

/// Where a failover would set out from. Moving back is more than moving out (machines must be
/// re-protected first) and is refused until it is built, whoever asks; what moved half-way is moved
/// on in the same direction.
pub(crate) fn sets_out_from(watch: &Watch, manner: Manner) -> Result<Place, String> {
    match watch.active {
        Place::Preferred => Ok(Place::Preferred),
        Place::Standby if watch.is_half_moved() && manner == Manner::Forced => Ok(Place::Preferred),
        Place::Standby if watch.is_half_moved() => Err(
            "the workload has moved half-way: a forced failover finishes that, a planned one cannot"
                .to_owned(),
        ),
        Place::Standby => Err(
            "the workload runs in the standby place; failing back is not part of this version"
                .to_owned(),
        ),
    }
}
