//! Logs go to standard output, one line each: the host takes every line of standard error for an
//! error (Azure/azure-functions-host, `WorkerProcess`).

use std::str::FromStr;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt, FilterFn, ParseError};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// The crates whose every word is ours.
const OURS: [&str; 7] = ["azure", "bus", "clock", "engine", "farshore", "recovery", "store"];

/// Which lines are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(String);

impl FromStr for Filter {
    type Err = ParseError;

    /// Takes the directives of `tracing_subscriber`: `info`, `info,engine=debug`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        EnvFilter::try_new(text).map(|_| Self(text.to_owned()))
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

/// Starts writing. A second call changes nothing.
pub fn start(filter: &Filter) {
    let chosen = EnvFilter::new(&filter.0).and(FilterFn::new(is_safe));
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_filter(chosen);
    drop(tracing_subscriber::registry().with(lines).try_init());
}

/// Libraries that speak HTTP show headers and signed URLs when they explain themselves, so of
/// theirs only complaints are written, whatever the setting says.
fn is_safe(metadata: &Metadata<'_>) -> bool {
    let of = metadata.target().split("::").next().unwrap_or_default();
    OURS.contains(&of) || *metadata.level() <= Level::WARN
}
