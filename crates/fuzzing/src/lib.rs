//! Everything that reads bytes from outside, as one list of targets. Each takes any bytes and panics
//! if a property does not hold; `docs/fuzzing.md` says which properties and how they are played.
//!
//! The list is used twice: by `tests/`, which mutates the corpora with a seed on every run of the
//! tests, and by `fuzz/`, where libFuzzer looks for new inputs.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a target panics to say so")]

pub mod corpus;
pub mod mutate;
pub mod runner;

mod app;
mod http_text;
mod judge;
mod sizes;
mod targets;

/// Something that reads bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Names the corpus and the fuzzer.
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// How many bytes it may allocate for each byte that it is given.
    pub bytes_per_byte: u64,
}

/// What a target may allocate whatever it is given: an app with its store, for those that need one.
pub const BASE: u64 = 24 << 20;

/// All of them.
pub const TARGETS: [Target; 19] = [
    target("alert", targets::doors::alert),
    target("arm_application_gateway", targets::arm::application_gateway),
    target("arm_failover_group", targets::arm::failover_group),
    // The same answer is read by some twenty looks and polls.
    Target { name: "arm_looks", run: targets::looks::looks, bytes_per_byte: 4000 },
    target("arm_network_interface", targets::arm::network_interface),
    target("arm_operation", targets::arm::operation),
    target("arm_recovery_plan", targets::arm::recovery_plan),
    target("arm_resource_health", targets::arm::resource_health),
    target("arm_traffic_manager", targets::arm::traffic_manager),
    target("arm_virtual_machine", targets::arm::virtual_machine),
    target("date", targets::words::date),
    target("document", targets::stored::document),
    target("envelope", targets::doors::envelope),
    target("journal", targets::stored::journal),
    target("message", targets::doors::message),
    target("operator", targets::doors::operator),
    target("plan", targets::plan::plan),
    target("resource_id", targets::words::resource_id),
    target("stored_record", targets::stored::record),
];

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run, bytes_per_byte: 1000 }
}

/// The target of this name.
pub fn target_named(name: &str) -> Target {
    let found = TARGETS.iter().find(|target| target.name == name);
    *found.unwrap_or_else(|| panic!("there is no target {name:?}"))
}
