//! The whole system in one thread and in virtual time: never shipped, only for showing that what
//! ships is right.

#![expect(clippy::unwrap_used, reason = "a simulation that cannot go on shall stop")]

pub mod rig;
