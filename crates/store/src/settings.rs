//! Which store the settings name, and whether it is safe to use it here.

use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use url::{Host, Url};

use crate::{Blob, BlobOptions, Sqlite, Store, StoreError};

/// What [`open`] needs to know.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// `sqlite:PATH`, or the URL of a blob container.
    pub store: String,
    /// The URL of the blob container for leases.
    pub lease_store: Option<String>,
    /// The Azure Functions platform sets it: `WEBSITE_INSTANCE_ID`.
    pub website_instance_id: Option<String>,
    /// Where ARM is.
    pub arm_endpoint: String,
    /// Who we are to Azure Storage; not used when the URL carries a shared access signature.
    pub credential: Option<Arc<dyn TokenCredential>>,
    /// More certificates to trust, PEM.
    pub ca_pem: Option<Vec<u8>>,
}

/// Opens the store that the settings name. Makes no call over the network.
pub fn open(options: OpenOptions) -> Result<Arc<dyn Store>, StoreError> {
    if let Some(path) = options.store.strip_prefix("sqlite:") {
        if options.lease_store.is_some() {
            return Err(StoreError::refused(
                "a SQLite store keeps its leases itself: unset the lease store",
            ));
        }
        sqlite_allowed(options.website_instance_id.as_deref(), &options.arm_endpoint)?;
        return Ok(Arc::new(Sqlite::open(path)?));
    }
    let Some(leases) = options.lease_store else {
        return Err(StoreError::refused("a blob store needs a second container, for its leases"));
    };
    let blob = &BlobOptions {
        credential: options.credential,
        ca_pem: options.ca_pem,
        ..BlobOptions::default()
    };
    Ok(Arc::new(Blob::new(&container(&options.store)?, &container(&leases)?, blob)?))
}

/// Refuses `SQLite` where several instances could each have a file of their own: each would fail
/// over without knowing of the others.
pub fn sqlite_allowed(
    website_instance_id: Option<&str>,
    arm_endpoint: &str,
) -> Result<(), StoreError> {
    if website_instance_id.is_some_and(|id| !id.is_empty()) {
        return Err(StoreError::refused(
            "SQLite on Azure Functions would be split brain: every instance would have a journal \
             of its own. Set FARSHORE_STORE to a blob container",
        ));
    }
    if Url::parse(arm_endpoint).is_ok_and(|url| is_loopback(&url)) {
        return Ok(());
    }
    Err(StoreError::refused(format!(
        "SQLite is only for a local Azure, and FARSHORE_ARM_ENDPOINT is {arm_endpoint:?}: another \
         instance could act on the same resources with a journal of its own. Set FARSHORE_STORE \
         to a blob container"
    )))
}

/// Whether a URL leads to this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The setting is not shown in the error: it may carry a signature.
fn container(setting: &str) -> Result<Url, StoreError> {
    Url::parse(setting).map_err(|error| {
        StoreError::refused(format!(
            "the store setting is neither sqlite:PATH nor the URL of a blob container ({error})"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_is_refused_where_it_would_be_split_brain() {
        for (instance, arm, word) in [
            (Some("4ee0f5"), "http://127.0.0.1:4180", "split brain"),
            (None, "https://management.azure.com", "only for a local Azure"),
            (None, "http://127.0.0.1.example.com", "only for a local Azure"),
            (None, "", "only for a local Azure"),
        ] {
            let error = sqlite_allowed(instance, arm).unwrap_err().to_string();
            assert!(error.contains(word) && error.contains("blob container"), "{error}");
        }
        for arm in ["http://127.0.0.1:4180", "http://localhost:1", "http://[::1]:2"] {
            sqlite_allowed(None, arm).unwrap();
        }
    }

    #[test]
    fn a_setting_that_names_no_store_is_refused_without_showing_its_secret() {
        let open = |store: &str, lease_store: Option<&str>| {
            let options = OpenOptions {
                store: store.into(),
                lease_store: lease_store.map(Into::into),
                arm_endpoint: "http://127.0.0.1:1".into(),
                ..OpenOptions::default()
            };
            open(options).unwrap_err().to_string()
        };
        let error = open("//account/box?sig=secret", Some("http://127.0.0.1/a/b"));
        assert!(error.contains("neither") && !error.contains("secret"), "{error}");
        assert!(open("https://a.blob.core.windows.net/b", None).contains("second container"));
        assert!(open("sqlite:x", Some("http://127.0.0.1/a/b")).contains("unset the lease store"));
    }
}
