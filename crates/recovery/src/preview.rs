//! A dry run: what a failover would send now, in order, judged by what was seen a moment ago.
//! Nothing here is a promise: a run looks again right before each request.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ResourceId;
use crate::effect::{Effect, Manner};
use crate::event::Sight;
use crate::look::Look;
use crate::plan::{Plan, RecoveryPoint};
use crate::runbook::{Goal, Runbook, StepKind};
use crate::view::{
    DrillState, FailoverGroup, ProtectedItem, RecoveryPlan, Replication, Role, TrafficProfile, View,
};

/// One request of the dry run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewStep {
    pub step: StepKind,
    pub effect: Effect,
    /// Names resources that do not exist yet: shown as a template.
    pub template: bool,
    /// How long it is expected to take, in seconds.
    pub expected_s: u32,
}

/// What the looks of a preview were and what they saw.
pub type Sights = BTreeMap<Look, Sight>;

/// What must be looked at before a preview can be made.
pub fn looks(plan: &Plan, runbook: &Runbook) -> Vec<Look> {
    vec![
        Look::failover_group(plan, runbook.from),
        Look::failover_group(plan, runbook.to),
        Look::SqlPort { server: plan.site(runbook.from).sql_server.clone() },
        Look::recovery_plan(plan),
        Look::TrafficProfile { profile: plan.traffic_manager_profile.clone() },
    ]
}

/// Every request that the runbook would send, in its order, and what stands in its way.
pub fn preview(plan: &Plan, runbook: &Runbook, sights: &Sights) -> (Vec<PreviewStep>, Vec<String>) {
    let seen = SeenNow { plan, runbook, sights };
    let mut steps = Vec::new();
    for spec in &runbook.steps {
        for (effect, template) in seen.effects(spec.kind) {
            let expected_s = expected_s(&effect, seen.machines());
            steps.push(PreviewStep { step: spec.kind, effect, template, expected_s });
        }
    }
    (steps, seen.obstacles())
}

struct SeenNow<'a> {
    plan: &'a Plan,
    runbook: &'a Runbook,
    sights: &'a Sights,
}

impl SeenNow<'_> {
    fn effects(&self, kind: StepKind) -> Vec<(Effect, bool)> {
        let certain = |effect: Option<Effect>| effect.map(|effect| (effect, false));
        match kind {
            StepKind::WithdrawTraffic => certain(self.withdraw()).into_iter().collect(),
            StepKind::CleanUpDrill => certain(self.clean_up()).into_iter().collect(),
            StepKind::PromoteSql => certain(self.promote()).into_iter().collect(),
            StepKind::FailOverMachines => certain(self.fail_over()).into_iter().collect(),
            StepKind::StopOldPrimary => self.stop().into_iter().map(|e| (e, false)).collect(),
            StepKind::AttachPublicIps => self.attach(),
            StepKind::Close => self
                .plan
                .notify
                .iter()
                .map(|notify| {
                    (Effect::Notify { webhook: notify.webhook.clone(), outcome: None }, false)
                })
                .collect(),
            StepKind::Observe
            | StepKind::GoNoGo
            | StepKind::ConfirmEntry
            | StepKind::ConfirmApplication
            | StepKind::ConfirmTraffic
            | StepKind::RestoreTraffic
            | StepKind::TestFailOver
            | StepKind::ValidateDrill => Vec::new(),
        }
    }

    fn withdraw(&self) -> Option<Effect> {
        let endpoint = &self.plan.site(self.runbook.from).traffic_endpoint;
        let disabled = self
            .profile()
            .and_then(|profile| profile.endpoint(endpoint))
            .is_some_and(|endpoint| !endpoint.enabled);
        (!disabled).then(|| Effect::SetEndpoint {
            profile: self.plan.traffic_manager_profile.clone(),
            endpoint: endpoint.clone(),
            enabled: false,
        })
    }

    fn clean_up(&self) -> Option<Effect> {
        let standing = self.recovery()?.items.iter().any(|item| item.drill != DrillState::None);
        standing.then(|| Effect::CleanUpTestFailOver {
            vault: self.plan.site_recovery.vault.clone(),
            recovery_plan: self.plan.site_recovery.recovery_plan.clone(),
            comments: "Farshore".to_owned(),
        })
    }

    fn promote(&self) -> Option<Effect> {
        let server = &self.plan.site(self.runbook.to).sql_server;
        if self.group().is_some_and(|group| group.role == Role::Primary) {
            return None;
        }
        let port = Look::SqlPort { server: self.plan.site(self.runbook.from).sql_server.clone() };
        let answers = matches!(self.view(&port), Some(View::SqlPort(port)) if port.accepts);
        let manner = match self.runbook.goal {
            Goal::Failover(Manner::Forced) if !answers => Manner::Forced,
            Goal::Failover(_) | Goal::Drill => Manner::Planned,
        };
        Some(Effect::PromoteDatabase {
            server: server.clone(),
            group: self.plan.failover_group.clone(),
            manner,
        })
    }

    fn fail_over(&self) -> Option<Effect> {
        let moved = self.recovery().is_some_and(|plan| {
            !plan.items.is_empty() && plan.items.iter().all(ProtectedItem::is_failed_over)
        });
        let planned = self.runbook.goal == Goal::Failover(Manner::Planned);
        (!moved).then(|| Effect::FailOver {
            vault: self.plan.site_recovery.vault.clone(),
            recovery_plan: self.plan.site_recovery.recovery_plan.clone(),
            stop_source: planned,
            recovery_point: if planned {
                RecoveryPoint::Latest
            } else {
                self.plan.site_recovery.recovery_point
            },
        })
    }

    fn stop(&self) -> Vec<Effect> {
        let sources = self.recovery().map(|plan| plan.items.as_slice()).unwrap_or_default();
        sources
            .iter()
            .filter_map(|item| item.source_machine.clone())
            .map(|machine| Effect::StopMachine { machine })
            .collect()
    }

    /// The interfaces exist only once the machines do, so these are templates.
    fn attach(&self) -> Vec<(Effect, bool)> {
        self.plan
            .site(self.runbook.to)
            .public_ips
            .iter()
            .map(|wanted| {
                let interface = ResourceId::new(format!("{{interface of {}}}", wanted.machine));
                let public_ip = wanted.public_ip.clone();
                (Effect::AttachPublicIp { interface, public_ip }, true)
            })
            .collect()
    }

    /// What would make a run wait or stop, in words.
    fn obstacles(&self) -> Vec<String> {
        let mut obstacles: Vec<_> = self
            .sights
            .iter()
            .filter_map(|(look, sight)| match sight {
                Sight::Unknown(why) => Some(format!("{}: {why}", look.subject())),
                Sight::Seen(_) => None,
            })
            .collect();
        if let Some(group) = self.group() {
            if matches!(group.replication, Replication::Seeding | Replication::Pending) {
                obstacles.push("the secondary database is not seeded".to_owned());
            }
            if group.managed_by_service {
                obstacles.push(
                    "the failover group's policy is Automatic: the service may fail over on its \
                     own account; set it to Manual"
                        .to_owned(),
                );
            }
        }
        if let Some(profile) = self.profile() {
            let target = profile.endpoint(&self.plan.site(self.runbook.to).traffic_endpoint);
            if target.is_none_or(|endpoint| !endpoint.enabled) {
                obstacles.push("the other place's endpoint is missing or disabled".to_owned());
            }
        }
        obstacles
    }

    fn machines(&self) -> u32 {
        let count = self.recovery().map_or(0, |plan| plan.items.len());
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn view(&self, look: &Look) -> Option<&View> {
        match self.sights.get(look)? {
            Sight::Seen(view) => Some(view),
            Sight::Unknown(_) => None,
        }
    }

    /// The failover group as the place that is to take over tells it.
    fn group(&self) -> Option<&FailoverGroup> {
        match self.view(&Look::failover_group(self.plan, self.runbook.to))? {
            View::FailoverGroup(group) => Some(group),
            _ => None,
        }
    }

    fn recovery(&self) -> Option<&RecoveryPlan> {
        match self.view(&Look::recovery_plan(self.plan))? {
            View::RecoveryPlan(plan) => Some(plan),
            _ => None,
        }
    }

    fn profile(&self) -> Option<&TrafficProfile> {
        let look = Look::TrafficProfile { profile: self.plan.traffic_manager_profile.clone() };
        match self.view(&look)? {
            View::TrafficProfile(profile) => Some(profile),
            _ => None,
        }
    }
}

/// Durations seen in recorded exchanges with the service, rounded up; a machine more costs little,
/// because machines fail over side by side and only their start is one group after another.
fn expected_s(effect: &Effect, machines: u32) -> u32 {
    match effect {
        Effect::SetEndpoint { .. } | Effect::Notify { .. } => 2,
        Effect::PromoteDatabase { manner: Manner::Planned, .. } => 70,
        Effect::PromoteDatabase { manner: Manner::Forced, .. } => 10,
        Effect::FailOver { stop_source, .. } => {
            140 + 40 * machines.min(7) + if *stop_source { 65 } else { 0 }
        }
        Effect::FailOverItem { .. } => 140,
        Effect::TestFailOver { .. } => 210,
        Effect::CleanUpTestFailOver { .. } => 195,
        Effect::AttachPublicIp { .. } => 30,
        Effect::StopMachine { .. } => 50,
    }
}
