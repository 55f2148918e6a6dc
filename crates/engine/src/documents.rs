//! The documents: plans, watches and the kill switch. Each is small JSON under compare-and-set.

use recovery::Plan;
use recovery::watch::Watch;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::{Put, Store};

use crate::error::{Error, shortened};

const PLANS: &str = "plans/";
const KILL_SWITCH: &str = "kill-switch";
/// Contention on one document is between a handful of instances at most.
const TRIES: usize = 8;

/// Stops every change to the world while it is on; looking goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KillSwitch {
    pub on: bool,
    pub by: String,
    pub reason: String,
}

/// A document and the version it had when it was read.
#[derive(Debug, Clone)]
pub(crate) struct Versioned<T> {
    pub(crate) value: T,
    pub(crate) version: Option<String>,
}

pub(crate) async fn plan(store: &dyn Store, workload: &str) -> Result<Versioned<Plan>, Error> {
    let name = format!("{PLANS}{workload}");
    match read(store, &name).await? {
        Some(plan) => Ok(plan),
        None => Err(Error::NotFound { what: "workload", name: workload.to_owned() }),
    }
}

pub(crate) async fn put_plan(
    store: &dyn Store,
    plan: &Plan,
    expected: Option<&str>,
) -> Result<Put, Error> {
    let bytes = serde_json::to_vec_pretty(plan).expect("a plan serialises");
    Ok(store.put_document(&format!("{PLANS}{}", plan.workload), expected, &bytes).await?)
}

/// The names of all workloads.
pub(crate) async fn workloads(store: &dyn Store) -> Result<Vec<String>, Error> {
    let names = store.list_documents(PLANS).await?;
    Ok(names.into_iter().map(|name| name[PLANS.len()..].to_owned()).collect())
}

/// The watch over a workload; a new one if it has none yet.
pub(crate) async fn watch(store: &dyn Store, workload: &str) -> Result<Versioned<Watch>, Error> {
    let found = read(store, &watch_name(workload)).await?;
    Ok(found.unwrap_or_else(|| Versioned { value: Watch::default(), version: None }))
}

/// Changes a watch: reads it, lets `change` work on it, writes it back if it changed, and begins
/// again if somebody else was faster. `change` may run several times.
pub(crate) async fn change_watch<T>(
    store: &dyn Store,
    workload: &str,
    change: impl Fn(&mut Watch) -> T,
) -> Result<T, Error> {
    for _ in 0..TRIES {
        let Versioned { value, version } = watch(store, workload).await?;
        let mut changed = value.clone();
        let result = change(&mut changed);
        if changed == value {
            return Ok(result);
        }
        let bytes = serde_json::to_vec(&changed).expect("a watch serialises");
        let name = watch_name(workload);
        match store.put_document(&name, version.as_deref(), &bytes).await? {
            Put::Stored { .. } => return Ok(result),
            Put::Conflict => {}
        }
    }
    Err(Error::Unavailable(format!("the watch over {workload:?} is contended")))
}

pub(crate) async fn kill_switch(store: &dyn Store) -> Result<KillSwitch, Error> {
    Ok(read(store, KILL_SWITCH).await?.map(|found| found.value).unwrap_or_default())
}

pub(crate) async fn set_kill_switch(store: &dyn Store, switch: &KillSwitch) -> Result<(), Error> {
    let bytes = serde_json::to_vec(switch).expect("a switch serialises");
    for _ in 0..TRIES {
        let current = store.get_document(KILL_SWITCH).await?;
        let version = current.as_ref().map(|document| document.version.as_str());
        if let Put::Stored { .. } = store.put_document(KILL_SWITCH, version, &bytes).await? {
            return Ok(());
        }
    }
    Err(Error::Unavailable("the kill switch is contended".to_owned()))
}

fn watch_name(workload: &str) -> String {
    format!("watches/{workload}")
}

async fn read<T: DeserializeOwned>(
    store: &dyn Store,
    name: &str,
) -> Result<Option<Versioned<T>>, Error> {
    let Some(document) = store.get_document(name).await? else { return Ok(None) };
    let value = serde_json::from_slice(&document.bytes).map_err(|error| {
        let (version, error) = (&document.version, shortened(&error.to_string()));
        Error::Corrupt(format!("document {name:?}, version {version:?}, is broken: {error}"))
    })?;
    Ok(Some(Versioned { value, version: Some(document.version) }))
}
