//! The HTTP client under everything that is sent: one exchange, once, within its limit.
//!
//! No redirects (they would carry a token elsewhere), no retries (they would send a failover
//! twice), no proxies, no compression. It is built at first use, because loading the root
//! certificates takes milliseconds that a cold start does not have.

use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clock::Clock;
use futures::StreamExt;
use jiff::SignedDuration;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

use crate::{Method, Response, TransportError, Trouble, TroubleKind};

/// `farshore/VERSION`.
pub const USER_AGENT: &str = concat!("farshore/", env!("CARGO_PKG_VERSION"));

/// How long a connection may take to be made, TLS included. Running out of it is certainly "not
/// sent", which is worth knowing early.
const CONNECT_LIMIT: SignedDuration = SignedDuration::from_secs(5);

/// No answer of Azure comes near it; whatever is longer is a mistake, or meant to fill our memory.
const ANSWER_MAX: usize = 16 << 20;

/// More root certificates, beside the system's.
#[derive(Debug, Clone, Default)]
pub struct Roots {
    pem: Option<Vec<u8>>,
}

/// A setting that cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SettingsError {
    #[error("the file with certificates {path}: {problem}")]
    CaFile { path: PathBuf, problem: String },
    #[error("the address {text:?}: {problem}")]
    Address { text: String, problem: String },
    #[error("the credential: {0}")]
    Credential(String),
}

/// Whether connections are used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    Kept,
    /// A connection for every request. One that was idle may be closed by the other side just
    /// when we send: for a request that changes something, that would be an outcome nobody knows.
    Fresh,
}

/// An HTTP client that is built when it is first used.
#[derive(Debug)]
pub struct Http {
    secure: OnceLock<reqwest::Client>,
    /// For plain http: no root certificates to load.
    plain: OnceLock<reqwest::Client>,
    roots: Roots,
    connections: Connections,
    clock: Clock,
}

/// One request over HTTP.
#[derive(Debug)]
pub struct Call {
    pub method: Method,
    pub url: Url,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Roots {
    /// Reads a file of PEM certificates.
    pub fn read(ca_file: Option<&Path>) -> Result<Self, SettingsError> {
        let Some(path) = ca_file else { return Ok(Self::default()) };
        let refuse = |problem: String| SettingsError::CaFile { path: path.to_owned(), problem };
        let pem = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
        match reqwest::Certificate::from_pem_bundle(&pem) {
            Ok(certificates) if !certificates.is_empty() => Ok(Self { pem: Some(pem) }),
            Ok(_) => Err(refuse("it holds no certificate".into())),
            Err(error) => Err(refuse(error.to_string())),
        }
    }
}

impl Http {
    pub fn new(roots: Roots, connections: Connections, clock: Clock) -> Self {
        Self { secure: OnceLock::new(), plain: OnceLock::new(), roots, connections, clock }
    }

    /// The moment at which `limit` of the clock is over.
    pub fn deadline(&self, limit: SignedDuration) -> Instant {
        Instant::now() + self.clock.wall(limit)
    }

    /// Sends once and reads the answer.
    ///
    /// When a status arrived and the body then breaks off, a request that changes something still
    /// has its outcome: the answer is returned with what came of its body. A read is an error.
    pub async fn exchange(
        &self,
        call: Call,
        deadline: Instant,
    ) -> Result<Response, TransportError> {
        let outcome_counts = call.method != Method::Get;
        let secure = call.url.scheme() == "https";
        let request = build(call).map_err(TransportError::NotSent)?;
        let late = |what: &str| {
            TransportError::Ambiguous(Trouble::new(TroubleKind::Timeout, format!("{what} in time")))
        };
        let client = self.client(secure).map_err(TransportError::NotSent)?;
        if Instant::now() >= deadline {
            let trouble = Trouble::new(TroubleKind::Timeout, "no time left to send");
            return Err(TransportError::NotSent(trouble));
        }
        let answer = timeout_at(deadline, client.execute(request))
            .await
            .map_err(|_| late("no answer"))?
            .map_err(|error| classify(&error))?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let mut body = Vec::new();
        let mut chunks = answer.bytes_stream();
        loop {
            let trouble = match timeout_at(deadline, chunks.next()).await {
                Ok(None) => break,
                Ok(Some(Ok(chunk))) if body.len() + chunk.len() > ANSWER_MAX => {
                    let detail = format!("the answer is longer than {ANSWER_MAX} bytes");
                    TransportError::Ambiguous(Trouble::new(TroubleKind::TooLong, detail))
                }
                Ok(Some(Ok(chunk))) => {
                    body.extend_from_slice(&chunk);
                    continue;
                }
                Ok(Some(Err(error))) => classify(&error),
                Err(_) => late("no end of the answer"),
            };
            if outcome_counts {
                break;
            }
            return Err(trouble);
        }
        Ok(Response { status, headers, body })
    }

    fn client(&self, secure: bool) -> Result<&reqwest::Client, Trouble> {
        let cell = if secure { &self.secure } else { &self.plain };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let unusable = |error: reqwest::Error| {
            Trouble::new(TroubleKind::Settings, format!("no HTTP client: {}", explain(&error)))
        };
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(self.clock.wall(CONNECT_LIMIT))
            .user_agent(USER_AGENT);
        if self.connections == Connections::Fresh {
            builder = builder.pool_max_idle_per_host(0);
        }
        if !secure {
            builder = builder.tls_certs_only([]);
        } else if let Some(pem) = &self.roots.pem {
            let extra = reqwest::Certificate::from_pem_bundle(pem).map_err(unusable)?;
            builder = builder.tls_certs_merge(extra);
        }
        let client = builder.build().map_err(unusable)?;
        // Whoever was first wins; both are alike.
        Ok(cell.get_or_init(|| client))
    }
}

fn build(call: Call) -> Result<reqwest::Request, Trouble> {
    let unusable = |what: String| Trouble::new(TroubleKind::Settings, what);
    let method = match call.method {
        Method::Get => reqwest::Method::GET,
        Method::Put => reqwest::Method::PUT,
        Method::Post => reqwest::Method::POST,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    };
    if call.url.scheme() != "https" && !is_local(&call.url) {
        return Err(unusable("plain http is for loopback addresses alone".into()));
    }
    let mut request = reqwest::Request::new(method, call.url);
    for (name, value) in call.headers {
        let mut value = HeaderValue::from_str(&value)
            .map_err(|_| unusable(format!("the header {name} cannot be sent")))?;
        value.set_sensitive(name == "authorization");
        request.headers_mut().insert(HeaderName::from_static(name), value);
    }
    // A POST without a body still says so: some front ends answer 411 otherwise.
    if call.method != Method::Get || !call.body.is_empty() {
        request.headers_mut().insert("content-length", call.body.len().into());
        *request.body_mut() = Some(call.body.into());
    }
    Ok(request)
}

/// Reads an address from a setting: https, or http on this machine.
pub fn parse_endpoint(text: &str) -> Result<Url, SettingsError> {
    let refuse = |problem: &str| {
        Err(SettingsError::Address { text: text.to_owned(), problem: problem.to_owned() })
    };
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(error) => return refuse(&error.to_string()),
    };
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        return refuse("expected https://host");
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return refuse("plain http is for loopback addresses alone");
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return refuse("expected nothing but a host and perhaps a path");
    }
    Ok(url)
}

/// Whether an address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The identity endpoint of App Service is plain http on a loopback or link-local address;
/// nothing else may be plain.
fn is_local(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Ipv4(address)) if address.is_link_local()) || is_loopback(url)
}

/// Sorts a failure into "certainly not sent" and "perhaps".
fn classify(error: &reqwest::Error) -> TransportError {
    let detail = explain(error);
    let kind = if error.is_dns() {
        TroubleKind::Dns
    } else if error.is_connect() {
        TroubleKind::Connect
    } else if error.is_timeout() {
        TroubleKind::Timeout
    } else {
        TroubleKind::Reset
    };
    let trouble = Trouble::new(kind, detail);
    if error.is_connect() || error.is_builder() {
        TransportError::NotSent(trouble)
    } else {
        TransportError::Ambiguous(trouble)
    }
}

/// The innermost causes, without the address: it may hold a signature.
fn explain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    if causes.is_empty() { "the request failed".into() } else { causes.join(": ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_https_or_loopback() {
        for text in ["https://management.azure.com", "http://127.0.0.1:4100", "http://localhost:1"]
        {
            assert!(parse_endpoint(text).is_ok(), "{text}");
        }
        for text in [
            "http://management.azure.com",
            "http://127.0.0.1.evil.example",
            "https://user@management.azure.com",
            "https://management.azure.com?x=1",
            "ftp://127.0.0.1",
            "management.azure.com",
            "",
        ] {
            assert!(parse_endpoint(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_bad_certificate_file_is_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("missing.pem");
        let error = Roots::read(Some(&missing)).unwrap_err().to_string();
        assert!(error.contains("missing.pem"), "{error}");
        let empty = directory.path().join("empty.pem");
        std::fs::write(&empty, "nothing here").unwrap();
        let error = Roots::read(Some(&empty)).unwrap_err().to_string();
        assert!(error.contains("no certificate"), "{error}");
        assert!(Roots::read(None).is_ok());
    }
}
