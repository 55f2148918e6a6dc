//! Reads what Farshore would read of a workload, and keeps it without what names its owner.
//!
//! [`walk`] makes the requests with the constructors that the app itself uses; [`read_only`] lets
//! nothing through that could change something; [`sanitise`] takes out what is nobody's business;
//! [`output`] writes the recording and the list that its owner reads before sending it. Nothing
//! is written before it is sanitised, and nothing is sent anywhere but the reads themselves.

pub mod output;
pub mod read_only;
pub mod recorder;
pub mod review;
pub mod sanitise;
pub mod settings;
pub mod walk;

pub use read_only::ReadOnly;
pub use recorder::{Exchange, Recorder};
pub use sanitise::Sanitiser;
pub use settings::{Arguments, Settings};
