//! Begins runs. The first record is create-only, so a run that is begun twice is begun once.

use recovery::Plan;
use recovery::event::{Event, Record, Start};
use recovery::runbook::Runbook;

use crate::Engine;
use crate::error::Error;
use crate::journal;
use crate::watch::incident_run;

impl Engine {
    /// Begins the run of an incident, if it has not begun.
    pub(crate) async fn begin_run(
        &self,
        plan: &Plan,
        runbook: Runbook,
        incident: u64,
        by: &str,
        reason: &str,
    ) -> Result<(), Error> {
        self.begin(Start {
            run: incident_run(plan, incident),
            plan: plan.clone(),
            runbook,
            incident: Some(incident),
            by: by.to_owned(),
            reason: reason.to_owned(),
        })
        .await
    }

    /// Whether the run has a journal: what is only listed was never begun. A broken one is one.
    pub(crate) async fn has_begun(&self, run: &str) -> Result<bool, Error> {
        match self.journals.exists(self.outside.store.as_ref(), run).await {
            Err(Error::Corrupt(_)) => Ok(true),
            known => known,
        }
    }

    pub(crate) async fn begin(&self, start: Start) -> Result<(), Error> {
        let run = start.run.clone();
        tracing::info!(run, by = start.by, reason = start.reason, "run begins");
        let record = Record {
            at: self.outside.clock.now(),
            events: vec![Event::RunStarted(Box::new(start))],
        };
        let store = self.outside.store.as_ref();
        // Open first: a run that is listed without a journal is found and dropped by the sweep; a
        // journal that is not listed would be found by nobody.
        store.open_run(&run).await?;
        journal::append(store, &run, 0, &self.instance, &record).await?;
        self.wake_now(&run).await;
        Ok(())
    }
}
