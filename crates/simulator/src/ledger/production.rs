//! What production is, so that a drill can be shown to have left it alone.

use serde_json::{Map, Value, json};

use crate::control::{PROFILE, VAULT, arm};
use crate::regions::Region;
use crate::sql_failover_group::{self, Role};
use crate::virtual_machine::{self, Purpose};
use crate::world::World;

/// The state of production: what somebody decided, not what is measured (a probe's verdict may
/// change by itself). The copies of a drill do not belong to it.
pub(super) fn fingerprint(world: &World) -> Value {
    let mut parts = Map::new();
    for region in Region::BOTH {
        let is_primary = sql_failover_group::role(world, region) == Role::Primary;
        parts.insert(format!("sql/{}/primary", region.name()), json!(is_primary));
    }
    let production = |machine: &&virtual_machine::Machine| machine.purpose == Purpose::Production;
    for machine in virtual_machine::machines(world).filter(production) {
        let name = format!("machine/{}/{}", machine.region.name(), machine.name);
        parts.insert(name, json!(format!("{:?}", machine.power)));
    }
    let mut copy = world.clone();
    // What is read here is read whole.
    copy.recovery.behaviour.page_size = usize::MAX;
    let profile = arm(&mut copy, PROFILE, "2022-04-01");
    for endpoint in profile["properties"]["endpoints"].as_array().into_iter().flatten() {
        let name = format!("traffic/{}", endpoint["name"].as_str().unwrap_or_default());
        let properties = &endpoint["properties"];
        let decided = json!({
            "status": properties["endpointStatus"],
            "priority": properties["priority"],
            "target": properties["target"],
        });
        parts.insert(name, decided);
    }
    let items = arm(&mut copy, &format!("{VAULT}/replicationProtectedItems"), "2024-04-01");
    for item in items["value"].as_array().into_iter().flatten() {
        let properties = &item["properties"];
        let name = format!("item/{}", properties["friendlyName"].as_str().unwrap_or_default());
        let decided = json!({
            "protection": properties["protectionState"],
            "active": properties["activeLocation"],
        });
        parts.insert(name, decided);
    }
    for region in Region::BOTH {
        let region = region.name();
        let addresses = arm(
            &mut copy,
            &format!(
                "resourceGroups/was-cluster-{region}/providers/Microsoft.Network/publicIPAddresses"
            ),
            "2024-01-01",
        );
        for address in addresses["value"].as_array().into_iter().flatten() {
            let name = format!("address/{}", address["name"].as_str().unwrap_or_default());
            parts.insert(name, address["properties"]["ipConfiguration"]["id"].clone());
        }
    }
    Value::Object(parts)
}

/// What differs between two fingerprints: `{what, before, now}` each.
pub(super) fn changes(before: &Value, now: &Value) -> Vec<Value> {
    let empty = Map::new();
    let before = before.as_object().unwrap_or(&empty);
    let now = now.as_object().unwrap_or(&empty);
    let mut names: Vec<&String> = before.keys().chain(now.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| before.get(*name) != now.get(*name))
        .map(|name| json!({"what": name, "before": before.get(name), "now": now.get(name)}))
        .collect()
}
