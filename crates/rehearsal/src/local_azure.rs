//! The simulator's control API: how a rehearsal disturbs the world, and what it learns of it.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http;
use crate::ledger::Ledger;
use crate::world_state::WorldState;

/// Where everything of the local Azure is: the line that the simulator prints when it is ready.
#[derive(Debug, Clone, Deserialize)]
pub struct Endpoints {
    pub arm: String,
    pub identity: String,
    pub entra: String,
    pub service_bus: String,
    pub broker: String,
    pub control: String,
    pub webhook: String,
    pub dns: String,
    /// `203.0.113.10:80=127.0.0.1:4181,…`
    pub connect_to: String,
    /// The clock setting for the other processes.
    pub clock: String,
}

/// A running simulator.
#[derive(Debug, Clone)]
pub struct LocalAzure {
    pub endpoints: Endpoints,
    client: Client,
}

impl LocalAzure {
    pub(crate) fn new(endpoints: Endpoints) -> Result<Self> {
        Ok(Self { endpoints, client: http::client()? })
    }

    /// Everything at a glance.
    pub async fn state(&self) -> Result<WorldState> {
        let body = self.control(Method::GET, "state", None).await?;
        serde_json::from_value(body).context("the world's state is not as expected")
    }

    /// What was seen from outside so far.
    pub async fn ledger(&self) -> Result<Ledger> {
        Ledger::read(self.control(Method::GET, "ledger", None).await?)
    }

    /// Takes a region down or brings it back (`down`, `up`); when that was.
    pub async fn set_region(&self, region: &str, health: &str) -> Result<Timestamp> {
        let path = format!("regions/{region}");
        let body = json!({"health": health});
        time(&self.control(Method::POST, &path, Some(&body)).await?, "at")
    }

    /// Cuts a region's network for some seconds; when that began.
    pub async fn blip(&self, region: &str, seconds: f64) -> Result<Timestamp> {
        let body = json!({"region": region, "seconds": seconds});
        time(&self.control(Method::POST, "blip", Some(&body)).await?, "from")
    }

    /// Where Azure Monitor sends alerts from now on.
    pub async fn send_alerts_to(&self, url: &str) -> Result<()> {
        let body = json!({"url": url});
        self.control(Method::PUT, "alert-receiver", Some(&body)).await.map(drop)
    }

    /// Sets a fault, as `docs/simulator.md` describes them; its number.
    pub async fn set_fault(&self, fault: &Value) -> Result<u64> {
        let set = self.control(Method::POST, "faults", Some(fault)).await?;
        let id = set["ids"][0].as_u64();
        id.with_context(|| format!("no number of a fault in {set}"))
    }

    /// How many requests a fault has hit so far.
    pub async fn hits(&self, fault: u64) -> Result<u64> {
        let all = self.control(Method::GET, "faults", None).await?;
        let rule = all.as_array().into_iter().flatten().find(|rule| rule["id"] == fault);
        let hits = rule.and_then(|rule| rule["hit"].as_u64());
        hits.with_context(|| format!("no fault {fault} in {all}"))
    }

    /// Takes a fault away; how many requests it has hit.
    pub async fn lift_fault(&self, fault: u64) -> Result<u64> {
        let hits = self.hits(fault).await?;
        self.control(Method::DELETE, &format!("faults/{fault}"), None).await?;
        Ok(hits)
    }

    async fn control(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let url = format!("{}/control/{path}", self.endpoints.control);
        let answer = http::call(&self.client, method.clone(), &url, &[], body).await?;
        answer.good(&format!("the simulator's {method} /control/{path}"))
    }
}

fn time(body: &Value, name: &str) -> Result<Timestamp> {
    let text = body[name].as_str().with_context(|| format!("no {name:?} in {body}"))?;
    text.parse().with_context(|| format!("{text:?} is not a time"))
}
