//! What the service answers, on the wire.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Call, PAGE};

/// An answer. Names of headers are in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<&'static str, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: BTreeMap::new(), body: Vec::new() }
    }

    pub(super) fn error(status: u16, code: &'static str) -> Self {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{code}\
             </Message></Error>"
        );
        let answer = Self { body: body.into_bytes(), ..Self::empty(status) };
        answer.with("x-ms-error-code", code).with("content-type", "application/xml")
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    pub(super) fn with_etag(self, etag: &str) -> Self {
        self.with("etag", etag).with("last-modified", "Sun, 22 Nov 2026 10:00:00 GMT")
    }
}

/// The content, or the part of it that is asked for.
pub(super) fn content(bytes: &[u8], etag: &str, call: &Call) -> Answer {
    let answer = |status, part: &[u8]| {
        let answer = Answer { body: part.to_vec(), ..Answer::empty(status) }.with_etag(etag);
        let answer = answer.with("content-type", "application/json");
        answer.with("content-length", part.len().to_string()).with("x-ms-blob-type", "BlockBlob")
    };
    let asked = call.header("x-ms-range").or_else(|| call.header("range"));
    let Some((first, last)) = asked.and_then(range) else { return answer(200, bytes) };
    let end = last.saturating_add(1).min(bytes.len());
    let Some(part) = bytes.get(first..end).filter(|part| !part.is_empty()) else {
        return Answer::error(416, "InvalidRange");
    };
    answer(206, part).with("content-range", format!("bytes {first}-{}/{}", end - 1, bytes.len()))
}

/// `bytes=0-9`
fn range(text: &str) -> Option<(usize, usize)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    Some((first.parse().ok()?, last.parse().unwrap_or(usize::MAX)))
}

/// One page of the names that begin with the prefix, in order.
pub(super) fn list(container: &str, names: &[&str], call: &Call) -> Answer {
    let prefix = call.query("prefix").unwrap_or_default();
    let marker = call.query("marker").unwrap_or_default();
    let size = call.query("maxresults").and_then(|it| it.parse().ok()).unwrap_or(PAGE).min(PAGE);
    let mut wanted =
        names.iter().filter(|name| name.starts_with(&prefix) && **name >= marker.as_str());
    let page: Vec<_> = wanted.by_ref().take(size).collect();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"http://\
         127.0.0.1/account\" ContainerName=\"{container}\"><Blobs>"
    );
    for name in page {
        write!(text, "<Blob><Name>{}</Name></Blob>", escaped(name)).expect("a string takes it");
    }
    let next = wanted.next().map_or(String::new(), |name| escaped(name));
    write!(text, "</Blobs><NextMarker>{next}</NextMarker></EnumerationResults>")
        .expect("a string takes it");
    Answer { body: text.into_bytes(), ..Answer::empty(200) }.with("content-type", "application/xml")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
