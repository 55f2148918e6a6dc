//! What a story leaves behind in the world.

use serde_json::{Value, json};
use simulator::ledger::{Effects, Report};
use simulator::regions::Region;

use crate::rig::Rig;

/// By the simulator's ledger, and by what stands there in the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub effects: Effects,
    /// Acknowledged writes that are gone, though they need not be.
    pub avoidable_losses: usize,
    pub served_by: Option<Region>,
    /// What of production is not as it was: roles, machines, endpoints, items and addresses.
    pub production: Vec<Value>,
    /// Machines of a drill that nobody has removed.
    pub drill_machines: Vec<Value>,
}

impl Mark {
    pub(super) async fn of(rig: &Rig, ledger: &Report) -> Self {
        let mut state = rig.control("GET", "/control/state", None).await;
        let machines = match state["machines"].take() {
            Value::Array(machines) => machines,
            _ => Vec::new(),
        };
        let last = ledger.answers.last.as_ref().filter(|last| last.good);
        Self {
            effects: ledger.effects.clone(),
            avoidable_losses: ledger.lost_writes.other.len(),
            served_by: last.and_then(|last| last.served_by),
            production: ledger.production.changes.iter().cloned().map(finished).collect(),
            drill_machines: machines.into_iter().filter(|it| it["drill"] == true).collect(),
        }
    }

    /// What is not as expected.
    pub fn differences(&self, expected: &Self) -> Vec<String> {
        let mut all = Vec::new();
        if self.effects != expected.effects {
            all.push(format!("{:?}, not {:?}", self.effects, expected.effects));
        }
        if self.avoidable_losses != expected.avoidable_losses {
            all.push(format!("{} writes are lost", self.avoidable_losses));
        }
        if self.served_by != expected.served_by {
            all.push(format!("served by {:?}, not {:?}", self.served_by, expected.served_by));
        }
        for (name, ours, theirs) in [
            ("production", &self.production, &expected.production),
            ("drill machines", &self.drill_machines, &expected.drill_machines),
        ] {
            let of = |these: &[Value], others: &[Value]| -> Vec<Value> {
                these.iter().filter(|it| !others.contains(it)).cloned().collect()
            };
            if ours != theirs {
                let (is, should) = (Value::Array(of(ours, theirs)), Value::Array(of(theirs, ours)));
                all.push(format!("{name}: {is}, not {should}"));
            }
        }
        all
    }
}

/// A cut puts off what a run does, so the region may be lost while its machines are being stopped
/// rather than after: Azure finishes that when the region is back, whatever anybody does.
fn finished(mut change: Value) -> Value {
    if change["now"] == "Deallocating" {
        change["now"] = json!("Deallocated");
    }
    change
}
