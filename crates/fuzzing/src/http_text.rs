//! Requests and answers as text, so that a corpus can be read and written by hand:
//!
//! ```text
//! 202
//! retry-after: 30
//!
//! {"status": "InProgress"}
//! ```

use azure::Response;

/// The first line, the headers, and what follows the first empty line.
pub(crate) struct Parts<'a> {
    pub(crate) first: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: &'a [u8],
}

pub(crate) fn parts(bytes: &[u8]) -> Parts<'_> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (bytes, &[][..]),
    };
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    let header = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_ascii_lowercase(), value.to_owned()))
    };
    Parts { first, headers: lines.filter_map(header).collect(), body }
}

/// An answer; one without a status is a success.
pub(crate) fn response(bytes: &[u8]) -> Response {
    let Parts { first, headers, body } = parts(bytes);
    let status = first.trim().parse().unwrap_or(200);
    Response { status, headers, body: body.to_vec() }
}
