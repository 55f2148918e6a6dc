//! Names come from outside: this is the one place that checks them and turns them into blob names.
//!
//! A blob name holds a name with every byte outside `A-Z a-z 0-9 - _ .` written as `~` and two
//! hexadecimal digits, so that it reads well and passes unchanged through URLs. A full stop at the
//! end is written that way too: Azure warns of names that end with one
//! (doc: learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata).

use std::fmt::Write as _;

use crate::{MAX_BYTES, MAX_NAME, StoreError};

/// What a name is the name of; for the message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Journal,
    Writer,
    Document,
    Inbox,
    Key,
    Run,
    Lease,
    Holder,
}

/// Refuses a name that one of the backends could not keep.
pub(crate) fn check(kind: Kind, name: &str) -> Result<(), StoreError> {
    let problem = if name.is_empty() {
        "is empty"
    } else if name.len() > MAX_NAME {
        "is longer than 160 bytes"
    } else if name.chars().any(char::is_control) {
        "has a control character"
    } else if matches!(kind, Kind::Document)
        && name.split('/').any(|part| part.is_empty() || part == "." || part == "..")
    {
        "has an empty, `.` or `..` part"
    } else {
        return Ok(());
    };
    let what = format!("{kind:?}").to_lowercase();
    let shown: String = name.chars().take(MAX_NAME).collect();
    Err(StoreError::refused(format!("the {what} name {shown:?} {problem}")))
}

/// Refuses what is too big for one conditional write.
pub(crate) fn check_size(bytes: &[u8]) -> Result<(), StoreError> {
    if bytes.len() <= MAX_BYTES {
        return Ok(());
    }
    Err(StoreError::refused(format!("{} bytes are more than the {MAX_BYTES} allowed", bytes.len())))
}

/// One part of a blob's name: no `/` comes through.
pub(crate) fn segment(name: &str) -> String {
    let mut escaped = plain_prefix(name);
    if escaped.ends_with('.') {
        escaped.pop();
        escaped.push_str("~2E");
    }
    escaped
}

/// A document's blob name: its `/` stay folders.
pub(crate) fn path(name: &str) -> String {
    name.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The longest text with which the blob names of all documents under `prefix` begin.
pub(crate) fn path_prefix(prefix: &str) -> String {
    let parts: Vec<_> = prefix.split('/').collect();
    let (last, folders) = parts.split_last().expect("split yields at least one part");
    let mut escaped: String = folders.iter().map(|part| segment(part) + "/").collect();
    escaped.push_str(plain_prefix(last).trim_end_matches('.'));
    escaped
}

/// The name behind a blob name; none if this crate did not write it.
pub(crate) fn unescape(escaped: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first != b'~' {
            bytes.push(first);
            rest = tail;
            continue;
        }
        let (digits, tail) = tail.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

fn plain_prefix(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            write!(escaped, "~{byte:02X}").expect("writing to a string cannot fail");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: [&str; 8] =
        ["a b", "ä€", "50%~2E", "x/../y", "dot.", "..", "\"q\"#?&", "plan:websphere"];

    #[test]
    fn every_odd_name_comes_back() {
        for name in ODD {
            let escaped = segment(name);
            assert!(
                escaped.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b)),
                "{escaped}"
            );
            assert!(!escaped.ends_with('.'), "{escaped}");
            assert_eq!(unescape(&escaped).as_deref(), Some(name));
        }
        assert_eq!(path("plans/cafe.json"), "plans/cafe.json");
    }

    #[test]
    fn the_blob_name_of_a_document_begins_with_the_blob_prefix_of_each_of_its_prefixes() {
        for name in ["plans/cafe.json", "a./b", "a.b", "ä/ö", "x.."] {
            for (end, _) in name.char_indices() {
                let prefix = path_prefix(&name[..end]);
                assert!(path(name).starts_with(&prefix), "{name:?} {prefix:?}");
            }
        }
    }

    #[test]
    fn a_bad_name_is_refused_with_what_is_wrong() {
        let long = "x".repeat(MAX_NAME + 1);
        for (kind, name, word) in [
            (Kind::Journal, "", "the journal name \"\" is empty"),
            (Kind::Key, long.as_str(), "longer than 160"),
            (Kind::Inbox, "a\nb", "control character"),
            (Kind::Document, "plans/../secret", "`..` part"),
            (Kind::Document, "/plans", "empty"),
        ] {
            let error = check(kind, name).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn the_longest_names_fit_into_a_blob_name() {
        let worst = segment(&"€".repeat(MAX_NAME / 3));
        assert!("inbox/".len() + 2 * worst.len() < 1024, "Azure's limit");
    }
}
