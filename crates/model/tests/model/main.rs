//! The model within its small bounds, and what becomes of it without each guard.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

use model::Scenario;

mod guards;
mod laws;

/// The published scenario of that name within its small bounds.
fn quick(name: &str) -> Scenario {
    Scenario::quick().into_iter().find(|scenario| scenario.name == name).unwrap()
}
