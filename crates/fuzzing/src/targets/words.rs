//! Single words inside what services send.

use azure::{ResourceId, Response, timestamp};
use jiff::{SignedDuration, Timestamp};

/// A date is the same when it is written back, and a wait is never negative. The first line is a
/// date or a wait, the second the answer's own date.
pub(crate) fn date(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    if let Some(time) = timestamp::parse(first) {
        assert!(time >= Timestamp::UNIX_EPOCH, "{first:?} is {time}");
        assert_eq!(timestamp::parse(&time.to_string()), Some(time), "{first:?}");
    }
    let headers = vec![
        ("retry-after".to_owned(), first.to_owned()),
        // Without a date of its own the answer's wait would count from this machine's now.
        ("date".to_owned(), if second.is_empty() { NOW } else { second }.to_owned()),
    ];
    let response = Response { status: 429, headers, body: Vec::new() };
    if let Some(wait) = response.retry_after() {
        assert!(wait >= SignedDuration::ZERO, "{first:?}, {second:?}: {wait}");
    }
}

const NOW: &str = "Sun, 22 Nov 2026 10:00:00 GMT";

/// An id that is taken in can be taken apart, and every part of it is an id of the same resource
/// whatever the case of its letters.
pub(crate) fn resource_id(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let id = match ResourceId::parse(&text) {
        Ok(id) => id,
        Err(error) => return assert!(error.to_string().len() <= 300 + 12 * text.len(), "{error}"),
    };
    assert_eq!(id.as_str(), text);
    assert_eq!(ResourceId::parse(&text.to_ascii_uppercase()), Ok(id.clone()));
    assert!(text.ends_with(id.name()) && !id.name().is_empty());
    assert!(!id.subscription().is_empty());
    let mut above = id.parent();
    while let Some(parent) = above {
        assert!(text.starts_with(parent.as_str()));
        above = parent.parent();
    }
    for kind in text.split('/').skip(1).step_by(2).take(8) {
        if let Some(upto) = id.upto(kind) {
            assert_eq!(upto.segment(kind), id.segment(kind));
            assert!(text.starts_with(upto.as_str()));
        }
    }
    // Kinds and names take turns; an id that ends with a kind names a list.
    let is_paired = text.split('/').skip(1).count().is_multiple_of(2);
    assert!(!is_paired || id.child("kind", "name").segment("KIND").is_some());
}
