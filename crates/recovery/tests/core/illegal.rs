//! Events that cannot happen are refused, with the event and the reason named; nothing changes.

use jiff::{SignedDuration, Timestamp};
use recovery::effect::{Effect, OperationState};
use recovery::event::{Event, Outcome, StepOutcome};
use recovery::run::Run;
use recovery::runbook::{Milestone, StepKind};

use crate::drive::{Bench, start_of_time};
use crate::script::Fate;

/// A run in which the promotion is out and most has not begun.
fn under_way() -> Run {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::LostBefore]);
    bench.run_until(8);
    let run = bench.replayed();
    assert!(run.has_unresolved(run.started_at));
    run
}

fn later() -> Timestamp {
    start_of_time() + SignedDuration::from_secs(9)
}

fn refused(run: &Run, event: &Event) -> String {
    let mut after = run.clone();
    let error = after.apply(later(), event).expect_err("it cannot happen");
    assert_eq!(after, *run, "a refused event changes nothing");
    assert_eq!(*error.event, *event);
    let said = error.to_string();
    let kind = format!("{event:?}");
    let kind = kind.split([' ', '(']).next().unwrap();
    assert!(said.starts_with(kind), "{said}");
    error.why
}

fn intended(step: StepKind, attempt: u32) -> Event {
    Event::Intended {
        step,
        attempt,
        effect: Effect::Notify { webhook: "https://example.com/".to_owned(), outcome: None },
        send_before: later(),
        baseline: Vec::new(),
    }
}

#[test]
fn a_run_cannot_start_twice() {
    let run = under_way();
    let event = Event::RunStarted(Box::new(run.start.clone()));
    assert_eq!(refused(&run, &event), "the run has started already");
}

#[test]
fn an_epoch_only_grows() {
    let run = under_way();
    for epoch in [0, run.epoch] {
        let event = Event::HolderChanged { epoch, holder: "x".to_owned() };
        assert_eq!(refused(&run, &event), "the epoch does not grow");
    }
}

#[test]
fn a_step_starts_and_ends_once() {
    let run = under_way();
    let start = |step| Event::StepStarted { step };
    assert_eq!(refused(&run, &start(StepKind::PromoteSql)), "the step is not waiting");
    assert_eq!(refused(&run, &start(StepKind::GoNoGo)), "the step is not waiting");
    let end = Event::StepEnded {
        step: StepKind::GoNoGo,
        outcome: StepOutcome::Failed,
        detail: String::new(),
    };
    assert_eq!(refused(&run, &end), "the step has ended already");
}

#[test]
fn a_step_that_the_runbook_does_not_have_does_nothing() {
    let run = under_way();
    let event = Event::StepStarted { step: StepKind::TestFailOver };
    assert_eq!(refused(&run, &event), "the runbook has no such step");
}

#[test]
fn only_an_active_step_intends_reaches_and_is_overdue() {
    let run = under_way();
    let why = "the step is not active";
    for step in [StepKind::Close, StepKind::GoNoGo] {
        let milestone = Milestone::Accepted;
        assert_eq!(refused(&run, &Event::MilestoneReached { step, milestone }), why);
        assert_eq!(refused(&run, &Event::StepOverdue { step }), why);
        assert_eq!(refused(&run, &intended(step, 1)), why);
    }
}

#[test]
fn attempts_are_counted_without_gaps() {
    let run = under_way();
    for attempt in [0, 1, 3] {
        let event = intended(StepKind::PromoteSql, attempt);
        assert_eq!(refused(&run, &event), "the attempt is not the next one");
    }
}

#[test]
fn an_attempt_has_one_outcome() {
    let mut run = under_way();
    let step = StepKind::PromoteSql;
    let accepted = |attempt| Event::Accepted { step, attempt, operation: None };
    assert_eq!(refused(&run, &accepted(7)), "there is no such attempt");
    let seen = Event::OperationSeen { step, attempt: 1, state: OperationState::Running };
    assert_eq!(refused(&run, &seen), "the attempt was not accepted");
    run.apply(later(), &accepted(1)).unwrap();
    let others = [
        accepted(1),
        Event::Refused {
            step,
            attempt: 1,
            code: String::new(),
            message: String::new(),
            retry_after_s: None,
        },
        Event::Unresolved { step, attempt: 1, reason: String::new() },
        Event::NotSent { step, attempt: 1, reason: String::new() },
    ];
    for event in others {
        assert_eq!(refused(&run, &event), "the attempt has an outcome already");
    }
}

#[test]
fn a_run_is_aborted_once() {
    let mut run = under_way();
    let event = Event::AbortRequested { by: "ann".to_owned(), reason: "no".to_owned() };
    run.apply(later(), &event).unwrap();
    assert_eq!(refused(&run, &event), "the run is being aborted already");
}

#[test]
fn after_its_end_nothing_happens_in_a_run() {
    let mut run = under_way();
    let end = Event::RunEnded { outcome: Outcome::Failed, detail: String::new() };
    run.apply(later(), &end).unwrap();
    let events = [
        end,
        Event::StepStarted { step: StepKind::Close },
        Event::HolderChanged { epoch: 99, holder: "x".to_owned() },
        Event::AbortRefused { by: String::new(), why: String::new() },
    ];
    for event in events {
        assert_eq!(refused(&run, &event), "the run has ended");
    }
}
