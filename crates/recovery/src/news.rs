//! What people are told, as the plan's webhook gets it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event::Outcome;
use crate::plan::WorkloadName;
use crate::run::Run;
use crate::runbook::Goal;

/// Something that people are to know. It may reach them late, and twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct News {
    pub at: Timestamp,
    pub workload: WorkloadName,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum What {
    /// A run has ended.
    Ended { run: String, goal: Goal, incident: Option<u64>, outcome: Outcome, detail: String },
    /// A person is asked to look, or may want to: a failover begins.
    Incident { incident: u64, detail: String },
    /// A person is asked to look at a run that belongs to no incident.
    Run { run: String, detail: String },
}

impl News {
    pub fn of_incident(
        workload: &WorkloadName,
        incident: u64,
        at: Timestamp,
        detail: String,
    ) -> Self {
        Self { at, workload: workload.clone(), what: What::Incident { incident, detail } }
    }

    pub fn of_drill(workload: &WorkloadName, run: &str, at: Timestamp, detail: String) -> Self {
        Self { at, workload: workload.clone(), what: What::Run { run: run.to_owned(), detail } }
    }

    /// How the run ends, or has ended.
    pub fn of_end(run: &Run, at: Timestamp) -> Self {
        let (outcome, detail) = crate::decide::verdict(run);
        let what = What::Ended {
            run: run.start.run.clone(),
            goal: run.start.runbook.goal,
            incident: run.start.incident,
            outcome,
            detail,
        };
        Self { at, workload: run.start.plan.workload.clone(), what }
    }
}
