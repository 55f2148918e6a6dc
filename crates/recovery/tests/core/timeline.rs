//! A journal as people would tell it: when, which step, what.

use std::fmt::Write;

use jiff::Timestamp;
use recovery::effect::OperationState;
use recovery::event::{Event, Record, StepOutcome};
use recovery::run::Run;
use recovery::runbook::StepKind;

/// One line per event that people care about: no looks, no change of holder.
pub(crate) fn of(records: &[Record]) -> String {
    let mut text = String::new();
    let Some(first) = records.first() else { return text };
    let run = Run::replay(records).expect("the journal replays");
    for record in records {
        for event in &record.events {
            if let Some((step, what)) = line(&run, event) {
                let step = step.map_or("run", StepKind::name);
                writeln!(text, "{} {step:<20} {what}", since(first.at, record.at)).unwrap();
            }
        }
    }
    text
}

fn since(start: Timestamp, at: Timestamp) -> String {
    let milliseconds = at.duration_since(start).as_millis();
    format!("{:>5}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}

fn line(run: &Run, event: &Event) -> Option<(Option<StepKind>, String)> {
    let subject = |step: StepKind, number: u32| {
        let attempt = run.step(step)?.attempts.iter().find(|known| known.number == number)?;
        Some(attempt.effect.subject())
    };
    let of_attempt = |step: StepKind, number: u32, what: String| {
        let subject = subject(step, number).unwrap_or_default();
        (Some(step), format!("#{number} {what}: {subject}"))
    };
    Some(match event {
        Event::RunStarted(start) => (None, format!("started: {:?}", start.runbook.goal)),
        Event::HolderChanged { .. }
        | Event::Saw { .. }
        | Event::OperationSeen { state: OperationState::Running, .. } => return None,
        Event::StepStarted { step } => (Some(*step), "starts".to_owned()),
        Event::StepOverdue { step } => (Some(*step), "is not waited for any longer".to_owned()),
        Event::MilestoneReached { step, milestone } => (Some(*step), format!("{milestone:?}")),
        Event::StepEnded { step, outcome: StepOutcome::Skipped, detail } => {
            (Some(*step), format!("skipped: {detail}"))
        }
        Event::StepEnded { step, outcome, detail } => {
            (Some(*step), format!("{outcome:?}: {detail}"))
        }
        Event::Intended { step, attempt, .. } => of_attempt(*step, *attempt, "intended".to_owned()),
        Event::Accepted { step, attempt, .. } => of_attempt(*step, *attempt, "accepted".to_owned()),
        Event::Refused { step, attempt, code, .. } => {
            of_attempt(*step, *attempt, format!("refused, {code}"))
        }
        Event::Unresolved { step, attempt, .. } => {
            of_attempt(*step, *attempt, "no answer".to_owned())
        }
        Event::NotSent { step, attempt, .. } => of_attempt(*step, *attempt, "not sent".to_owned()),
        Event::OperationSeen { step, attempt, state } => {
            let end = match state {
                OperationState::Failed { code, .. } => format!("failed, {code}"),
                _ => "succeeded".to_owned(),
            };
            of_attempt(*step, *attempt, end)
        }
        Event::AbortRequested { by, reason } => (None, format!("abort by {by}: {reason}")),
        Event::AbortRefused { by, why } => (None, format!("abort by {by} refused: {why}")),
        Event::ForceRequested { by, reason } => (None, format!("forced by {by}: {reason}")),
        Event::RunEnded { outcome, detail } => (None, format!("ended, {outcome:?}: {detail}")),
    })
}
