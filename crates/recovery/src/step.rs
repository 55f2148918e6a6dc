//! What each kind of step looks at and how it judges what it sees. One file per kind; each has
//! `looks` (its targets) and `assess` (satisfied, permitted, waiting or hopeless), both pure.

mod attach_public_ips;
mod clean_up_drill;
mod close;
mod confirm_application;
mod confirm_entry;
mod confirm_traffic;
mod context;
mod fail_over_machines;
mod go_no_go;
mod observe;
mod promote_sql;
mod restore_traffic;
mod stop_old_primary;
mod test_fail_over;
mod validate_drill;
mod withdraw_traffic;

pub(crate) use self::context::Context;
use crate::effect::Effect;
use crate::look::Look;
use crate::runbook::{Milestone, StepKind};

/// A step's judgement of the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assessment {
    pub(crate) verdict: Verdict,
    pub(crate) reached: Vec<Milestone>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// What the step is for is so; the text is the evidence.
    Satisfied(String),
    /// It is so, but less well than it should be.
    Degraded(String),
    /// These changes are permitted now, each by a fresh look.
    Act(Vec<Effect>),
    /// On its way, or not known yet.
    Wait(String),
    /// It cannot be reached from here.
    Impossible(String),
}

impl Assessment {
    pub(crate) fn with(mut self, milestone: Milestone) -> Self {
        self.reached.push(milestone);
        self
    }
}

impl From<Verdict> for Assessment {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, reached: Vec::new() }
    }
}

/// Short ways to say what was judged.
pub(crate) fn satisfied(evidence: impl Into<String>) -> Assessment {
    Verdict::Satisfied(evidence.into()).into()
}

pub(crate) fn degraded(evidence: impl Into<String>) -> Assessment {
    Verdict::Degraded(evidence.into()).into()
}

pub(crate) fn act(effects: Vec<Effect>) -> Assessment {
    Verdict::Act(effects).into()
}

pub(crate) fn wait(why: impl Into<String>) -> Assessment {
    Verdict::Wait(why.into()).into()
}

pub(crate) fn impossible(why: impl Into<String>) -> Assessment {
    Verdict::Impossible(why.into()).into()
}

/// What the step wants to know now.
pub(crate) fn looks(kind: StepKind, context: &Context<'_>) -> Vec<Look> {
    match kind {
        StepKind::Observe => observe::looks(context),
        StepKind::GoNoGo => go_no_go::looks(context),
        StepKind::WithdrawTraffic => withdraw_traffic::looks(context),
        StepKind::CleanUpDrill => clean_up_drill::looks(context),
        StepKind::PromoteSql => promote_sql::looks(context),
        StepKind::FailOverMachines => fail_over_machines::looks(context),
        StepKind::StopOldPrimary => stop_old_primary::looks(context),
        StepKind::AttachPublicIps => attach_public_ips::looks(context),
        StepKind::ConfirmEntry => confirm_entry::looks(context),
        StepKind::ConfirmApplication => confirm_application::looks(context),
        StepKind::ConfirmTraffic => confirm_traffic::looks(context),
        StepKind::RestoreTraffic => restore_traffic::looks(context),
        StepKind::TestFailOver => test_fail_over::looks(context),
        StepKind::ValidateDrill => validate_drill::looks(context),
        StepKind::Close => close::looks(context),
    }
}

/// What the step makes of what is known now.
pub(crate) fn assess(kind: StepKind, context: &Context<'_>) -> Assessment {
    match kind {
        StepKind::Observe => observe::assess(context),
        StepKind::GoNoGo => go_no_go::assess(context),
        StepKind::WithdrawTraffic => withdraw_traffic::assess(context),
        StepKind::CleanUpDrill => clean_up_drill::assess(context),
        StepKind::PromoteSql => promote_sql::assess(context),
        StepKind::FailOverMachines => fail_over_machines::assess(context),
        StepKind::StopOldPrimary => stop_old_primary::assess(context),
        StepKind::AttachPublicIps => attach_public_ips::assess(context),
        StepKind::ConfirmEntry => confirm_entry::assess(context),
        StepKind::ConfirmApplication => confirm_application::assess(context),
        StepKind::ConfirmTraffic => confirm_traffic::assess(context),
        StepKind::RestoreTraffic => restore_traffic::assess(context),
        StepKind::TestFailOver => test_fail_over::assess(context),
        StepKind::ValidateDrill => validate_drill::assess(context),
        StepKind::Close => close::assess(context),
    }
}
