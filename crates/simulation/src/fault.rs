//! What can go wrong: data, so that a story can be printed, changed and told again.

use std::fmt;

use recovery::runbook::StepKind;
use serde::{Deserialize, Serialize};

/// A request arrives so late at most: with an answer as stale as 9 s it is within what the protocol
/// waits out (25 s to be sent and answered, and 30 s of grace).
pub const LATE_S: u16 = 30;

/// Something that goes wrong for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    #[serde(flatten)]
    pub kind: Kind,
    /// Counted from each beginning of this step rather than from the story's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<StepKind>,
    /// Seconds since the story, or the step, began.
    pub from_s: u32,
    /// For so long; an event of a moment has 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub for_s: u32,
    /// How many of a hundred requests it hits meanwhile.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub percent: u8,
    /// After so many hits it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
    #[serde(default, skip_serializing_if = "Target::is_any")]
    pub target: Target,
    /// Of its own dice, so that taking another fault out of a story changes nothing for this one.
    pub dice: u32,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Resource Manager: 429 with Retry-After; nothing is done.
    Throttled {
        retry_after_s: u16,
    },
    /// 503 with Retry-After; nothing is done.
    Unavailable {
        retry_after_s: u16,
    },
    /// 500; nothing is done.
    ServerError,
    /// 500, and the request takes effect all the same.
    ErrorAfterEffect,
    /// It takes effect; the connection closes without an answer.
    LostAnswer,
    /// It has no effect; the connection closes without an answer.
    LostRequest,
    /// It takes effect so many seconds after it was sent, when nobody waits for it any more.
    LateRequest {
        s: u16,
    },
    /// It is delivered two times, and the first answer counts.
    RequestTwice,
    /// It finds no connection, and its sender knows that.
    ConnectionRefused,
    /// It has no effect and is never answered.
    Hang,
    /// It takes effect; its answer is late.
    SlowAnswer {
        s: u16,
    },
    /// A read is answered as it was at most so many seconds ago.
    StaleRead {
        s: u16,
    },
    /// The code that asks panics, as a fault of its own would let it: shows that this is noticed.
    Panic,
    /// The store does not answer and does nothing.
    StoreAway,
    /// The store does what it was asked and its answer is lost.
    StoreLostAnswer,
    /// The store is asked the same again by a client that repeats, and the second answer counts.
    StoreTwice,
    /// Half of this time passes before it is done, half after.
    StoreSlow {
        s: u16,
    },
    /// Service Bus takes nothing.
    BusAway,
    /// It takes the message and its answer is lost.
    BusLostAnswer,
    /// It says that it has taken the message, and has not.
    MessageLost,
    MessageTwice,
    /// The message comes so much later, and so out of order.
    MessageLate {
        s: u16,
    },
    /// A message that was handled is delivered again.
    Redelivered,
    /// Our own probe of the workload does not get through.
    ProbeBlocked,
    /// Whoever is to be told does not answer.
    WebhookAway,
    /// Alerts of Azure Monitor do not get through.
    AlertLost,
    /// The process dies; another is started soon.
    AppKilled {
        app: u8,
    },
    /// Its machine dies: nobody gives its messages back.
    HostKilled {
        app: u8,
    },
    /// The process stands still.
    Frozen {
        app: u8,
        s: u16,
    },
    /// Its clock differs from the true one by so much from now on.
    ClockJump {
        app: u8,
        ms: i32,
    },
    /// What Azure has to do takes so many percent of its usual time.
    SlowOperations {
        times_percent: u16,
    },
    /// A person asks every open run to abort.
    Abort,
    /// A person gives the old place of a planned failover up.
    Force,
    /// A person turns the kill switch on, and off again after so long.
    KillSwitch {
        s: u16,
    },
    /// The lost region is back.
    RegionBack,
    /// Somebody forces the failover group over to the standby in the portal.
    PromotedByHand,
    /// And back.
    FailedBackByHand,
    /// Somebody fails the recovery plan over in the portal.
    FailedOverByHand,
}

/// Which requests to Resource Manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    #[default]
    Any,
    Reads,
    Changes,
    Promotion,
    RecoveryPlan,
    Endpoint,
    Interface,
    Machine,
    /// Reads of the traffic profile.
    Profile,
}

impl Fault {
    /// When it is over by itself, counted as `from_s` is.
    pub fn until_s(&self) -> u32 {
        let stands = match self.kind {
            Kind::Frozen { s, .. } | Kind::KillSwitch { s } => u32::from(s),
            _ => 0,
        };
        self.from_s + self.for_s.max(stands)
    }

    /// Whether it goes on so many seconds after the story, or the step, began.
    pub(crate) fn lasts_at(&self, second: i64) -> bool {
        i64::from(self.from_s) <= second && second < i64::from(self.from_s + self.for_s)
    }
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Throttled { .. } => "throttled",
            Self::Unavailable { .. } => "unavailable",
            Self::ServerError => "server error",
            Self::ErrorAfterEffect => "error after effect",
            Self::LostAnswer => "lost answer",
            Self::LostRequest => "lost request",
            Self::LateRequest { .. } => "late request",
            Self::RequestTwice => "request twice",
            Self::ConnectionRefused => "connection refused",
            Self::Hang => "hang",
            Self::SlowAnswer { .. } => "slow answer",
            Self::StaleRead { .. } => "stale read",
            Self::Panic => "panic",
            Self::StoreAway => "store away",
            Self::StoreLostAnswer => "store lost answer",
            Self::StoreTwice => "store twice",
            Self::StoreSlow { .. } => "store slow",
            Self::BusAway => "bus away",
            Self::BusLostAnswer => "bus lost answer",
            Self::MessageLost => "message lost",
            Self::MessageTwice => "message twice",
            Self::MessageLate { .. } => "message late",
            Self::Redelivered => "redelivered",
            Self::ProbeBlocked => "probe blocked",
            Self::WebhookAway => "webhook away",
            Self::AlertLost => "alert lost",
            Self::AppKilled { .. } => "app killed",
            Self::HostKilled { .. } => "host killed",
            Self::Frozen { .. } => "frozen",
            Self::ClockJump { .. } => "clock jump",
            Self::SlowOperations { .. } => "slow operations",
            Self::Abort => "abort",
            Self::Force => "force",
            Self::KillSwitch { .. } => "kill switch",
            Self::RegionBack => "region back",
            Self::PromotedByHand => "promoted by hand",
            Self::FailedBackByHand => "failed back by hand",
            Self::FailedOverByHand => "failed over by hand",
        }
    }

    /// Whether it happens to something at a moment, rather than to requests for a time.
    pub fn is_event(self) -> bool {
        matches!(
            self,
            Self::AppKilled { .. }
                | Self::HostKilled { .. }
                | Self::Frozen { .. }
                | Self::ClockJump { .. }
                | Self::SlowOperations { .. }
                | Self::Abort
                | Self::Force
                | Self::KillSwitch { .. }
                | Self::RegionBack
        ) || self.is_by_hand()
    }

    /// Whether somebody does it in the portal.
    pub fn is_by_hand(self) -> bool {
        matches!(self, Self::PromotedByHand | Self::FailedBackByHand | Self::FailedOverByHand)
    }

    /// Whether it makes things come late, twice or in another order, and takes nothing away for good:
    /// a story ends as it would have ended without it.
    pub fn only_delays(self) -> bool {
        matches!(
            self,
            Self::StaleRead { .. }
                | Self::StoreLostAnswer
                | Self::StoreTwice
                | Self::StoreSlow { .. }
                | Self::BusAway
                | Self::BusLostAnswer
                | Self::MessageLost
                | Self::MessageTwice
                | Self::MessageLate { .. }
                | Self::Redelivered
                | Self::WebhookAway
                | Self::AlertLost
                | Self::AppKilled { .. }
                | Self::HostKilled { .. }
                | Self::Frozen { .. }
                | Self::ClockJump { .. }
                | Self::SlowOperations { .. }
        )
    }

    /// The app that it happens to.
    pub(crate) fn app(self) -> Option<u8> {
        match self {
            Self::AppKilled { app }
            | Self::HostKilled { app }
            | Self::Frozen { app, .. }
            | Self::ClockJump { app, .. } => Some(app),
            _ => None,
        }
    }

    /// Whether it concerns Resource Manager.
    pub(crate) fn is_of_arm(self) -> bool {
        matches!(
            self,
            Self::Throttled { .. }
                | Self::Unavailable { .. }
                | Self::ServerError
                | Self::ErrorAfterEffect
                | Self::LostAnswer
                | Self::LostRequest
                | Self::LateRequest { .. }
                | Self::RequestTwice
                | Self::ConnectionRefused
                | Self::Hang
                | Self::SlowAnswer { .. }
                | Self::StaleRead { .. }
                | Self::Panic
        )
    }

    pub(crate) fn is_of_store(self) -> bool {
        matches!(
            self,
            Self::StoreAway | Self::StoreLostAnswer | Self::StoreTwice | Self::StoreSlow { .. }
        )
    }

    pub(crate) fn is_of_bus(self) -> bool {
        matches!(
            self,
            Self::BusAway
                | Self::BusLostAnswer
                | Self::MessageLost
                | Self::MessageTwice
                | Self::MessageLate { .. }
        )
    }
}

impl Target {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    fn is_any(&self) -> bool {
        *self == Self::Any
    }

    /// Whether a request is one of these.
    pub(crate) fn takes(self, is_read: bool, path: &str) -> bool {
        let part = match self {
            Self::Any => return true,
            Self::Reads => return is_read,
            Self::Changes => return !is_read,
            Self::Promotion => "/failovergroups/",
            Self::RecoveryPlan => "/replicationrecoveryplans/",
            Self::Endpoint | Self::Profile => "/trafficmanagerprofiles/",
            Self::Interface => "/networkinterfaces/",
            Self::Machine => "/virtualmachines/",
        };
        is_read == (self == Self::Profile) && path.to_ascii_lowercase().contains(part)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(step) = self.at {
            write!(f, "{} +", step.name())?;
        }
        write!(f, "{:>5} s  {:?}", self.from_s, self.kind)?;
        if !self.kind.is_event() {
            write!(f, " for {} s, {} %", self.for_s, self.percent)?;
            if let Some(most) = self.at_most {
                write!(f, ", {most} at most")?;
            }
            if self.target != Target::Any {
                write!(f, ", {:?}", self.target)?;
            }
        }
        Ok(())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

fn all() -> u8 {
    100
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_all(percent: &u8) -> bool {
    *percent == 100
}
