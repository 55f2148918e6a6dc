//! Where the app keeps its journals during a rehearsal.

use std::path::Path;

use anyhow::{Context as _, Result};
use azurite::Azurite;
use clap::ValueEnum;

/// The file of the embedded store.
pub(crate) const SQLITE_FILE: &str = "farshore.db";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum StoreKind {
    /// The embedded store, in a file
    #[default]
    Sqlite,
    /// Azure Blob Storage, played by Azurite
    Azurite,
}

/// A store for the app, and what keeps it up.
#[derive(Debug)]
pub(crate) struct Storage {
    /// The app's settings.
    pub(crate) settings: Vec<(&'static str, String)>,
    /// Ends when it is dropped, or when this process ends in whatever way.
    _azurite: Option<Azurite>,
}

impl Storage {
    pub(crate) async fn open(kind: StoreKind, folder: &Path) -> Result<Self> {
        match kind {
            StoreKind::Sqlite => {
                let place = format!("sqlite:{}", folder.join(SQLITE_FILE).display());
                Ok(Self { settings: vec![("FARSHORE_STORE", place)], _azurite: None })
            }
            StoreKind::Azurite => {
                let azurite = tokio::task::spawn_blocking(Azurite::in_memory)
                    .await
                    .context("the start of Azurite was cut off")??;
                let (main, leases) =
                    (azurite.url_with_sas("farshore"), azurite.url_with_sas("farshore-leases"));
                // The app creates the containers: an emulator begins empty.
                let settings = vec![("FARSHORE_STORE", main), ("FARSHORE_LEASE_STORE", leases)];
                Ok(Self { settings, _azurite: Some(azurite) })
            }
        }
    }
}

impl StoreKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Azurite => "azurite",
        }
    }
}
