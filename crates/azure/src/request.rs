//! A request to Azure Resource Manager, as data: built here, shown in a preview, sent elsewhere.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::ResourceId;

/// One request. The constructors in the resource files are the only ones that make them.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: Method,
    pub target: Target,
    pub body: Option<Value>,
    /// The `If-Match` header, verbatim.
    pub if_match: Option<String>,
    /// The action that a role must allow for this request to be accepted.
    pub action: &'static str,
    pub kind: Kind,
    /// Sent as `x-ms-client-request-id`; the service writes it into its activity log.
    pub client_request_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Put,
    Post,
    Patch,
    Delete,
}

/// Where a request goes.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A path on the configured endpoint. `path` is not percent-encoded.
    Path { path: String, api_version: &'static str, query: Vec<(String, String)> },
    /// An address that the service gave us: followed as it is, and only on the configured
    /// endpoint, because it would carry our token to whoever it names.
    Verbatim(String),
}

/// What a request can do to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Changes nothing.
    Read,
    /// The opposite request puts things back within minutes, and nothing is lost.
    Reversible,
    /// Moves production or destroys something: never sent without having looked first.
    Destructive,
}

impl Request {
    /// `GET` of a path.
    pub(crate) fn get(
        path: impl Into<String>,
        version: &'static str,
        action: &'static str,
    ) -> Self {
        Self::new(Method::Get, path, version, action, Kind::Read)
    }

    /// `POST` without a body.
    pub(crate) fn post(
        path: impl Into<String>,
        version: &'static str,
        action: &'static str,
        kind: Kind,
    ) -> Self {
        Self::new(Method::Post, path, version, action, kind)
    }

    pub(crate) fn new(
        method: Method,
        path: impl Into<String>,
        api_version: &'static str,
        action: &'static str,
        kind: Kind,
    ) -> Self {
        let target = Target::Path { path: path.into(), api_version, query: Vec::new() };
        Self { method, target, body: None, if_match: None, action, kind, client_request_id: None }
    }

    /// `GET` of an address that the service gave us.
    pub(crate) fn follow(url: &str, action: &'static str) -> Self {
        Self {
            method: Method::Get,
            target: Target::Verbatim(url.to_owned()),
            body: None,
            if_match: None,
            action,
            kind: Kind::Read,
            client_request_id: None,
        }
    }

    pub(crate) fn with_body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(crate) fn with_query(mut self, name: &str, value: &str) -> Self {
        if let Target::Path { query, .. } = &mut self.target {
            query.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Names this request, so that it can be found in the activity log afterwards.
    #[must_use]
    pub fn with_client_request_id(mut self, id: impl Into<String>) -> Self {
        self.client_request_id = Some(id.into());
        self
    }
}

impl Target {
    /// The path, percent-encoded, without the query: fit for a log.
    pub fn path(&self) -> String {
        match self {
            Self::Path { path, .. } => encode(path, PATH),
            Self::Verbatim(url) => match Url::parse(url) {
                Ok(url) => url.path().to_owned(),
                Err(_) => "(not a URL)".to_owned(),
            },
        }
    }

    /// Path and query as they go over the wire; an address that the service gave keeps only its
    /// path, since its query holds a signature.
    pub fn path_and_query(&self) -> String {
        match self {
            Self::Path { api_version, query, .. } => {
                let mut text = format!("{}?api-version={api_version}", self.path());
                for (name, value) in query {
                    text.push('&');
                    text.push_str(&encode(name, QUERY));
                    text.push('=');
                    text.push_str(&encode(value, QUERY));
                }
                text
            }
            Self::Verbatim(_) => self.path(),
        }
    }
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.target.path_and_query())
    }
}

/// Hides the signature in an address that the service gave.
impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if matches!(self, Self::Path { .. }) { "Path" } else { "Verbatim" };
        formatter.debug_tuple(name).field(&self.path_and_query()).finish()
    }
}

/// A resource's path, with more after it.
pub(crate) fn below(id: &ResourceId, rest: &str) -> String {
    format!("{id}/{rest}")
}

/// Left as they are in a path: RFC 3986's unreserved characters and those that Azure's names and
/// paths use. Everything else, `?` and `#` above all, is encoded.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'(')
    .remove(b')')
    .remove(b'@')
    .remove(b':');

/// As the official clients write queries: `$filter` and quotes stay readable, a space is `%20`.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'$')
    .remove(b'\'')
    .remove(b',')
    .remove(b':')
    .remove(b'/');

fn encode(text: &str, set: &'static AsciiSet) -> String {
    utf8_percent_encode(text, set).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_smuggle_a_query_into_the_path() {
        let request = Request::get("/subscriptions/s?x=1#y", "2024-01-01", "read");
        assert_eq!(request.to_string(), "GET /subscriptions/s%3Fx%3D1%23y?api-version=2024-01-01");
    }

    #[test]
    fn a_query_keeps_its_dollar_sign_and_encodes_its_spaces() {
        let request = Request::get("/p", "v", "read").with_query("$filter", "Name eq 'a&b'");
        assert_eq!(request.target.path_and_query(), "/p?api-version=v&$filter=Name%20eq%20'a%26b'");
    }

    #[test]
    fn a_signed_address_is_never_shown_with_its_signature() {
        let request = Request::follow("https://management.azure.com/a/b?s=secret", "read");
        assert_eq!(request.to_string(), "GET /a/b");
        assert!(!format!("{request:?}").contains("secret"));
    }
}
