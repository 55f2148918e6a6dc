//! Azure Blob Storage as far as a store of journals uses it: one account, in memory, pure. It is
//! compared with Azurite in `blob_storage/tests.rs`.
//!
//! doc: learn.microsoft.com/rest/api/storageservices (Put Blob, Get Blob, Delete Blob, List Blobs,
//! Lease Blob, Blob service error codes, Specifying conditional headers).

mod answer;
mod lease;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use url::Url;

use lease::Lease;

pub(crate) use answer::Answer;

/// The largest page of a list.
const PAGE: usize = 5000;

/// An account.
#[derive(Debug, Default)]
pub(crate) struct BlobStorage {
    containers: BTreeMap<String, BTreeMap<String, Blob>>,
    versions: u64,
}

#[derive(Debug)]
struct Blob {
    bytes: Vec<u8>,
    etag: String,
    lease: Lease,
}

/// A request. Names of headers are in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) url: Url,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Call {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn query(&self, name: &str) -> Option<String> {
        let mut pairs = self.url.query_pairs();
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }

    /// The container and the blob; the account is not looked at.
    fn place(&self) -> (String, Option<String>) {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let path = self.url.path().trim_start_matches('/');
        let (_, path) = path.split_once('/').unwrap_or(("", path));
        match path.split_once('/') {
            Some((container, blob)) if !blob.is_empty() => {
                (decoded(container), Some(decoded(blob)))
            }
            Some((container, _)) => (decoded(container), None),
            None => (decoded(path), None),
        }
    }
}

impl BlobStorage {
    pub(crate) fn handle(&mut self, now: Timestamp, call: &Call) -> Answer {
        let (container, blob) = call.place();
        let operation = call.query("comp");
        match (call.method, blob, operation.as_deref()) {
            ("PUT", None, None) => self.create(container),
            (_, _, _) if !self.containers.contains_key(&container) => {
                Answer::error(404, "ContainerNotFound")
            }
            ("GET", None, Some("list")) => answer::list(&container, &self.listed(&container), call),
            ("PUT", Some(blob), None) => self.put(now, &container, blob, call),
            ("PUT", Some(blob), Some("lease")) => self.lease(now, &container, &blob, call),
            ("GET", Some(blob), None) => match self.containers[&container].get(&blob) {
                Some(found) => answer::content(&found.bytes, &found.etag, call),
                None => Answer::error(404, "BlobNotFound"),
            },
            ("DELETE", Some(blob), None) => self.delete(now, &container, &blob, call),
            _ => Answer::error(400, "UnsupportedHttpVerb"),
        }
    }

    pub(crate) fn create(&mut self, container: String) -> Answer {
        if self.containers.contains_key(&container) {
            return Answer::error(409, "ContainerAlreadyExists");
        }
        self.containers.insert(container, BTreeMap::new());
        Answer::empty(201)
    }

    fn listed(&self, container: &str) -> Vec<&str> {
        self.containers[container].keys().map(String::as_str).collect()
    }

    fn put(&mut self, now: Timestamp, container: &str, name: String, call: &Call) -> Answer {
        self.versions += 1;
        let etag = format!("\"0x{:016X}\"", self.versions);
        let blobs = self.containers.entry(container.to_owned()).or_default();
        let there = blobs.get(&name);
        if call.header("if-none-match") == Some("*") && there.is_some() {
            return Answer::error(409, "BlobAlreadyExists");
        }
        if let Some(refused) = differs(there, call) {
            return refused;
        }
        let id = call.header("x-ms-lease-id");
        let vacant = Lease::default();
        if let Some(code) = there.map_or(&vacant, |blob| &blob.lease).forbids(now, id) {
            return Answer::error(412, code);
        }
        // A lease stays when the content changes.
        let lease = blobs.remove(&name).map(|blob| blob.lease).unwrap_or_default();
        blobs.insert(name, Blob { bytes: call.body.clone(), etag: etag.clone(), lease });
        Answer::empty(201).with_etag(&etag)
    }

    fn delete(&mut self, now: Timestamp, container: &str, name: &str, call: &Call) -> Answer {
        let blobs = self.containers.entry(container.to_owned()).or_default();
        let Some(there) = blobs.get(name) else { return Answer::error(404, "BlobNotFound") };
        if let Some(code) = there.lease.forbids(now, call.header("x-ms-lease-id")) {
            return Answer::error(412, code);
        }
        blobs.remove(name);
        Answer::empty(202)
    }

    /// A lease changes neither the content nor its `ETag`.
    fn lease(&mut self, now: Timestamp, container: &str, name: &str, call: &Call) -> Answer {
        let blobs = self.containers.entry(container.to_owned()).or_default();
        let Some(there) = blobs.get_mut(name) else { return Answer::error(404, "BlobNotFound") };
        if let Some(refused) = differs(Some(there), call) {
            return refused;
        }
        let etag = there.etag.clone();
        match there.lease.change(now, call) {
            Ok((status, headers)) => {
                let answer = Answer::empty(status).with_etag(&etag);
                headers.into_iter().fold(answer, |answer, (name, value)| answer.with(name, value))
            }
            Err(code) => Answer::error(409, code),
        }
    }
}

/// Whether `If-Match` names another version than the one that is there.
fn differs(there: Option<&Blob>, call: &Call) -> Option<Answer> {
    let wanted = call.header("if-match")?;
    let same = there.is_some_and(|blob| blob.etag == wanted);
    (!same).then(|| Answer::error(412, "ConditionNotMet"))
}
