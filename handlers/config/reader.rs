//! Reads variables and collects what is wrong with them.

use azure::http::{SettingsError, parse_endpoint};
use url::Url;

use super::errors::{ConfigError, ConfigErrors};

pub(super) struct Reader<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    errors: Vec<ConfigError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { variable, errors: Vec::new() }
    }

    /// A variable's value; none if it is empty, as templates leave it when there is nothing to say.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = (self.variable)(name)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn refuse(&mut self, setting: &'static str, problem: &str, mend: &str) {
        let (problem, mend) = (problem.to_owned(), mend.to_owned());
        self.errors.push(ConfigError { setting, problem, mend });
    }

    /// An address: https, or http on this machine. It is not shown: somebody may have put a
    /// password into it.
    pub(super) fn endpoint(&mut self, name: &'static str, default: Option<&str>) -> Option<Url> {
        let text = self.text(name).or_else(|| default.map(str::to_owned))?;
        match parse_endpoint(&text) {
            Ok(url) => Some(url),
            Err(error) => {
                let problem = match error {
                    SettingsError::Address { problem, .. } => problem,
                    other => other.to_string(),
                };
                self.refuse(name, &problem, "use the address of the service, as https://HOST");
                None
            }
        }
    }

    pub(super) fn switch(&mut self, name: &'static str, default: bool) -> bool {
        match self.text(name).as_deref() {
            None => default,
            Some("on") => true,
            Some("off") => false,
            Some(other) => {
                let problem = format!("{other:?} is neither on nor off");
                self.refuse(name, &problem, "write on or off");
                default
            }
        }
    }

    pub(super) fn into_errors(self) -> ConfigErrors {
        ConfigErrors(self.errors)
    }

    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigErrors> {
        if self.errors.is_empty() { Ok(value) } else { Err(self.into_errors()) }
    }
}
