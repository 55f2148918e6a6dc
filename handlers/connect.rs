//! From settings to the engine's doors.

use std::path::PathBuf;
use std::sync::Arc;

use azure::credential::Identity;
use azure::token::{ARM_SCOPE, SERVICE_BUS_SCOPE, Source, Tokens};
use azure::{Arm, Transport};
use bus::{Bus, ServiceBus};
use clock::Clock;
use engine::{Engine, HttpProbes, Ids, Outside, Probes};
use store::{Blob, BlobOptions, Sqlite, Store, StoreError, is_loopback};
use uuid::Uuid;

use crate::config::{Config, ConfigErrors, StorePlace, setting};
use crate::storage_credential::{STORAGE_SCOPE, StorageCredential};

/// Everything that is built from settings. Connections are made when they are first needed.
#[derive(Debug)]
pub(crate) struct Connections {
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    arm: Arc<dyn Transport>,
    probes: Arc<dyn Probes>,
    place: Place,
    instance: String,
}

#[derive(Debug)]
enum Place {
    Sqlite(PathBuf),
    Blob { blob: Arc<Blob>, is_emulated: bool },
}

impl Connections {
    pub(crate) fn new(config: Config) -> Result<Self, ConfigErrors> {
        let Config { clock, roots, credential, authority_host, .. } = config;
        let refuse = |name: &'static str| {
            move |error: azure::http::SettingsError| ConfigErrors::one(name, error.to_string())
        };
        let identity = Identity::new(credential, authority_host.as_deref(), roots.clone(), clock)
            .map_err(refuse(setting::AUTHORITY_HOST))?;
        let identity: Arc<dyn Source> = Arc::new(identity);
        let tokens = |scope| Tokens::new(Arc::clone(&identity), scope);
        let arm = Arm::new(config.arm_endpoint.as_str(), tokens(ARM_SCOPE), &roots, clock)
            .map_err(refuse(setting::ARM_ENDPOINT))?;
        let bus_tokens = tokens(SERVICE_BUS_SCOPE);
        let bus = ServiceBus::new(config.service_bus_endpoint.as_str(), bus_tokens, &roots, clock)
            .map_err(refuse(setting::SERVICE_BUS_ENDPOINT))?;
        let place = match config.store {
            StorePlace::Sqlite(path) => Place::Sqlite(path),
            StorePlace::Blob { main, leases } => {
                let options = BlobOptions {
                    credential: Some(Arc::new(StorageCredential::new(tokens(STORAGE_SCOPE)))),
                    ca_pem: config.ca_pem,
                    ..BlobOptions::default()
                };
                let blob = Blob::new(main.url(), leases.url(), &options)
                    .map_err(|error| ConfigErrors::one(setting::STORE, error.to_string()))?;
                let is_emulated = is_loopback(main.url()) && is_loopback(leases.url());
                Place::Blob { blob: Arc::new(blob), is_emulated }
            }
        };
        Ok(Self {
            bus: Arc::new(bus),
            clock,
            ids: Ids::Random,
            arm: Arc::new(arm),
            probes: Arc::new(HttpProbes::new(config.probes, clock)),
            place,
            instance: instance(config.website_instance_id.as_deref()),
        })
    }

    /// Opens the store and puts the engine on it.
    pub(crate) async fn open(&self) -> Result<Engine, engine::Error> {
        let store = self.store().await?;
        let outside = Outside {
            store,
            arm: Arc::clone(&self.arm),
            bus: Arc::clone(&self.bus),
            probes: Arc::clone(&self.probes),
            clock: self.clock,
            ids: self.ids.clone(),
        };
        Ok(Engine::new(outside, self.instance.clone()))
    }

    async fn store(&self) -> Result<Arc<dyn Store>, StoreError> {
        match &self.place {
            Place::Sqlite(path) => {
                let path = path.clone();
                let opened = tokio::task::spawn_blocking(|| Sqlite::open(path)).await;
                let broken =
                    |error: tokio::task::JoinError| Err(StoreError::Unavailable(error.to_string()));
                Ok(Arc::new(opened.unwrap_or_else(broken)?))
            }
            Place::Blob { blob, is_emulated } => {
                // An emulator begins empty. In Azure the installation creates the containers, and
                // the app has no right to.
                if *is_emulated {
                    blob.create_containers().await?;
                }
                Ok(Arc::clone(blob) as Arc<dyn Store>)
            }
        }
    }
}

/// Names this process in journals: which machine it ran on, and which of its processes it was.
fn instance(website_instance_id: Option<&str>) -> String {
    let process = Uuid::new_v4().simple().to_string();
    let machine: String = website_instance_id
        .unwrap_or("app")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(12)
        .collect();
    format!("{machine}-{}", &process[..8])
}
