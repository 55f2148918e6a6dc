//! One queue: sessions, schedule, duplicate detection, locks, delivery counts, dead letters.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::message::{Delivery, Lock, LockLost, Message, Stored};

/// How a queue was created.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) name: &'static str,
    pub(super) sessions: bool,
    pub(super) duplicate_window: Option<SignedDuration>,
    pub(super) lock: SignedDuration,
    pub(super) max_deliveries: u32,
    pub(super) time_to_live: SignedDuration,
}

#[derive(Debug, Clone)]
struct Session {
    token: String,
    receiver: String,
    until: Timestamp,
}

/// A queue.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    pub(super) settings: Settings,
    active: BTreeMap<u64, Stored>,
    scheduled: BTreeMap<(Timestamp, u64), Message>,
    pub(super) dead: Vec<Stored>,
    seen: BTreeMap<String, Timestamp>,
    sessions: BTreeMap<String, Session>,
    planned: BTreeSet<Timestamp>,
    issued: u64,
    counts: Counts,
}

#[derive(Debug, Clone, Default)]
struct Counts {
    sent: u64,
    duplicates: u64,
    completed: u64,
    /// The same by who had received them.
    completed_by: BTreeMap<String, u64>,
    /// Deliveries of messages whose earlier delivery was not completed.
    delivered_again: u64,
    abandoned: u64,
    locks_lost: u64,
    expired: u64,
}

impl Queue {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            active: BTreeMap::new(),
            scheduled: BTreeMap::new(),
            dead: Vec::new(),
            seen: BTreeMap::new(),
            sessions: BTreeMap::new(),
            planned: BTreeSet::new(),
            issued: 0,
            counts: Counts::default(),
        }
    }

    /// Takes a message; a duplicate is swallowed without a word.
    pub(super) fn send(&mut self, now: Timestamp, message: Message) {
        if let Some(window) = self.settings.duplicate_window {
            self.seen.retain(|_, at| now.duration_since(*at) < window);
            if self.seen.contains_key(&message.id) {
                self.counts.duplicates += 1;
                return;
            }
            self.seen.insert(message.id.clone(), now);
        }
        self.counts.sent += 1;
        match message.scheduled_for {
            Some(at) if at > now => {
                let number = self.issue();
                self.scheduled.insert((at, number), message);
            }
            _ => self.enqueue(now, message),
        }
    }

    /// Locks messages for a receiver: one for each of at most `limit` sessions, or at most `limit`
    /// messages where there are no sessions.
    pub(super) fn receive(
        &mut self,
        now: Timestamp,
        receiver: &str,
        limit: usize,
    ) -> Vec<Delivery> {
        if !self.settings.sessions {
            return self.receive_plain(now, receiver, limit);
        }
        let mut held: Vec<String> = self
            .sessions
            .iter()
            .filter(|(_, session)| session.receiver == receiver)
            .map(|(id, _)| id.clone())
            .collect();
        while held.len() < limit {
            let Some(id) = self.next_free_session() else { break };
            let session = Session {
                token: self.token(),
                receiver: receiver.to_owned(),
                until: now + self.settings.lock,
            };
            self.sessions.insert(id.clone(), session);
            held.push(id);
        }
        held.iter().filter_map(|id| self.deliver_from_session(id)).collect()
    }

    /// The message was processed: it is gone.
    pub(super) fn complete(&mut self, token: &str) -> Result<(), LockLost> {
        let number = self.locked(token)?;
        let lock = self.active.remove(&number).and_then(|stored| stored.lock).ok_or(LockLost)?;
        self.counts.completed += 1;
        *self.counts.completed_by.entry(lock.receiver).or_default() += 1;
        Ok(())
    }

    /// The message was not processed: it is available again at once.
    pub(super) fn abandon(&mut self, token: &str) -> Result<(), LockLost> {
        let number = self.locked(token)?;
        self.counts.abandoned += 1;
        self.fail(number);
        Ok(())
    }

    /// The receiver wants the message out of the way.
    pub(super) fn dead_letter(&mut self, token: &str, reason: &str) -> Result<(), LockLost> {
        let number = self.locked(token)?;
        self.bury(number, reason, "");
        Ok(())
    }

    /// Prolongs a message's or a session's lock.
    pub(super) fn renew(&mut self, now: Timestamp, token: &str) -> Result<Timestamp, LockLost> {
        let until = now + self.settings.lock;
        if let Some(session) = self.sessions.values_mut().find(|session| session.token == token) {
            session.until = until;
            return Ok(until);
        }
        let number = self.locked(token)?;
        let stored = self.active.get_mut(&number).ok_or(LockLost)?;
        match &mut stored.lock {
            Some(Lock { until: Some(end), .. }) => *end = until,
            Some(_) => {
                let id = stored.message.session.clone().unwrap_or_default();
                self.sessions.get_mut(&id).ok_or(LockLost)?.until = until;
            }
            None => return Err(LockLost),
        }
        Ok(until)
    }

    /// The receiver closes a session: what it had locked is available again, uncounted.
    pub(super) fn close_session(&mut self, token: &str) -> Result<(), LockLost> {
        let id = self.sessions.iter().find(|(_, session)| session.token == token);
        let id = id.map(|(id, _)| id.clone()).ok_or(LockLost)?;
        self.sessions.remove(&id);
        for stored in self.active.values_mut() {
            if stored.message.session.as_ref() == Some(&id) {
                stored.lock = None;
            }
        }
        Ok(())
    }

    /// Does what is due: scheduled messages, expired locks, expired messages.
    pub(super) fn advance(&mut self, now: Timestamp) {
        self.planned = self.planned.split_off(&now);
        while let Some(entry) = self.scheduled.first_entry() {
            let at = entry.key().0;
            if at > now {
                break;
            }
            let message = entry.remove();
            self.enqueue(at, message);
        }
        let ended: Vec<String> = self
            .sessions
            .iter()
            .filter(|(_, session)| session.until <= now)
            .map(|(id, _)| id.clone())
            .collect();
        self.sessions.retain(|id, _| !ended.contains(id));
        let lost: Vec<u64> = self
            .active
            .iter()
            .filter(|(_, stored)| match &stored.lock {
                Some(Lock { until: Some(until), .. }) => *until <= now,
                Some(_) => stored.message.session.as_ref().is_some_and(|id| ended.contains(id)),
                None => false,
            })
            .map(|(number, _)| *number)
            .collect();
        for number in lost {
            self.counts.locks_lost += 1;
            self.fail(number);
        }
        let expired = |stored: &Stored| stored.lock.is_none() && stored.expires_at <= now;
        self.counts.expired += self.active.values().filter(|stored| expired(stored)).count() as u64;
        self.active.retain(|_, stored| !expired(stored));
    }

    /// When the queue next changes by itself.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let scheduled = self.scheduled.keys().next().map(|(at, _)| *at);
        let sessions = self.sessions.values().map(|session| session.until);
        let locks = self.active.values().filter_map(|stored| stored.lock.as_ref()?.until);
        scheduled.into_iter().chain(sessions).chain(locks).min()
    }

    /// Notes that somebody will call [`Queue::advance`] at this time; false when it was noted already.
    pub(super) fn plan(&mut self, at: Timestamp) -> bool {
        self.planned.insert(at)
    }

    /// The active messages in order, locked ones included.
    pub(super) fn active(&self) -> impl Iterator<Item = &Stored> {
        self.active.values()
    }

    pub(super) fn summary(&self) -> Value {
        json!({
            "active": self.active.len(),
            "locked": self.active.values().filter(|stored| stored.lock.is_some()).count(),
            "scheduled": self.scheduled.len(),
            "dead_lettered": self.dead.len(),
            "sessions_held": self.sessions.len(),
            "sent": self.counts.sent,
            "duplicates": self.counts.duplicates,
            "completed": self.counts.completed,
            "completed_by": self.counts.completed_by,
            "delivered_again": self.counts.delivered_again,
            "abandoned": self.counts.abandoned,
            "locks_lost": self.counts.locks_lost,
            "expired": self.counts.expired,
        })
    }

    /// An identifier in the form of a GUID that this queue has not given before.
    pub(super) fn token(&mut self) -> String {
        // SplitMix64 spreads the counter; uniqueness comes from the counter in the last group.
        let number = self.issue();
        let mut mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let high = format!("{mixed:016x}");
        let kind = self.settings.name.len();
        format!("{}-{}-4{}-8{kind:03x}-{number:012x}", &high[..8], &high[8..12], &high[12..15])
    }

    fn receive_plain(&mut self, now: Timestamp, receiver: &str, limit: usize) -> Vec<Delivery> {
        let holds =
            |stored: &&Stored| stored.lock.as_ref().is_some_and(|lock| lock.receiver == receiver);
        let held = self.active.values().filter(holds).count();
        let free: Vec<u64> = self
            .active
            .iter()
            .filter(|(_, stored)| stored.lock.is_none())
            .map(|(number, _)| *number)
            .take(limit.saturating_sub(held))
            .collect();
        let until = now + self.settings.lock;
        let lock = |queue: &mut Self, number| {
            let token = queue.token();
            let stored = queue.active.get_mut(&number)?;
            stored.lock = Some(Lock {
                token: token.clone(),
                receiver: receiver.to_owned(),
                until: Some(until),
            });
            let stored = stored.clone();
            queue.counts.delivered_again += u64::from(stored.failures > 0);
            Some(Delivery { stored, lock_token: token, session_token: None, locked_until: until })
        };
        free.into_iter().filter_map(|number| lock(self, number)).collect()
    }

    /// The free session whose first message has waited longest.
    fn next_free_session(&self) -> Option<String> {
        self.active
            .values()
            .filter_map(|stored| stored.message.session.clone())
            .find(|id| !self.sessions.contains_key(id))
    }

    fn deliver_from_session(&mut self, id: &str) -> Option<Delivery> {
        let session = self.sessions.get(id)?.clone();
        let mut of_session =
            self.active.values().filter(|s| s.message.session.as_deref() == Some(id));
        let first = of_session.next()?;
        if first.lock.is_some() || of_session.any(|stored| stored.lock.is_some()) {
            return None;
        }
        let number = first.sequence_number;
        let token = self.token();
        let stored = self.active.get_mut(&number)?;
        stored.lock =
            Some(Lock { token: token.clone(), receiver: session.receiver.clone(), until: None });
        self.counts.delivered_again += u64::from(stored.failures > 0);
        Some(Delivery {
            stored: stored.clone(),
            lock_token: token,
            session_token: Some(session.token),
            locked_until: session.until,
        })
    }

    fn enqueue(&mut self, at: Timestamp, message: Message) {
        let sequence_number = self.issue();
        let longest = self.settings.time_to_live;
        let expires_at = at + message.time_to_live.map_or(longest, |own| own.min(longest));
        let stored = Stored {
            message,
            sequence_number,
            enqueued_at: at,
            expires_at,
            failures: 0,
            lock: None,
        };
        self.active.insert(sequence_number, stored);
    }

    fn locked(&self, token: &str) -> Result<u64, LockLost> {
        let holds = |stored: &&Stored| stored.lock.as_ref().is_some_and(|lock| lock.token == token);
        self.active.values().find(holds).map(|stored| stored.sequence_number).ok_or(LockLost)
    }

    fn fail(&mut self, number: u64) {
        let Some(stored) = self.active.get_mut(&number) else { return };
        stored.lock = None;
        stored.failures += 1;
        if stored.failures >= self.settings.max_deliveries {
            let description = format!(
                "Message could not be consumed after {} delivery attempts.",
                self.settings.max_deliveries
            );
            self.bury(number, "MaxDeliveryCountExceeded", &description);
        }
    }

    fn bury(&mut self, number: u64, reason: &str, description: &str) {
        let Some(mut stored) = self.active.remove(&number) else { return };
        stored.lock = None;
        let properties = &mut stored.message.properties;
        properties.insert("DeadLetterReason".into(), reason.into());
        properties.insert("DeadLetterErrorDescription".into(), description.into());
        self.dead.push(stored);
    }

    fn issue(&mut self) -> u64 {
        self.issued += 1;
        self.issued
    }
}
