//! The whole system: the function app at its front door, and on the local Azure in virtual time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod alerts;
mod broken_journals;
mod crash;
mod docs;
mod failover;
mod function_app;
mod infra;
mod operator_api;
mod process;
mod support;
