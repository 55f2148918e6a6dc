//! What is wrong with a plan, in words for the person who wrote it.

use std::fmt;

use serde::Serialize;

/// One thing that is wrong, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanError {
    /// The JSON pointer (RFC 6901) of the value, of the missing field, or empty for the whole file.
    pub pointer: String,
    /// The first line is 1.
    pub line: usize,
    /// In characters; the first column is 1.
    pub column: usize,
    pub problem: String,
    pub mend: String,
}

/// Everything that is wrong with a plan, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PlanErrors(pub Vec<PlanError>);

impl fmt::Display for PlanError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pointer, line, column, problem, mend } = self;
        // The name of an unknown field may hold anything, and an error is one line.
        let place = match pointer.as_str() {
            "" => "the plan".to_owned(),
            pointer => pointer.escape_debug().to_string(),
        };
        write!(formatter, "line {line}, column {column}: {place} {problem}; {mend}")
    }
}

impl fmt::Display for PlanErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.0.iter().enumerate() {
            if position > 0 {
                formatter.write_str("\n")?;
            }
            error.fmt(formatter)?;
        }
        Ok(())
    }
}

impl std::error::Error for PlanError {}
impl std::error::Error for PlanErrors {}

/// What a rule says about a value; where the value stands is known elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) problem: String,
    pub(super) mend: String,
}

impl Complaint {
    pub(super) fn new(problem: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { problem: problem.into(), mend: mend.into() }
    }
}

/// A message quotes what it speaks of, but not a whole file of it, and stays on its line.
pub(super) fn quoted(text: &str) -> String {
    const ENOUGH: usize = 80;
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_that_says_where_what_and_how_to_mend_it() {
        let error = |pointer: &str| PlanError {
            pointer: pointer.into(),
            line: 3,
            column: 7,
            problem: "is missing".into(),
            mend: "add it".into(),
        };
        let errors = PlanErrors(vec![error(""), error("/objectives/rto_s")]);
        assert_eq!(
            errors.to_string(),
            "line 3, column 7: the plan is missing; add it\n\
             line 3, column 7: /objectives/rto_s is missing; add it"
        );
        assert_eq!(
            serde_json::to_value(&errors).unwrap()[1],
            serde_json::json!({
                "pointer": "/objectives/rto_s",
                "line": 3,
                "column": 7,
                "problem": "is missing",
                "mend": "add it",
            })
        );
    }

    #[test]
    fn an_error_about_a_field_whose_name_has_a_line_break_stays_one_line() {
        let error = crate::Plan::parse(r#"{"accept_\nmeasured": true}"#).unwrap_err();
        let named: Vec<_> = error.0.iter().filter(|it| it.pointer.contains('\n')).collect();
        assert_eq!(named.len(), 1, "{error}");
        assert!(named[0].to_string().contains(r"/accept_\nmeasured "), "{error}");
        assert_eq!(error.to_string().lines().count(), error.0.len());
    }

    #[test]
    fn a_quotation_is_short_and_shows_line_breaks() {
        assert_eq!(quoted("a\nb"), r#""a\nb""#);
        assert!(quoted(&"ü".repeat(10_000)).chars().count() < 100);
    }
}
