//! The custom roles are what the code can ask for, no more and no less.

use std::collections::BTreeSet;

use azure::all_requests;
use serde_json::{Value, json};

use super::sources::Sources;
use super::system;
use super::system::SUBSCRIPTION;

const ROLES: &str = "infra/controller/roles.json";

fn actions<'a>(value: &'a Value, of: &str) -> Vec<&'a str> {
    let items = value[of].as_array().unwrap();
    items.iter().map(|it| it.as_str().or_else(|| it["action"].as_str()).unwrap()).collect()
}

fn problems(sources: &Sources) -> Vec<String> {
    let file = sources.json(ROLES);
    let roles = file["roles"].as_array().unwrap();
    let requests = all_requests();
    let sent: BTreeSet<&str> = requests.iter().map(|(_, request)| request.action).collect();
    let granted: BTreeSet<&str> = roles.iter().flat_map(|role| actions(role, "actions")).collect();
    let withheld: BTreeSet<&str> = actions(&file, "withheld").into_iter().collect();
    let mut problems = Vec::new();
    for action in sent.iter().filter(|it| !granted.contains(*it) && !withheld.contains(*it)) {
        problems.push(format!("{action} is sent, and no role allows it"));
    }
    for action in granted.iter().filter(|it| !sent.contains(*it)) {
        problems.push(format!("{action} is allowed, and nothing sends it"));
    }
    for action in withheld.iter().filter(|it| !sent.contains(*it) || granted.contains(*it)) {
        problems.push(format!("{action} is not withheld from anybody"));
    }
    for role in roles {
        let own: BTreeSet<&str> = actions(role, "actions").into_iter().collect();
        let of_role = requests.iter().filter(|(_, request)| own.contains(request.action));
        let needed: BTreeSet<&str> = of_role
            .flat_map(|(_, request)| azure::linked_actions(request.action))
            .copied()
            .collect();
        let linked: BTreeSet<&str> = actions(role, "linked").into_iter().collect();
        for action in needed.symmetric_difference(&linked) {
            problems.push(format!("{}: {action} is linked in one place only", role["phase"]));
        }
        for one in role["linked"].as_array().unwrap() {
            if !one["source"].as_str().is_some_and(|source| source.starts_with("doc: ")) {
                problems.push(format!("{} has no source", one["action"]));
            }
        }
    }
    problems
}

#[test]
fn each_action_of_a_role_is_used_and_each_request_is_allowed() {
    assert_eq!(problems(&Sources::default()), Vec::<String>::new());
}

#[test]
fn a_role_that_allows_too_much_or_too_little_is_found() {
    let start = "Microsoft.Compute/virtualMachines/start/action";
    let delete = "Microsoft.Compute/virtualMachines/delete";

    let found = problems(&Sources::with(ROLES, start, delete));

    let unsent = format!("{delete} is allowed, and nothing sends it");
    let missing = format!("{start} is sent, and no role allows it");
    assert_eq!(found, [missing, unsent]);
}

#[test]
fn a_linked_action_that_is_missing_is_found() {
    let join = "Microsoft.Network/publicIPAddresses/join/action";

    let found = problems(&Sources::with(ROLES, join, "Microsoft.Network/publicIPAddresses/write"));

    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().any(|it| it.contains(join)), "{found:?}");
}

/// Which phase is given where.
fn given(sources: &Sources, changes: &Value) -> BTreeSet<(String, String)> {
    let system = system(sources, changes).unwrap();
    let assignments = system.all("Microsoft.Authorization/roleAssignments").into_iter();
    let ours = assignments.filter_map(|one| {
        let role = one.body["properties"]["roleDefinitionId"].as_str()?;
        let phase = role.split("-farshore-").nth(1)?;
        Some((phase.to_owned(), one.group.clone().unwrap_or_else(|| "subscription".to_owned())))
    });
    ours.collect()
}

#[test]
fn each_phase_is_given_where_it_acts_and_nowhere_else() {
    let expected = [
        ("drill", "rg-cafe-standby"),
        ("failover", "rg-cafe-global"),
        ("failover", "rg-cafe-preferred"),
        ("failover", "rg-cafe-standby"),
        ("follow", "subscription"),
        ("read", "rg-cafe-global"),
        ("read", "rg-cafe-preferred"),
        ("read", "rg-cafe-standby"),
    ];
    let expected = expected.map(|(phase, group)| (phase.to_owned(), group.to_owned()));

    assert_eq!(given(&Sources::default(), &Value::Null), BTreeSet::from(expected));
}

/// Its machines are in a resource group that is not ours.
fn unreachable(sources: &Sources) -> Vec<String> {
    let machine = |name: &str, role: &str| {
        let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-old");
        let id = format!("{group}/providers/Microsoft.Compute/virtualMachines/{name}");
        json!({"id": id, "name": name, "role": role, "address": "10.60.1.4"})
    };
    let changes = json!({"options": {"existingCluster": {
        "vnetId": "vnet",
        "clusterSubnetName": "cluster",
        "gatewaySubnetId": "subnet",
        "egressAddress": "203.0.113.9",
        "webServerPublicIpId": "",
        "machines": [machine("dmgr", "dmgr"), machine("one", "managed"), machine("two", "managed")],
    }}});
    let given = given(sources, &changes);
    let mut problems = Vec::new();
    for phase in ["read", "failover"] {
        if !given.contains(&(phase.to_owned(), "rg-old".to_owned())) {
            problems.push(format!("{phase} is not given where the machines are"));
        }
    }
    let system = system(sources, &changes).unwrap();
    let rules = system.all("Microsoft.Insights/activityLogAlerts").into_iter();
    if !rules
        .map(|rule| rule.body["properties"]["scopes"].to_string())
        .any(|it| it.contains("rg-old"))
    {
        problems.push("nobody hears of the machines' health".to_owned());
    }
    problems
}

#[test]
fn a_cluster_that_was_there_before_is_as_reachable_as_a_new_one() {
    let file = "infra/controller/access.bicep";
    let forgotten = Sources::with(file, "], machineResourceGroups)", "], [])");

    assert_eq!(unreachable(&Sources::default()), Vec::<String>::new());
    assert_eq!(unreachable(&forgotten).len(), 2, "{:?}", unreachable(&forgotten));
}
