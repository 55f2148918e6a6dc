//! Service Bus triggers: sessions or messages in work, settling, lock renewal.
//!
//! Success completes, anything else abandons at once. A session's lock is renewed until
//! `maxAutoLockRenewalDuration` after the session was *accepted*, whatever its messages: a session
//! that is never idle loses its lock some time, and the message then in work is delivered again.
//! Source: `SessionReceiverManager` in Azure/azure-sdk-for-net, and issue 35267 there.

mod slot;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::calls::Source;
use super::{Host, Level, Output};
use crate::app::{HostFile, QueueTrigger, Trigger};
use crate::envelope::{Context, queue};
use crate::message::{BrokerError, Message, Settlement};
use slot::{Slot, Work};

/// After a broker that did not answer, ask again so much later.
const BROKER_PAUSE: SignedDuration = SignedDuration::from_secs(1);

/// A queue trigger at work.
#[derive(Debug)]
pub(super) struct Listener {
    function: usize,
    queue: String,
    sessions: bool,
    limit: usize,
    idle_timeout: SignedDuration,
    max_renewal: SignedDuration,
    slots: BTreeMap<u64, Slot>,
    poll_at: Timestamp,
    is_receiving: bool,
    is_failing: bool,
}

impl Listener {
    pub(super) fn new(function: usize, trigger: &QueueTrigger, host: &HostFile) -> Self {
        Self {
            function,
            queue: trigger.queue.clone(),
            sessions: trigger.sessions,
            limit: if trigger.sessions {
                host.max_concurrent_sessions
            } else {
                host.max_concurrent_calls
            },
            idle_timeout: host.session_idle_timeout,
            max_renewal: host.max_auto_lock_renewal,
            slots: BTreeMap::new(),
            poll_at: Timestamp::MAX,
            is_receiving: false,
            is_failing: false,
        }
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let poll = self.may_poll().then_some(self.poll_at);
        let slots = self.slots.values().filter_map(|slot| slot.next_due(self.idle_timeout));
        slots.chain(poll).min()
    }

    /// Gives the sessions back, as a host that stops in order does.
    pub(super) fn close(&mut self, out: &mut Vec<Output>) {
        for slot in std::mem::take(&mut self.slots).into_values() {
            out.extend(
                slot.session_token.map(|session_token| Output::CloseSession { session_token }),
            );
        }
    }

    fn may_poll(&self) -> bool {
        let busy = self.slots.values().filter(|slot| !slot.is_idle()).count();
        !self.is_receiving && busy < self.limit
    }

    /// A slot whose lock is lost and whose message is still in work takes a place that the broker
    /// does not know of.
    fn limit_now(&self) -> usize {
        self.limit - self.slots.values().filter(|slot| slot.is_lost).count().min(self.limit)
    }
}

impl Host {
    pub(super) fn start_listeners(&mut self, now: Timestamp) {
        for listener in &mut self.listeners {
            listener.poll_at = now;
        }
    }

    pub(super) fn poll(&mut self, now: Timestamp) {
        for (at, listener) in self.listeners.iter_mut().enumerate() {
            if listener.may_poll() && listener.poll_at <= now {
                listener.is_receiving = true;
                self.out.push(Output::Receive {
                    listener: at,
                    queue: listener.queue.clone(),
                    receiver: self.options.receiver.clone(),
                    limit: listener.limit_now(),
                });
            }
        }
    }

    pub(super) fn received(
        &mut self,
        now: Timestamp,
        at: usize,
        messages: Result<Vec<Message>, BrokerError>,
    ) {
        let listener = &mut self.listeners[at];
        listener.is_receiving = false;
        let was_failing = listener.is_failing;
        listener.is_failing = messages.is_err();
        let messages = match messages {
            Ok(messages) => messages,
            Err(problem) => {
                listener.poll_at = now + BROKER_PAUSE;
                if !was_failing {
                    let text = format!("Receiving from {}: {problem}", listener.queue);
                    self.tell(Level::Error, "Host.Triggers.ServiceBus", text);
                }
                return;
            }
        };
        listener.poll_at = now + self.options.poll_every;
        for message in messages {
            self.take(now, at, message);
        }
    }

    /// The invocation for a message has ended.
    pub(super) fn message_ended(&mut self, at: usize, number: u64, succeeded: bool) {
        let settlement = match succeeded {
            true if self.is_completion_lost() => Settlement::Abandon,
            true => Settlement::Complete,
            false => Settlement::Abandon,
        };
        let Some(slot) = self.listeners[at].slots.get_mut(&number) else { return };
        slot.work = Work::Settling;
        let lock_token = slot.lock_token.clone();
        self.out.push(Output::Settle { listener: at, slot: number, lock_token, settlement });
    }

    pub(super) fn settled(
        &mut self,
        now: Timestamp,
        at: usize,
        number: u64,
        result: &Result<(), BrokerError>,
    ) {
        let listener = &mut self.listeners[at];
        listener.poll_at = now;
        let Some(slot) = listener.slots.get_mut(&number) else { return };
        let keeps = listener.sessions && result.is_ok() && !slot.is_lost;
        let queued = slot.queued.take().filter(|_| keeps);
        if keeps {
            slot.work = Work::Idle { since: now };
        } else {
            // Without its lock the message comes again when the broker's lock has run out.
            listener.slots.remove(&number);
        }
        if let Err(problem) = result {
            self.tell(Level::Error, "Host.Triggers.ServiceBus", format!("Settling: {problem}"));
        }
        if let Some(message) = queued {
            self.take(now, at, message);
        }
    }

    pub(super) fn renewed(
        &mut self,
        now: Timestamp,
        at: usize,
        number: u64,
        result: &Result<Timestamp, BrokerError>,
    ) {
        let listener = &mut self.listeners[at];
        let max_renewal = listener.max_renewal;
        let Some(slot) = listener.slots.get_mut(&number) else { return };
        match result {
            Ok(until) => slot.locked(now, *until, max_renewal),
            // Tried again while something of the lock is left.
            Err(BrokerError::Unavailable(_)) => slot.locked(now, slot.locked_until, max_renewal),
            Err(BrokerError::LockLost) => slot.locked_until = now,
        }
    }

    /// Renewals that are due, locks that ran out, sessions that have been idle for too long.
    pub(super) fn pass_locks(&mut self, now: Timestamp) {
        let mut lost = Vec::new();
        for (at, listener) in self.listeners.iter_mut().enumerate() {
            let idle_timeout = listener.idle_timeout;
            listener.slots.retain(|number, slot| {
                if !slot.is_lost && slot.locked_until <= now {
                    slot.is_lost = true;
                    slot.renew_at = None;
                    lost.push(format!(
                        "{}: the lock of a message or session is lost",
                        listener.queue
                    ));
                }
                if slot.renew_at.is_some_and(|renew_at| renew_at <= now) {
                    slot.renew_at = None;
                    let lock_token = slot.renewal_token().to_owned();
                    self.out.push(Output::Renew { listener: at, slot: *number, lock_token });
                }
                let Work::Idle { since } = slot.work else { return true };
                if slot.is_lost {
                    return false;
                }
                let is_over = since + idle_timeout <= now;
                if is_over && let Some(session_token) = slot.session_token.clone() {
                    self.out.push(Output::CloseSession { session_token });
                }
                !is_over
            });
        }
        for text in lost {
            self.tell(Level::Warning, "Host.Triggers.ServiceBus", text);
        }
    }

    /// Puts a delivered message to work.
    fn take(&mut self, now: Timestamp, at: usize, message: Message) {
        let number = self.issue();
        let guid = self.ids.guid();
        let listener = &mut self.listeners[at];
        let of_session = |slot: &&mut Slot| {
            slot.session_token.is_some() && slot.session_token == message.session_token
        };
        let known = listener
            .slots
            .iter_mut()
            .map(|(number, slot)| (*number, slot))
            .find(|(_, slot)| of_session(slot));
        let number = match known {
            Some((_, slot)) if !slot.is_idle() => {
                slot.queued = Some(message);
                return;
            }
            Some((known, slot)) => {
                slot.start(&message);
                known
            }
            None => {
                listener.slots.insert(number, Slot::new(now, &message, listener.max_renewal));
                number
            }
        };
        let function = listener.function;
        let Trigger::Queue(trigger) = &self.app.functions[function].trigger else { return };
        let name = self.app.functions[function].name.as_str();
        let context = Context { function: name, now, random_guid: guid };
        let envelope = queue::envelope(&context, trigger, &message);
        self.invoke(now, function, Source::Message { listener: at, slot: number }, &envelope);
    }

    fn is_completion_lost(&mut self) -> bool {
        self.successes += 1;
        self.options
            .duplicate_every
            .is_some_and(|every| self.successes.is_multiple_of(every.max(1)))
    }
}
