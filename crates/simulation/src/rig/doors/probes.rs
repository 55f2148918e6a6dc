//! The workload as its users meet it, and the webhook of whoever is told.

use std::future::pending;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use async_trait::async_trait;
use engine::{Page, ProbeError, Probes};
use jiff::SignedDuration;
use serde_json::Value;
use simulator::Door;

use super::super::wires::Wires;
use super::super::{Io, Way, request};
use super::send_late;
use crate::fault::{Kind, LATE_S};

#[derive(Debug)]
pub(in crate::rig) struct VirtualProbes(pub(in crate::rig) Wires);

impl VirtualProbes {
    fn addresses(&self, name: &str) -> Result<Vec<Ipv4Addr>, ProbeError> {
        let found = self.0.azure.resolve(name);
        found.map(|(addresses, _)| addresses).ok_or_else(|| ProbeError(format!("no name {name}")))
    }

    async fn within<T, F>(
        &self,
        limit: SignedDuration,
        work: impl Fn() -> F,
    ) -> Result<T, ProbeError>
    where
        F: Future<Output = Result<T, ProbeError>>,
    {
        let wires = &self.0;
        let work = &work;
        let blocked = wires.weather.on(wires.now(), |kind| kind == Kind::ProbeBlocked).is_some();
        let probe = |way: Option<Way>| {
            let lost =
                way.is_some_and(|way| !matches!(way, Way::DieBefore | Way::DieAfter | Way::Twice));
            let probe = async move {
                if blocked || lost {
                    pending::<()>().await;
                }
                if way == Some(Way::Twice) {
                    drop(work().await);
                }
                work().await
            };
            wires.azure.clock.timeout(limit, probe)
        };
        wires.cuts.through(Io::Read, probe).await.unwrap_or_else(|_| Err(not_in_time()))
    }
}

#[async_trait]
impl Probes for VirtualProbes {
    async fn get(&self, host: &str, path: &str, limit: SignedDuration) -> Result<Page, ProbeError> {
        let address = *self.addresses(host)?.first().ok_or(ProbeError("no address".into()))?;
        let work = || async {
            let asked = request(Door::Public(address), "GET", path, None);
            let answer =
                self.0.azure.call(asked).await.map_err(|lost| ProbeError(lost.to_string()))?;
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            Ok(Page { status: answer.status, body })
        };
        let page = self.within(limit, work).await;
        self.0.log.note(self.0.now(), self.0.app, || {
            format!("probe {host}{path}: {:?}", page.as_ref().map(|page| page.status))
        });
        page
    }

    async fn connect(
        &self,
        host: &str,
        port: u16,
        limit: SignedDuration,
    ) -> Result<(), ProbeError> {
        let address = *self.addresses(host)?.first().ok_or(ProbeError("no address".into()))?;
        let work = || async {
            let connected = self.0.azure.connect(address, port).await;
            connected.map_err(|refused| ProbeError(refused.to_string()))
        };
        self.within(limit, work).await
    }

    async fn resolve(&self, name: &str, _: SignedDuration) -> Result<Vec<IpAddr>, ProbeError> {
        Ok(self.addresses(name)?.into_iter().map(IpAddr::V4).collect())
    }

    async fn notify(
        &self,
        _: &str,
        body: &Value,
        limit: SignedDuration,
    ) -> Result<u16, ProbeError> {
        let wires = &self.0;
        let is_away = wires.weather.on(wires.now(), |kind| kind == Kind::WebhookAway).is_some();
        let tell = |way| {
            let told = wires.latency.there_and_back(async move {
                if is_away { pending().await } else { self.tell(body, way).await }
            });
            wires.azure.clock.timeout(limit, told)
        };
        wires.cuts.through(Io::Effect, tell).await.unwrap_or_else(|_| Err(not_in_time()))
    }
}

impl VirtualProbes {
    async fn tell(&self, body: &Value, way: Option<Way>) -> Result<u16, ProbeError> {
        let azure = &self.0.azure;
        let asked = request(Door::Webhook, "POST", "/", Some(body));
        let post = async |asked| {
            let answer = azure.call(asked).await;
            answer.map(|answer| answer.status).map_err(|error| ProbeError(error.to_string()))
        };
        let lost = || ProbeError("lost".to_owned());
        match way {
            None | Some(Way::DieBefore | Way::DieAfter) => post(asked).await,
            Some(Way::RequestLost) => Err(lost()),
            Some(Way::RequestLate) => {
                let azure = azure.clone();
                let late = Duration::from_secs(LATE_S.into());
                send_late(late, async move { azure.call(asked).await });
                pending().await
            }
            Some(Way::AnswerLost) => {
                post(asked).await?;
                Err(lost())
            }
            Some(Way::AnswerLate) => {
                post(asked).await?;
                pending().await
            }
            Some(Way::Twice) => {
                post(asked.clone()).await?;
                post(asked).await
            }
        }
    }
}

fn not_in_time() -> ProbeError {
    ProbeError("no answer in time".to_owned())
}
