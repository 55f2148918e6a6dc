//! The model within its small bounds, and what becomes of it without each guard.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod guards;
mod laws;
