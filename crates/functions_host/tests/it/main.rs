//! The host as its users meet it: a real process with a real handler, and in virtual time.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail like tests")]

mod broker;
mod in_process;
mod local_azure;
mod processes;
mod rig;
