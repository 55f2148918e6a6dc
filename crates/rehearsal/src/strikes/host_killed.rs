//! The app dies, and its host with it, as SIGKILL does it.

use anyhow::Result;
use async_trait::async_trait;

use super::{Blow, Proof};
use crate::Rehearsal;

#[derive(Debug)]
pub(super) struct HostKilled;

#[async_trait(?Send)]
impl Blow for HostKilled {
    async fn strike(&self, rehearsal: &Rehearsal) -> Result<Proof> {
        let killed = rehearsal.see(async || Ok(rehearsal.kill_host())).await?;
        let next = rehearsal
            .see(async || Ok(rehearsal.host().filter(|host| host.host_pid != killed)))
            .await?;
        let next = next.host_pid;
        let seen = format!("the host {killed} is killed with its app, {next} comes in its place");
        Ok(Proof { hits: 1, seen })
    }
}
