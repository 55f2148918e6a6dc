//! The words and signs of Bicep.

use super::{Expr, Part, Result};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(String),
    Number(i64),
    Text(Vec<Part>),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 33] = [
    "...", "=>", "==", "!=", "=~", "!~", "<=", ">=", "&&", "||", "??", ".?", "[?", "{", "}", "[",
    "]", "(", ")", ",", ":", "?", ".", "=", "!", "<", ">", "+", "-", "@", "*", "/", "%",
];

/// Each token with whether it begins a line.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, bool)>> {
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut found, mut fresh) = (0, Vec::new(), true);
    while at < chars.len() {
        let begins = |with: &str| begins(&chars[at..], with);
        match chars[at] {
            '\n' => (at, fresh) = (at + 1, true),
            it if it.is_whitespace() => at += 1,
            // A directive for the linter, or a comment.
            '#' | '/' if chars[at] == '#' || begins("//") => {
                while at < chars.len() && chars[at] != '\n' {
                    at += 1;
                }
            }
            '/' if begins("/*") => {
                while at < chars.len() && !self::begins(&chars[at..], "*/") {
                    at += 1;
                }
                at += 2;
            }
            '\'' => {
                let (parts, next) =
                    if begins("'''") { raw(&chars, at + 3)? } else { quoted(&chars, at + 1)? };
                found.push((Token::Text(parts), std::mem::take(&mut fresh)));
                at = next;
            }
            it if it.is_alphanumeric() || it == '_' => {
                let start = at;
                while at < chars.len() && (chars[at].is_alphanumeric() || chars[at] == '_') {
                    at += 1;
                }
                let word: String = chars[start..at].iter().collect();
                let token = word.parse().map_or(Token::Word(word), Token::Number);
                found.push((token, std::mem::take(&mut fresh)));
            }
            it => {
                let sign = SIGNS.into_iter().find(|sign| begins(sign));
                let sign = sign.ok_or_else(|| format!("a {it:?} at character {at}"))?;
                found.push((Token::Sign(sign), std::mem::take(&mut fresh)));
                at += sign.len();
            }
        }
    }
    found.push((Token::End, true));
    Ok(found)
}

fn begins(chars: &[char], with: &str) -> bool {
    let mut pairs = with.chars().zip(chars);
    chars.len() >= with.len() && pairs.all(|(wanted, is)| wanted == *is)
}

fn raw(chars: &[char], from: usize) -> Result<(Vec<Part>, usize)> {
    let mut at = from;
    while at + 3 <= chars.len() {
        if chars[at..at + 3] == ['\''; 3] {
            return Ok((vec![Part::Fixed(chars[from..at].iter().collect())], at + 3));
        }
        at += 1;
    }
    Err("a text without end".to_owned())
}

fn quoted(chars: &[char], from: usize) -> Result<(Vec<Part>, usize)> {
    let (mut at, mut fixed, mut parts) = (from, String::new(), Vec::new());
    while at < chars.len() {
        match chars[at] {
            '\'' => {
                parts.push(Part::Fixed(fixed));
                return Ok((parts, at + 1));
            }
            '\\' => {
                fixed.push(if chars.get(at + 1) == Some(&'n') { '\n' } else { chars[at + 1] });
                at += 2;
            }
            '$' if chars.get(at + 1) == Some(&'{') => {
                let end = end_of_value(chars, at + 2)?;
                let inner: String = chars[at + 2..end].iter().collect();
                parts.push(Part::Fixed(std::mem::take(&mut fixed)));
                parts.push(Part::Value(Expr::parse(&inner)?));
                at = end + 1;
            }
            it => {
                fixed.push(it);
                at += 1;
            }
        }
    }
    Err("a text without end".to_owned())
}

/// Where the `}` of a `${` is; texts in between may have braces of their own.
fn end_of_value(chars: &[char], from: usize) -> Result<usize> {
    let (mut at, mut depth) = (from, 1);
    while at < chars.len() {
        match chars[at] {
            '\'' => at = quoted(chars, at + 1)?.1 - 1,
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok(at);
        }
        at += 1;
    }
    Err("a ${ without end".to_owned())
}
