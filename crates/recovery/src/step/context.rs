//! What a step may know: the run, the time, and what was seen, with how fresh it is.

use jiff::Timestamp;

use crate::ResourceId;
use crate::effect::Manner;
use crate::limits::{FRESH_S, SHOWN_S, seconds};
use crate::look::Look;
use crate::place::Place;
use crate::plan::{Plan, SitePlan};
use crate::run::{Attempt, Run};
use crate::runbook::{Runbook, StepKind};
use crate::view::{FailoverGroup, RecoveryPlan, TrafficProfile, View};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) run: &'a Run,
    pub(crate) now: Timestamp,
    pub(crate) kind: StepKind,
}

impl<'a> Context<'a> {
    pub(crate) fn plan(&self) -> &'a Plan {
        &self.run.start.plan
    }

    pub(crate) fn runbook(&self) -> &'a Runbook {
        &self.run.start.runbook
    }

    /// How it is moved now.
    pub(crate) fn manner(&self) -> Option<Manner> {
        self.run.manner()
    }

    /// The place that the workload leaves.
    pub(crate) fn from(&self) -> &'a SitePlan {
        self.plan().site(self.runbook().from)
    }

    /// The place that it goes to.
    pub(crate) fn to(&self) -> &'a SitePlan {
        self.plan().site(self.runbook().to)
    }

    /// The attempts of this step.
    pub(crate) fn attempts(&self) -> &'a [Attempt] {
        self.run.step(self.kind).map_or(&[], |step| &step.attempts)
    }

    /// What this look saw, if this turn made it just now: the only sight that permits an effect. An
    /// answer that lay about while its process was frozen is as old as its look.
    pub(crate) fn fresh(&self, look: &Look) -> Option<&'a View> {
        let looked = self.run.looked.get(look)?;
        let (asked, answered) = (looked.asked, looked.answered);
        if self.now.duration_since(answered) > seconds(FRESH_S)
            || self.now.duration_since(asked) > seconds(look.limit_s() + FRESH_S)
        {
            return None;
        }
        self.run.last(look)
    }

    /// Whether a look has been begun since then that shows what became of all these.
    pub(crate) fn shows<'b>(
        &self,
        look: &Look,
        attempts: impl IntoIterator<Item = &'b Attempt>,
    ) -> bool {
        let shown_from = attempts.into_iter().filter_map(Attempt::shown_from).max();
        shown_from.is_none_or(|moment| self.run.has_looked_since(look, moment))
    }

    /// Whether what this look sees has not changed for so long that it will not by itself.
    pub(crate) fn is_settled(&self, look: &Look) -> bool {
        self.run
            .sights
            .get(look)
            .is_some_and(|seen| self.now.duration_since(seen.at) >= seconds(SHOWN_S))
    }

    /// Whether this run has looked there at all, with or without an answer.
    pub(crate) fn has_looked(&self, look: &Look) -> bool {
        self.run.sights.contains_key(look)
    }

    pub(crate) fn failover_group(&self, place: Place) -> Look {
        Look::failover_group(self.plan(), place)
    }

    pub(crate) fn recovery_plan(&self) -> Look {
        Look::recovery_plan(self.plan())
    }

    pub(crate) fn traffic_profile(&self) -> Look {
        Look::TrafficProfile { profile: self.plan().traffic_manager_profile.clone() }
    }

    pub(crate) fn sql_port(&self, place: Place) -> Look {
        Look::SqlPort { server: self.plan().site(place).sql_server.clone() }
    }

    /// The application at the endpoint of a site; needs a look at the profile first.
    pub(crate) fn application(&self, site: &SitePlan, with_data: bool) -> Option<Look> {
        let host = self.known_profile()?.endpoint(&site.traffic_endpoint)?.target.clone();
        let application = &self.plan().application;
        Some(Look::Application {
            host,
            path: application.path.clone(),
            data_path: application.data_path.clone().filter(|_| with_data),
            contains: application.data_contains.clone().filter(|_| with_data),
        })
    }

    pub(crate) fn fresh_group(&self, place: Place) -> Option<&'a FailoverGroup> {
        match self.fresh(&self.failover_group(place))? {
            View::FailoverGroup(group) => Some(group),
            _ => None,
        }
    }

    pub(crate) fn fresh_plan(&self) -> Option<&'a RecoveryPlan> {
        match self.fresh(&self.recovery_plan())? {
            View::RecoveryPlan(plan) => Some(plan),
            _ => None,
        }
    }

    /// The recovery plan as it was last seen, fresh or not: names and ids do not age.
    pub(crate) fn known_plan(&self) -> Option<&'a RecoveryPlan> {
        match self.run.last(&self.recovery_plan())? {
            View::RecoveryPlan(plan) => Some(plan),
            _ => None,
        }
    }

    pub(crate) fn fresh_profile(&self) -> Option<&'a TrafficProfile> {
        match self.fresh(&self.traffic_profile())? {
            View::TrafficProfile(profile) => Some(profile),
            _ => None,
        }
    }

    /// The profile as it was last seen, fresh or not.
    pub(crate) fn known_profile(&self) -> Option<&'a TrafficProfile> {
        match self.run.last(&self.traffic_profile())? {
            View::TrafficProfile(profile) => Some(profile),
            _ => None,
        }
    }

    /// The look at these machines.
    pub(crate) fn machines(machines: Vec<ResourceId>) -> Option<Look> {
        (!machines.is_empty()).then_some(Look::Machines { machines })
    }
}
