//! The world at a glance, for a terminal and for tests.

use serde_json::{Map, Value, json};

use crate::door::{Answer, Door, Request};
use crate::fidelity::Fidelity;
use crate::operations::{self, ArmRequest};
use crate::regions::Region;
use crate::tutorial::SUBSCRIPTION;
use crate::virtual_machine::Purpose;
use crate::world::World;
use crate::{
    application_gateway, azure_monitor, identity, network_interface, recovery_plan, service_bus,
    sql_failover_group, traffic_manager, user, virtual_machine, workload,
};

/// Below the subscription.
pub(crate) const VAULT: &str = "resourceGroups/was-cluster-westus/providers/Microsoft.RecoveryServices/vaults/recovery-service-vault-westus";
pub(crate) const PROFILE: &str = "resourceGroups/traffic-westus/providers/Microsoft.Network/trafficManagerProfiles/tmprofile-cafe";

/// Everything that a live view needs.
pub(super) fn state(world: &World) -> Value {
    let mut copy = world.clone();
    json!({
        "now": world.now,
        "regions": by_region(|region| json!(world.regions.health(region))),
        "sql": by_region(|region| sql(world, region)),
        "traffic": traffic(&mut copy),
        "recovery": recovery(&mut copy),
        "machines": machines(world),
        "gateways": by_region(|region| json!({
            "address": workload::gateway_address(region),
            "healthy": application_gateway::healthy_backends(world, region),
        })),
        "site": by_region(|region| json!({
            "takes_writes_into": workload::would_write_to(world, region),
            "processes": workload::processes(world, region),
        })),
        "user": {
            "running": world.user.is_running(),
            "last": world.ledger.attempts().last(),
        },
        "alerts": {
            "firing": world.monitor.firing().collect::<Vec<_>>(),
            "sent": world.ledger.alerts().len(),
        },
        "service_bus": service_bus::summary(world),
        "notifications": world.ledger.notifications().len(),
        "calls": world.ledger.calls(),
    })
}

/// Every modelled behaviour with the grade of its evidence, and every duration.
pub(super) fn fidelity(world: &World) -> Value {
    let areas: [(&str, &[Fidelity]); 11] = [
        ("resource manager", operations::FIDELITY),
        ("identity", identity::FIDELITY),
        ("sql failover group", sql_failover_group::FIDELITY),
        ("recovery plan", recovery_plan::FIDELITY),
        ("traffic manager", traffic_manager::FIDELITY),
        ("application gateway", application_gateway::FIDELITY),
        ("network interface", network_interface::FIDELITY),
        ("virtual machine", virtual_machine::FIDELITY),
        ("workload", workload::FIDELITY),
        ("azure monitor", azure_monitor::FIDELITY),
        ("service bus", service_bus::FIDELITY),
    ];
    let behaviours: Vec<Value> = areas
        .into_iter()
        .flat_map(|(area, facts)| facts.iter().map(move |fact| (area, fact)))
        .map(|(area, fact)| {
            json!({
                "area": area,
                "what": fact.what,
                "tag": fact.tag.name(),
                "source": fact.source,
            })
        })
        .collect();
    json!({"behaviours": behaviours, "durations": durations(world)})
}

/// What `POST /control/options` can change, as it is.
pub(super) fn options(world: &World) -> Value {
    json!({"waits": durations(world), "site_recovery": world.recovery.behaviour})
}

fn durations(world: &World) -> Value {
    let rows = world.durations.entries().map(|entry| {
        let name = serde_json::to_value(entry.wait).unwrap_or_default();
        let row = json!({
            "least_s": entry.least.as_secs_f64(),
            "most_s": entry.most.as_secs_f64(),
            "tag": entry.tag.name(),
            "source": entry.source,
        });
        (name.as_str().unwrap_or_default().to_owned(), row)
    });
    Value::Object(rows.collect())
}

fn sql(world: &World, region: Region) -> Value {
    let role = match sql_failover_group::role(world, region) {
        sql_failover_group::Role::Primary => "Primary",
        sql_failover_group::Role::Secondary => "Secondary",
    };
    json!({
        "role": role,
        "takes_writes": sql_failover_group::takes_writes(world, region),
        "writes": workload::rows(world, region),
        "not_replicated": workload::names_ahead(world, region).len(),
    })
}

fn traffic(world: &mut World) -> Value {
    let profile = arm(world, PROFILE, "2022-04-01");
    let endpoints: Map<String, Value> = list(&profile["properties"]["endpoints"])
        .iter()
        .map(|endpoint| {
            let properties = &endpoint["properties"];
            let name = endpoint["name"].as_str().unwrap_or_default().to_owned();
            let state = json!({
                "status": properties["endpointStatus"],
                "monitor": properties["endpointMonitorStatus"],
            });
            (name, state)
        })
        .collect();
    json!({
        "endpoints": endpoints,
        "served": traffic_manager::served_endpoint(world),
        "address": traffic_manager::resolve(world, user::PROFILE).map(|(addresses, _)| addresses),
    })
}

fn recovery(world: &mut World) -> Value {
    let items = arm(world, &format!("{VAULT}/replicationProtectedItems"), "2024-04-01");
    let items: Map<String, Value> = list(&items["value"])
        .iter()
        .map(|item| {
            let properties = &item["properties"];
            let name = properties["friendlyName"].as_str().unwrap_or_default().to_owned();
            let state = json!({
                "protection": properties["protectionState"],
                "active": properties["activeLocation"],
                "test": properties["testFailoverState"],
            });
            (name, state)
        })
        .collect();
    let jobs = arm(world, &format!("{VAULT}/replicationJobs"), "2024-04-01");
    let plan_jobs: Vec<String> = list(&jobs["value"])
        .iter()
        .filter(|job| job["properties"]["targetInstanceType"] == "RecoveryPlan")
        .filter_map(|job| job["name"].as_str().map(str::to_owned))
        .collect();
    let jobs: Vec<Value> = plan_jobs.iter().map(|name| job(world, name)).collect();
    json!({"items": items, "jobs": jobs})
}

fn job(world: &mut World, name: &str) -> Value {
    let job = arm(world, &format!("{VAULT}/replicationJobs/{name}"), "2024-04-01");
    let properties = &job["properties"];
    let tasks: Vec<Value> = list(&properties["tasks"])
        .iter()
        .map(|task| json!({"name": task["friendlyName"], "state": task["state"]}))
        .collect();
    json!({
        "name": name,
        "scenario": properties["scenarioName"],
        "state": properties["state"],
        "started": properties["startTime"],
        "ended": properties["endTime"],
        "tasks": tasks,
    })
}

fn machines(world: &World) -> Value {
    virtual_machine::machines(world)
        .map(|machine| {
            json!({
                "name": machine.name,
                "region": machine.region,
                "drill": machine.purpose == Purpose::Drill,
                "power": format!("{:?}", machine.power),
                "running": machine.running_since.is_some(),
            })
        })
        .collect()
}

fn by_region(value: impl Fn(Region) -> Value) -> Value {
    let pairs = Region::BOTH.into_iter().map(|region| (region.name().to_owned(), value(region)));
    Value::Object(pairs.collect())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What ARM would say of a resource if its region were well.
pub(crate) fn arm(world: &mut World, path: &str, version: &str) -> Value {
    let request = Request {
        door: Door::Arm,
        method: "GET".to_owned(),
        target: format!("/subscriptions/{SUBSCRIPTION}/{path}?api-version={version}"),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let request = ArmRequest::new(&request);
    let answer = sql_failover_group::handle(world, &request)
        .or_else(|| traffic_manager::handle(world, &request))
        .or_else(|| recovery_plan::handle(world, &request))
        .or_else(|| application_gateway::handle(world, &request))
        .or_else(|| network_interface::handle(world, &request))
        .or_else(|| virtual_machine::handle(world, &request));
    match answer {
        Some(Answer::Reply { response, .. }) => {
            serde_json::from_slice(&response.body).unwrap_or_default()
        }
        _ => Value::Null,
    }
}
