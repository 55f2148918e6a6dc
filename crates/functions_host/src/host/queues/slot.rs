//! A place for one message at a time: a session that is held, or a single message.

use jiff::{SignedDuration, Timestamp};

use crate::message::Message;

/// Renew so long before the end, or at half of what is left.
const AHEAD: SignedDuration = SignedDuration::from_secs(10);

#[derive(Debug)]
pub(super) struct Slot {
    pub(super) session_token: Option<String>,
    pub(super) lock_token: String,
    accepted_at: Timestamp,
    pub(super) locked_until: Timestamp,
    pub(super) renew_at: Option<Timestamp>,
    pub(super) work: Work,
    /// A message that came while the one before was being settled.
    pub(super) queued: Option<Message>,
    pub(super) is_lost: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Busy,
    Settling,
    Idle { since: Timestamp },
}

impl Slot {
    /// A place for a message just received.
    pub(super) fn new(now: Timestamp, message: &Message, max_renewal: SignedDuration) -> Self {
        let mut slot = Self {
            session_token: message.session_token.clone(),
            lock_token: message.lock_token.clone(),
            accepted_at: now,
            locked_until: message.locked_until,
            renew_at: None,
            work: Work::Busy,
            queued: None,
            is_lost: false,
        };
        slot.locked(now, message.locked_until, max_renewal);
        slot
    }

    /// The next message of the session.
    pub(super) fn start(&mut self, message: &Message) {
        self.lock_token.clone_from(&message.lock_token);
        self.work = Work::Busy;
    }

    /// The lock lasts until then: renewed before, as long as renewing is allowed.
    pub(super) fn locked(&mut self, now: Timestamp, until: Timestamp, max_renewal: SignedDuration) {
        self.locked_until = until;
        let left = until.duration_since(now);
        let renew_at = now + (left - AHEAD.min(left / 2));
        let allowed = renew_at > now && renew_at <= self.accepted_at + max_renewal;
        self.renew_at = allowed.then_some(renew_at);
    }

    /// The token that stands for the lock: the session's, or the message's own.
    pub(super) fn renewal_token(&self) -> &str {
        self.session_token.as_deref().unwrap_or(&self.lock_token)
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self.work, Work::Idle { .. })
    }

    pub(super) fn next_due(&self, idle_timeout: SignedDuration) -> Option<Timestamp> {
        let lock = (!self.is_lost).then_some(self.locked_until);
        let idle = match self.work {
            Work::Idle { since } => Some(since + idle_timeout),
            Work::Busy | Work::Settling => None,
        };
        [lock, idle, self.renew_at].into_iter().flatten().min()
    }
}
