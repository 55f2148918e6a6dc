//! A scenario with its strikes beside it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use futures::future::try_join_all;
use jiff::SignedDuration;
use tokio::time::Instant;

use super::{Proof, Strike, Strikes, Struck};
use crate::{Audience, Evidence, Rehearsal, Scenario};

impl Rehearsal {
    /// Plays a scenario and strikes meanwhile.
    pub async fn play_with_strikes(
        &self,
        scenario: Scenario,
        strikes: &Strikes,
        audience: &mut dyn Audience,
    ) -> Result<Evidence> {
        let (began, began_at) = (Instant::now(), self.clock.now());
        let struck = strikes.0.iter().map(|(after, strike)| Struck {
            strike: *strike,
            at: began_at + *after,
            to: None,
            proof: Proof { hits: 0, seen: "the scenario was over before it had hit".to_owned() },
        });
        let struck: Mutex<Vec<Struck>> = Mutex::new(struck.collect());
        let all = strikes.0.iter().enumerate().map(|(number, (after, strike))| {
            self.carry_out(began + self.clock.wall(*after), *strike, number, &struck)
        });
        let meanwhile = async {
            match try_join_all(all).await {
                Ok(_) => std::future::pending().await,
                Err(error) => error,
            }
        };
        let mut evidence = tokio::select! {
            evidence = self.play(scenario, audience) => evidence?,
            error = meanwhile => return Err(error),
        };
        evidence.strikes.clone_from(&held(&struck));
        Ok(evidence)
    }

    async fn carry_out(
        &self,
        at: Instant,
        strike: Strike,
        number: usize,
        struck: &Mutex<Vec<Struck>>,
    ) -> Result<()> {
        tokio::time::sleep_until(at).await;
        let proof = strike.blow().strike(self).await;
        let proof = proof.with_context(|| format!("the strike {}", strike.name()))?;
        let mut struck = held(struck);
        struck[number].to = Some(self.clock.now());
        struck[number].proof = proof;
        Ok(())
    }

    /// Looks again and again until there is something to see.
    pub(super) async fn see<T>(
        &self,
        mut look: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        loop {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            self.pass(SignedDuration::from_secs(1)).await;
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
