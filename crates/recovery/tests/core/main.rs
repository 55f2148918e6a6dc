//! The core through its front door: turns over runs, in a world in memory and in pure time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod aborts;
mod drills;
mod drive;
mod failover;
mod forced;
mod holders;
mod illegal;
mod journals;
mod planned;
mod properties;
mod protocol;
mod refusals;
mod reports;
mod script;
mod store;
mod timeline;
mod watch;
mod world;
