//! The host's time-out (`functionTimeout`) in the middle of an invocation: the host gives up what is
//! under way and kills the app.

use anyhow::Result;
use async_trait::async_trait;

use super::{Blow, Proof};
use crate::Rehearsal;

#[derive(Debug)]
pub(super) struct HostTimeout;

/// What the host says of an invocation whose time is over.
const TIMED_OUT: &str = "Timeout value exceeded by function.";
/// What it says of those that end with it.
const WITH_IT: &str = "The handler was restarted because a function timed out.";

#[async_trait(?Send)]
impl Blow for HostTimeout {
    async fn strike(&self, rehearsal: &Rehearsal) -> Result<Proof> {
        let log = rehearsal.host_log()?;
        let stopped = rehearsal.stop_app_in_a_turn().await?.id;
        let next = rehearsal.next_app(stopped).await?;
        let functions = |why: &str| -> Result<Vec<String>> {
            let failed = log.failed()?.into_iter().filter(|failure| failure.why == why);
            Ok(failed.map(|failure| failure.function).collect())
        };
        let (timed_out, with_it) = (functions(TIMED_OUT)?, functions(WITH_IT)?);
        let seen = format!(
            "the app {stopped} stands still, the host gives up {} and kills it in the middle of \
             {} more, {next} comes in its place",
            timed_out.join(", "),
            with_it.len()
        );
        Ok(Proof { hits: timed_out.len() as u64, seen })
    }
}
