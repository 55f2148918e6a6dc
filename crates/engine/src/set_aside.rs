//! The way out for a run whose journal is broken: a person sets it aside, so that another can begin.
//!
//! The word of it lies in the run's inbox, which every turn reads when it loads and again right
//! before it sends: who still works on the run, from a copy that it read before, sends nothing more.
//! The journal stays as it is, as evidence.

use jiff::Timestamp;
use recovery::watch::IncidentEnd;
use serde::{Deserialize, Serialize};

use crate::Engine;
use crate::error::{Error, shortened};
use crate::{documents, journal};

/// The key in the inbox: setting aside twice is setting aside once.
pub(crate) const KEY: &str = "set-aside";

/// Who set a run aside, and what was wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    pub run: String,
    pub by: String,
    pub reason: String,
    pub at: Timestamp,
    /// What is wrong with the journal.
    pub problem: String,
}

impl Engine {
    /// Takes a run out of the way for good whose journal cannot be read. One that can be read is
    /// refused: it has ended, or it can be aborted.
    pub async fn set_aside(&self, run: &str, reason: &str, by: &str) -> Result<SetAside, Error> {
        let store = self.outside.store.as_ref();
        let word = match journal::inbox(store, run).await?.set_aside {
            // Whoever said so may have died before the rest was done.
            Some(word) => word,
            None => self.say(run, reason, by).await?,
        };
        tracing::warn!(run, by, reason, problem = word.problem, "a run is set aside");
        for workload in documents::workloads(store).await? {
            if run.starts_with(&format!("{workload}-")) {
                let now = self.outside.clock.now();
                documents::change_watch(store, &workload, |watch| {
                    watch.run_ended(run, None, IncidentEnd::NeedsHuman, now)
                })
                .await?;
            }
        }
        store.close_run(run).await?;
        self.journals.forget(run);
        Ok(word)
    }

    async fn say(&self, run: &str, reason: &str, by: &str) -> Result<SetAside, Error> {
        let store = self.outside.store.as_ref();
        let word = SetAside {
            run: run.to_owned(),
            by: by.to_owned(),
            reason: reason.to_owned(),
            at: self.outside.clock.now(),
            problem: self.what_is_broken(run).await?,
        };
        let bytes = serde_json::to_vec(&word).expect("a word serialises");
        if store.post_request(run, KEY, &bytes).await? {
            return Ok(word);
        }
        // Somebody else was faster. What cannot be read stops nobody who still works on the run, so
        // it must not be taken for a word.
        journal::inbox(store, run).await?.set_aside.ok_or_else(|| {
            Error::Corrupt(format!(
                "run {run:?} is not set aside: what its inbox holds as {KEY:?} cannot be read. Remove \
                 it from the store, and say it again"
            ))
        })
    }

    async fn what_is_broken(&self, run: &str) -> Result<String, Error> {
        match self.replayed(run).await {
            Err(Error::Corrupt(problem)) => Ok(problem),
            Err(error) => Err(error),
            Ok(state) if state.ended.is_some() => {
                Err(Error::Conflict("the run can be read, and it has ended".to_owned()))
            }
            Ok(_) => Err(Error::Conflict("the run can be read: abort it instead".to_owned())),
        }
    }
}

impl SetAside {
    /// For whoever meets the run later.
    pub(crate) fn told(&self) -> String {
        let Self { by, reason, at, .. } = self;
        shortened(&format!("it was set aside by {by} at {at}: {reason}"))
    }
}
