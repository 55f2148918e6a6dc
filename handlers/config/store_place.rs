//! Where the store is, and whether it may be there.

use std::fmt;
use std::path::{Path, PathBuf};

use store::{StoreError, is_loopback, sqlite_allowed};
use url::Url;

use super::reader::Reader;
use super::setting;

/// Where journals, documents and leases are kept.
#[derive(Debug, Clone)]
pub enum StorePlace {
    Sqlite(PathBuf),
    Blob { main: Container, leases: Container },
}

/// A blob container. It shows itself without its signature.
#[derive(Clone)]
pub struct Container(Url);

impl Container {
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for Container {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        url.set_query(None);
        formatter.write_str(url.as_str())
    }
}

pub(super) fn read(
    reader: &mut Reader<'_>,
    website_instance_id: Option<&str>,
    arm_endpoint: &str,
) -> Option<StorePlace> {
    let Some(text) = reader.text(setting::STORE) else {
        let mend = "set it to the URL of a blob container, or on one machine to sqlite:PATH";
        reader.refuse(setting::STORE, "is not set", mend);
        return None;
    };
    let leases = reader.text(setting::LEASE_STORE);
    if let Some(path) = text.strip_prefix("sqlite:") {
        if leases.is_some() {
            let problem = "is set, and a SQLite store keeps its leases itself";
            reader.refuse(setting::LEASE_STORE, problem, "unset it");
        }
        return sqlite(reader, Path::new(path), website_instance_id, arm_endpoint);
    }
    let main = container(reader, setting::STORE, &text);
    let Some(leases) = leases else {
        let mend = "set it to the URL of a second container, for the leases alone";
        reader.refuse(setting::LEASE_STORE, "is not set, and a blob store needs it", mend);
        return None;
    };
    let leases = container(reader, setting::LEASE_STORE, &leases);
    let (main, leases) = (main?, leases?);
    if main.0.host() == leases.0.host() && main.0.path() == leases.0.path() {
        let problem = "is the same container as FARSHORE_STORE";
        let mend = "name another: leases are rewritten every few seconds";
        reader.refuse(setting::LEASE_STORE, problem, mend);
    }
    Some(StorePlace::Blob { main, leases })
}

fn sqlite(
    reader: &mut Reader<'_>,
    path: &Path,
    website_instance_id: Option<&str>,
    arm_endpoint: &str,
) -> Option<StorePlace> {
    if let Err(error) = sqlite_allowed(website_instance_id, arm_endpoint) {
        let problem = match error {
            StoreError::Refused { reason } => reason,
            other => other.to_string(),
        };
        // The problem says itself what to do.
        reader.refuse(setting::STORE, &problem, "");
        return None;
    }
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => {
            reader.refuse(setting::STORE, "names no file", "write sqlite:PATH");
            return None;
        }
    };
    if !folder.is_dir() {
        let problem = format!("the folder {} does not exist", folder.display());
        reader.refuse(setting::STORE, &problem, "create it, or name a file in another");
        return None;
    }
    Some(StorePlace::Sqlite(path.to_owned()))
}

/// The text is not shown: it may carry a signature.
fn container(reader: &mut Reader<'_>, name: &'static str, text: &str) -> Option<Container> {
    let mend = "write https://ACCOUNT.blob.core.windows.net/CONTAINER";
    let problem = match Url::parse(text) {
        Err(error) => format!("is not the URL of a blob container: {error}"),
        Ok(url) if url.path().trim_matches('/').is_empty() => "names no container".to_owned(),
        Ok(url) if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) => {
            "is not https".to_owned()
        }
        Ok(url) => return Some(Container(url)),
    };
    reader.refuse(name, &problem, mend);
    None
}
