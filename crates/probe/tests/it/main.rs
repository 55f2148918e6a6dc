//! Tests of the probe through its front door, and of what sanitising promises.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod fixtures;
mod local_azure;
mod process;
mod properties;
mod refusals;
mod states;
mod tamper;

/// A body by itself, as a recording would show it.
fn sanitised(body: &serde_json::Value) -> serde_json::Value {
    let mut sanitiser = probe::Sanitiser::new(&[]);
    sanitiser.learn(body);
    sanitiser.json(body).value
}
