//! A story for each cell of fault × step: what goes wrong is aimed at the step, and what else
//! happens sees to it that the step lasts, or that there is something for the fault to hit.

use std::fmt;

use recovery::runbook::StepKind;

use super::{Scenario, Story};
use crate::fault::{Fault, Kind, LATE_S, Target};
use crate::story::generate::{CLOCK_OFF_MS, STALE_S};

/// A fault, and the step that it is to take place in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub fault: Kind,
    pub step: StepKind,
}

/// What the stories of seeds can have go wrong: what is only done to an I/O by a cut is not in it.
pub const FAULTS: [Kind; 30] = [
    Kind::Throttled { retry_after_s: 10 },
    Kind::Unavailable { retry_after_s: 10 },
    Kind::ServerError,
    Kind::ErrorAfterEffect,
    Kind::LostAnswer,
    Kind::LostRequest,
    Kind::LateRequest { s: LATE_S },
    Kind::ConnectionRefused,
    Kind::Hang,
    Kind::SlowAnswer { s: 12 },
    Kind::StaleRead { s: STALE_S },
    Kind::StoreAway,
    Kind::StoreLostAnswer,
    Kind::StoreSlow { s: 20 },
    Kind::BusAway,
    Kind::BusLostAnswer,
    Kind::MessageLost,
    Kind::MessageTwice,
    Kind::MessageLate { s: 120 },
    Kind::Redelivered,
    Kind::ProbeBlocked,
    Kind::WebhookAway,
    Kind::AlertLost,
    Kind::AppKilled { app: 0 },
    Kind::HostKilled { app: 0 },
    Kind::Frozen { app: 0, s: 60 },
    Kind::ClockJump { app: 0, ms: CLOCK_OFF_MS },
    Kind::SlowOperations { times_percent: 250 },
    Kind::Abort,
    Kind::KillSwitch { s: 120 },
];

pub const STEPS: [StepKind; 15] = [
    StepKind::Observe,
    StepKind::GoNoGo,
    StepKind::WithdrawTraffic,
    StepKind::CleanUpDrill,
    StepKind::PromoteSql,
    StepKind::FailOverMachines,
    StepKind::StopOldPrimary,
    StepKind::AttachPublicIps,
    StepKind::ConfirmEntry,
    StepKind::ConfirmApplication,
    StepKind::ConfirmTraffic,
    StepKind::RestoreTraffic,
    StepKind::TestFailOver,
    StepKind::ValidateDrill,
    StepKind::Close,
];

pub const DRILL_STEPS: [StepKind; 6] = [
    StepKind::Observe,
    StepKind::GoNoGo,
    StepKind::TestFailOver,
    StepKind::ValidateDrill,
    StepKind::CleanUpDrill,
    StepKind::Close,
];

/// A world in which alerts and looks come when they are wanted.
const SEED: u64 = 2;
/// An alert is waited for longest.
const LONG_S: u32 = 240;
/// From before a run begins until it has ended, undisturbed.
const UNTOLD_S: u32 = 1200;
/// Longer than any run.
const EVER_S: u32 = 7200;

/// All cells.
pub fn all() -> impl Iterator<Item = Cell> {
    FAULTS.into_iter().flat_map(|fault| STEPS.map(|step| Cell { fault, step }))
}

impl Cell {
    /// As a table of what took place names it.
    pub fn key(self) -> (&'static str, &'static str) {
        (self.fault.name(), self.step.name())
    }

    /// The story in which the fault takes place while the step is at work.
    pub fn story(self) -> Story {
        let mut faults = vec![self.itself()];
        faults.extend(self.so_that_it_begins());
        faults.extend(self.so_that_it_lasts());
        Story { faults, ..Story::undisturbed(SEED, self.scenario()) }
    }

    fn itself(self) -> Fault {
        match self.fault {
            event if event.is_event() => self.aimed(event, 0, 0),
            // What is told is told between two steps; what nobody has taken is told again in any.
            Kind::WebhookAway => timed(self.fault, 0, UNTOLD_S),
            // The drill, which decides first, has requests of its own.
            other if self.is_of_the_drill() => self.aimed(other, 0, LONG_S),
            Kind::AlertLost => Fault { at_most: Some(2), ..self.aimed(self.fault, 0, EVER_S) },
            other => Fault { at_most: Some(2), ..self.aimed(other, 0, LONG_S) },
        }
    }

    fn scenario(self) -> Scenario {
        let loss_in_drill = |after_s| Scenario::RegionLossInDrill { after_s };
        match (self.step, self.fault) {
            // Only a failover is told of when it begins.
            (StepKind::TestFailOver, Kind::AlertLost | Kind::WebhookAway) => loss_in_drill(100),
            (StepKind::ValidateDrill, Kind::AlertLost | Kind::WebhookAway) => loss_in_drill(460),
            (StepKind::CleanUpDrill, Kind::AlertLost | Kind::WebhookAway) => loss_in_drill(450),
            // Nothing is changed by the step: what the failover sends is, until the drill gives way.
            (StepKind::ValidateDrill, _) if self.is_of_changes() => loss_in_drill(446),
            // Nor here: the drill that gives way cleans up meanwhile.
            _ if self.is_of_the_drill() => loss_in_drill(450),
            (StepKind::TestFailOver | StepKind::ValidateDrill | StepKind::CleanUpDrill, _) => {
                Scenario::Drill
            }
            (StepKind::RestoreTraffic, Kind::AlertLost) => {
                Scenario::RegionLossInPlanned { after_s: 100 }
            }
            (StepKind::RestoreTraffic, _) => Scenario::Planned,
            _ => Scenario::RegionLoss,
        }
    }

    /// What leads a run to the step, or leaves it something to ask for there.
    fn so_that_it_begins(self) -> Option<Fault> {
        let hang = |target| Fault { target, ..timed(Kind::Hang, 0, EVER_S) };
        match self.step {
            // The traffic is withdrawn, but nobody sees it in time: it is put back.
            StepKind::RestoreTraffic => {
                let unseen = Kind::Unavailable { retry_after_s: 10 };
                let at = Some(StepKind::WithdrawTraffic);
                Some(Fault { at, target: Target::Reads, ..timed(unseen, 0, 320) })
            }
            // Public addresses are still asked for when the run goes on without them.
            StepKind::ConfirmApplication | StepKind::ConfirmTraffic => {
                Some(hang(Target::Interface))
            }
            // A withdrawal of which nothing has been seen is waited for.
            StepKind::Close => Some(hang(Target::Endpoint)),
            _ => None,
        }
    }

    /// What keeps the step at work until the fault can take place.
    fn so_that_it_lasts(self) -> Option<Fault> {
        let unavailable = Kind::Unavailable { retry_after_s: 5 };
        match self.step {
            _ if self.fault.is_event() => None,
            StepKind::TestFailOver => None,
            _ if self.fault == Kind::AlertLost => Some(self.aimed(Kind::StoreAway, 0, LONG_S)),
            StepKind::ConfirmApplication if self.is_of_changes() => {
                Some(self.aimed(Kind::ProbeBlocked, 0, 60))
            }
            StepKind::ConfirmTraffic if self.is_of_changes() => {
                Some(Fault { target: Target::Profile, ..self.aimed(unavailable, 0, 60) })
            }
            StepKind::Close if self.fault.is_of_arm() => None,
            _ if self.is_of_changes() && !self.is_of_the_drill() => None,
            // The lease of a dead process lasts.
            _ => Some(self.aimed(Kind::AppKilled { app: 0 }, 0, 0)),
        }
    }

    /// Whether it befalls what a drill sends while the failover decides.
    fn is_of_the_drill(self) -> bool {
        self.step == StepKind::GoNoGo && self.is_of_changes()
    }

    fn is_of_changes(self) -> bool {
        matches!(self.fault, Kind::ErrorAfterEffect | Kind::LateRequest { .. })
    }

    fn aimed(self, kind: Kind, from_s: u32, for_s: u32) -> Fault {
        Fault { at: Some(self.step), ..timed(kind, from_s, for_s) }
    }
}

fn timed(kind: Kind, from_s: u32, for_s: u32) -> Fault {
    let target = Target::Any;
    Fault { kind, at: None, from_s, for_s, percent: 100, at_most: None, target, dice: 1 }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}", self.fault.name(), self.step.name())
    }
}
