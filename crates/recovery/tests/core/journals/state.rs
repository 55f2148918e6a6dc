//! The whole state that a journal adds up to, as text: what a sentence of a report leaves out, above
//! all of a run that is open, is compared too.

use std::collections::BTreeSet;
use std::fmt::Write;

use recovery::event::{Record, Start};
use recovery::run::{Run, Seen, StepRun};
use recovery::runbook::Runbook;

/// What all ids begin with.
const GROUPS: &str = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/";

/// Of the state after each record, the lines that the state before it did not have.
pub(super) fn record_by_record(records: &[Record]) -> String {
    let mut text = String::new();
    let mut before = BTreeSet::new();
    for (index, record) in records.iter().enumerate() {
        writeln!(text, "record {index} of {}", record.at).unwrap();
        let state = lines(&Run::replay(&records[..=index]).unwrap());
        for line in state.iter().filter(|line| !before.contains(*line)) {
            writeln!(text, "  {line}").unwrap();
        }
        before = state.into_iter().collect();
    }
    text.replace(GROUPS, "…/")
}

/// A line for each thing. Everything is taken apart here, so that a new field is not left out.
fn lines(run: &Run) -> Vec<String> {
    let Run {
        start: Start { run: id, plan, runbook, incident, by, reason },
        started_at,
        epoch,
        sights,
        steps,
        abort,
        abort_refused,
        forced,
        ended,
        looked,
        halted,
    } = run;
    let Runbook { goal, from, to, steps: specs } = runbook;
    let mut lines = vec![
        format!("run {id} of incident {incident:?}, begun at {started_at} by {by}: {reason}"),
        format!("goal {goal:?} from {from:?} to {to:?}"),
        format!("{plan:?}"),
    ];
    lines.extend(specs.iter().map(|spec| format!("{spec:?}")));
    lines.push(format!("epoch {epoch}, looked {looked:?}, halted {halted}"));
    lines.push(format!("abort {abort:?}, refused {abort_refused}"));
    lines.extend(forced.iter().map(|forced| format!("forced {forced:?}")));
    for (look, Seen { at, sight }) in sights {
        lines.push(format!("{look:?} at {at}: {sight:?}"));
    }
    for (kind, StepRun { state, overdue, reached, attempts }) in steps {
        lines.push(format!("{kind:?} {state:?}, overdue {overdue}, reached {reached:?}"));
        lines.extend(attempts.iter().map(|attempt| format!("{kind:?} {attempt:?}")));
    }
    lines.push(format!("ended {ended:?}"));
    lines.push(format!("past no return {}, told {}", run.is_past_no_return(), run.has_told()));
    lines.push(format!(
        "promoted {} by this run {}, taken back {}",
        run.is_promoted(),
        run.has_promoted(),
        run.is_taken_back()
    ));
    lines
}
