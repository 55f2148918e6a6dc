//! A recovered region loss, for tests to spoil.

use serde_json::{Value, json};

use crate::Entry;
use crate::ledger::Ledger;
use crate::operator::Runs;
use crate::rehearsal::{Evidence, Scene};
use crate::run_report::RunReport;
use crate::scenarios::{Begun, Scenario};
use crate::world_state::WorldState;

pub(crate) const BEGUN_AT: &str = "2026-11-22T10:01:00Z";

pub(crate) fn ledger() -> Value {
    json!({
        "started_at": "2026-11-22T10:00:00Z",
        "now": "2026-11-22T10:11:00Z",
        "loss": {"region": "eastus", "from": BEGUN_AT, "to": null, "was_primary": true},
        "outages": [{"region": "eastus", "from": BEGUN_AT, "to": null, "was_primary": true}],
        "answers": {
            "good": 200, "failed": 300,
            "spans": [
                {"from": "2026-11-22T10:00:00Z", "to": "2026-11-22T10:00:59Z", "tries": 60,
                 "good": true, "served_by": "eastus", "database": "eastus", "problem": null},
                {"from": BEGUN_AT, "to": "2026-11-22T10:08:19Z", "tries": 440,
                 "good": false, "served_by": null, "database": null, "problem": "POST timeout"},
                {"from": "2026-11-22T10:08:20Z", "to": "2026-11-22T10:11:00Z", "tries": 160,
                 "good": true, "served_by": "westus", "database": "westus", "problem": null},
            ],
            "last": {"at": "2026-11-22T10:11:00Z", "good": true, "served_by": "westus",
                     "database": "westus", "problem": null},
        },
        "downtime_s": 440.0,
        "detection_s": 81.2004,
        "rto_s": 440.0,
        "critical_path": {"seconds": 350.1, "path": [
            {"what": "sql forced", "seconds": 8.1},
            {"what": "gateway probe managed1", "seconds": 342.0},
        ]},
        "switch_s": 358.8, "overhead_s": 8.7,
        "acknowledged_writes": 220,
        "lost_writes": {"total": 2, "not_replicated_at_the_loss": [{"id": 1}, {"id": 2}], "other": []},
        "rpo_s": 1.5, "dual_writable_s": 0.0,
        "servable": [
            {"site": "eastus", "database": "eastus", "from": "2026-11-22T10:00:00Z", "to": "2026-11-22T10:00:59Z"},
            {"site": "westus", "database": "westus", "from": "2026-11-22T10:08:20Z", "to": "2026-11-22T10:11:00Z"},
        ],
        "azure_calls": {"total": 321, "reads": 310},
        "mutating_requests": [
            {"at": "2026-11-22T10:02:21Z", "method": "PATCH", "path": "/subscriptions/p/azureEndpoints/myPrimaryEndpoint?api-version=1", "status": 200, "kind": "reversible"},
            {"at": "2026-11-22T10:02:22Z", "method": "POST", "path": "/subscriptions/s/failoverGroups/cafe/forceFailoverAllowDataLoss?api-version=1", "status": 202, "kind": "destructive"},
        ],
        "destructive_requests": [
            {"at": "2026-11-22T10:02:22Z", "method": "POST", "path": "/subscriptions/s/failoverGroups/cafe/forceFailoverAllowDataLoss?api-version=1", "status": 202, "kind": "destructive"},
        ],
        "effects": {
            "sql_forced": 1, "sql_planned": 0, "recovery_plan_failovers": 1,
            "recovery_plan_test_failovers": 0, "recovery_plan_test_cleanups": 0,
            "recovery_plan_commits": 0,
        },
        "promotions": [{"at": "2026-11-22T10:02:30Z", "region": "westus", "lossless": false, "left_behind": 2}],
        "alerts": [
            {"at": "2026-11-22T10:02:20Z", "rule": "sh-eastus", "condition": "Fired", "attempts": [202], "outcome": "delivered"},
        ],
        "notifications": [{"at": "2026-11-22T10:09:00Z", "body": {}}],
        "waits": [{"what": "sql forced", "from": "2026-11-22T10:02:22Z", "to": "2026-11-22T10:02:30.1Z"}],
        "production": {"unchanged": false, "changes": [
            {"what": "address/dmgr-public-ip-westus", "before": null, "now": "/nic/dmgr1"},
            {"what": "address/ihs-public-ip-westus", "before": null, "now": "/nic/ihs1"},
        ]},
    })
}

pub(crate) fn state() -> Value {
    let machine =
        |name: &str| json!({"name": name, "region": "westus", "drill": false, "running": true});
    json!({
        "now": "2026-11-22T10:11:00Z",
        "regions": {"eastus": "down", "westus": "up"},
        "sql": {
            "eastus": {"role": "Secondary", "takes_writes": false, "not_replicated": 2},
            "westus": {"role": "Primary", "takes_writes": true, "not_replicated": 0},
        },
        "traffic": {"endpoints": {
            "myFailoverEndpoint": {"status": "Enabled", "monitor": "Online"},
            "myPrimaryEndpoint": {"status": "Disabled", "monitor": "Disabled"},
        }},
        "recovery": {"jobs": [{"name": "job-1", "scenario": "Failover", "state": "Succeeded",
            "tasks": [{"name": "Group 1", "state": "Succeeded"}]}]},
        "machines": (["dmgr1", "managed1", "managed2", "managed3", "ihs1"].map(machine)),
        "gateways": {
            "eastus": {"address": "203.0.113.10", "healthy": []},
            "westus": {"address": "198.51.100.10", "healthy": ["10.1.0.5", "10.1.0.6", "10.1.0.7"]},
        },
        "site": {"eastus": {"takes_writes_into": null}, "westus": {"takes_writes_into": "westus"}},
        "user": {"last": {"at": "2026-11-22T10:11:00Z", "good": true, "served_by": "westus",
                          "database": "westus", "problem": null}},
        "alerts": {"firing": ["tm-primary-down"], "sent": 3},
        "notifications": 1,
        "calls": {"total": 321},
    })
}

pub(crate) fn run() -> Value {
    json!({
        "run": "websphere-cafe-incident-1",
        "started_at": "2026-11-22T10:02:20.5Z",
        "ended_at": "2026-11-22T10:09:00Z",
        "outcome": "recovered",
        "detail": "the workload runs in the standby place",
        "reason": "region lost", "by": "watch",
        "steps": [
            {"name": "observe", "state": "ended", "started_at": "2026-11-22T10:02:20.5Z",
             "ended_at": "2026-11-22T10:02:21Z", "outcome": "succeeded", "detail": "", "overdue": false},
            {"name": "clean_up_drill", "state": "ended", "started_at": null,
             "ended_at": "2026-11-22T10:02:21Z", "outcome": "skipped", "detail": "no drill", "overdue": false},
        ],
    })
}

pub(crate) fn evidence() -> Evidence {
    evidence_of(Scenario::RegionLoss, ledger(), state(), Some(run()))
}

pub(crate) fn evidence_of(
    scenario: Scenario,
    ledger: Value,
    state: Value,
    run: Option<Value>,
) -> Evidence {
    let run = run.map(|run| RunReport::read(run).unwrap());
    Evidence {
        scenario,
        entry: Entry::ApplicationGateway,
        begun: Begun { at: BEGUN_AT.parse().unwrap(), run: None },
        ledger: Ledger::read(ledger).unwrap(),
        state: serde_json::from_value(state).unwrap(),
        runs: Runs {
            open_incident: None,
            incidents: usize::from(run.is_some()),
            names: run.iter().map(|report| report.run.run.clone()).collect(),
            probe_is_good: true,
        },
        run,
        overtime: false,
        strikes: Vec::new(),
        freezes: Vec::new(),
    }
}

pub(crate) fn scene() -> Scene {
    let state: WorldState = serde_json::from_value(state()).unwrap();
    Scene {
        begun_at: BEGUN_AT.parse().unwrap(),
        title: "East US is lost".to_owned(),
        state,
        runs: Runs { open_incident: Some(1), incidents: 1, ..Runs::default() },
        run: Some(RunReport::read(run()).unwrap()),
    }
}
