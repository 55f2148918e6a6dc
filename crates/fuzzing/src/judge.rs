//! What must be true of every refusal.

use serde_json::Value;

/// A queue of Service Bus takes messages of at most 256 KB, properties included (standard tier).
pub(crate) const MESSAGE_MAX: usize = 240 << 10;

/// The longest text about what is wrong that is shown to people or kept.
const WORDS_MAX: usize = 4_000;

/// A text that says what is wrong: there is one, and it does not repeat a whole input.
pub(crate) fn says_why(text: &str) {
    assert!(!text.trim().is_empty(), "an error without words");
    assert!(text.len() <= WORDS_MAX, "an error of {} bytes: {}", text.len(), beginning(text));
}

/// The body of a refused request. Only pointers repeat what was sent.
pub(crate) fn problem(body: &Value, sent: usize) {
    let kind = body["type"].as_str().unwrap_or_default();
    assert!(
        kind.starts_with("urn:farshore:problem:"),
        "no problem: {}",
        beginning(&body.to_string())
    );
    assert_ne!(kind, "urn:farshore:problem:internal", "{body}");
    let detail = body["detail"].as_str().unwrap_or_default();
    assert!(!detail.trim().is_empty(), "{body}");
    let length = body.to_string().len();
    assert!(length <= 100_000 + 6 * sent, "a problem of {length} bytes");
    for error in body["errors"].as_array().into_iter().flatten() {
        assert!(error["pointer"].is_string(), "{error}");
        says_why(error["problem"].as_str().unwrap_or_default());
        says_why(error["mend"].as_str().unwrap_or_default());
    }
}

/// The first letters of something long.
pub(crate) fn beginning(text: &str) -> String {
    text.chars().take(300).collect()
}
