//! Versions of documents as HTTP knows them.

use axum::http::header::{HeaderMap, HeaderName};

/// A version as an `ETag`. Blob versions are tags already; others get their quotes.
pub(crate) fn of(version: &str) -> String {
    let is_tag = version.len() > 1 && version.starts_with('"') && version.ends_with('"');
    if is_tag { version.to_owned() } else { format!("\"{version}\"") }
}

/// What a condition lists; none if the header is absent.
pub(crate) fn listed(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    let tags = values.flat_map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        text.split(',').map(|tag| tag.trim().to_owned()).collect::<Vec<_>>()
    });
    Some(tags.collect())
}

/// Whether a condition is met by a version. A proxy that compresses makes tags weak, and ours
/// still tell versions apart then.
pub(crate) fn includes(tags: &[String], version: &str) -> bool {
    let current = of(version);
    tags.iter().any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == current)
}
