//! What is wrong with the settings, in words for whoever set them.

use std::fmt;

/// One setting that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub setting: &'static str,
    pub problem: String,
    /// What to do about it; empty if the problem says so itself.
    pub mend: String,
}

/// Everything that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl ConfigErrors {
    /// A problem that shows only when a connection is prepared.
    pub(crate) fn one(setting: &'static str, problem: String) -> Self {
        Self(vec![ConfigError { setting, problem, mend: String::new() }])
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, problem, mend } = self;
        write!(formatter, "{setting}: {problem}")?;
        if mend.is_empty() { Ok(()) } else { write!(formatter, "; {mend}") }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(formatter, "a setting is wrong\n  {one}"),
            all => {
                write!(formatter, "{} settings are wrong", all.len())?;
                all.iter().try_for_each(|error| write!(formatter, "\n  {error}"))
            }
        }
    }
}

impl std::error::Error for ConfigError {}
impl std::error::Error for ConfigErrors {}
