//! Timer triggers. One occurrence runs at a time; those that pass meanwhile are lost.
//!
//! Source: `TimerListener` and `ScheduleMonitor` in Azure/azure-webjobs-sdk-extensions.

use jiff::Timestamp;

use super::calls::Source;
use super::{Host, Output};
use crate::app::{TimerTrigger, Trigger};
use crate::envelope::{Context, timer};
use crate::wire::ScheduleStatus;

/// A timer trigger at work.
#[derive(Debug)]
pub(super) struct Timer {
    function: usize,
    /// None while it runs, and for a schedule that never comes.
    next: Option<Timestamp>,
    /// When the occurrence that runs began.
    began: Option<Timestamp>,
    /// Kept only with `useMonitor` and for a minute or more.
    status: Option<ScheduleStatus>,
}

impl Timer {
    pub(super) fn new(function: usize) -> Self {
        Self { function, next: None, began: None, status: None }
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.next
    }
}

impl Host {
    pub(super) fn start_timers(&mut self, now: Timestamp) {
        for at in 0..self.timers.len() {
            let function = self.timers[at].function;
            let Some(trigger) = self.timer_trigger(function).cloned() else { continue };
            let coming = trigger.schedule.next_after(now);
            self.timers[at].next = coming;
            let mut is_past_due = false;
            if trigger.use_monitor && !trigger.schedule.is_more_frequent_than_a_minute(now) {
                let name = self.app.functions[function].name.clone();
                let known = self.options.schedules.get(&name).cloned();
                let status = known.map_or_else(
                    || coming.map(|next| ScheduleStatus { last: None, next, last_updated: now }),
                    |known| {
                        // A changed schedule is noticed, and only the new one can be past due.
                        let expected = trigger.schedule.next_after(known.last_updated)?;
                        is_past_due = now > expected;
                        Some(ScheduleStatus { next: expected, ..known })
                    },
                );
                if let Some(status) = &status {
                    self.out.push(Output::Save { function: name, status: status.clone() });
                }
                self.timers[at].status = status;
            }
            if is_past_due || trigger.run_on_startup {
                self.run_timer(now, at, is_past_due);
            }
        }
    }

    pub(super) fn pass_timers(&mut self, now: Timestamp) {
        for at in 0..self.timers.len() {
            if self.timers[at].next.is_some_and(|next| next <= now) {
                self.run_timer(now, at, false);
            }
        }
    }

    pub(super) fn timer_ended(&mut self, now: Timestamp, at: usize) {
        let timer = &self.timers[at];
        let Some(trigger) = self.timer_trigger(timer.function) else { return };
        let next = trigger.schedule.next_after(now);
        let began = timer.began.unwrap_or(now);
        let status = timer
            .status
            .as_ref()
            .and(trigger.schedule.next_after(began))
            .map(|next| ScheduleStatus { last: Some(began), next, last_updated: began });
        let function = self.app.functions[timer.function].name.clone();
        if let Some(status) = &status {
            self.out.push(Output::Save { function, status: status.clone() });
        }
        let timer = &mut self.timers[at];
        timer.next = next;
        timer.began = None;
        timer.status = status;
    }

    /// The envelope of a timer started by hand.
    pub(super) fn timer_by_hand(&mut self, now: Timestamp, function: usize) {
        let guid = self.ids.guid();
        let Some(trigger) = self.timer_trigger(function) else { return };
        let context =
            Context { function: &self.app.functions[function].name, now, random_guid: guid };
        let envelope = timer::envelope(&context, trigger, None, false);
        self.invoke(now, function, Source::Hand, &envelope);
    }

    fn run_timer(&mut self, now: Timestamp, at: usize, is_past_due: bool) {
        let guid = self.ids.guid();
        let timer = &mut self.timers[at];
        timer.next = None;
        timer.began = Some(now);
        let timer = &self.timers[at];
        let Some(trigger) = self.timer_trigger(timer.function) else { return };
        let name = self.app.functions[timer.function].name.as_str();
        let context = Context { function: name, now, random_guid: guid };
        let envelope = timer::envelope(&context, trigger, timer.status.as_ref(), is_past_due);
        let function = timer.function;
        self.invoke(now, function, Source::Timer { timer: at }, &envelope);
    }

    fn timer_trigger(&self, function: usize) -> Option<&TimerTrigger> {
        match &self.app.functions[function].trigger {
            Trigger::Timer(trigger) => Some(trigger),
            _ => None,
        }
    }
}
