//! The name under which a request leaves. It follows from the attempt that the journal has, so that
//! what Azure's activity log shows can be traced to its intent, however long after.

use recovery::report::Report;
use recovery::runbook::StepKind;
use uuid::Uuid;

/// Of all ids of requests; drawn once.
const NAMESPACE: Uuid = Uuid::from_u128(0x5f0c_9b3e_7a41_4d0b_9a56_2f2d_4f6b_8c11);

/// The `x-ms-client-request-id` of an attempt, which Azure wants to be a GUID.
pub(crate) fn of(run: &str, step: StepKind, attempt: u32) -> String {
    Uuid::new_v5(&NAMESPACE, format!("{run}/{}/{attempt}", step.name()).as_bytes()).to_string()
}

/// Writes them into a report.
pub(crate) fn name(report: &mut Report) {
    for step in &mut report.steps {
        for (number, attempt) in (1..).zip(&mut step.attempts) {
            attempt.request_id = Some(of(&report.run, step.name, number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_one_attempt_of_one_step_of_one_run_for_ever() {
        let id = of("websphere-cafe-incident-1", StepKind::PromoteSql, 1);
        assert_eq!(id, of("websphere-cafe-incident-1", StepKind::PromoteSql, 1));
        for other in [
            of("websphere-cafe-incident-2", StepKind::PromoteSql, 1),
            of("websphere-cafe-incident-1", StepKind::FailOverMachines, 1),
            of("websphere-cafe-incident-1", StepKind::PromoteSql, 2),
        ] {
            assert_ne!(id, other);
        }
        // Whoever looks an old request up computes it anew.
        assert_eq!(id, "ca661745-6f30-595a-8e11-173f0536d41d");
    }
}
