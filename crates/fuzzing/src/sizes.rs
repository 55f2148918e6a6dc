//! Inputs too large to be kept in files: they are made.

use crate::corpus::Sample;

const MANY: usize = 30_000;
const MEGABYTE: usize = 1 << 20;

/// One of each kind, by itself and in the place of the last text of an input.
pub(crate) fn large(samples: &[Sample]) -> Vec<Sample> {
    let mut large = Vec::new();
    for (name, value) in values() {
        large.push(Sample { name: format!("{name}, alone"), bytes: value.clone() });
        // The longest is the one with the most places for something to go wrong.
        let Some(sample) = samples.iter().max_by_key(|sample| sample.bytes.len()) else { continue };
        if let Some(bytes) = in_place_of_a_text(&sample.bytes, &value) {
            large.push(Sample { name: format!("{name}, in {}", sample.name), bytes });
        }
    }
    large
}

fn values() -> Vec<(&'static str, Vec<u8>)> {
    let nested = |open: &str, close: &str| {
        format!("{}1{}", open.repeat(MANY), close.repeat(MANY)).into_bytes()
    };
    let fields: Vec<String> =
        (0..MANY / 4).map(|field| format!("\"field{field}\":{field}")).collect();
    vec![
        ("a text of a megabyte", format!("\"{}\"", "é".repeat(MEGABYTE / 2)).into_bytes()),
        ("control characters", format!("\"{}\"", "\\u0001".repeat(MANY)).into_bytes()),
        ("deep lists", nested("[", "]")),
        ("deep objects", nested("{\"a\":", "}")),
        ("a long list", format!("[{}0]", "0,".repeat(MANY)).into_bytes()),
        ("many fields", format!("{{{}}}", fields.join(",")).into_bytes()),
        ("one field many times", format!("{{{}\"a\":0}}", "\"a\":0,".repeat(MANY)).into_bytes()),
        ("a long name", format!("{{\"{}\":0}}", "a".repeat(MEGABYTE)).into_bytes()),
        ("a long number", "9".repeat(MANY).into_bytes()),
        ("white space", " ".repeat(MEGABYTE).into_bytes()),
    ]
}

/// Puts a value where the last text of the JSON in an input was.
fn in_place_of_a_text(bytes: &[u8], value: &[u8]) -> Option<Vec<u8>> {
    let end = bytes.iter().rposition(|byte| *byte == b'"')?;
    let start = bytes[..end].iter().rposition(|byte| *byte == b'"')?;
    Some([&bytes[..start], value, &bytes[end + 1..]].concat())
}
