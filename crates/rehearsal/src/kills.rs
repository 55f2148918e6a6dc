//! Processes that are killed while a scenario plays, at instants that a seed chooses.

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::time::Instant;

use crate::{Audience, Evidence, Rehearsal, Scenario};

/// Kills fall into so many simulated milliseconds from the beginning: most of a failover.
const WITHIN_MS: i64 = 400_000;

/// Who is killed, as SIGKILL does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Victim {
    App,
    HostAndApp,
}

/// A kill that was carried out.
#[derive(Debug, Clone, Serialize)]
pub struct Kill {
    pub at: Timestamp,
    pub victim: Victim,
}

impl Victim {
    pub fn name(self) -> &'static str {
        match self {
            Self::App => "the app",
            Self::HostAndApp => "host and app",
        }
    }
}

/// The kills to come, in order: how long after the beginning, and whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kills(Vec<(SignedDuration, Victim)>);

impl Kills {
    /// So many, the same for the same seed.
    pub fn seeded(count: usize, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut kills: Vec<_> = std::iter::repeat_with(|| {
            let after = SignedDuration::from_millis(random.i64(0..WITHIN_MS));
            (after, if random.bool() { Victim::App } else { Victim::HostAndApp })
        })
        .take(count)
        .collect();
        kills.sort_by_key(|(after, _)| *after);
        Self(kills)
    }
}

impl Rehearsal {
    /// Plays a scenario and kills meanwhile.
    pub async fn play_with_kills(
        &self,
        scenario: Scenario,
        kills: &Kills,
        audience: &mut dyn Audience,
    ) -> Result<Evidence> {
        let done = Mutex::new(Vec::new());
        let mut evidence = tokio::select! {
            evidence = self.play(scenario, audience) => evidence?,
            never = self.carry_out(kills, &done) => match never {},
        };
        evidence.kills = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(evidence)
    }

    /// Kills whoever it is when the time has come; ends when it is dropped.
    async fn carry_out(&self, kills: &Kills, done: &Mutex<Vec<Kill>>) -> Infallible {
        let began = Instant::now();
        for (after, victim) in &kills.0 {
            tokio::time::sleep_until(began + self.clock.wall(*after)).await;
            let hit = match victim {
                Victim::App => self.crash_app().is_some(),
                Victim::HostAndApp => self.kill_host().is_some(),
            };
            if hit {
                let kill = Kill { at: self.clock.now(), victim: *victim };
                done.lock().unwrap_or_else(PoisonError::into_inner).push(kill);
            }
        }
        std::future::pending().await
    }
}
