//! Which strikes fall, and when.

use std::str::FromStr;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use jiff::SignedDuration;

use super::Strike;
use crate::Options;

/// Kills fall into so many simulated milliseconds from the beginning: most of a failover.
const KILLS_MS: std::ops::Range<i64> = 0..400_000;
/// What lasts begins within these: from before the detection until the machines come up.
const LASTING_MS: std::ops::Range<i64> = 60_000..250_000;

/// The strikes to come, in order, each so long after the scenario's beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Strikes(pub(super) Vec<(SignedDuration, Strike)>);

/// `NAME` or `NAME@SECONDS`: a strike as a person asks for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    strike: Strike,
    /// None: the seed chooses.
    after: Option<SignedDuration>,
}

impl Strikes {
    /// So many kills of the app, or of it and its host, the same for the same seed.
    pub fn kills(count: usize, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut strikes = Self::default();
        for _ in 0..count {
            let after = SignedDuration::from_millis(random.i64(KILLS_MS));
            let strike = if random.bool() { Strike::AppKilled } else { Strike::HostKilled };
            strikes.add(after, strike);
        }
        strikes
    }

    /// Adds those that a person asks for.
    #[must_use]
    pub fn and(mut self, wanted: &[Wanted], seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        for Wanted { strike, after } in wanted {
            let chosen = SignedDuration::from_millis(random.i64(LASTING_MS));
            self.add(after.unwrap_or(chosen), *strike);
        }
        self
    }

    /// Sets a rehearsal up for them.
    pub fn prepare(&self, options: &mut Options) -> Result<()> {
        for (_, strike) in &self.0 {
            let (name, store) = (strike.name(), options.store.name());
            ensure!(strike.fits(options.store), "{name} means nothing with `--store {store}`");
            strike.blow().prepare(options);
        }
        Ok(())
    }

    fn add(&mut self, after: SignedDuration, strike: Strike) {
        let at = self.0.partition_point(|(earlier, _)| *earlier <= after);
        self.0.insert(at, (after, strike));
    }
}

impl From<Strike> for Wanted {
    fn from(strike: Strike) -> Self {
        Self { strike, after: None }
    }
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, seconds) = match text.split_once('@') {
            Some((name, seconds)) => (name, Some(seconds)),
            None => (text, None),
        };
        let known = || Strike::value_variants().iter().map(|strike| strike.name());
        let strike = Strike::from_str(name, false).map_err(|_| {
            format!("no strike {name:?}; there are {}", known().collect::<Vec<_>>().join(", "))
        })?;
        let after = seconds.map(|seconds| match seconds.parse() {
            Ok(seconds) if (0..=3600).contains(&seconds) => Ok(SignedDuration::from_secs(seconds)),
            _ => Err(format!("{seconds:?} is not a number of seconds from 0 to 3600")),
        });
        Ok(Self { strike, after: after.transpose()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_strikes_in_order() {
        let wanted = [Strike::BusAway.into(), "host-timeout@7".parse().unwrap()];
        let strikes = Strikes::kills(8, 3).and(&wanted, 3);
        assert_eq!(strikes, Strikes::kills(8, 3).and(&wanted, 3));
        assert_ne!(strikes, Strikes::kills(8, 4).and(&wanted, 4));
        assert_eq!(strikes.0.len(), 10);
        assert!(strikes.0.is_sorted_by_key(|(after, _)| *after));
        assert!(strikes.0.contains(&(SignedDuration::from_secs(7), Strike::HostTimeout)));
    }

    #[test]
    fn a_strike_is_asked_for_by_the_name_that_it_has() {
        for strike in Strike::value_variants() {
            assert_eq!(strike.name().parse(), Ok(Wanted::from(*strike)));
        }
        let error = Wanted::from_str("earthquake").unwrap_err();
        assert!(error.contains("there are app-killed, "), "{error}");
        Wanted::from_str("bus-away@soon").unwrap_err();
        Wanted::from_str("bus-away@-1").unwrap_err();
    }
}
