//! The transition table of a run: (state, event) outside it is an error that carries both.

use jiff::Timestamp;

use super::{Asked, Attempt, AttemptState, Run, Seen, StepRun, StepState};
use crate::effect::Manner;
use crate::event::Event;
use crate::limits::{REFUSAL_PAUSE_S, is_told_by_a_clock, seconds};
use crate::runbook::StepKind;

/// An event that cannot happen in this state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot happen: {why}", shortened(event))]
pub struct IllegalEvent {
    pub event: Box<Event>,
    pub why: String,
}

/// An event holds what services and people said, at any length.
fn shortened(event: &Event) -> String {
    const ENOUGH: usize = 400;
    let text = format!("{event:?}");
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

impl Run {
    /// Takes one event in.
    pub fn apply(&mut self, at: Timestamp, event: &Event) -> Result<(), IllegalEvent> {
        self.transit(at, event)
            .map_err(|why| IllegalEvent { event: Box::new(event.clone()), why: why.to_owned() })
    }

    fn transit(&mut self, at: Timestamp, event: &Event) -> Result<(), &'static str> {
        if self.ended.is_some() {
            return Err("the run has ended");
        }
        if !is_told_by_a_clock(at) {
            return Err("no clock has told its time");
        }
        match event {
            Event::RunStarted(_) => return Err("the run has started already"),
            Event::HolderChanged { epoch, .. } => {
                if *epoch <= self.epoch {
                    return Err("the epoch does not grow");
                }
                self.epoch = *epoch;
            }
            Event::Saw { look, sight } => {
                self.sights.insert(look.clone(), Seen { at, sight: sight.clone() });
            }
            Event::StepStarted { step } => {
                let step = self.step_mut(*step)?;
                if step.state != StepState::Waiting {
                    return Err("the step is not waiting");
                }
                step.state = StepState::Active { since: at };
            }
            Event::StepOverdue { step } => self.active(*step)?.overdue = true,
            Event::MilestoneReached { step, milestone } => {
                self.active(*step)?.reached.insert(*milestone);
            }
            Event::StepEnded { step, outcome, detail } => {
                let step = self.step_mut(*step)?;
                let since = match step.state {
                    StepState::Waiting => None,
                    StepState::Active { since } => Some(since),
                    StepState::Ended { .. } => return Err("the step has ended already"),
                };
                step.state =
                    StepState::Ended { since, at, outcome: *outcome, detail: detail.clone() };
            }
            Event::Intended { step, attempt, effect, send_before, baseline } => {
                if !is_told_by_a_clock(*send_before) {
                    return Err("no clock will tell the time before which it is sent");
                }
                let epoch = self.epoch;
                let step = self.active(*step)?;
                if usize::try_from(*attempt).ok() != Some(step.attempts.len() + 1) {
                    return Err("the attempt is not the next one");
                }
                step.attempts.push(Attempt {
                    number: *attempt,
                    effect: effect.clone(),
                    intended_at: at,
                    send_before: *send_before,
                    epoch,
                    baseline: baseline.clone(),
                    state: AttemptState::Intended,
                });
            }
            Event::Accepted { step, attempt, operation } => {
                *self.open_attempt(*step, *attempt)? =
                    AttemptState::Accepted { at, operation: operation.clone(), seen: None };
            }
            Event::Refused { step, attempt, code, message, retry_after_s } => {
                let pause = seconds(retry_after_s.unwrap_or(REFUSAL_PAUSE_S).clamp(1, 600));
                *self.open_attempt(*step, *attempt)? = AttemptState::Refused {
                    code: code.clone(),
                    message: message.clone(),
                    retry_at: at + pause,
                };
            }
            Event::Unresolved { step, attempt, reason } => {
                *self.open_attempt(*step, *attempt)? =
                    AttemptState::Unresolved { reason: reason.clone() };
            }
            Event::NotSent { step, attempt, .. } => {
                *self.open_attempt(*step, *attempt)? = AttemptState::NotSent;
            }
            Event::OperationSeen { step, attempt, state } => {
                match &mut self.attempt(*step, *attempt)?.state {
                    AttemptState::Accepted { seen, .. } => *seen = Some(state.clone()),
                    _ => return Err("the attempt was not accepted"),
                }
            }
            Event::AbortRequested { by, reason } => {
                if self.abort.is_some() {
                    return Err("the run is being aborted already");
                }
                self.abort = Some(Asked { by: by.clone(), reason: reason.clone() });
            }
            Event::AbortRefused { .. } => self.abort_refused = true,
            Event::ForceRequested { by, reason } => {
                if self.manner() != Some(Manner::Planned) {
                    return Err("there is no planned move to force");
                }
                self.forced = Some(Asked { by: by.clone(), reason: reason.clone() });
            }
            Event::RunEnded { outcome, detail } => {
                self.ended = Some((*outcome, at, detail.clone()));
            }
        }
        Ok(())
    }

    fn step_mut(&mut self, kind: StepKind) -> Result<&mut StepRun, &'static str> {
        self.steps.get_mut(&kind).ok_or("the runbook has no such step")
    }

    fn active(&mut self, kind: StepKind) -> Result<&mut StepRun, &'static str> {
        let step = self.step_mut(kind)?;
        if step.is_active() { Ok(step) } else { Err("the step is not active") }
    }

    fn attempt(&mut self, kind: StepKind, number: u32) -> Result<&mut Attempt, &'static str> {
        self.step_mut(kind)?
            .attempts
            .iter_mut()
            .find(|attempt| attempt.number == number)
            .ok_or("there is no such attempt")
    }

    fn open_attempt(
        &mut self,
        kind: StepKind,
        number: u32,
    ) -> Result<&mut AttemptState, &'static str> {
        let attempt = self.attempt(kind, number)?;
        match attempt.state {
            AttemptState::Intended => Ok(&mut attempt.state),
            _ => Err("the attempt has an outcome already"),
        }
    }
}
