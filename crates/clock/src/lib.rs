//! The one source of "now".
//!
//! In production it is the system's clock. In a rehearsal it is simulated time, linear in wall
//! time: one setting, the same for simulator, Functions host and app, so that their clocks agree.
//! It reads tokio's clock, so a test with a paused runtime drives it too.

use std::future::Future;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock that is cheap to copy; all copies agree.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The system's clock.
    System,
    /// `simulated = origin + (instant - started) * speed`.
    Simulated { started: Instant, origin: Timestamp, speed: u32 },
}

/// Why a clock setting was refused.
#[derive(Debug, thiserror::Error)]
#[error(
    "clock setting {setting:?}: {problem}; expected `speed=10;wall=<RFC 3339>;simulated=<RFC 3339>`"
)]
pub struct ClockError {
    setting: String,
    problem: String,
}

/// The time given to [`Clock::timeout`] ran out.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("no answer in time")]
pub struct Elapsed;

impl Clock {
    /// A simulated clock that starts now, at `origin`.
    pub fn simulated(origin: Timestamp, speed: u32) -> Self {
        Self::Simulated { started: Instant::now(), origin, speed: speed.max(1) }
    }

    /// Reads the setting that [`Clock::setting`] writes.
    pub fn parse(setting: &str) -> Result<Self, ClockError> {
        let refuse = |problem: String| ClockError { setting: setting.to_owned(), problem };
        let mut speed = None;
        let mut wall = None;
        let mut simulated = None;
        for part in setting.split(';') {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| refuse(format!("{part:?} is not name=value")))?;
            let time = || value.parse::<Timestamp>().map_err(|error| refuse(error.to_string()));
            match name.trim() {
                "speed" => {
                    let factor = value.parse::<u32>().map_err(|error| refuse(error.to_string()))?;
                    if !(1..=1000).contains(&factor) {
                        return Err(refuse("speed must be a whole number from 1 to 1000".into()));
                    }
                    speed = Some(factor);
                }
                "wall" => wall = Some(time()?),
                "simulated" => simulated = Some(time()?),
                other => return Err(refuse(format!("unknown part {other:?}"))),
            }
        }
        let speed = speed.ok_or_else(|| refuse("speed is missing".into()))?;
        let wall = wall.ok_or_else(|| refuse("wall is missing".into()))?;
        let simulated = simulated.ok_or_else(|| refuse("simulated is missing".into()))?;
        let since = Timestamp::now().duration_since(wall);
        let factor = i32::try_from(speed).expect("speed is at most 1000");
        Ok(Self::simulated(simulated + since * factor, speed))
    }

    /// The setting from which another process builds the same clock; none for the system's clock.
    pub fn setting(&self) -> Option<String> {
        match self {
            Self::System => None,
            Self::Simulated { speed, .. } => {
                Some(format!("speed={speed};wall={};simulated={}", Timestamp::now(), self.now()))
            }
        }
    }

    /// The present moment, in milliseconds: finer is never needed and reads badly in a journal.
    pub fn now(&self) -> Timestamp {
        let exact = match *self {
            Self::System => Timestamp::now(),
            Self::Simulated { started, origin, speed } => {
                let elapsed = SignedDuration::try_from(started.elapsed())
                    .expect("a process does not run for 292 billion years");
                origin + elapsed * i32::try_from(speed).expect("speed is at most 1000")
            }
        };
        Timestamp::from_millisecond(exact.as_millisecond()).expect("a valid time stays valid")
    }

    /// How many simulated seconds pass in a second.
    pub fn speed(&self) -> u32 {
        match *self {
            Self::System => 1,
            Self::Simulated { speed, .. } => speed,
        }
    }

    /// How long `duration` of this clock takes on the wall.
    pub fn wall(&self, duration: SignedDuration) -> Duration {
        Duration::try_from(duration).unwrap_or_default() / self.speed()
    }

    /// Waits for `future` at most for `limit` of this clock.
    pub async fn timeout<T>(
        &self,
        limit: SignedDuration,
        future: impl Future<Output = T>,
    ) -> Result<T, Elapsed> {
        tokio::time::timeout(self.wall(limit), future).await.map_err(|_| Elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn simulated_time_runs_at_its_speed() {
        let origin: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let clock = Clock::simulated(origin, 10);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(clock.now(), origin + SignedDuration::from_secs(30));
        assert_eq!(clock.wall(SignedDuration::from_secs(5)), Duration::from_millis(500));
    }

    #[test]
    fn a_bad_setting_is_refused_with_what_was_expected() {
        for (setting, word) in [
            ("speed=0;wall=2026-11-22T10:00:00Z;simulated=2026-11-22T10:00:00Z", "1 to 1000"),
            ("speed=10", "wall is missing"),
            ("fast", "name=value"),
            ("speed=10;wall=yesterday;simulated=2026-11-22T10:00:00Z", "yesterday"),
        ] {
            let error = Clock::parse(setting).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[tokio::test]
    async fn a_clock_survives_the_trip_to_another_process() {
        let origin: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
        let clock = Clock::simulated(origin, 10);
        let copy = Clock::parse(&clock.setting().unwrap()).unwrap();
        let apart = copy.now().duration_since(clock.now()).abs();
        assert!(apart < SignedDuration::from_secs(5), "{apart:?}");
    }
}
