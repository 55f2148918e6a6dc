//! Reads YAML: as much of it as azure.yaml uses. What it does not know is an error.

use serde_json::{Map, Value, json};

type Result<T> = std::result::Result<T, String>;

pub(super) fn read(text: &str) -> Result<Value> {
    let content = |line: &str| {
        let line = line.split(" #").next().unwrap_or_default().trim_end();
        let text = line.trim_start();
        let is_content = !text.is_empty() && !text.starts_with('#');
        is_content.then(|| (line.len() - text.len(), text.to_owned()))
    };
    let mut lines = Lines { all: text.lines().filter_map(content).collect(), at: 0 };
    let value = lines.block(0)?;
    match lines.peek() {
        None => Ok(value),
        Some((_, text)) => Err(format!("{text:?} is further left than what it belongs to")),
    }
}

struct Lines {
    /// Each with the column where it begins.
    all: Vec<(usize, String)>,
    at: usize,
}

impl Lines {
    fn peek(&self) -> Option<(usize, &str)> {
        self.all.get(self.at).map(|(column, text)| (*column, text.as_str()))
    }

    /// A mapping or a list whose entries begin at this column.
    fn block(&mut self, column: usize) -> Result<Value> {
        let is_list = self.peek().is_some_and(|(_, text)| text.starts_with("- "));
        let mut items = Vec::new();
        let mut fields = Map::new();
        while let Some((at, text)) = self.peek().filter(|(at, _)| *at >= column) {
            if at != column || text.starts_with("- ") != is_list {
                return Err(format!("{text:?} is not where it belongs"));
            }
            if is_list {
                // What follows the dash is a block of its own that begins two columns further.
                let rest = text[2..].to_owned();
                let is_block = rest.contains(": ") || rest.ends_with(':');
                if is_block {
                    self.all[self.at] = (column + 2, rest);
                    items.push(self.block(column + 2)?);
                } else {
                    self.at += 1;
                    items.push(inline(&rest)?);
                }
                continue;
            }
            let (key, rest) = entry(text)?;
            self.at += 1;
            let deeper = self.peek().map(|(at, _)| at).filter(|at| *at > column);
            let value = match (rest.is_empty(), deeper) {
                (true, Some(deeper)) => self.block(deeper)?,
                (true, None) => Value::Null,
                (false, _) => inline(&rest)?,
            };
            if fields.insert(key.clone(), value).is_some() {
                return Err(format!("{key} is there twice"));
            }
        }
        Ok(if is_list { Value::Array(items) } else { Value::Object(fields) })
    }
}

fn entry(text: &str) -> Result<(String, String)> {
    let (key, rest) = match text.split_once(": ") {
        Some((key, rest)) => (key, rest.trim()),
        None => (text.strip_suffix(':').ok_or_else(|| format!("{text:?} is no entry"))?, ""),
    };
    Ok((key.trim().to_owned(), rest.to_owned()))
}

/// What stands on one line.
fn inline(text: &str) -> Result<Value> {
    let inner = |open: char, close: char| text.strip_prefix(open)?.strip_suffix(close);
    let parts = |inner: &str| -> Vec<String> {
        inner.split(',').map(|part| part.trim().to_owned()).collect()
    };
    if let Some(inner) = inner('{', '}') {
        let mut fields = Map::new();
        for part in parts(inner) {
            let (key, rest) = entry(&part)?;
            fields.insert(key, scalar(&rest)?);
        }
        return Ok(Value::Object(fields));
    }
    if let Some(inner) = inner('[', ']') {
        return parts(inner).iter().map(|part| scalar(part)).collect();
    }
    scalar(text)
}

fn scalar(text: &str) -> Result<Value> {
    if text.starts_with(|it: char| "\"'|>&*!%@`{[}]".contains(it)) {
        return Err(format!("{text:?} is more than this reads"));
    }
    Ok(match text {
        "true" => json!(true),
        "false" => json!(false),
        "" | "~" | "null" => Value::Null,
        other => other.parse::<i64>().map_or_else(|_| json!(other), |number| json!(number)),
    })
}

#[test]
fn what_azure_yaml_has_is_read() {
    let text = "# A file.\na: 1 # One.\nb:\n  - c: x y\n    d: { e: ../f.sh \"$G\", h: true }\n  - i\nj: [k, l]\n";

    let expected = json!({
        "a": 1,
        "b": [{"c": "x y", "d": {"e": "../f.sh \"$G\"", "h": true}}, "i"],
        "j": ["k", "l"],
    });
    assert_eq!(read(text), Ok(expected));
}

#[test]
fn what_it_does_not_know_is_refused() {
    for text in ["a: |\n  b\n", "a: \"b\"\n", "a: 1\na: 2\n", "a\n", "a: 1\n   b: 2\n", "a: &b 1\n"]
    {
        assert!(read(text).is_err(), "{text:?}");
    }
}
