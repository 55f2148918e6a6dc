//! Everything that is still text in a recording, each thing once: what a person reads before
//! sending it. Stand-ins of one form are shown as one, because there is nothing to see in them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// The texts and the names of fields, each with how often it occurs.
#[derive(Debug, Clone, Default)]
pub struct Review {
    texts: BTreeMap<String, u32>,
    fields: BTreeMap<String, u32>,
}

/// The forms of stand-ins, with what is shown for each; times are of no interest either.
const FORMS: &[(&str, &str)] = &[
    (r"a0a0a0a0-0000-4000-8000-[0-9a-f]{12}", "<guid>"),
    (r"a0a0a0a0000040008000[0-9a-f]{12}", "<guid>"),
    (r"(?i)anon-([a-z]+)-\d+", "<$1>"),
    (r"\b(?:192\.0\.2|198\.1[89]\.\d{1,3})\.\d{1,3}\b", "<ipv4>"),
    (r"\b2001:db8:[0-9a-f:]*", "<ipv6>"),
    (r"(?i)\b0[02][-:]00[-:]5e(?:[-:][0-9a-f]{2}){3}\b", "<mac>"),
    (r"\buser-\d+@example\.com\b", "<e-mail>"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d[0-9:.+Z-]*", "<time>"),
    (r"\b\d{8}T\d{6}Z\b", "<time>"),
    (r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\b", "<time>"),
];

impl Review {
    /// Adds a whole exchange.
    pub fn add(&mut self, value: &Value) {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => *self.texts.entry(shown(text)).or_default() += 1,
            Value::Array(list) => list.iter().for_each(|it| self.add(it)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    *self.fields.entry(shown(key)).or_default() += 1;
                    self.add(value);
                }
            }
        }
    }
}

fn shown(text: &str) -> String {
    static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let compiled = FORMS.iter().map(|(pattern, shown)| {
            (Regex::new(pattern).expect("the patterns are constants"), *shown)
        });
        compiled.collect()
    });
    let mut text = text.to_owned();
    for (pattern, shown) in PATTERNS.iter() {
        text = pattern.replace_all(&text, *shown).into_owned();
    }
    text
}

impl fmt::Display for Review {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "Read this before you send the recording. Here is every text that is left in it, once,\n\
             with how often it occurs; <...> is where a stand-in or a time stands. If you find\n\
             anything that is yours, delete the folder and run the probe again with --hide WORD.\n\
             Numbers are not listed: sizes, counts, ports and times are kept as they were.\n\n\
             Texts ({})",
            self.texts.len()
        )?;
        for (text, times) in &self.texts {
            // On one line, whatever is in it.
            writeln!(formatter, "{times:>6}  {}", text.escape_debug())?;
        }
        writeln!(formatter, "\nNames of fields ({})", self.fields.len())?;
        for (field, times) in &self.fields {
            writeln!(formatter, "{times:>6}  {}", field.escape_debug())?;
        }
        Ok(())
    }
}
