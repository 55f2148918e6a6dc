//! An ARM request, taken apart.

use serde_json::Value;

use crate::door::Request;

/// A request to ARM: its path is split and its api-version is known to be there.
#[derive(Debug, Clone)]
pub(crate) struct ArmRequest<'a> {
    pub(crate) request: &'a Request,
    pub(crate) method: &'a str,
    /// The path without its leading slash, split at slashes. Compare with [`ArmRequest::capture`].
    pub(crate) segments: Vec<&'a str>,
    pub(crate) api_version: String,
    /// `https://management.azure.com`, from the Host header: where absolute poll URLs point.
    pub(crate) base_url: String,
}

impl<'a> ArmRequest<'a> {
    pub(crate) fn new(request: &'a Request) -> Self {
        Self {
            request,
            method: &request.method,
            segments: request.path().split('/').filter(|part| !part.is_empty()).collect(),
            api_version: request.query("api-version").unwrap_or_default(),
            base_url: base_url(request),
        }
    }

    /// The segments at the `*`s of `pattern` when method and path match it, without regard to case.
    ///
    /// `capture("GET", "/subscriptions/*/resourceGroups/*/providers/Microsoft.Sql/servers/*")`
    pub(crate) fn capture<const N: usize>(
        &self,
        method: &str,
        pattern: &str,
    ) -> Option<[&'a str; N]> {
        if !self.method.eq_ignore_ascii_case(method) {
            return None;
        }
        self.capture_path(pattern)
    }

    /// Like [`ArmRequest::capture`], for any method.
    pub(crate) fn capture_path<const N: usize>(&self, pattern: &str) -> Option<[&'a str; N]> {
        let pattern: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
        if pattern.len() != self.segments.len() {
            return None;
        }
        let mut captured = Vec::with_capacity(N);
        for (wanted, found) in pattern.iter().zip(&self.segments) {
            if *wanted == "*" {
                captured.push(*found);
            } else if !wanted.eq_ignore_ascii_case(found) {
                return None;
            }
        }
        captured.try_into().ok()
    }

    /// The provider's namespace and its first resource type: `("Microsoft.Sql", "servers")`. Of a
    /// resource's extension (`…/providers/Microsoft.ResourceHealth/…`) it is the extension's.
    pub(crate) fn provider(&self) -> Option<(&'a str, &'a str)> {
        let at = self.segments.iter().rposition(|part| part.eq_ignore_ascii_case("providers"))?;
        Some((self.segments.get(at + 1)?, self.segments.get(at + 2)?))
    }

    /// The subscription, when the path names one.
    pub(crate) fn subscription(&self) -> Option<&'a str> {
        let [first, subscription, ..] = self.segments.as_slice() else { return None };
        first.eq_ignore_ascii_case("subscriptions").then_some(*subscription)
    }

    /// The resource group, when the path names one.
    pub(crate) fn resource_group(&self) -> Option<&'a str> {
        let at =
            self.segments.iter().position(|part| part.eq_ignore_ascii_case("resourceGroups"))?;
        self.segments.get(at + 1).copied()
    }

    /// The body as JSON; `None` when it is empty or not JSON.
    pub(crate) fn body(&self) -> Option<Value> {
        self.request.json()
    }

    pub(crate) fn is_read(&self) -> bool {
        matches!(self.method, "GET" | "HEAD")
    }
}

/// Where the client reached us. A shell behind TLS says so by `x-forwarded-proto`; without it, a
/// host with a port is a local one and speaks plain HTTP.
fn base_url(request: &Request) -> String {
    let host = request.header("host").unwrap_or("management.azure.com");
    let scheme = request.header("x-forwarded-proto").unwrap_or(if host.contains(':') {
        "http"
    } else {
        "https"
    });
    format!("{scheme}://{host}")
}
