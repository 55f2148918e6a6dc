//! What people are told while a run goes on: it can be late, or wait for them, long before it ends.

use jiff::Timestamp;

use crate::decide::why_waiting;
use crate::look::Look;
use crate::run::Run;
use crate::runbook::Importance;
use crate::view::{JobState, ScenarioKind, View};

/// Told once for each key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worry {
    pub key: String,
    pub detail: String,
}

/// What is worth a person's attention now. A drill can wait: nobody is without the application.
pub fn worries(run: &Run, now: Timestamp) -> Vec<Worry> {
    if run.ended.is_some() || run.start.runbook.is_drill() {
        return Vec::new();
    }
    let name = &run.start.run;
    let steps = run.start.runbook.steps.iter();
    let required = steps.filter(|spec| spec.importance == Importance::Required);
    let late = required
        .filter(|spec| run.step(spec.kind).is_some_and(|step| step.is_active() && step.overdue));
    let late = late.map(|spec| {
        let (step, why) = (spec.kind.name(), why_waiting(run, spec.kind, now));
        Worry { key: format!("late {step}"), detail: format!("{name}: {step} is late: {why}") }
    });
    let manual = waits_for_a_person(run).then(|| Worry {
        key: "manual action".to_owned(),
        detail: format!("{name}: the recovery plan waits for a person: a manual action"),
    });
    late.chain(manual).collect()
}

fn waits_for_a_person(run: &Run) -> bool {
    let look = Look::recovery_plan(&run.start.plan);
    let Some(View::RecoveryPlan(plan)) = run.last(&look) else { return false };
    plan.scenario_of(&ScenarioKind::Failover).is_some_and(|job| job.state == JobState::Suspended)
}
