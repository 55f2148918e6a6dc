//! The sweep: gives every open run a turn, bus or no bus.

use futures::future::join_all;
use recovery::turn::Finish;

use crate::Engine;
use crate::error::Error;

impl Engine {
    /// A turn for every open run, side by side. What fails for one run is logged and left to the
    /// next sweep; the others go on.
    pub async fn sweep(&self) -> Result<Vec<(String, Finish)>, Error> {
        let runs = self.outside.store.open_runs().await?;
        let turns = runs.into_iter().map(|run| async move {
            match self.sweep_one(&run).await {
                Ok(finish) => Some((run, finish)),
                Err(error) => {
                    tracing::error!(run, %error, "the sweep could not move a run");
                    None
                }
            }
        });
        Ok(join_all(turns).await.into_iter().flatten().collect())
    }

    async fn sweep_one(&self, run: &str) -> Result<Finish, Error> {
        if self.outside.store.read(run, 0).await?.is_empty() {
            // Whoever was going to begin it died in between; the watch begins it again.
            self.outside.store.close_run(run).await?;
            return Ok(Finish::Unreadable("it has not begun".to_owned()));
        }
        self.advance(run).await
    }
}
