//! How a record of a journal is stored, in both backends: one readable JSON object that says where
//! it belongs, so that a record that was torn or put into the wrong place is noticed.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{Append, StoreError, names};

/// Blob names hold eight digits.
const MAX_SEQ: u64 = 99_999_999;

/// The format of what is stored here. A record that does not say its format has the first; a later
/// one shall say it in `format`, so that this Farshore refuses what it could only half understand.
const FORMAT: u64 = 1;

/// How much of a foreign text an error repeats.
const QUOTED_MAX: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<'a> {
    #[serde(rename = "format")]
    _format: Option<u64>,
    journal: String,
    seq: u64,
    #[serde(rename = "writer")]
    _writer: String,
    #[serde(borrow)]
    record: &'a RawValue,
}

/// The stored form, or why there is none.
pub fn encode(journal: &str, seq: u64, writer: &str, record: &[u8]) -> Result<String, StoreError> {
    names::check(names::Kind::Journal, journal)?;
    names::check(names::Kind::Writer, writer)?;
    names::check_size(record)?;
    if seq > MAX_SEQ {
        return Err(StoreError::refused(format!("record {seq} is beyond the last one, {MAX_SEQ}")));
    }
    let json = serde_json::from_slice::<&RawValue>(record)
        .ok()
        .filter(|json| json.get().len() == record.len())
        .ok_or_else(|| {
            StoreError::refused("a record must be JSON without white space around it")
        })?;
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    Ok(format!(
        r#"{{"journal":{},"seq":{seq},"writer":{},"record":{json}}}"#,
        quoted(journal),
        quoted(writer)
    ))
}

/// The record as it was given to [`encode`].
pub fn decode(journal: &str, seq: u64, stored: &[u8]) -> Result<Vec<u8>, StoreError> {
    let corrupt = |problem: String| corrupt(journal, seq, problem);
    let parsed: Stored<'_> =
        serde_json::from_slice(stored).map_err(|error| corrupt(unreadable(stored, &error)))?;
    if let Some(format) = other_format(stored) {
        return Err(corrupt(of_format(format)));
    }
    if parsed.journal != journal || parsed.seq != seq {
        let whose: String = parsed.journal.chars().take(QUOTED_MAX).collect();
        return Err(corrupt(format!("here lies record {} of journal {whose:?}", parsed.seq)));
    }
    Ok(parsed.record.get().as_bytes().to_vec())
}

/// What is wrong with bytes that are no record.
fn unreadable(stored: &[u8], error: &serde_json::Error) -> String {
    if stored.is_empty() {
        return "it is torn: it is empty".to_owned();
    }
    if stored.iter().all(|byte| *byte == 0) {
        return format!("it is torn: it is {} zero bytes", stored.len());
    }
    if let Some(format) = other_format(stored) {
        return of_format(format);
    }
    if error.is_eof() {
        return format!("it is torn: it ends after {} bytes", stored.len());
    }
    let said: String = error.to_string().chars().take(QUOTED_MAX).collect();
    format!("it is damaged or was not written by Farshore ({said})")
}

/// The format that a record says it has, if it is not ours.
fn other_format(stored: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Format {
        format: Option<u64>,
    }
    serde_json::from_slice::<Format>(stored).ok()?.format.filter(|format| *format != FORMAT)
}

fn of_format(format: u64) -> String {
    format!(
        "it is written in format {format} and this Farshore reads format {FORMAT}: start the one \
         that wrote it"
    )
}

/// What it means that a sequence number has a record already.
pub(crate) fn judge(ours: &str, there: &[u8]) -> Append {
    if ours.as_bytes() == there { Append::Written } else { Append::Taken }
}

pub(crate) fn corrupt(journal: &str, seq: u64, problem: impl Into<String>) -> StoreError {
    StoreError::Corrupt { journal: journal.to_owned(), seq, problem: problem.into() }
}

/// The error for a hole in the sequence: `expected` is missing though `found` is there.
pub(crate) fn gap(journal: &str, expected: u64, found: u64) -> StoreError {
    corrupt(journal, expected, format!("it is missing although record {found} is there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_byte_for_byte() {
        let record = br#"{"b": 1,  "a":[1.0, 1e400, "\u00e4"]}"#;
        let stored = encode("run \"1\"", 7, "w", record).unwrap();
        assert_eq!(
            stored,
            r#"{"journal":"run \"1\"","seq":7,"writer":"w","record":{"b": 1,  "a":[1.0, 1e400, "\u00e4"]}}"#
        );
        assert_eq!(decode("run \"1\"", 7, stored.as_bytes()).unwrap(), record);
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for record in [&b""[..], b"{", b"{} {}", b" {}", b"\xff", b"{}\n"] {
            let error = encode("j", 0, "w", record).unwrap_err().to_string();
            assert!(error.contains("must be JSON"), "{error}");
        }
    }

    #[test]
    fn every_torn_or_displaced_record_is_noticed() {
        let stored = encode("j", 3, "w", br#"{"x":1}"#).unwrap();
        for end in 0..stored.len() {
            let error = decode("j", 3, &stored.as_bytes()[..end]).unwrap_err();
            assert!(matches!(error, StoreError::Corrupt { seq: 3, .. }), "{error}");
        }
        let error = decode("j", 4, stored.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("here lies record 3 of journal \"j\""), "{error}");
        let error = decode("k", 3, stored.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("journal \"k\" is broken at record 3"), "{error}");
    }
}
