//! Tells people what the watches have for them. What nobody takes stays in the watch, and the sweep
//! tells it again: neither a crash nor a webhook that is away for a while makes anybody miss it, and
//! what a webhook will not have keeps nothing newer from it.

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

    /// Oldest first, until nobody is there to take one.
    pub(crate) async fn tell(&self, workload: &str) -> Result<(), Error> {
        let store = self.outside.store.as_ref();
        let untold = documents::watch(store, workload).await?.value.untold;
        if untold.is_empty() {
            return Ok(());
        }
        let plan = documents::plan(store, workload).await?.value;
        for news in untold {
            match self.reception(&plan, &news).await {
                Reception::Taken => {
                    documents::change_watch(store, workload, |watch| watch.told(&news)).await?;
                }
                Reception::Refused => {}
                Reception::NobodyThere => break,
            }
        }
        Ok(())
    }

    /// Where the plan names nobody, the log is all that there is.
    async fn reception(&self, plan: &Plan, news: &News) -> Reception {
        let workload = &news.workload;
        if let What::Incident { detail, .. } | What::Run { detail, .. } = &news.what {
            tracing::warn!(%workload, detail, "a person is asked to look");
        }
        let Some(notify) = &plan.notify else { return Reception::Taken };
        let body = serde_json::to_value(news).expect("news serialise");
        let limit = SignedDuration::from_secs(SEND_LIMIT_S);
        match adapters::notify::send(&self.outside, &notify.webhook, &body, limit).await {
            SendOutcome::Accepted { .. } => Reception::Taken,
            SendOutcome::Refused { code, .. } if is_about_the_news(&code) => {
                tracing::warn!(%workload, code, "the webhook will not have this news");
                Reception::Refused
            }
            outcome => {
                tracing::warn!(%workload, ?outcome, "nobody could be told");
                Reception::NobodyThere
            }
        }
    }
}

enum Reception {
    Taken,
    /// This one; another may be taken.
    Refused,
    NobodyThere,
}

/// Whether a status says that the body is not as the webhook wants it, rather than that the webhook
/// is in trouble or not to be found.
fn is_about_the_news(status: &str) -> bool {
    matches!(status, "400" | "413" | "415" | "422")
}
