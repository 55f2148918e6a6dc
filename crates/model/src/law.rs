//! What must hold in every state.

use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Law {
    /// Of the forced promotions that the run sends, at most one ever takes effect: a person who
    /// fails back in between does not make room for another.
    OneForcedFailover,
    /// A request that arrives stands in the journal as the intent of the turn that sent it.
    Journaled,
    /// A promotion is intended only after the traffic was withdrawn or that is recorded as late.
    FenceFirst,
    /// What changes something rests on a look that was begun just before.
    LookedBefore,
    /// A drill sends nothing but its own test failover and its clean-up.
    DrillApart,
    /// A drill that has ended without needing a person has left nothing behind.
    DrillTidy,
    /// A planned failover never sends a forced promotion.
    PlannedStaysPlanned,
    /// After an abort that was accepted nothing arrives that has no way back.
    AbortObeyed,
    /// An aborted failover has left everything as it was.
    AbortedAsBefore,
    /// Nothing is sent when a person had said no before the lease was renewed for it.
    LastWord,
    /// Of one request, at most two are out of which nobody knows what became.
    AtMostTwoUnknown,
    /// A run that says *recovered* has the database where it says, unless a person has moved it.
    Truthful,
    /// Every journal that turns write can be replayed.
    Readable,
    /// If nothing goes wrong from here on, the run ends.
    Ends,
}

impl Law {
    pub const ALL: [Self; 14] = [
        Self::OneForcedFailover,
        Self::Journaled,
        Self::FenceFirst,
        Self::LookedBefore,
        Self::DrillApart,
        Self::DrillTidy,
        Self::PlannedStaysPlanned,
        Self::AbortObeyed,
        Self::AbortedAsBefore,
        Self::LastWord,
        Self::AtMostTwoUnknown,
        Self::Truthful,
        Self::Readable,
        Self::Ends,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::OneForcedFailover => "at most one forced failover takes effect",
            Self::Journaled => "what arrives was journaled by its sender",
            Self::FenceFirst => "no promotion before the fence or its recorded exception",
            Self::LookedBefore => "a look right before each request",
            Self::DrillApart => "a drill never touches production",
            Self::DrillTidy => "a drill leaves nothing behind",
            Self::PlannedStaysPlanned => "a planned failover forces nothing",
            Self::AbortObeyed => "no promotion after an accepted abort",
            Self::AbortedAsBefore => "aborted means as before",
            Self::LastWord => "people have the last word",
            Self::AtMostTwoUnknown => "at most two sendings of unknown outcome",
            Self::Truthful => "recovered means recovered",
            Self::Readable => "every journal can be read",
            Self::Ends => "without further faults the run ends",
        }
    }
}

/// The laws that a path has broken.
pub(crate) type Breaches = BTreeSet<Law>;
