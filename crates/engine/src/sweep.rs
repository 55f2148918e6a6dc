//! The sweep: gives open runs their turns, and open incidents their looks, when the bus does not,
//! and tells people what nobody has taken yet.

use futures::future::{join, join_all};
use recovery::turn::Finish;

use crate::Engine;
use crate::error::Error;

impl Engine {
    /// Looks into every incident that nobody follows any more, then gives a turn to every open run
    /// whose next wake is lost, side by side. What fails for one is logged and left to the next
    /// sweep; the others go on.
    pub async fn sweep(&self) -> Result<Vec<(String, Finish)>, Error> {
        self.take_up().await?;
        let runs = self.outside.store.open_runs().await?;
        let turns = runs.into_iter().map(|run| async move {
            match self.sweep_one(&run).await {
                Ok(finish) => finish.map(|finish| (run, finish)),
                Err(error) => {
                    tracing::error!(run, %error, "the sweep could not move a run");
                    None
                }
            }
        });
        // Beside the turns: a webhook that hangs holds up no recovery.
        let (finishes, told) = join(join_all(turns), self.tell_everybody()).await;
        told?;
        Ok(finishes.into_iter().flatten().collect())
    }

    async fn sweep_one(&self, run: &str) -> Result<Option<Finish>, Error> {
        if !self.is_forgotten(run).await? {
            return Ok(None);
        }
        if !self.has_begun(run).await? {
            // Whoever was going to begin it died in between; the watch begins it again.
            self.outside.store.close_run(run).await?;
            return Ok(None);
        }
        Ok(Some(self.advance(run).await?))
    }
}
