//! What requests do when they arrive.

use recovery::effect::{Effect, Manner, Operation};
use recovery::turn::SendOutcome;
use recovery::{Place, Plan};

use super::{Azure, Drill, JOB_S, Job, Machine, Promotion, Work};

impl Azure {
    /// A request of the run arrives; the answer is what its sender is told, if it is told.
    pub(crate) fn arrive(&mut self, plan: &Plan, effect: &Effect, now: i64) -> SendOutcome {
        self.settle(now);
        match effect {
            Effect::SetEndpoint { endpoint, enabled, .. } => {
                if *endpoint == plan.preferred.traffic_endpoint {
                    self.preferred_enabled = *enabled;
                }
                SendOutcome::Accepted { operation: None }
            }
            Effect::PromoteDatabase { server, manner, .. } => {
                let place = if *server == plan.preferred.sql_server {
                    Place::Preferred
                } else {
                    Place::Standby
                };
                self.promote(place, *manner, now)
            }
            Effect::FailOver { .. } => {
                let allowed = self.drill == Drill::None && self.machine == Machine::Home;
                self.begin(allowed, Work::FailOver, now)
            }
            Effect::TestFailOver { .. } => {
                let allowed = self.drill == Drill::None && self.machine == Machine::Home;
                self.begin(allowed, Work::TestFailOver, now)
            }
            Effect::CleanUpTestFailOver { .. } => {
                self.begin(self.drill == Drill::Standing, Work::CleanUp, now)
            }
            Effect::FailOverItem { .. }
            | Effect::AttachPublicIp { .. }
            | Effect::StopMachine { .. }
            | Effect::Notify { .. } => SendOutcome::Accepted { operation: None },
        }
    }

    fn promote(&mut self, to: Place, manner: Manner, now: i64) -> SendOutcome {
        if !self.is_up(to) {
            return SendOutcome::Unresolved { reason: "nobody answers".to_owned() };
        }
        if self.locked > 0 {
            self.locked -= 1;
            return refused("ScopeLocked");
        }
        if self.primary == to {
            return refused("FailoverGroupFailoverRequestOnPrimary");
        }
        if self.promoting.is_some() {
            return refused("FailoverGroupBusy");
        }
        if manner == Manner::Planned && !self.is_up(to.other()) {
            return refused("PartnerUnavailable");
        }
        self.promoting = Some(Promotion { to, manner, until: now + self.promotion_s });
        self.accepted += 1;
        SendOutcome::Accepted { operation: Some(Operation(format!("promotion-{}", self.accepted))) }
    }

    fn begin(&mut self, allowed: bool, what: Work, now: i64) -> SendOutcome {
        if self.is_busy() || !allowed {
            return refused("NotAllowedInCurrentState");
        }
        match what {
            Work::TestFailOver => self.drill = Drill::Coming,
            Work::CleanUp => self.drill = Drill::Going,
            Work::FailOver => {}
        }
        self.jobs += 1;
        self.job = Some(Job { what, began: now, until: Some(now + JOB_S) });
        SendOutcome::Accepted { operation: Some(Operation(format!("job-{}", self.jobs))) }
    }
}

fn refused(code: &str) -> SendOutcome {
    let message = "not in this state".to_owned();
    SendOutcome::Refused { code: code.to_owned(), message, retry_after_s: None }
}
