use std::sync::Arc;

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use store::{Append, Blob, BlobOptions, OpenOptions, Store, StoreError};

use crate::wire::{Service, Wire};

#[derive(Debug)]
struct Nobody;

#[async_trait::async_trait]
impl TokenCredential for Nobody {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        Err(azure_core::Error::with_message(
            azure_core::error::ErrorKind::Credential,
            format!("no token for {}", scopes.join(" ")),
        ))
    }
}

fn refusal(main: &str, leases: &str, credential: bool) -> String {
    let options = BlobOptions {
        credential: credential.then(|| Arc::new(Nobody) as Arc<dyn TokenCredential>),
        ..BlobOptions::default()
    };
    match Blob::new(&main.parse().unwrap(), &leases.parse().unwrap(), &options) {
        Err(StoreError::Refused { reason }) => reason,
        other => panic!("{main}: {other:?}"),
    }
}

#[test]
fn a_container_that_cannot_be_used_is_refused_before_the_first_call() {
    let good = "https://account.blob.core.windows.net/leases";
    for (main, credential, words) in [
        ("http://account.blob.core.windows.net/main", true, "must use https"),
        ("ftp://127.0.0.1/account/main", true, "must use https"),
        ("https://account.blob.core.windows.net/", true, "not a container's URL"),
        ("mailto:me@example.com", true, "not a container's URL"),
        ("https://account.blob.core.windows.net/main", false, "needs an identity"),
        ("http://127.0.0.1:10000/account/main", true, "shared access signature"),
        (good, true, "container of their own"),
    ] {
        let reason = refusal(main, good, credential);
        assert!(reason.contains(words), "{main}: {reason}");
    }
}

#[tokio::test]
async fn no_message_shows_the_signature() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = |name: &str| format!("http://{closed}/account/{name}?sig=secret").parse().unwrap();
    let store = Blob::new(&url("main"), &url("leases"), &BlobOptions::default()).unwrap();
    let error = store.append("run", 0, "a", b"{}").await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    let shown = format!("{error} {error:?} {store:?}");
    assert!(shown.contains(&format!("http://{closed}/account/main")), "{shown}");
    assert!(!shown.contains("sig") && !shown.contains("secret"), "{shown}");
}

#[tokio::test]
async fn a_container_that_does_not_exist_is_named() {
    let service = Service::start();
    let store = service.open("nowhere", &BlobOptions::default());
    for error in [
        store.append("run", 0, "a", b"{}").await.unwrap_err(),
        store.read("run", 0).await.unwrap_err(),
        store.get_document("plan").await.unwrap_err(),
        store.open_runs().await.unwrap_err(),
        store.close_run("run").await.unwrap_err(),
    ] {
        let StoreError::Refused { reason } = &error else { panic!("{error}") };
        assert!(reason.contains("/nowhere does not exist"), "{reason}");
    }
}

#[tokio::test]
async fn the_settings_name_the_store() {
    let service = Service::start();
    service.blob("settings", &Wire::good()).await;
    let dir = tempfile::tempdir().unwrap();
    for (store, lease_store) in [
        (format!("sqlite:{}", dir.path().join("store.db").display()), None),
        (service.url("settings"), Some(service.url("settings-leases"))),
        (service.url("settings/"), Some(service.url("settings-leases/"))),
    ] {
        let options = OpenOptions {
            store,
            lease_store,
            arm_endpoint: "http://127.0.0.1:4180".into(),
            ..OpenOptions::default()
        };
        let store = store::open(options).unwrap();
        assert_eq!(store.append("run", 0, "a", b"{}").await.unwrap(), Append::Written);
        let ttl = jiff::SignedDuration::from_secs(30);
        store.acquire_lease("run", "a", jiff::Timestamp::UNIX_EPOCH, ttl).await.unwrap();
    }
}

#[tokio::test]
async fn an_identity_that_gives_no_token_is_a_passing_fault() {
    let options = BlobOptions { credential: Some(Arc::new(Nobody)), ..BlobOptions::default() };
    let url = |name: &str| format!("https://127.0.0.1:9/{name}").parse().unwrap();
    let store = Blob::new(&url("main"), &url("leases"), &options).unwrap();
    let error = store.append("run", 0, "a", b"{}").await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Unavailable(text) if text.contains("no token for https://storage.azure.com/.default")),
        "{error}"
    );
}

#[tokio::test]
async fn an_older_version_of_the_service_can_be_asked_for() {
    let service = Service::start();
    service.blob("versions", &Wire::good()).await;
    for (version, works) in [("2025-11-05", true), ("1999-01-01", false)] {
        let options = BlobOptions { api_version: Some(version.into()), ..BlobOptions::default() };
        let end = service.open("versions", &options).append("run", 0, "a", b"{}").await;
        assert_eq!(end.is_ok(), works, "{version}: {end:?}");
    }
}
