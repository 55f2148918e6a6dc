//! Tests of the crate through its front door.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod constructors;
mod credential;
mod parsers;
mod properties;
mod server;
mod transport;
