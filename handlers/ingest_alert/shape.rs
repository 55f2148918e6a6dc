//! Reads JSON that others wrote, and can say where something is wrong.

use serde_json::Value;

use crate::error::FieldError;
use crate::request::escaped;

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    value: &'a Value,
    pointer: String,
}

/// No list of a report is longer: a message must fit into the queue.
const ITEMS_MAX: usize = 300;
/// The same for what identifies something.
const TEXT_MAX: usize = 1024;

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, pointer: String::new() }
    }

    /// A field; what is not there is null.
    pub(super) fn get(&self, name: &str) -> Self {
        let value = self.value.get(name).unwrap_or(&Value::Null);
        Self { value, pointer: format!("{}/{}", self.pointer, escaped(name)) }
    }

    /// A field of a field of a field.
    pub(super) fn at(&self, names: &[&str]) -> Self {
        names.iter().fold(self.clone(), |node, name| node.get(name))
    }

    pub(super) fn is_missing(&self) -> bool {
        self.value.is_null()
    }

    /// An identifying text: it must be there.
    pub(super) fn text(&self) -> Result<&'a str, FieldError> {
        match self.value {
            Value::String(text) if text.trim().is_empty() => {
                Err(self.wrong("is empty", "send it as Azure does"))
            }
            Value::String(text) if text.len() > TEXT_MAX => {
                let problem = format!("has more than {TEXT_MAX} bytes");
                Err(self.wrong(problem, "send it as Azure does"))
            }
            Value::String(text) => Ok(text.trim()),
            Value::Null => Err(self.wrong("is missing", "send it as Azure does")),
            other => Err(self.wrong(format!("is {}, not text", kind(other)), "send it as text")),
        }
    }

    /// A text for people, or a detail that may be missing.
    pub(super) fn words(&self) -> Option<&'a str> {
        self.value.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// A flag, of which some are text.
    pub(super) fn flag(&self) -> bool {
        match self.value {
            Value::Bool(flag) => *flag,
            Value::String(text) => text.trim().eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// A number or a text, of which Azure makes no difference: `"threshold": "0"`.
    pub(super) fn scalar(&self) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(super) fn object(&self) -> Result<&Self, FieldError> {
        match self.value {
            Value::Object(_) => Ok(self),
            Value::Null => Err(self.wrong("is missing", "send it as Azure does")),
            other => {
                Err(self.wrong(format!("is {}, not an object", kind(other)), "send an object"))
            }
        }
    }

    /// The items of a list; none if there is no list.
    pub(super) fn items(&self) -> Result<Vec<Self>, FieldError> {
        let items = match self.value {
            Value::Array(items) => items,
            Value::Null => return Ok(Vec::new()),
            other => {
                return Err(self.wrong(format!("is {}, not a list", kind(other)), "send a list"));
            }
        };
        if items.len() > ITEMS_MAX {
            let problem = format!("has {} items", items.len());
            return Err(self.wrong(problem, format!("send at most {ITEMS_MAX}")));
        }
        let node = |(index, value)| Self { value, pointer: format!("{}/{index}", self.pointer) };
        Ok(items.iter().enumerate().map(node).collect())
    }

    /// The items of a list; none if it is something else.
    pub(super) fn loose_items(&self) -> Vec<Self> {
        self.items().unwrap_or_default()
    }

    pub(super) fn wrong(&self, problem: impl Into<String>, mend: impl Into<String>) -> FieldError {
        FieldError::new(self.pointer.clone(), problem, mend)
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
