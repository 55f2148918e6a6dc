//! What a request to Resource Manager is about: by its method and path on the one side, by the
//! journaled effect on the other.

use recovery::ResourceId;
use recovery::effect::{Effect, Manner, Repeat};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    SetEndpoint,
    PromotePlanned,
    PromoteForced,
    FailOver,
    FailOverItem,
    TestFailOver,
    CleanUp,
    AttachAddress,
    StopMachine,
}

impl Act {
    /// None: something that Farshore never asks for.
    pub fn of_request(method: &str, path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        let last = path.rsplit('/').next().unwrap_or_default();
        let of = |part: &str| path.contains(part);
        match (method, last) {
            ("POST", "failover") if of("/failovergroups/") => Some(Self::PromotePlanned),
            ("POST", "forcefailoverallowdataloss") => Some(Self::PromoteForced),
            ("POST", "unplannedfailover") if of("/replicationrecoveryplans/") => {
                Some(Self::FailOver)
            }
            ("POST", "unplannedfailover") => Some(Self::FailOverItem),
            ("POST", "testfailover") => Some(Self::TestFailOver),
            ("POST", "testfailovercleanup") => Some(Self::CleanUp),
            ("POST", "poweroff" | "deallocate") => Some(Self::StopMachine),
            ("PATCH", _) if of("/trafficmanagerprofiles/") => Some(Self::SetEndpoint),
            ("PUT" | "PATCH", _) if of("/networkinterfaces/") => Some(Self::AttachAddress),
            _ => None,
        }
    }

    pub fn of_effect(effect: &Effect) -> Option<Self> {
        Some(match effect {
            Effect::SetEndpoint { .. } => Self::SetEndpoint,
            Effect::PromoteDatabase { manner: Manner::Planned, .. } => Self::PromotePlanned,
            Effect::PromoteDatabase { manner: Manner::Forced, .. } => Self::PromoteForced,
            Effect::FailOver { .. } => Self::FailOver,
            Effect::FailOverItem { .. } => Self::FailOverItem,
            Effect::TestFailOver { .. } => Self::TestFailOver,
            Effect::CleanUpTestFailOver { .. } => Self::CleanUp,
            Effect::AttachPublicIp { .. } => Self::AttachAddress,
            Effect::StopMachine { .. } => Self::StopMachine,
            Effect::Notify { .. } => return None,
        })
    }

    /// Whether the request is what was intended: the same act, on the same resource.
    pub fn asks_for(effect: &Effect, method: &str, path: &str) -> bool {
        let Some(resource) = resource(effect) else { return false };
        let asked = ResourceId::new(path);
        let is_of_it = Self::of_effect(effect) == Self::of_request(method, path);
        // An action stands below the resource that it is done to.
        let above = path.rsplit_once('/').map(|(above, _)| ResourceId::new(above));
        is_of_it && (asked == resource || above == Some(resource))
    }

    pub fn is_promotion(self) -> bool {
        matches!(self, Self::PromotePlanned | Self::PromoteForced)
    }

    /// What the whole protocol is for: each sending may start something new.
    pub fn repeat(self) -> Repeat {
        match self {
            Self::SetEndpoint | Self::AttachAddress | Self::StopMachine => Repeat::Safe,
            Self::PromotePlanned
            | Self::PromoteForced
            | Self::FailOver
            | Self::FailOverItem
            | Self::TestFailOver
            | Self::CleanUp => Repeat::Unsafe,
        }
    }
}

/// What it is done to; a notification is done to nothing.
fn resource(effect: &Effect) -> Option<ResourceId> {
    let below = |parent: &ResourceId, kind: &str, name: &str| {
        ResourceId::new(format!("{}/{kind}/{name}", parent.as_str()))
    };
    Some(match effect {
        Effect::SetEndpoint { endpoint, .. } => endpoint.clone(),
        Effect::PromoteDatabase { server, group, .. } => below(server, "failoverGroups", group),
        Effect::FailOver { vault, recovery_plan, .. }
        | Effect::TestFailOver { vault, recovery_plan, .. }
        | Effect::CleanUpTestFailOver { vault, recovery_plan, .. } => {
            below(vault, "replicationRecoveryPlans", recovery_plan)
        }
        Effect::FailOverItem { item, .. } => item.clone(),
        Effect::AttachPublicIp { interface, .. } => interface.clone(),
        Effect::StopMachine { machine } => machine.clone(),
        Effect::Notify { .. } => return None,
    })
}
