//! Probes over real sockets. Names may be asked of a given name server, and addresses may be
//! reached elsewhere (like `curl --connect-to`), so that a rehearsal can play the internet.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::OnceLock;

use async_trait::async_trait;
use clock::Clock;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfigGroup, ResolverConfig};
use hickory_resolver::name_server::TokioConnectionProvider;
use jiff::SignedDuration;
use tokio::net::TcpStream;

use crate::outside::{Page, ProbeError, Probes};

/// How much of a page is read.
const PAGE_MAX: usize = 1 << 20;

/// Where names are asked and addresses are reached.
#[derive(Debug, Clone, Default)]
pub struct ProbeSettings {
    /// `FARSHORE_DNS`; without it the system's resolver.
    pub dns: Option<SocketAddr>,
    /// `FARSHORE_CONNECT_TO`.
    pub connect_to: BTreeMap<SocketAddr, SocketAddr>,
}

/// A setting that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{text:?} is not ADDRESS:PORT=ADDRESS:PORT")]
pub struct ProbeSettingsError {
    text: String,
}

impl ProbeSettings {
    /// Reads `203.0.113.10:80=127.0.0.1:4181,…`.
    pub fn parse_connect_to(
        text: &str,
    ) -> Result<BTreeMap<SocketAddr, SocketAddr>, ProbeSettingsError> {
        text.split(',')
            .map(str::trim)
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let refuse = || ProbeSettingsError { text: pair.to_owned() };
                let (from, to) = pair.split_once('=').ok_or_else(refuse)?;
                let address = |text: &str| SocketAddr::from_str(text.trim()).map_err(|_| refuse());
                Ok((address(from)?, address(to)?))
            })
            .collect()
    }
}

/// Probes over the network.
#[derive(Debug)]
pub struct HttpProbes {
    settings: ProbeSettings,
    clock: Clock,
    http: OnceLock<reqwest::Client>,
    resolver: OnceLock<TokioResolver>,
}

impl HttpProbes {
    pub fn new(settings: ProbeSettings, clock: Clock) -> Self {
        Self { settings, clock, http: OnceLock::new(), resolver: OnceLock::new() }
    }

    fn http(&self) -> Result<&reqwest::Client, ProbeError> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        // A kept connection would go on reaching a place that a new one no longer reaches.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .no_proxy()
            .user_agent(concat!("farshore/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ProbeError(error.to_string()))?;
        Ok(self.http.get_or_init(|| client))
    }

    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, ProbeError> {
        if let Ok(address) = name.parse() {
            return Ok(vec![address]);
        }
        let failed = |error: &dyn std::fmt::Display| ProbeError(format!("{name}: {error}"));
        if let Some(server) = self.settings.dns {
            let resolver = self.resolver.get_or_init(|| resolver(server));
            // With a dot at its end the name is not tried with search domains.
            let found = resolver.ipv4_lookup(format!("{name}.")).await;
            let found = found.map_err(|error| failed(&error))?;
            Ok(found.iter().map(|record| IpAddr::V4(record.0)).collect())
        } else {
            let found = tokio::net::lookup_host((name, 0)).await;
            Ok(found.map_err(|error| failed(&error))?.map(|found| found.ip()).collect())
        }
    }

    async fn reach(&self, host: &str, port: u16) -> Result<SocketAddr, ProbeError> {
        let addresses = self.addresses(host).await?;
        let first = addresses.first().ok_or_else(|| ProbeError(format!("{host}: no address")))?;
        let address = SocketAddr::new(*first, port);
        Ok(self.settings.connect_to.get(&address).copied().unwrap_or(address))
    }

    async fn within<T>(
        &self,
        limit: SignedDuration,
        work: impl Future<Output = Result<T, ProbeError>>,
    ) -> Result<T, ProbeError> {
        let ended = self.clock.timeout(limit, work).await;
        ended.unwrap_or_else(|_| Err(ProbeError("no answer in time".to_owned())))
    }
}

#[async_trait]
impl Probes for HttpProbes {
    async fn get(&self, host: &str, path: &str, limit: SignedDuration) -> Result<Page, ProbeError> {
        let work = async {
            let address = self.reach(host, 80).await?;
            let request = self.http()?.get(format!("http://{address}{path}"));
            let answer = request.header("host", host).send().await.map_err(plain)?;
            let status = answer.status().as_u16();
            let body = body_of(answer).await?;
            Ok(Page { status, body })
        };
        self.within(limit, work).await
    }

    async fn connect(
        &self,
        host: &str,
        port: u16,
        limit: SignedDuration,
    ) -> Result<(), ProbeError> {
        let work = async {
            let address = self.reach(host, port).await?;
            let connected = TcpStream::connect(address).await;
            connected.map(drop).map_err(|error| ProbeError(error.to_string()))
        };
        self.within(limit, work).await
    }

    async fn resolve(&self, name: &str, limit: SignedDuration) -> Result<Vec<IpAddr>, ProbeError> {
        self.within(limit, self.addresses(name)).await
    }

    async fn notify(
        &self,
        url: &str,
        body: &serde_json::Value,
        limit: SignedDuration,
    ) -> Result<u16, ProbeError> {
        let work = async {
            let answer = self.http()?.post(url).json(body).send().await.map_err(plain)?;
            Ok(answer.status().as_u16())
        };
        self.within(limit, work).await
    }
}

async fn body_of(mut answer: reqwest::Response) -> Result<String, ProbeError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(plain)? {
        let room = PAGE_MAX - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == PAGE_MAX {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// The innermost cause without the URL: what a person needs, and nothing that could be secret.
fn plain(error: reqwest::Error) -> ProbeError {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    ProbeError(cause.to_string())
}

/// Asks one name server and keeps nothing: what a name leads to is what the probe wants to know.
fn resolver(server: SocketAddr) -> TokioResolver {
    let servers = NameServerConfigGroup::from_ips_clear(&[server.ip()], server.port(), true);
    let config = ResolverConfig::from_parts(None, Vec::new(), servers);
    let mut builder =
        TokioResolver::builder_with_config(config, TokioConnectionProvider::default());
    builder.options_mut().cache_size = 0;
    builder.options_mut().attempts = 1;
    builder.build()
}
