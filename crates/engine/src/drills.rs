//! Starts drills when their time has come.

use jiff::Timestamp;
use recovery::event::Start;
use recovery::runbook;
use recovery::watch::Watch;
use recovery::{Place, Plan};

use crate::Engine;
use crate::documents;
use crate::error::Error;

/// A drill whose time has passed by more than this is left out, not made up for.
const LATE_S: i64 = 3600;

impl Engine {
    /// Starts what is due; the names of the runs.
    pub async fn start_drills(&self) -> Result<Vec<String>, Error> {
        let start = |workload: String| async move { self.start_drill_of(&workload).await };
        let started = self.in_each_workload("the drill was not started", start).await?;
        Ok(started.into_iter().flatten().collect())
    }

    async fn start_drill_of(&self, workload: &str) -> Result<Option<String>, Error> {
        let store = self.outside.store.as_ref();
        let plan = documents::plan(store, workload).await?.value;
        let Some(schedule) = &plan.drill else { return Ok(None) };
        let now = self.outside.clock.now();
        let watch = documents::watch(store, workload).await?.value;
        let Some(last) = watch.last_drill else {
            // The first sight of a schedule starts nothing: it only begins to count.
            self.note_drill(workload, now).await?;
            return Ok(None);
        };
        let Some(due) = latest_due(schedule, last, now) else { return Ok(None) };
        let run = drill_run(&plan, due);
        let late = now.duration_since(due).as_secs() > LATE_S;
        let obstacle =
            if late { Some("it is late".to_owned()) } else { self.no_drill(&watch, &run).await? };
        if let Some(why) = obstacle {
            tracing::warn!(workload, %due, why, "the drill is left out");
            self.note_drill(workload, due).await?;
            return Ok(None);
        }
        let reason = format!("drill scheduled for {due}");
        let run = self.begin_drill(plan, &watch, &run, "the schedule", &reason).await?;
        // Noted last: if this process dies before, the same run is begun again, which changes
        // nothing, because its name is its time.
        self.note_drill(workload, due).await?;
        Ok(Some(run))
    }

    /// Why `run`, a drill, may not begin, if so.
    async fn no_drill(&self, watch: &Watch, run: &str) -> Result<Option<String>, Error> {
        if let Some(incident) = &watch.incident {
            return Ok(Some(format!("incident {} is open", incident.number)));
        }
        if watch.active == Place::Standby {
            return Ok(Some("the workload runs in the standby place".to_owned()));
        }
        if let Some(other) = watch.drill.as_deref().filter(|other| *other != run)
            && self.has_begun(other).await?
        {
            return Ok(Some(format!("drill {other} is under way")));
        }
        let halted = documents::kill_switch(self.outside.store.as_ref()).await?.on;
        Ok(halted.then(|| "the kill switch is on".to_owned()))
    }

    async fn note_drill(&self, workload: &str, at: Timestamp) -> Result<(), Error> {
        documents::change_watch(self.outside.store.as_ref(), workload, |watch| {
            watch.last_drill = watch.last_drill.max(Some(at));
        })
        .await
    }

    /// Starts a drill now.
    pub(crate) async fn drill_now(
        &self,
        plan: Plan,
        by: &str,
        reason: &str,
    ) -> Result<String, Error> {
        let store = self.outside.store.as_ref();
        if plan.drill.is_none() {
            return Err(Error::Conflict("the plan has no drill network: add `drill`".to_owned()));
        }
        let watch = documents::watch(store, plan.workload.as_str()).await?.value;
        let run = drill_run(&plan, self.outside.clock.now());
        if let Some(why) = self.no_drill(&watch, &run).await? {
            return Err(Error::Conflict(format!("no drill now: {why}")));
        }
        self.begin_drill(plan, &watch, &run, by, reason).await
    }

    /// Begins the drill that the workload's watch names: this one, or one whose beginner died or
    /// was not answered. So of two that are asked for at once there is one.
    async fn begin_drill(
        &self,
        plan: Plan,
        watch: &Watch,
        run: &str,
        by: &str,
        reason: &str,
    ) -> Result<String, Error> {
        let store = self.outside.store.as_ref();
        let name = |watch: &mut Watch| watch.drill_begun(run);
        let run = documents::change_watch(store, plan.workload.as_str(), name).await?;
        self.begin(Start {
            run: run.clone(),
            runbook: runbook::drill(watch.active),
            plan,
            incident: None,
            by: by.to_owned(),
            reason: reason.to_owned(),
        })
        .await?;
        Ok(run)
    }
}

/// The last scheduled time after `last` that is not in the future.
fn latest_due(
    drill: &recovery::plan::DrillPlan,
    last: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let mut due = drill.next_after(last).filter(|at| *at <= now)?;
    // After a long sleep there may be many; a year of hourly ones is the most that is stepped over.
    for _ in 0..9000 {
        match drill.next_after(due).filter(|at| *at <= now) {
            Some(later) => due = later,
            None => break,
        }
    }
    Some(due)
}

fn drill_run(plan: &Plan, at: Timestamp) -> String {
    format!("{}-drill-{}", plan.workload, at.strftime("%Y%m%dt%H%M%S"))
}
