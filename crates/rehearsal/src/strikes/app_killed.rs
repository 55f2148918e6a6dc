//! The app dies, as SIGKILL does it.

use anyhow::Result;
use async_trait::async_trait;

use super::{Blow, Proof};
use crate::Rehearsal;

#[derive(Debug)]
pub(super) struct AppKilled;

#[async_trait(?Send)]
impl Blow for AppKilled {
    async fn strike(&self, rehearsal: &Rehearsal) -> Result<Proof> {
        // Whoever is being started again just now is waited for: a kill of nobody proves nothing.
        let killed = rehearsal.see(async || Ok(rehearsal.crash_app())).await?;
        let next = rehearsal.next_app(killed).await?;
        Ok(Proof {
            hits: 1,
            seen: format!("the app {killed} is killed, {next} comes in its place"),
        })
    }
}
