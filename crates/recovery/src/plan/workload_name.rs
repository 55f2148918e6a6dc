//! The name of a workload.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Names a workload in paths, journals, queues' sessions and file names, so it holds only what all
/// of them allow: 1 to 48 lower-case letters, digits and inner hyphens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkloadName(String);

/// Why a text is not the name of a workload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a workload name: 1 to 48 lower-case letters, digits and inner hyphens")]
pub struct InvalidWorkloadName(String);

impl WorkloadName {
    pub const MAX_LENGTH: usize = 48;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WorkloadName {
    type Err = InvalidWorkloadName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len())
            && text.bytes().all(plain)
            && !text.starts_with('-')
            && !text.ends_with('-');
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidWorkloadName(shortened(text))) }
    }
}

impl TryFrom<String> for WorkloadName {
    type Error = InvalidWorkloadName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<WorkloadName> for String {
    fn from(name: WorkloadName) -> Self {
        name.0
    }
}

impl fmt::Display for WorkloadName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Debug for WorkloadName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

/// An error message quotes what it refuses, but not a whole file of it.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(WorkloadName::MAX_LENGTH + 1) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_every_place_allows_is_taken() {
        for name in ["a", "websphere-cafe", "9-lives", &"x".repeat(48)] {
            assert_eq!(name.parse::<WorkloadName>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_name_that_some_place_refuses_is_refused() {
        for name in ["", "-a", "a-", "Cafe", "a/b", "a b", "..", "café", "a\n", &"x".repeat(49)] {
            let error = name.parse::<WorkloadName>().unwrap_err();
            assert!(error.to_string().contains("1 to 48"), "{error}");
            assert!(serde_json::from_value::<WorkloadName>(name.into()).is_err(), "{name}");
        }
    }
}
