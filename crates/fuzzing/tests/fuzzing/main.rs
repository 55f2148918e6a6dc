//! Every target bears its corpus, what is too large for a file, and mutations of both; and whoever
//! plays them notices when one does not.

#![expect(clippy::unwrap_used, reason = "what cannot be read ends the test")]

mod lists;
mod targets;
mod teeth;
