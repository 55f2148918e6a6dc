//! Azure Resource Manager.

use std::time::Duration;

use async_trait::async_trait;
use azure::{
    Kind as RequestKind, Request as ArmRequest, Response, Target, Transport, TransportError,
    Trouble, TroubleKind,
};
use jiff::SignedDuration;
use serde_json::json;
use simulator::{Door, Request};

use super::super::wires::Wires;
use super::super::{Io, Sent, Way, request};
use super::{send_late, token};
use crate::fault::{Kind, LATE_S};

#[derive(Debug)]
pub(in crate::rig) struct VirtualArm(pub(in crate::rig) Wires);

const HOST: &str = "management.azure.com";
/// What an answer takes that nobody had to work for.
const AT_THE_GATEWAY: Duration = Duration::from_millis(120);

type Exchange = Result<Response, TransportError>;

#[async_trait]
impl Transport for VirtualArm {
    async fn send(&self, arm: &ArmRequest, limit: SignedDuration) -> Exchange {
        let wires = &self.0;
        let is_read = matches!(arm.kind, RequestKind::Read);
        let target = match &arm.target {
            Target::Path { .. } => arm.target.path_and_query(),
            Target::Verbatim(url) => match url.split_once(HOST) {
                Some((_, path)) => path.to_owned(),
                None => panic!("the address leads elsewhere: {url}"),
            },
        };
        let mut asked = request(Door::Arm, arm.method.as_str(), &target, arm.body.as_ref());
        asked.headers.push(("host".to_owned(), HOST.to_owned()));
        let token = token(&wires.azure, "https://management.azure.com/").await;
        asked.headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        if let Some(etag) = &arm.if_match {
            asked.headers.push(("if-match".to_owned(), etag.clone()));
        }
        let fault = wires.weather.on_arm(wires.now(), is_read, &target);
        // What finds no connection never leaves.
        let leaves = fault != Some(Kind::ConnectionRefused);
        let number = (!is_read && leaves).then(|| {
            let path = target.split('?').next().unwrap_or_default().to_owned();
            let method = arm.method.as_str();
            let at = wires.now();
            wires.weather.sends(Sent { at, app: wires.app, method, path, status: None })
        });
        let io = if is_read { Io::Read } else { Io::Effect };
        let exchange = |way: Option<Way>| {
            // Asked twice, the story answers twice as it would have answered once.
            let way = way.filter(|way| fault.is_none() || *way != Way::Twice);
            self.exchange(asked, limit, way.and_then(|way| cut(way, is_read)).or(fault))
        };
        let answer = wires.cuts.through(io, exchange).await;
        if let Some(number) = number {
            let status = answer.as_ref().ok().map(|answer| answer.status);
            wires.weather.answered(number, status);
        }
        wires.log.note(wires.now(), wires.app, || {
            let method = arm.method.as_str();
            let came = match &answer {
                Ok(response) => response.status.to_string(),
                Err(error) => error.to_string(),
            };
            let path = target.split('?').next().unwrap_or_default();
            format!("{method} {path}: {came}")
        });
        answer
    }
}

impl VirtualArm {
    async fn exchange(
        &self,
        asked: Request,
        limit: SignedDuration,
        fault: Option<Kind>,
    ) -> Exchange {
        match fault {
            Some(Kind::Throttled { retry_after_s }) => gateway(429, Some(retry_after_s)).await,
            Some(Kind::Unavailable { retry_after_s }) => gateway(503, Some(retry_after_s)).await,
            Some(Kind::ServerError) => gateway(500, None).await,
            Some(Kind::ErrorAfterEffect) => {
                self.plain(asked, limit).await?;
                gateway(500, None).await
            }
            Some(Kind::LostAnswer) => {
                self.plain(asked, limit).await?;
                Err(reset())
            }
            Some(Kind::ConnectionRefused) => {
                tokio::time::sleep(AT_THE_GATEWAY).await;
                Err(refused())
            }
            Some(Kind::LostRequest) => {
                tokio::time::sleep(AT_THE_GATEWAY).await;
                Err(reset())
            }
            Some(Kind::LateRequest { s }) => {
                let azure = self.0.azure.clone();
                let late = Duration::from_secs(s.into());
                send_late(late, async move { azure.call(asked).await });
                self.0
                    .azure
                    .clock
                    .timeout(limit, std::future::pending())
                    .await
                    .unwrap_or_else(timed_out)
            }
            Some(Kind::Hang) => self
                .0
                .azure
                .clock
                .timeout(limit, std::future::pending())
                .await
                .unwrap_or_else(timed_out),
            Some(Kind::SlowAnswer { s }) => {
                let late = async {
                    let answer = self.plain(asked, SignedDuration::from_mins(10)).await;
                    tokio::time::sleep(Duration::from_secs(s.into())).await;
                    answer
                };
                self.0.azure.clock.timeout(limit, late).await.unwrap_or_else(timed_out)
            }
            Some(Kind::RequestTwice) => {
                let answer = self.plain(asked.clone(), limit).await;
                drop(self.plain(asked, limit).await);
                answer
            }
            Some(Kind::StaleRead { s }) => {
                match self.0.weather.stale(self.0.now(), &asked.target, s) {
                    Some(old) => {
                        tokio::time::sleep(AT_THE_GATEWAY).await;
                        Ok(old)
                    }
                    None => self.plain(asked, limit).await,
                }
            }
            Some(Kind::Panic) => panic!("a fault of the story"),
            _ => self.plain(asked, limit).await,
        }
    }

    /// Nothing goes wrong on the way.
    async fn plain(&self, asked: Request, limit: SignedDuration) -> Exchange {
        let azure = &self.0.azure;
        let target = (asked.method == "GET").then(|| asked.target.clone());
        let answer = match azure.clock.timeout(limit, azure.call(asked)).await {
            Ok(Ok(answer)) => {
                Response { status: answer.status, headers: answer.headers, body: answer.body }
            }
            Ok(Err(_)) => return Err(reset()),
            Err(elapsed) => return timed_out(elapsed),
        };
        if let Some(target) = target {
            self.0.weather.keep(self.0.now(), &target, &answer);
        }
        Ok(answer)
    }
}

/// What a cut is here; nothing, if it is one of the process.
fn cut(way: Way, is_read: bool) -> Option<Kind> {
    match way {
        Way::DieBefore | Way::DieAfter => None,
        Way::RequestLost => Some(Kind::LostRequest),
        Way::RequestLate if is_read => Some(Kind::Hang),
        Way::RequestLate => Some(Kind::LateRequest { s: LATE_S }),
        Way::AnswerLost => Some(Kind::LostAnswer),
        Way::AnswerLate => Some(Kind::SlowAnswer { s: LATE_S }),
        Way::Twice => Some(Kind::RequestTwice),
    }
}

/// What the gateway says without asking anybody.
async fn gateway(status: u16, retry_after_s: Option<u16>) -> Exchange {
    tokio::time::sleep(AT_THE_GATEWAY).await;
    let code = match status {
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        _ => "InternalServerError",
    };
    let body = json!({"error": {"code": code, "message": "a fault of the story"}});
    let header = |seconds: u16| ("retry-after".to_owned(), seconds.to_string());
    let headers = retry_after_s.map(header).into_iter().collect();
    Ok(Response { status, headers, body: body.to_string().into_bytes() })
}

fn refused() -> TransportError {
    TransportError::NotSent(Trouble::new(TroubleKind::Connect, "connection refused"))
}

fn reset() -> TransportError {
    TransportError::Ambiguous(Trouble::new(TroubleKind::Reset, "reset"))
}

fn timed_out(_: clock::Elapsed) -> Exchange {
    Err(TransportError::Ambiguous(Trouble::new(TroubleKind::Timeout, "no answer in time")))
}
