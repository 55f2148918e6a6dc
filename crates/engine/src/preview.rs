//! The dry run: what a failover would send now, in the words of the wire.

use std::iter;

use azure::Kind;
use recovery::effect::{Effect, Manner};
use recovery::event::Sight;
use recovery::preview::{self, PreviewStep};
use recovery::runbook::{self, StepKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Engine;
use crate::error::Error;
use crate::operator::sets_out_from;
use crate::{adapters, documents};

/// Asks what a failover would do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    pub manner: Manner,
}

/// A dry run against the state of this moment.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    pub workload: String,
    pub manner: Manner,
    pub requests: Vec<PreviewRequestLine>,
    /// What would make a run wait or stop.
    pub obstacles: Vec<String>,
}

/// One request that would be sent.
#[derive(Debug, Clone, Serialize)]
pub struct PreviewRequestLine {
    pub step: StepKind,
    pub what: String,
    pub method: String,
    /// Path and query on Azure Resource Manager, or a URL.
    pub target: String,
    pub body: Option<Value>,
    /// The actions that a role must allow: its own, then those on resources that its body names.
    pub actions: Vec<&'static str>,
    pub kind: Kind,
    /// It names resources that do not exist yet.
    pub template: bool,
    pub expected_s: u32,
}

impl Engine {
    /// What a failover would send now, in order.
    pub async fn preview(&self, workload: &str, manner: Manner) -> Result<Preview, Error> {
        let store = self.outside.store.as_ref();
        let plan = documents::plan(store, workload).await?.value;
        let watch = documents::watch(store, workload).await?.value;
        let from = match sets_out_from(&watch, manner) {
            Ok(from) => from,
            // What it would send would be the first half of a fail-back.
            Err(problem) => return Ok(Preview::of(workload, manner, Vec::new(), vec![problem])),
        };
        let runbook = runbook::failover(manner, from);
        let sights: preview::Sights = self
            .sights(preview::looks(&plan, &runbook))
            .await
            .into_iter()
            .map(|(_, look, sight): (_, _, Sight)| (look, sight))
            .collect();
        let (steps, mut obstacles) = preview::preview(&plan, &runbook, &sights);
        if documents::kill_switch(store).await?.on {
            obstacles.push("the kill switch is on".to_owned());
        }
        Ok(Preview::of(workload, manner, steps.iter().map(line).collect(), obstacles))
    }
}

impl Preview {
    fn of(
        workload: &str,
        manner: Manner,
        requests: Vec<PreviewRequestLine>,
        obstacles: Vec<String>,
    ) -> Self {
        Self { workload: workload.to_owned(), manner, requests, obstacles }
    }
}

fn line(step: &PreviewStep) -> PreviewRequestLine {
    let (method, target, body, action, kind) = match adapters::request(&step.effect) {
        Ok(request) => (
            request.method.as_str().to_owned(),
            request.target.path_and_query(),
            request.body.clone(),
            Some(request.action),
            request.kind,
        ),
        Err(_) => by_hand(&step.effect),
    };
    PreviewRequestLine {
        step: step.step,
        what: step.effect.subject(),
        method,
        target,
        body,
        actions: action
            .into_iter()
            .flat_map(|own| iter::once(own).chain(azure::linked_actions(own).iter().copied()))
            .collect(),
        kind,
        template: step.template,
        expected_s: step.expected_s,
    }
}

/// The requests whose bodies only the moment knows.
fn by_hand(effect: &Effect) -> (String, String, Option<Value>, Option<&'static str>, Kind) {
    match effect {
        Effect::AttachPublicIp { interface, public_ip } => (
            "PUT".to_owned(),
            format!("{interface}?api-version={}", azure::network_interface::API_VERSION),
            Some(serde_json::json!({
                "…": "the interface as it is then",
                "properties": {"ipConfigurations": [{"properties": {
                    "publicIPAddress": {"id": public_ip}
                }}]},
            })),
            Some("Microsoft.Network/networkInterfaces/write"),
            Kind::Reversible,
        ),
        Effect::Notify { webhook, .. } => {
            ("POST".to_owned(), webhook.clone(), None, None, Kind::Reversible)
        }
        other => (String::new(), other.subject(), None, None, Kind::Read),
    }
}
