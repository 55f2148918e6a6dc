//! The core through its front door: turns over runs, in a world in memory and in pure time.

mod aborts;
mod drills;
mod drive;
mod failover;
mod holders;
mod planned;
mod properties;
mod protocol;
mod refusals;
mod script;
mod store;
mod timeline;
mod watch;
mod world;
