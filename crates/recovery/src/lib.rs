//! The core of Farshore: it decides, and does nothing else.
//!
//! No I/O, no clock, no randomness, no async: time and facts come in as arguments, events and
//! commands go out as values. Three invariants hold here and are relied upon everywhere:
//!
//! 1. A run is what its journal adds up to ([`run::Run::apply`] is the only way in which it
//!    changes), so recovery after a crash is the ordinary path.
//! 2. An effect is sent only after its intent was journaled, right after a look that permits it
//!    ([`decide`], `protocol`).
//! 3. After an ambiguous outcome nothing is repeated before a lost request can no longer arrive
//!    ([`limits`]).
//!
//! Read [`turn`] for the loop, [`decide`] for the brain, `step/` for what each step knows.

pub mod decide;
pub mod diagnosis;
pub mod effect;
pub mod event;
pub mod limits;
pub mod look;
pub mod news;
pub mod place;
pub mod plan;
pub mod preview;
pub mod report;
pub mod request;
pub mod resource_id;
pub mod run;
pub mod runbook;
pub mod signal;
pub mod turn;
pub mod view;
pub mod watch;
pub mod worry;

mod protocol;
mod step;

pub use place::Place;
pub use plan::Plan;
pub use resource_id::ResourceId;
