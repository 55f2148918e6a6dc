//! The names of the settings.

pub const PORT: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";
pub const STORE: &str = "FARSHORE_STORE";
pub const LEASE_STORE: &str = "FARSHORE_LEASE_STORE";
pub const ARM_ENDPOINT: &str = "FARSHORE_ARM_ENDPOINT";
pub const SERVICE_BUS_ENDPOINT: &str = "FARSHORE_SERVICE_BUS_ENDPOINT";
pub const SERVICE_BUS_NAMESPACE: &str = "ServiceBus__fullyQualifiedNamespace";
pub const AUTHORITY_HOST: &str = "FARSHORE_AUTHORITY_HOST";
pub const CREDENTIAL: &str = "FARSHORE_CREDENTIAL";
pub const CLIENT_ID: &str = "FARSHORE_CLIENT_ID";
pub const CA_FILE: &str = "FARSHORE_CA_FILE";
pub const DNS: &str = "FARSHORE_DNS";
pub const CONNECT_TO: &str = "FARSHORE_CONNECT_TO";
pub const CLOCK: &str = "FARSHORE_CLOCK";
pub const WATCH: &str = "FARSHORE_WATCH";
pub const LOG: &str = "FARSHORE_LOG";
/// Set by the platform: where its identity endpoint is.
pub const IDENTITY_ENDPOINT: &str = "IDENTITY_ENDPOINT";
/// Set by the platform: which of its instances this is.
pub const WEBSITE_INSTANCE_ID: &str = "WEBSITE_INSTANCE_ID";
/// Set by the platform: whether it checks who calls.
pub const WEBSITE_AUTH_ENABLED: &str = "WEBSITE_AUTH_ENABLED";

/// All of them, as `docs/configuration.md` lists them.
pub const ALL: &[&str] = &[
    PORT,
    STORE,
    LEASE_STORE,
    ARM_ENDPOINT,
    SERVICE_BUS_ENDPOINT,
    SERVICE_BUS_NAMESPACE,
    AUTHORITY_HOST,
    CREDENTIAL,
    CLIENT_ID,
    CA_FILE,
    DNS,
    CONNECT_TO,
    CLOCK,
    WATCH,
    LOG,
    IDENTITY_ENDPOINT,
    WEBSITE_INSTANCE_ID,
    WEBSITE_AUTH_ENABLED,
];
