//! Faults that a test sets: which requests they hit, and what happens to those.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::door::{Door, Request};
use crate::world::World;

/// All faults that are set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
    last_id: u64,
    /// Counts what is set by hand, so that a blip that was overtaken ends without effect.
    pub(super) blips: u64,
}

/// What happens to a request.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// It is answered with this status and has no effect.
    Status(u16),
    /// It takes effect, and the connection is closed without an answer.
    LostAnswer,
    /// The connection is closed and it has no effect.
    LostRequest,
    /// Nothing comes back and it has no effect.
    Hang,
    /// It takes effect and its answer is late.
    Delay(SignedDuration),
}

/// The fault that hits a request.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) effect: Effect,
}

/// A fault as it is set. Left out: any door, any method, any path, from the first on, once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    door: Option<DoorName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// A part of path and query, compared without regard to case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// How many requests that match pass first.
    #[serde(default)]
    skip: u32,
    /// How many are hit then.
    #[serde(default = "once")]
    count: u32,
    kind: KindName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
}

/// A fault as it is shown.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Rule {
    id: u64,
    #[serde(flatten)]
    wanted: Wanted,
    /// How many requests matched so far, and how many of them were hit.
    matched: u32,
    hit: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DoorName {
    Arm,
    Identity,
    Entra,
    ServiceBus,
    Broker,
    Webhook,
    Public,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Status,
    LostAnswer,
    LostRequest,
    Hang,
    Delay,
}

fn once() -> u32 {
    1
}

/// The fault for a request, if one is set: the first that matches and still has hits to give.
/// Every fault counts the requests that match it, also when an earlier one takes them.
pub(crate) fn fault_for(world: &mut World, request: &Request) -> Option<Fault> {
    let mut found = None;
    for rule in &mut world.faults.rules {
        if !rule.matches(request) {
            continue;
        }
        rule.matched += 1;
        let hits = rule.matched > rule.wanted.skip && rule.hit < rule.wanted.count;
        if hits && found.is_none() {
            rule.hit += 1;
            found = Some(Fault { effect: rule.wanted.effect() });
        }
    }
    found
}

impl Faults {
    /// Sets the faults of a JSON body, one or a list; their ids, or what is wrong with them.
    pub(crate) fn set(&mut self, body: serde_json::Value) -> Result<Vec<u64>, String> {
        let body = match body {
            serde_json::Value::Array(many) => many,
            one => vec![one],
        };
        let wanted = body
            .into_iter()
            .map(|one| {
                let wanted: Wanted =
                    serde_json::from_value(one).map_err(|error| error.to_string())?;
                wanted.check()?;
                Ok(wanted)
            })
            .collect::<Result<Vec<_>, String>>()?;
        let mut ids = Vec::new();
        for wanted in wanted {
            self.last_id += 1;
            ids.push(self.last_id);
            self.rules.push(Rule { id: self.last_id, wanted, matched: 0, hit: 0 });
        }
        Ok(ids)
    }

    /// Removes one fault; whether there was one.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|rule| rule.id != id);
        self.rules.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

impl Wanted {
    fn check(&self) -> Result<(), String> {
        let status = self.status.is_some_and(|status| (200..=599).contains(&status));
        let seconds = self.seconds.is_some_and(|seconds| (0.0..=86_400.0).contains(&seconds));
        match self.kind {
            KindName::Status if !status => Err("status must be from 200 to 599".to_owned()),
            KindName::Delay if !seconds => Err("seconds must be from 0 to 86400".to_owned()),
            _ => Ok(()),
        }
    }

    fn effect(&self) -> Effect {
        match self.kind {
            KindName::Status => Effect::Status(self.status.unwrap_or(500)),
            KindName::LostAnswer => Effect::LostAnswer,
            KindName::LostRequest => Effect::LostRequest,
            KindName::Hang => Effect::Hang,
            KindName::Delay => {
                let seconds = self.seconds.unwrap_or_default();
                Effect::Delay(SignedDuration::try_from_secs_f64(seconds).unwrap_or_default())
            }
        }
    }
}

impl Rule {
    fn matches(&self, request: &Request) -> bool {
        let wanted = &self.wanted;
        wanted.door.is_none_or(|door| Some(door) == DoorName::of(request.door))
            && wanted
                .method
                .as_ref()
                .is_none_or(|method| method.eq_ignore_ascii_case(&request.method))
            && wanted.path.as_ref().is_none_or(|path| {
                request.target.to_ascii_lowercase().contains(&path.to_ascii_lowercase())
            })
    }
}

impl DoorName {
    fn of(door: Door) -> Option<Self> {
        Some(match door {
            Door::Arm => Self::Arm,
            Door::Identity => Self::Identity,
            Door::Entra => Self::Entra,
            Door::ServiceBus => Self::ServiceBus,
            Door::Broker => Self::Broker,
            Door::Webhook => Self::Webhook,
            Door::Public(_) => Self::Public,
            Door::Control => return None,
        })
    }
}
