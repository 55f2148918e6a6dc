//! Where the app keeps its journals during a rehearsal.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

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
    folder: PathBuf,
    /// Ends when it is dropped, or when this process ends in whatever way.
    azurite: Option<Arc<Mutex<Azurite>>>,
}

impl Storage {
    /// A store with everything that it writes in this folder, which is created.
    pub(crate) async fn open(kind: StoreKind, folder: PathBuf) -> Result<Self> {
        fs::create_dir(&folder)?;
        match kind {
            StoreKind::Sqlite => {
                let place = format!("sqlite:{}", folder.join(SQLITE_FILE).display());
                Ok(Self { settings: vec![("FARSHORE_STORE", place)], folder, azurite: None })
            }
            StoreKind::Azurite => {
                let dir = folder.clone();
                let azurite = blocking(move || Ok(Azurite::start(&dir)?)).await?;
                let (main, leases) =
                    (azurite.url_with_sas("farshore"), azurite.url_with_sas("farshore-leases"));
                // The app creates the containers: an emulator begins empty.
                let settings = vec![("FARSHORE_STORE", main), ("FARSHORE_LEASE_STORE", leases)];
                Ok(Self { settings, folder, azurite: Some(Arc::new(Mutex::new(azurite))) })
            }
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The process that is the store, if it is one.
    pub(crate) fn process(&self) -> Option<u32> {
        Some(held(self.azurite.as_ref()?).id())
    }

    /// Stops the store's process in order; its id.
    pub(crate) async fn stop(&self) -> Result<u32> {
        self.with_azurite(|azurite| {
            azurite.stop()?;
            Ok(azurite.id())
        })
        .await
    }

    /// Starts the store's process again, where and with what it was; its id.
    pub(crate) async fn start_again(&self) -> Result<u32> {
        self.with_azurite(|azurite| {
            azurite.start_again()?;
            Ok(azurite.id())
        })
        .await
    }

    async fn with_azurite<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Azurite) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let azurite = self.azurite.clone().context("the store is no process")?;
        blocking(move || act(&mut held(&azurite))).await
    }
}

/// Azurite's start and end are waited for on a thread of their own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.context("the work on Azurite was cut off")?
}

fn held(azurite: &Mutex<Azurite>) -> std::sync::MutexGuard<'_, Azurite> {
    azurite.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StoreKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Azurite => "azurite",
        }
    }
}
