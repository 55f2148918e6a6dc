//! Tells people what the watches have for them. What nobody takes stays in the watch, and the sweep
//! tells it again: neither a crash nor a webhook that is away for a while makes anybody miss it.

use jiff::SignedDuration;
use recovery::Plan;
use recovery::limits::SEND_LIMIT_S;
use recovery::news::{News, What};
use recovery::turn::SendOutcome;

use crate::error::Error;
use crate::{Engine, adapters, documents};

impl Engine {
    /// In every workload, side by side.
    pub(crate) async fn tell_everybody(&self) -> Result<(), Error> {
        let tell = |workload: String| async move { self.tell(&workload).await };
        self.in_each_workload("people could not be told", tell).await?;
        Ok(())
    }

    /// Oldest first, until one is not taken.
    pub(crate) async fn tell(&self, workload: &str) -> Result<(), Error> {
        let store = self.outside.store.as_ref();
        let untold = documents::watch(store, workload).await?.value.untold;
        if untold.is_empty() {
            return Ok(());
        }
        let plan = documents::plan(store, workload).await?.value;
        for news in untold {
            if !self.is_taken(&plan, &news).await {
                break;
            }
            documents::change_watch(store, workload, |watch| watch.told(&news)).await?;
        }
        Ok(())
    }

    /// Where the plan names nobody, the log is all that there is.
    async fn is_taken(&self, plan: &Plan, news: &News) -> bool {
        let workload = &news.workload;
        if let What::Incident { incident, detail } = &news.what {
            tracing::warn!(%workload, incident, detail, "a person is asked to look");
        }
        let Some(notify) = &plan.notify else { return true };
        let body = serde_json::to_value(news).expect("news serialise");
        let limit = SignedDuration::from_secs(SEND_LIMIT_S);
        match adapters::notify::send(&self.outside, &notify.webhook, &body, limit).await {
            SendOutcome::Accepted { .. } => true,
            outcome => {
                tracing::warn!(%workload, ?outcome, "nobody could be told");
                false
            }
        }
    }
}
