//! As much of TOML as the bugs are written in: `[[bug]]`, and keys with a literal text in `"…"`
//! without escapes or in `'''…'''` over several lines.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};

/// One table: its keys and texts.
pub(super) type Table = BTreeMap<String, String>;

/// The tables of this name, in order.
pub(super) fn tables(text: &str, name: &str) -> Result<Vec<Table>> {
    let header = format!("[[{name}]]");
    let mut tables: Vec<Table> = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let at = || format!("line {number}");
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if line == header {
            tables.push(Table::new());
            continue;
        }
        let (key, value) = line.split_once(" = ").with_context(at)?;
        let value = match value.strip_prefix("'''") {
            None => plain(value).with_context(at)?,
            Some(first) => long(first, lines.by_ref().map(|(line, _)| line)).with_context(at)?,
        };
        let table = tables.last_mut().with_context(at)?;
        ensure!(table.insert(key.to_owned(), value).is_none(), "line {number}: {key} twice");
    }
    Ok(tables)
}

fn plain(value: &str) -> Result<String> {
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.context("a text in quotes is expected")?;
    ensure!(!inner.contains(['"', '\\']), "a text with quotes or escapes goes between '''");
    Ok(inner.to_owned())
}

/// A line break right behind the opening is not part of the text.
fn long<'a>(first: &str, rest: impl Iterator<Item = &'a str>) -> Result<String> {
    if let Some(inner) = first.strip_suffix("'''") {
        return Ok(inner.to_owned());
    }
    let mut lines: Vec<&str> = if first.is_empty() { Vec::new() } else { vec![first] };
    for line in rest {
        if let Some(last) = line.strip_suffix("'''") {
            lines.push(last);
            return Ok(lines.join("\n"));
        }
        lines.push(line);
    }
    bail!("a text does not end")
}

#[cfg(test)]
mod tests {
    use super::tables;

    #[test]
    fn texts_are_taken_as_they_stand() {
        let text = "# why\n[[bug]]\nname = \"a-b\"\nfind = '''\nif a < \"b\" {\n    c'''\nlike = '''x \\n y'''\n";
        let found = tables(text, "bug").unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["name"], "a-b");
        assert_eq!(found[0]["find"], "if a < \"b\" {\n    c");
        assert_eq!(found[0]["like"], "x \\n y");
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        for (text, line) in [
            ("[[bug]]\nname: a", "line 2"),
            ("[[bug]]\n\nname = \"a\\n\"", "line 3"),
            ("name = \"a\"", "line 1"),
            ("[[bug]]\nfind = '''\nno end", "line 2"),
            ("[[bug]]\na = \"1\"\na = \"2\"", "line 3"),
        ] {
            let error = format!("{:#}", tables(text, "bug").unwrap_err());
            assert!(error.contains(line), "{error}");
        }
    }
}
