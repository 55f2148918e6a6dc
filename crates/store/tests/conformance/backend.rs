//! The backends under test.

use std::sync::{Arc, LazyLock};

use azurite::Azurite;
use rusqlite::{Connection, params};
use store::{Blob, BlobOptions, Sqlite, Store};
use tempfile::TempDir;

/// One Azurite for all tests of this process, which it ends with.
static AZURITE: LazyLock<Azurite> =
    LazyLock::new(|| Azurite::in_memory().unwrap_or_else(|error| panic!("{error}")));

/// Where the data of one test is. It outlives the stores that are opened on it.
pub(crate) enum Backend {
    Memory(Arc<Sqlite>),
    File(TempDir),
    Blob { container: &'static str },
}

impl Backend {
    pub(crate) fn memory() -> Self {
        Self::Memory(Arc::new(Sqlite::in_memory().unwrap()))
    }

    pub(crate) fn file() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    /// Two fresh containers in the running Azurite.
    pub(crate) async fn blob(container: &'static str) -> Self {
        let backend = Self::Blob { container };
        backend.open_blob(&BlobOptions::default()).create_containers().await.unwrap();
        backend
    }

    /// Another store on the same data, as another process or the next one would open it.
    pub(crate) fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Memory(store) => store.clone(),
            Self::File(dir) => Arc::new(Sqlite::open(dir.path().join("store.db")).unwrap()),
            Self::Blob { .. } => Arc::new(self.open_blob(&BlobOptions::default())),
        }
    }

    /// The same, with pages of two names.
    pub(crate) fn open_with_small_pages(&self) -> Arc<dyn Store> {
        match self {
            Self::Blob { .. } => {
                let options = BlobOptions { page_size: Some(2), ..BlobOptions::default() };
                Arc::new(self.open_blob(&options))
            }
            _ => self.open(),
        }
    }

    /// Writes over a record past the store, as a disk, a person or another program could.
    pub(crate) async fn plant(&self, journal: &str, seq: u64, bytes: &[u8]) {
        match self {
            Self::Memory(_) => panic!("nobody but the store reaches its memory"),
            Self::File(dir) => {
                let connection = Connection::open(dir.path().join("store.db")).unwrap();
                let statement = "UPDATE records SET stored = CAST(?1 AS TEXT)
                                 WHERE journal = ?2 AND seq = ?3";
                let changed = connection.execute(statement, params![bytes, journal, seq]);
                assert_eq!(changed.unwrap(), 1);
            }
            Self::Blob { .. } => {
                let path = format!("{}-main/journals/{journal}/{seq:08}.json", self.containers());
                let request = reqwest::Client::new().put(AZURITE.url_with_sas(&path));
                let request = request.header("x-ms-blob-type", "BlockBlob");
                let request = request.header("content-length", bytes.len());
                let answer = request.body(bytes.to_vec()).send().await.unwrap();
                answer.error_for_status().unwrap();
            }
        }
    }

    /// A container's name has no underscores, no two dashes together and at most 63 characters.
    fn containers(&self) -> String {
        let Self::Blob { container } = self else { panic!("not a blob backend") };
        let name: String = container.replace('_', "-").chars().take(50).collect();
        name.trim_end_matches('-').to_owned()
    }

    fn open_blob(&self, options: &BlobOptions) -> Blob {
        let name = self.containers();
        let url = |suffix: &str| AZURITE.url_with_sas(&format!("{name}{suffix}")).parse();
        Blob::new(&url("-main").unwrap(), &url("-leases").unwrap(), options).unwrap()
    }
}

/// Runs each promise on every backend. Those of one file are one test for blob storage, because a
/// test runner may give each test a process, and starting an Azurite takes about a second.
macro_rules! on_every_backend {
    ($($promise:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $promise() {
                super::$promise(&crate::backend::Backend::memory()).await;
            })+
        }
        mod file {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $promise() {
                super::$promise(&crate::backend::Backend::file()).await;
            })+
        }
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn blob_storage_keeps_these_promises_too() {
            $(
                println!("{}", stringify!($promise));
                let backend = crate::backend::Backend::blob(stringify!($promise)).await;
                $promise(&backend).await;
            )+
        }
    };
}
pub(crate) use on_every_backend;

/// The same on those that outlive the process.
macro_rules! on_every_lasting_backend {
    ($($promise:ident),+ $(,)?) => {
        mod file {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $promise() {
                super::$promise(&crate::backend::Backend::file()).await;
            })+
        }
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn blob_storage_keeps_these_promises_too() {
            $(
                println!("{}", stringify!($promise));
                let backend = crate::backend::Backend::blob(stringify!($promise)).await;
                $promise(&backend).await;
            )+
        }
    };
}
pub(crate) use on_every_lasting_backend;
