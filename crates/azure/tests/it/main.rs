//! Tests of the crate through its front door.

mod constructors;
mod credential;
mod parsers;
mod properties;
mod server;
mod transport;
