//! What a deployment finds in place, and must not state again: Site Recovery's resources are refused a
//! second time, and after a failover everything that it moved would be moved back.

use serde_json::{Value, json};

use super::sources::Sources;
use super::system;
use super::system::System;

const VAULTS: &str = "Microsoft.RecoveryServices/vaults/";

/// What a failover leaves in another state than the template states.
const MOVED: [&str; 5] = [
    "Microsoft.Compute/virtualMachines",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/trafficManagerProfiles",
    "Microsoft.Sql/servers/databases",
    "Microsoft.Sql/servers/failoverGroups",
];

/// What is made inside the vault: the last part of each kind, and how many of it.
fn in_vault(system: &System) -> Vec<(String, usize)> {
    let mut made: Vec<(String, usize)> = Vec::new();
    for one in system.resources.iter().filter(|one| one.kind.starts_with(VAULTS)) {
        let kind = one.kind.rsplit('/').next().unwrap_or_default();
        match made.iter_mut().find(|(known, _)| known == kind) {
            Some((_, count)) => *count += 1,
            None => made.push((kind.to_owned(), 1)),
        }
    }
    made.sort();
    made
}

fn counts(of: &[(&str, usize)]) -> Vec<(String, usize)> {
    of.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect()
}

fn machines(system: &System) -> Vec<String> {
    let machines = system.all("Microsoft.Compute/virtualMachines").into_iter();
    machines.map(|machine| machine.name.clone()).collect()
}

fn problems(sources: &Sources) -> Vec<String> {
    let look = |changes: &Value| system(sources, changes).unwrap();
    let first = look(&json!({}));
    let all = machines(&first);
    let mut problems = Vec::new();
    let mut expect = |when: &str, changes: &Value, expected: &[(&str, usize)]| {
        let made = in_vault(&look(changes));
        if made != counts(expected) {
            problems.push(format!("{when}, the vault is given {made:?}"));
        }
    };
    let topology = [
        ("replicationFabrics", 2),
        ("replicationNetworkMappings", 2),
        ("replicationPolicies", 1),
        ("replicationProtectedItems", all.len()),
        ("replicationProtectionContainerMappings", 2),
        ("replicationProtectionContainers", 2),
    ];
    expect("at first", &json!({}), &topology);
    let items = all.join(",");
    let some = all[1..].join(",");
    let has = |items: &str, protected: &str, plan: &str| {
        json!({"vaultHas": {
            "topology": "complete", "items": items, "protectedItems": protected, "recoveryPlan": plan
        }})
    };
    expect(
        "after half an installation",
        &has(&some, &some, ""),
        &[("replicationProtectedItems", 1)],
    );
    expect("while a machine is copied", &has(&items, &some, ""), &[]);
    let plan = [("replicationRecoveryPlans", 1)];
    expect("with all machines protected", &has(&items, &items, ""), &plan);
    expect("later", &has(&items, &items, "recovery-plan-cafe"), &[]);
    let mut moved = has(&items, &items, "");
    moved["workloadMoved"] = json!(true);
    expect("after a failover", &moved, &[]);
    for one in &look(&moved).resources {
        if MOVED.iter().any(|kind| one.kind.eq_ignore_ascii_case(kind)) {
            problems.push(format!("after a failover, {} {} is stated again", one.kind, one.name));
        }
    }
    // The disk that WebSphere is on comes with the image: a machine that is stated twice may lose it.
    for name in machines(&look(&has(&items, &items, ""))) {
        problems.push(format!("{name} is stated again"));
    }
    problems
}

#[test]
fn what_is_there_is_left_alone() {
    assert_eq!(problems(&Sources::default()), Vec::<String>::new());
}

#[test]
fn what_would_be_made_twice_is_found() {
    for (path, right, wrong, says) in [
        (
            "infra/main.bicep",
            "'replication/plan.bicep' = if (!workloadMoved)",
            "'replication/plan.bicep' = if (true)",
            "after a failover, the vault is given [(\"replicationRecoveryPlans\", 1)]",
        ),
        (
            "infra/replication/main.bicep",
            "= if (withTopology)",
            "= if (deployReplication)",
            "later, the vault is given",
        ),
        (
            "infra/replication/main.bicep",
            "if (deployReplication && !contains(knownItems, vmNames[i]))",
            "if (deployReplication)",
            "while a machine is copied, the vault is given",
        ),
        (
            "infra/replication/plan.bicep",
            "areProtected && empty",
            "empty",
            "while a machine is copied, the vault is given [(\"replicationRecoveryPlans\", 1)]",
        ),
        (
            "infra/workload/main.bicep",
            "!existingCluster && !clusterIsMade && !workloadMoved",
            "!existingCluster && !workloadMoved",
            "managedabcdefVM1 is stated again",
        ),
        (
            "infra/workload/main.bicep",
            "'traffic/profile.bicep' = if (!workloadMoved)",
            "'traffic/profile.bicep' = if (true)",
            "trafficManagerProfiles",
        ),
    ] {
        let found = problems(&Sources::with(path, right, wrong));

        assert!(found.iter().any(|it| it.contains(says)), "{path}: {wrong}: {found:?}");
    }
}

/// What the script prints is what the template takes.
#[test]
fn the_script_that_looks_prints_what_the_parameter_has() {
    let sources = Sources::default();
    let script = sources.read("infra/replication/scripts/what-the-vault-has.sh");
    let parameters = sources.json("infra/main.parameters.json");
    let fields = parameters["parameters"]["vaultHas"]["value"].as_object().unwrap().clone();

    for name in fields.keys() {
        assert!(script.contains(&format!("{name}: $")), "the script does not print {name}");
    }
}
