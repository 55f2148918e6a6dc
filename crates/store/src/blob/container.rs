//! One container: the few operations that the store needs, each with a time-out and with errors
//! sorted by what to do.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use azure_core::http::{Etag, HttpClient};
use azure_storage_blob::models::{
    BlobClientAcquireLeaseOptions, BlobClientBreakLeaseOptions,
    BlobContainerClientListBlobsOptions, BlockBlobClientUploadOptions,
};
use azure_storage_blob::{BlobClient, BlobContainerClient, BlobContainerClientOptions};
use bytes::Bytes;
use futures::TryStreamExt;
use url::Url;

use super::{fault, transport};
use crate::{BlobOptions, StoreError, is_loopback};

/// When a write is done at all.
#[derive(Clone, Copy, Debug)]
pub(super) enum Condition<'a> {
    /// Only if there is no such blob.
    Absent,
    /// Only if the blob still has this `ETag`.
    Version(&'a str),
}

pub(super) struct Container {
    client: BlobContainerClient,
    limit: Duration,
    page_size: Option<i32>,
}

impl Container {
    pub(super) fn new(
        url: &Url,
        client: Arc<dyn HttpClient>,
        options: &BlobOptions,
    ) -> Result<Self, StoreError> {
        let mut url = url.clone();
        if url.cannot_be_a_base() || url.path().trim_matches('/').is_empty() {
            return Err(StoreError::refused(format!("{} is not a container's URL", shown(&url))));
        }
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(StoreError::refused(format!("{} must use https", shown(&url))));
        }
        url.path_segments_mut().expect("the URL can be a base").pop_if_empty();
        let signed = url.query_pairs().any(|(name, _)| name == "sig");
        let credential = if signed { None } else { options.credential.clone() };
        if !signed && (credential.is_none() || url.scheme() == "http") {
            return Err(StoreError::refused(format!(
                "{} needs an identity (over https) or a shared access signature in the URL",
                shown(&url)
            )));
        }
        let mut client_options = BlobContainerClientOptions {
            client_options: transport::client_options(client),
            ..BlobContainerClientOptions::default()
        };
        if let Some(version) = &options.api_version {
            client_options.version.clone_from(version);
        }
        let client = BlobContainerClient::new(url, credential, Some(client_options))
            .map_err(|error| StoreError::refused(error.to_string()))?;
        Ok(Self { client, limit: options.call_limit, page_size: options.page_size })
    }

    pub(super) async fn create(&self) -> Result<(), StoreError> {
        match self.limited("create", self.client.create(None)).await? {
            Err(error) if !fault::is_existing_container(&error) => Err(self.sort("create", &error)),
            _ => Ok(()),
        }
    }

    /// Writes a blob under a condition; its new `ETag`, or none if the condition does not hold.
    pub(super) async fn put(
        &self,
        name: &str,
        content: impl Into<Bytes>,
        condition: Condition<'_>,
        lease: Option<&str>,
    ) -> Result<Option<String>, StoreError> {
        let mut options = BlockBlobClientUploadOptions {
            blob_content_type: Some("application/json".into()),
            lease_id: lease.map(Into::into),
            ..BlockBlobClientUploadOptions::default()
        };
        match condition {
            Condition::Absent => options = options.if_not_exists(),
            Condition::Version(etag) if is_etag(etag) => {
                options.if_match = Some(Etag::from(etag.to_owned()));
            }
            Condition::Version(_) => return Ok(None),
        }
        let content: Bytes = content.into();
        let blob = self.client.blob_client(name);
        match self.limited("write", blob.upload(content.into(), Some(options))).await? {
            Ok(written) => match written.etag {
                Some(etag) => Ok(Some(etag.to_string())),
                None => Err(self.without_version(name)),
            },
            Err(error) if fault::is_condition(&error) => Ok(None),
            Err(error) => Err(self.sort("write", &error)),
        }
    }

    /// A blob's content and `ETag`.
    pub(super) async fn get(&self, name: &str) -> Result<Option<(Vec<u8>, String)>, StoreError> {
        let blob = self.client.blob_client(name);
        let download = async {
            let answer = blob.download(None).await?;
            let etag = answer.properties.etag.as_ref().map(ToString::to_string);
            Ok((Vec::from(answer.body.collect().await?), etag))
        };
        match self.limited("read", download).await? {
            Ok((bytes, Some(etag))) => Ok(Some((bytes, etag))),
            Ok((_, None)) => Err(self.without_version(name)),
            Err(error) if fault::is_missing_blob(&error) => Ok(None),
            Err(error) => Err(self.sort("read", &error)),
        }
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), StoreError> {
        let blob = self.client.blob_client(name);
        match self.limited("delete", blob.delete(None)).await? {
            Err(error) if !fault::is_missing_blob(&error) => Err(self.sort("delete", &error)),
            _ => Ok(()),
        }
    }

    /// The names of all blobs that begin with `prefix`, in order.
    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let options = BlobContainerClientListBlobsOptions {
            prefix: Some(prefix.to_owned()),
            maxresults: self.page_size,
            ..BlobContainerClientListBlobsOptions::default()
        };
        let mut pages = self
            .client
            .list_blobs(Some(options))
            .map_err(|error| self.sort("list", &error))?
            .into_pages();
        let mut names = Vec::new();
        while let Some(page) = self
            .limited("list", pages.try_next())
            .await?
            .map_err(|error| self.sort("list", &error))?
        {
            let page = page.into_model().map_err(|error| self.sort("list", &error))?;
            names.extend(page.blob_items.into_iter().filter_map(|item| item.name));
        }
        Ok(names)
    }

    /// Takes the service's lease of a blob, or renews it; false if another has it.
    pub(super) async fn lock(
        &self,
        name: &str,
        lease: &str,
        seconds: i32,
    ) -> Result<bool, StoreError> {
        let options = BlobClientAcquireLeaseOptions {
            proposed_lease_id: Some(lease.to_owned()),
            ..BlobClientAcquireLeaseOptions::default()
        };
        let blob = self.client.blob_client(name);
        self.lease_end("lease", blob.acquire_lease(seconds, Some(options))).await
    }

    /// Ends whatever lease of the service a blob has, if it still has this `ETag`.
    pub(super) async fn break_lock(&self, name: &str, etag: &str) -> Result<bool, StoreError> {
        let options = BlobClientBreakLeaseOptions {
            break_period: Some(0),
            if_match: Some(Etag::from(etag.to_owned())),
            ..BlobClientBreakLeaseOptions::default()
        };
        let blob = self.client.blob_client(name);
        self.lease_end("break a lease", blob.break_lease(Some(options))).await
    }

    /// Gives the service's lease of a blob back; false if it was not ours.
    pub(super) async fn unlock(&self, name: &str, lease: &str) -> Result<bool, StoreError> {
        let blob: BlobClient = self.client.blob_client(name);
        self.lease_end("release a lease", blob.release_lease(lease.to_owned(), None)).await
    }

    async fn lease_end<T>(
        &self,
        what: &str,
        call: impl Future<Output = azure_core::Result<T>>,
    ) -> Result<bool, StoreError> {
        match self.limited(what, call).await? {
            Ok(_) => Ok(true),
            Err(error) if fault::is_lease_conflict(&error) => Ok(false),
            Err(error) => Err(self.sort(what, &error)),
        }
    }

    async fn limited<T>(&self, what: &str, call: impl Future<Output = T>) -> Result<T, StoreError> {
        tokio::time::timeout(self.limit, call).await.map_err(|_| {
            StoreError::Unavailable(format!(
                "cannot {what} in {self}: no answer within {:?}",
                self.limit
            ))
        })
    }

    fn without_version(&self, name: &str) -> StoreError {
        StoreError::Unavailable(format!("{self} gave no version of {name}"))
    }

    fn sort(&self, what: &str, error: &azure_core::Error) -> StoreError {
        fault::sort(what, self, error)
    }
}

/// An empty `If-Match` is no condition at all to Azurite, and `*` fits every version.
fn is_etag(version: &str) -> bool {
    version.len() > 2 && version.starts_with('"') && version.ends_with('"')
}

/// The URL without its signature.
impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(self.client.url()))
    }
}

fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}
