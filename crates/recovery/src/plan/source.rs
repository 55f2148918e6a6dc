//! The text of a plan and where each of its values stands.

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::errors::PlanError;

/// Larger texts are refused unread; the longest sensible plan is a tenth of this.
pub(super) const MAX_BYTES: usize = 256 * 1024;

/// A plan's text that is JSON.
pub(super) struct Source<'t> {
    text: &'t str,
    /// The values with their places, for the checker.
    pub(super) root: Value<'t>,
    /// The values alone, for serde.
    pub(super) json: serde_json::Value,
}

impl<'t> Source<'t> {
    /// Reads strict JSON: what passes here can be read by every other tool.
    pub(super) fn read(text: &'t str) -> Result<Self, PlanError> {
        // Some editors put a byte order mark first; it is no part of the plan.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let whole = |problem: String, mend: &str| PlanError {
            pointer: String::new(),
            line: 1,
            column: 1,
            problem,
            mend: mend.to_owned(),
        };
        if text.len() > MAX_BYTES {
            let problem = format!("has {} bytes, more than {MAX_BYTES}", text.len());
            return Err(whole(problem, "shorten it"));
        }
        if text.trim().is_empty() {
            return Err(whole("is empty".into(), "write a JSON object; see docs/plan.md"));
        }
        let json = serde_json::from_str(text).map_err(|error| syntax_error(text, &error))?;
        // serde_json is the judge of syntax and of depth, but keeps no places; the second reader
        // keeps them, and sees only text that the first has accepted.
        match parse_to_ast(text, &CollectOptions::default(), &strict()) {
            Ok(parsed) => match parsed.value {
                Some(root) => Ok(Self { text, root, json }),
                None => Err(whole("is empty".into(), "write a JSON object; see docs/plan.md")),
            },
            Err(error) => Err(PlanError {
                line: error.line_display(),
                column: error.column_display(),
                ..whole(format!("is not JSON: {}", error.kind()), "write plain JSON")
            }),
        }
    }

    /// The value at a JSON pointer.
    pub(super) fn find(&self, pointer: &str) -> Option<&Value<'t>> {
        pointer.split('/').skip(1).try_fold(&self.root, |value, step| child(value, step))
    }

    /// The text at a JSON pointer.
    pub(super) fn text(&self, pointer: &str) -> Option<&str> {
        self.find(pointer)?.as_string_lit().map(|literal| literal.value.as_ref())
    }

    /// Where the value at a pointer begins; for what is missing, where its nearest holder begins.
    pub(super) fn offset(&self, pointer: &str) -> usize {
        let mut value = &self.root;
        for step in pointer.split('/').skip(1) {
            match child(value, step) {
                Some(inner) => value = inner,
                None => break,
            }
        }
        value.range().start
    }

    /// Line and column, both from 1, columns in characters.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        position(self.text, offset)
    }
}

/// Where the name of a property begins.
pub(super) fn name_offset(property: &ObjectProp<'_>) -> usize {
    property.name.range().start
}

/// One more step of a JSON pointer.
pub(super) fn step_into(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

fn child<'v, 't>(value: &'v Value<'t>, step: &str) -> Option<&'v Value<'t>> {
    match value {
        Value::Object(object) => {
            let name = step.replace("~1", "/").replace("~0", "~");
            object.get(&name).map(|property| &property.value)
        }
        Value::Array(array) => array.elements.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}

fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn syntax_error(text: &str, error: &serde_json::Error) -> PlanError {
    let line = error.line().max(1);
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    // serde_json counts a column in bytes, and the place where it stopped is the last one read.
    let (line, column) = position(text, start + error.column().saturating_sub(1));
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(said, _)| said);
    let mend = if message.contains("recursion limit") {
        "a plan is a few levels deep"
    } else if error.is_eof() {
        "close every text, list and object; the file may have been cut off"
    } else if message.contains("trailing comma") {
        "remove the comma"
    } else {
        "write plain JSON: names and texts in double quotes, commas between fields, no comments"
    };
    PlanError {
        pointer: String::new(),
        line,
        column,
        problem: format!("is not JSON: {message}"),
        mend: mend.to_owned(),
    }
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..text.floor_char_boundary(offset)).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> PlanError {
        Source::read(text).err().expect("the text is wrong")
    }

    #[test]
    fn a_syntax_error_has_its_line_and_column_in_characters() {
        let error = refused("{\n  \"größe\": oops\n}");
        assert_eq!((error.line, error.column), (2, 12), "{error}");
        let error = refused("{\n  \"a\": 1,\n}");
        assert_eq!((error.line, error.mend.as_str()), (3, "remove the comma"), "{error}");
        let error = refused("{\"a\": [1, 2");
        assert!(error.mend.contains("cut off"), "{error}");
    }

    #[test]
    fn what_is_not_strict_json_is_refused() {
        for text in [
            "",
            " \n",
            "{'a': 1}",
            "{a: 1}",
            "{\"a\": 1} {\"b\": 2}",
            "// plan\n{}",
            "{\"a\": 0x10}",
            "{\"a\": +1}",
            "{\"a\": .5}",
            "{\"a\": NaN}",
            "{\"a\": 1e999}",
            "{\"a\": \"line\nbreak\"}",
            "{\"a\": \"\\ud800\"}",
            "[{} {}]",
        ] {
            refused(text);
        }
    }

    #[test]
    fn a_huge_or_deep_text_is_refused_and_does_not_exhaust_the_stack() {
        let error = refused(&format!("{{\"a\": \"{}\"}}", "x".repeat(MAX_BYTES)));
        assert!(error.problem.contains("more than 262144"), "{error}");
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
            assert!(refused(&deep).mend.contains("levels deep"));
        }
    }

    #[test]
    fn a_pointer_finds_its_value_and_a_missing_one_its_holder() {
        let text = "\u{feff}{\n  \"a/b\": {\"c~d\": [10, 20]},\n  \"e\": \"ü\", \"f\": 1\n}";
        let source = Source::read(text).unwrap();
        let place = |pointer: &str| source.position(source.offset(pointer));
        let inner = step_into(&step_into("", "a/b"), "c~d");
        assert_eq!(inner, "/a~1b/c~0d");
        assert_eq!(place(&format!("{inner}/1")), (2, 23));
        assert_eq!(place("/f"), (3, 18));
        assert_eq!(place("/a~1b/missing/deeper"), (2, 10));
        assert_eq!(place("/missing"), (1, 1));
        assert_eq!(source.text("/e"), Some("ü"));
        assert_eq!(source.text("/f"), None);
    }
}
