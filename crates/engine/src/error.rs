//! What an engine call can end in, sorted by what the caller does next.

use store::StoreError;

/// Why a call did not do what it is for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Try again later: the message or the request is good.
    #[error("{0}")]
    Unavailable(String),
    /// There is no such workload, run or plan.
    #[error("there is no {what} {name:?}")]
    NotFound { what: &'static str, name: String },
    /// The state does not allow it; the text says what does.
    #[error("{0}")]
    Conflict(String),
    /// The input is wrong.
    #[error(transparent)]
    Plan(#[from] recovery::plan::PlanErrors),
    #[error("{0}")]
    Invalid(String),
    /// What was stored cannot be read: a person must look.
    #[error("{0}")]
    Corrupt(String),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            StoreError::Corrupt { .. } => Self::Corrupt(error.to_string()),
            StoreError::Refused { .. } => Self::Invalid(error.to_string()),
        }
    }
}

impl From<bus::BusError> for Error {
    fn from(error: bus::BusError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Errors quote what they are about, which can be long.
pub(crate) fn shortened(text: &str) -> String {
    const ENOUGH: usize = 600;
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
