//! The host's time-out (`functionTimeout`) in the middle of an invocation: the host gives up what is
//! under way and kills the app.

use anyhow::Result;
use async_trait::async_trait;

use super::{Blow, Proof};
use crate::Rehearsal;

#[derive(Debug)]
pub(super) struct HostTimeout;

/// What the host says then.
const TIMED_OUT: &str = "Timeout value exceeded by function.";

#[async_trait(?Send)]
impl Blow for HostTimeout {
    async fn strike(&self, rehearsal: &Rehearsal) -> Result<Proof> {
        let log = rehearsal.host_log()?;
        let stopped = rehearsal.stop_app_in_a_turn().await?.id;
        let timed_out = rehearsal
            .see(async || {
                let failed = log.failed()?;
                let of_time = failed.into_iter().filter(|failure| failure.why.contains(TIMED_OUT));
                let functions: Vec<String> = of_time.map(|failure| failure.function).collect();
                Ok((!functions.is_empty()).then_some(functions))
            })
            .await?;
        let next = rehearsal.next_app(stopped).await?;
        let seen = format!(
            "the app {stopped} stands still, the host gives up {} and kills it, {next} comes in its \
             place",
            timed_out.join(", ")
        );
        Ok(Proof { hits: timed_out.len() as u64, seen })
    }
}
