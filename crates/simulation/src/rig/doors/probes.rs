//! The workload as its users meet it, and the webhook of whoever is told.

use std::net::{IpAddr, Ipv4Addr};

use async_trait::async_trait;
use engine::{Page, ProbeError, Probes};
use jiff::SignedDuration;
use serde_json::Value;
use simulator::Door;

use super::super::wires::Wires;
use super::super::{Io, Way, request};
use crate::fault::Kind;

#[derive(Debug)]
pub(in crate::rig) struct VirtualProbes(pub(in crate::rig) Wires);

impl VirtualProbes {
    fn addresses(&self, name: &str) -> Result<Vec<Ipv4Addr>, ProbeError> {
        let found = self.0.azure.resolve(name);
        found.map(|(addresses, _)| addresses).ok_or_else(|| ProbeError(format!("no name {name}")))
    }

    async fn within<T>(
        &self,
        limit: SignedDuration,
        work: impl Future<Output = Result<T, ProbeError>>,
    ) -> Result<T, ProbeError> {
        let wires = &self.0;
        wires.gate.pass().await;
        let blocked = wires.weather.on(wires.now(), |kind| kind == Kind::ProbeBlocked).is_some();
        let probe = |way: Option<Way>| {
            let lost =
                way.is_some_and(|way| !matches!(way, Way::DieBefore | Way::DieAfter | Way::Twice));
            let work = async move {
                if blocked || lost {
                    std::future::pending::<()>().await;
                }
                work.await
            };
            wires.azure.clock.timeout(limit, work)
        };
        let ended = wires.cuts.through(Io::Read, probe).await;
        wires.gate.pass().await;
        ended.unwrap_or_else(|_| Err(ProbeError("no answer in time".to_owned())))
    }
}

#[async_trait]
impl Probes for VirtualProbes {
    async fn get(&self, host: &str, path: &str, limit: SignedDuration) -> Result<Page, ProbeError> {
        let address = *self.addresses(host)?.first().ok_or(ProbeError("no address".into()))?;
        let work = async {
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
        let work = async {
            let connected = self.0.azure.connect(address, port).await;
            connected.map_err(|refused| ProbeError(refused.to_string()))
        };
        self.within(limit, work).await
    }

    async fn resolve(&self, name: &str, _: SignedDuration) -> Result<Vec<IpAddr>, ProbeError> {
        Ok(self.addresses(name)?.into_iter().map(IpAddr::V4).collect())
    }

    async fn notify(&self, _: &str, body: &Value, _: SignedDuration) -> Result<u16, ProbeError> {
        let lost = || ProbeError("lost".to_owned());
        let tell = |way: Option<Way>| async move {
            let asked = request(Door::Webhook, "POST", "/", Some(body));
            if matches!(way, Some(Way::RequestLost | Way::RequestLate)) {
                return Err(lost());
            }
            if way == Some(Way::Twice) {
                drop(self.0.azure.call(asked.clone()).await);
            }
            let answer =
                self.0.azure.call(asked).await.map_err(|error| ProbeError(error.to_string()))?;
            match way {
                Some(Way::AnswerLost | Way::AnswerLate) => Err(lost()),
                _ => Ok(answer.status),
            }
        };
        self.0.cuts.through(Io::Effect, tell).await
    }
}
