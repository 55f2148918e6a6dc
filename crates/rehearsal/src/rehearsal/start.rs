//! Brings everything up, in the order in which one needs the other.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use clock::Clock;
use functions_host::guard::Guard;
use jiff::SignedDuration;
use serde_json::json;
use tokio::process::Command;
use uuid::Uuid;

use super::{Audience, Host, Options, Rehearsal};
use crate::local_azure::Endpoints;
use crate::process::Process;
use crate::storage::Storage;
use crate::world_state::{PREFERRED_ENDPOINT, WorldState};
use crate::{LocalAzure, Operator, WORKLOAD, binaries};

/// The first instance, and its log.
pub(super) const FIRST: &str = "functions-host";
/// How long the workload may take until it is at ease.
const EASE: SignedDuration = SignedDuration::from_mins(10);

pub(super) async fn start(mut options: Options, audience: &mut dyn Audience) -> Result<Rehearsal> {
    fs::create_dir_all(&options.logs)
        .with_context(|| format!("cannot create {}", options.logs.display()))?;
    let folder = tempfile::Builder::new().prefix("farshore-rehearsal-").tempdir()?;
    let guard =
        Arc::new(Guard::start(&options.binaries.functions_host).context("cannot start the guard")?);
    if options.store == crate::StoreKind::Azurite {
        binaries::install_azurite(|line| audience.say(line)).await?;
        audience.say("starting Azurite");
    }
    let storage = Storage::open(options.store, folder.path().join("store")).await?;

    audience.say("starting the local Azure");
    let mut simulator = simulator(&options, &guard)?;
    let endpoints: Endpoints = simulator.ready().await?;
    let clock = Clock::parse(&endpoints.clock)?;
    let azure = LocalAzure::new(endpoints)?;

    audience.say("starting the Functions host and the app");
    let key = Uuid::new_v4().simple().to_string();
    let mut platform = platform(FIRST, &options, &guard, &azure, &storage, folder.path(), &key)?;
    let host: Host = platform.ready().await?;
    let operator = Operator::new(&host.url, &key)?;

    let webhook = format!("{}/notify", azure.endpoints.webhook);
    options.plan["notify"] = json!({"webhook": webhook});
    operator.put_plan(WORKLOAD, &options.plan).await.context("the app does not take the plan")?;
    azure.send_alerts_to(&operator.alert_url()).await?;

    let rehearsal = Rehearsal {
        azure,
        clock,
        operator: Mutex::new(operator),
        options,
        guard,
        simulator: Mutex::new(simulator),
        platform: Mutex::new(platform),
        others: Mutex::default(),
        freezes: Mutex::default(),
        killed: Mutex::default(),
        storage,
        folder,
    };
    audience.say("waiting until the workload is at ease");
    at_ease(&rehearsal).await?;
    Ok(rehearsal)
}

fn simulator(options: &Options, guard: &Arc<Guard>) -> Result<Process> {
    let mut command = Command::new(&options.binaries.simulator);
    command
        .args(["--speed", &options.speed.to_string()])
        .args(["--seed", &options.seed.to_string()])
        .args(["--entry", options.entry.name()])
        .arg("--record")
        .arg(options.logs.join("traffic.jsonl"));
    Process::start("simulator", command, &options.logs, guard)
}

pub(super) fn platform(
    name: &str,
    options: &Options,
    guard: &Arc<Guard>,
    azure: &LocalAzure,
    storage: &Storage,
    folder: &Path,
    key: &str,
) -> Result<Process> {
    let at = &azure.endpoints;
    let mut line = options.launcher.iter().map(OsStr::new).collect::<Vec<_>>();
    line.push(options.binaries.functions_host.as_os_str());
    let mut command = Command::new(line.remove(0));
    command
        .args(line)
        .arg("--platform")
        .arg("--app")
        .arg(&options.binaries.app)
        .args(["--broker", &at.broker])
        .args(["--key", key])
        .args(["--clock", &at.clock])
        .arg("--schedules")
        .arg(folder.join(format!("{name}.schedules.json")))
        // The host hands its environment on to the app.
        .env("NO_PROXY", "127.0.0.1,localhost")
        .env("FARSHORE_ARM_ENDPOINT", &at.arm)
        .env("FARSHORE_SERVICE_BUS_ENDPOINT", &at.service_bus)
        .env("ServiceBus__fullyQualifiedNamespace", authority(&at.service_bus))
        .env("FARSHORE_AUTHORITY_HOST", &at.entra)
        .env("FARSHORE_CREDENTIAL", "managed_identity")
        .env("IDENTITY_ENDPOINT", &at.identity)
        .env("IDENTITY_HEADER", "rehearsal")
        .env("FARSHORE_DNS", &at.dns)
        .env("FARSHORE_CONNECT_TO", &at.connect_to)
        .env("FARSHORE_CLOCK", &at.clock)
        .env("FARSHORE_WATCH", if options.watch { "on" } else { "off" })
        .env_remove("WEBSITE_INSTANCE_ID")
        .env_remove("FARSHORE_CA_FILE")
        .env_remove("FARSHORE_CLIENT_ID")
        .env_remove("FARSHORE_LEASE_STORE")
        .envs(storage.settings.iter().map(|(name, value)| (*name, value)))
        .envs(options.settings.iter().copied());
    if std::env::var_os("FARSHORE_LOG").is_none() {
        command.env("FARSHORE_LOG", "info");
    }
    Process::start(name, command, &options.logs, guard)
}

fn authority(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, authority)| authority)
}

/// An outage that nobody could have noticed as one proves nothing.
async fn at_ease(rehearsal: &Rehearsal) -> Result<()> {
    let at_ease = |state: &WorldState| {
        let endpoint = state.endpoint(PREFERRED_ENDPOINT);
        state.user_is_served() && endpoint.is_some_and(|it| it.monitor == "Online")
    };
    let what = "the user gets good answers and Traffic Manager finds the primary endpoint online";
    rehearsal.wait_until(what, EASE, at_ease).await?;
    if !rehearsal.options.watch {
        return Ok(());
    }
    let until = rehearsal.clock.now() + EASE;
    loop {
        rehearsal.still_runs()?;
        let runs = rehearsal.operator().runs(WORKLOAD).await;
        if runs.as_ref().is_ok_and(|runs| runs.probe_is_good) {
            return Ok(());
        }
        if rehearsal.clock.now() > until {
            runs.context("the app does not answer")?;
            anyhow::bail!("the app's own probe of the application does not become good");
        }
        tokio::time::sleep(super::GLANCE).await;
    }
}
