//! What a failover reads or writes is not in the region that fails, and neither is the controller.

use serde_json::{Value, json};

use super::sources::Sources;
use super::system;

const LOST: &str = "eastus";

/// Kinds of which none may be in the preferred region. The site itself is there: its machines, its
/// network, its SQL server and its gateway, and what they alone need.
const NEVER_THERE: [&str; 14] = [
    "Microsoft.RecoveryServices/vaults",
    "Microsoft.Network/trafficManagerProfiles",
    "Microsoft.Web/sites",
    "Microsoft.Web/serverfarms",
    "Microsoft.ServiceBus/namespaces",
    "Microsoft.ServiceBus/namespaces/queues",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Insights/components",
    "Microsoft.Insights/metricAlerts",
    "Microsoft.Insights/activityLogAlerts",
    "Microsoft.Insights/scheduledQueryRules",
    "Microsoft.Insights/actionGroups",
    "Microsoft.EventGrid/systemTopics",
    "Microsoft.Storage/storageAccounts/blobServices/containers",
];

fn problems(sources: &Sources, changes: &Value) -> Vec<String> {
    let system = match system(sources, changes) {
        Ok(system) => system,
        Err(error) => return vec![error],
    };
    let mut problems = Vec::new();
    for one in &system.resources {
        let group = one.group.as_deref().unwrap_or_default();
        let group_location = system.location_of(group);
        if !group.is_empty() && group_location.is_none() {
            problems
                .push(format!("{}: {} is in {group:?}, which nobody makes", one.file, one.name));
        }
        let there = one.location.as_deref() == Some(LOST) || group_location == Some(LOST);
        if there && NEVER_THERE.iter().any(|kind| one.kind.eq_ignore_ascii_case(kind)) {
            problems
                .push(format!("{}: {} {} would be lost with {LOST}", one.file, one.kind, one.name));
        }
        // A resource whose group is in the lost region cannot be managed, wherever it is itself.
        if one.location.as_deref().is_some_and(|it| it != LOST && it != "global")
            && group_location == Some(LOST)
        {
            problems.push(format!("{}: {} is managed from {LOST}", one.file, one.name));
        }
        // These groups are for what survives: gateways, certificates, identities, whatever it is.
        if there && ["rg-cafe-controller", "rg-cafe-standby", "rg-cafe-global"].contains(&group) {
            problems.push(format!("{}: {} of {group} is in {LOST}", one.file, one.name));
        }
    }
    // What the plan says of the standby is the list of what a failover touches.
    let plan = &system.outputs["plan"];
    let mut touched = vec![
        &plan["standby"]["sql_server"],
        &plan["standby"]["traffic_endpoint"],
        &plan["preferred"]["traffic_endpoint"],
        &plan["traffic_manager_profile"],
        &plan["site_recovery"]["vault"],
        &plan["drill"]["network"],
    ];
    touched.extend(plan["standby"]["entry"].get("gateway"));
    touched.extend(
        plan["standby"]["public_ips"].as_array().into_iter().flatten().map(|one| &one["public_ip"]),
    );
    for id in touched {
        let Some(group) = id.as_str().and_then(|id| id.split('/').nth(4)) else {
            problems.push(format!("the plan has {id} where an id belongs"));
            continue;
        };
        if system.location_of(group).is_none_or(|location| location == LOST) {
            problems.push(format!("{id} is managed from {LOST}"));
        }
    }
    problems
}

#[test]
fn what_a_failover_needs_survives_the_preferred_region() {
    for entry in ["application_gateway", "ibm_http_server"] {
        for hosting in ["flex", "premium"] {
            let changes = json!({
                "entry": entry, "options": {"hosting": hosting}, "gatewayCertificate": "cGZ4"
            });
            assert_eq!(problems(&Sources::default(), &changes), Vec::<String>::new());
        }
    }
}

#[test]
fn a_controller_in_a_third_region_is_as_good() {
    let changes = json!({"controllerLocation": "centralus"});

    assert_eq!(problems(&Sources::default(), &changes), Vec::<String>::new());
}

#[test]
fn a_controller_in_the_preferred_region_is_refused_by_the_template() {
    for name in ["eastus", "East US"] {
        let found = problems(&Sources::default(), &json!({"controllerLocation": name}));

        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("controllerLocation must not be preferredLocation"), "{found:?}");
    }
}

#[test]
fn a_standby_in_the_preferred_region_is_refused_by_the_template() {
    let changes = json!({"standbyLocation": "East US", "controllerLocation": "centralus"});

    let found = problems(&Sources::default(), &changes);

    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("standbyLocation must not be preferredLocation"), "{found:?}");
}

/// Names are made of regions, and some may have no spaces: with "East US" nothing else may come out
/// than with "eastus", also because it would be a second installation beside the first.
fn differences(sources: &Sources) -> Vec<String> {
    let as_people_say = json!({
        "preferredLocation": "East US", "standbyLocation": "West US", "controllerLocation": "West US"
    });
    let short = system(sources, &Value::Null).unwrap().resources;
    let long = system(sources, &as_people_say).unwrap().resources;
    let bodies = short.iter().zip(&long).filter(|(one, other)| one.body != other.body);
    bodies.map(|(one, other)| format!("{} {} is {}", one.kind, one.name, other.name)).collect()
}

#[test]
fn a_region_may_be_named_as_people_name_it() {
    assert_eq!(differences(&Sources::default()), Vec::<String>::new());
}

#[test]
fn a_name_with_a_space_of_a_region_is_found() {
    let file = "infra/main.bicep";
    let right = "preferred: toLower(replace(preferredLocation, ' ', ''))";
    let wrong = "preferred: preferredLocation";

    let found = differences(&Sources::with(file, right, wrong));

    assert!(found.iter().any(|it| it.ends_with("is fabric-East US")), "{found:?}");
}

#[test]
fn a_resource_group_in_the_lost_region_is_found() {
    let file = "infra/workload/main.bicep";
    let right = "  name: globalGroupName\n  location: standby\n";
    let wrong = "  name: globalGroupName\n  location: preferredLocation\n";

    let found = problems(&Sources::with(file, right, wrong), &Value::Null);

    assert!(found.iter().any(|it| it.contains("trafficManagerProfiles")), "{found:?}");
}

#[test]
fn a_certificate_or_an_identity_in_the_lost_region_is_found() {
    let changes = json!({"gatewayCertificate": "cGZ4"});
    let standby = "    name: 'agw-${environmentName}-standby'\n    location: ";
    for (path, right, wrong, says) in [
        (
            "infra/workload/gateways.bicep",
            format!("{standby}standbyLocation"),
            format!("{standby}preferredLocation"),
            "kv-agw-s-abcdef of rg-cafe-standby",
        ),
        (
            "infra/controller/main.bicep",
            "name: 'id-${environmentName}-controller', location: location".to_owned(),
            "name: 'id-${environmentName}-controller', location: preferredLocation".to_owned(),
            "id-cafe-controller of rg-cafe-controller",
        ),
    ] {
        let found = problems(&Sources::with(path, &right, &wrong), &changes);

        assert!(found.iter().any(|it| it.contains(says)), "{path}: {found:?}");
    }
}

#[test]
fn a_queue_in_the_lost_region_is_found() {
    let file = "infra/controller/main.bicep";
    let right = "params: { name: 'sb-${token}', location: location";
    let wrong = "params: { name: 'sb-${token}', location: preferredLocation";

    let found = problems(&Sources::with(file, right, wrong), &Value::Null);

    assert!(found.iter().any(|it| it.contains("ServiceBus")), "{found:?}");
}
