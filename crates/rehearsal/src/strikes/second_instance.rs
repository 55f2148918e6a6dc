//! A second host starts a second app: both work on the same store, and both receive from the same
//! queues until the end.

use anyhow::Result;
use async_trait::async_trait;

use super::{Blow, Proof};
use crate::{Options, Rehearsal};

#[derive(Debug)]
pub(super) struct SecondInstance;

/// A session that is held keeps a run with one instance. Given back after a second, it goes to
/// whoever asks first, and the turns of one run change between the two.
const IDLE_TIMEOUT: (&str, &str) =
    ("AzureFunctionsJobHost__extensions__serviceBus__sessionIdleTimeout", "00:00:01");
/// The queue of turns.
const WAKES: &str = "wakes";
/// So many turns each of both must have had.
const TURNS: u64 = 3;

#[async_trait(?Send)]
impl Blow for SecondInstance {
    fn prepare(&self, options: &mut Options) {
        options.settings.push(IDLE_TIMEOUT);
    }

    async fn strike(&self, rehearsal: &Rehearsal) -> Result<Proof> {
        let second = rehearsal.add_instance().await?;
        // A host names itself to the broker with the id of its process.
        let name = format!("functions-host-{}-", second.host_pid);
        let turns = async || -> Result<(u64, u64)> {
            let state = rehearsal.azure.state().await?;
            let queue = state.service_bus.get(WAKES).cloned().unwrap_or_default();
            let by = |second: bool| {
                let of =
                    queue.completed_by.iter().filter(|(it, _)| it.starts_with(&name) == second);
                of.map(|(_, turns)| turns).sum()
            };
            Ok((by(false), by(true)))
        };
        let (before, _) = turns().await?;
        let (first, second) = rehearsal
            .see(async || {
                let (first, second) = turns().await?;
                let first = first - before;
                Ok((first >= TURNS && second >= TURNS).then_some((first, second)))
            })
            .await?;
        let seen = format!(
            "of the turns that the bus asks for next, the first instance makes {first} and the \
             second {second}"
        );
        Ok(Proof { hits: second, seen })
    }
}
