//! The whole system in one thread and in virtual time: never shipped, only for showing that what
//! ships is right. `docs/simulation.md` says what it does.

#![expect(clippy::unwrap_used, reason = "a simulation that cannot go on shall stop")]

pub mod batch;
mod blob_storage;
pub mod checks;
pub mod cuts;
pub mod effects;
pub mod fault;
pub mod journals;
pub mod play;
pub mod rig;
pub mod story;
pub mod table;

#[cfg(test)]
mod tests;
