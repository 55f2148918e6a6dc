//! The protocol under a model checker: several real [`recovery::turn::Turn`]s on one run, over a
//! small abstract Azure, in every order that the bounds of a [`Scenario`] allow.
//!
//! Nothing of the core is copied. What is modelled is what surrounds it: a store, processes that
//! freeze and die, a wire that delays and loses, people, and time. docs/model.md says how, and what
//! lies outside.

mod azure;
mod calm;
mod check;
mod journal;
mod law;
mod plan;
mod scenario;
mod shared;
mod system;
mod worker;

pub use check::{Finding, Found};
pub use law::Law;
pub use scenario::{Broken, Budget, Region, Scenario};
