//! The settings of the app, read once from its environment. Everything that is wrong is told at
//! once, each with the setting's name and how to mend it (`docs/configuration.md`).

mod errors;
mod loopback;
mod reader;
pub mod setting;
mod store_place;
#[cfg(test)]
mod tests;

use azure::credential::Credential;
use azure::http::Roots;
use azure::transport::PUBLIC_ENDPOINT;
use clock::Clock;
use engine::ProbeSettings;
use url::Url;

pub use self::errors::{ConfigError, ConfigErrors};
use self::reader::Reader;
pub use self::store_place::{Container, StorePlace};
use crate::app::Options;
use crate::log::Filter;

/// Settings that go together.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the host expects us to listen.
    pub port: u16,
    pub store: StorePlace,
    pub arm_endpoint: Url,
    pub service_bus_endpoint: Url,
    pub authority_host: Option<String>,
    pub credential: Credential,
    pub roots: Roots,
    /// The same certificates as `roots`, for the store.
    pub ca_pem: Option<Vec<u8>>,
    pub probes: ProbeSettings,
    pub clock: Clock,
    pub log: Filter,
    pub website_instance_id: Option<String>,
    pub options: Options,
}

impl Config {
    /// Reads the settings; `variable` reads the environment. An empty one counts as not set.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(&variable);
        let port = port(&mut reader);
        let arm_endpoint = reader.endpoint(setting::ARM_ENDPOINT, Some(PUBLIC_ENDPOINT));
        let service_bus_endpoint = service_bus(&mut reader);
        let authority_host = reader.endpoint(setting::AUTHORITY_HOST, None);
        let website_instance_id = reader.text(setting::WEBSITE_INSTANCE_ID);
        let store = store_place::read(
            &mut reader,
            website_instance_id.as_deref(),
            arm_endpoint.as_ref().map_or("", Url::as_str),
        );
        let credential = credential(&mut reader);
        let (roots, ca_pem) = certificates(&mut reader);
        let probes = probes(&mut reader);
        let clock = clock(&mut reader);
        let log = log(&mut reader);
        let options = Options {
            watch: reader.switch(setting::WATCH, true),
            principals_are_verified: principals_are_verified(&reader),
        };
        // The last check looks at all of them together, so it needs them all to be readable.
        let read = (port, arm_endpoint, service_bus_endpoint, store, credential);
        let (
            Some(port),
            Some(arm_endpoint),
            Some(service_bus_endpoint),
            Some(store),
            Some(credential),
        ) = read
        else {
            return Err(reader.into_errors());
        };
        let config = Self {
            port,
            store,
            arm_endpoint,
            service_bus_endpoint,
            authority_host: authority_host.map(|url| url.to_string()),
            credential,
            roots,
            ca_pem,
            probes,
            clock,
            log,
            website_instance_id,
            options,
        };
        if matches!(config.clock, Clock::Simulated { .. }) {
            loopback::check(&config, &mut reader);
        }
        reader.finish(config)
    }
}

fn port(reader: &mut Reader<'_>) -> Option<u16> {
    let name = setting::PORT;
    let Some(text) = reader.text(name) else {
        reader.refuse(name, "is not set", "let the Azure Functions host start this program");
        return None;
    };
    let port = text.parse().ok().filter(|port| *port != 0);
    if port.is_none() {
        reader.refuse(name, &format!("{text:?} is no port"), "use a number from 1 to 65535");
    }
    port
}

/// The namespace is named already for the host's own connection.
fn service_bus(reader: &mut Reader<'_>) -> Option<Url> {
    let name = setting::SERVICE_BUS_ENDPOINT;
    let namespace = reader.text(setting::SERVICE_BUS_NAMESPACE);
    if reader.text(name).is_none() && namespace.is_none() {
        let mend =
            format!("set {} to NAMESPACE.servicebus.windows.net", setting::SERVICE_BUS_NAMESPACE);
        reader.refuse(name, "is not set, and no namespace either", &mend);
        return None;
    }
    let default = namespace.map(|namespace| format!("https://{namespace}"));
    reader.endpoint(name, default.as_deref())
}

fn credential(reader: &mut Reader<'_>) -> Option<Credential> {
    let name = reader.text(setting::CREDENTIAL);
    let name = name.as_deref().unwrap_or("managed_identity");
    let client_id = reader.text(setting::CLIENT_ID);
    match Credential::parse(name, client_id, |key| reader.text(key)) {
        Ok(credential) => Some(credential),
        Err(error) => {
            let mend = "use managed_identity, azure_cli, or client_secret with AZURE_TENANT_ID, \
                        AZURE_CLIENT_ID and AZURE_CLIENT_SECRET";
            reader.refuse(setting::CREDENTIAL, &error.to_string(), mend);
            None
        }
    }
}

fn certificates(reader: &mut Reader<'_>) -> (Roots, Option<Vec<u8>>) {
    let Some(path) = reader.text(setting::CA_FILE) else { return (Roots::default(), None) };
    let pem = std::fs::read(&path).ok();
    match Roots::read(Some(path.as_ref())) {
        Ok(roots) => (roots, pem),
        Err(error) => {
            let mend = "name a readable file of PEM certificates, or unset it";
            reader.refuse(setting::CA_FILE, &error.to_string(), mend);
            (Roots::default(), None)
        }
    }
}

fn probes(reader: &mut Reader<'_>) -> ProbeSettings {
    let mut probes = ProbeSettings::default();
    if let Some(text) = reader.text(setting::DNS) {
        probes.dns = text.parse().ok();
        if probes.dns.is_none() {
            let problem = format!("{text:?} is no address of a name server");
            reader.refuse(setting::DNS, &problem, "write ADDRESS:PORT, as 10.0.0.10:53");
        }
    }
    if let Some(text) = reader.text(setting::CONNECT_TO) {
        match ProbeSettings::parse_connect_to(&text) {
            Ok(pairs) => probes.connect_to = pairs,
            Err(error) => {
                let mend = "write pairs, as 203.0.113.10:80=127.0.0.1:4181, with commas between";
                reader.refuse(setting::CONNECT_TO, &error.to_string(), mend);
            }
        }
    }
    probes
}

fn clock(reader: &mut Reader<'_>) -> Clock {
    let Some(text) = reader.text(setting::CLOCK) else { return Clock::System };
    Clock::parse(&text).unwrap_or_else(|error| {
        reader.refuse(setting::CLOCK, &error.to_string(), "unset it outside of rehearsals");
        Clock::System
    })
}

fn log(reader: &mut Reader<'_>) -> Filter {
    let Some(text) = reader.text(setting::LOG) else { return Filter::default() };
    text.parse().unwrap_or_else(|error| {
        let problem = format!("{text:?} is no filter: {error}");
        reader.refuse(setting::LOG, &problem, "write a level or directives, as info,engine=debug");
        Filter::default()
    })
}

/// App Service says so while its own authentication is on, and strips the callers' copies of the
/// identity headers only then (doc: learn.microsoft.com/azure/app-service/reference-app-settings).
fn principals_are_verified(reader: &Reader<'_>) -> bool {
    reader.text(setting::WEBSITE_AUTH_ENABLED).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}
