//! The promises of `Store`, one file per promise, each kept by every backend: `SQLite` in memory and
//! in a file, and Azure Blob Storage as played by Azurite.

#![expect(clippy::unwrap_used, reason = "a promise that fails ends its test")]

mod append;
mod backend;
mod broken;
mod documents;
mod durability;
mod gaps;
mod inbox;
mod leases;
mod lost_answers;
mod names;
mod open_runs;
mod paging;
mod races;
mod sizes;
