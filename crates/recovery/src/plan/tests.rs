//! Plans through the front door.

mod corpus;
mod documents;
mod mutations;

use serde_json::{Value, json};

use super::*;

const CAFE: &str = include_str!("../../../../plans/websphere-cafe.json");
const CAFE_IHS: &str = include_str!("../../../../plans/websphere-cafe-ihs.json");

/// One change to a good plan.
#[derive(Clone, Debug)]
enum Edit {
    Set(&'static str, Value),
    Remove(&'static str),
}

/// The tutorial's plan, changed.
fn edited(edits: &[Edit]) -> Value {
    let mut plan: Value = serde_json::from_str(CAFE).unwrap();
    for edit in edits {
        let (Edit::Set(pointer, _) | Edit::Remove(pointer)) = edit;
        let (holder, name) = pointer.rsplit_once('/').unwrap();
        let holder = plan.pointer_mut(holder).unwrap();
        match (edit, holder) {
            (Edit::Set(_, value), Value::Object(holder)) => {
                holder.insert(name.to_owned(), value.clone());
            }
            (Edit::Set(_, value), Value::Array(holder)) => {
                let position: usize = name.parse().unwrap();
                if position == holder.len() {
                    holder.push(value.clone());
                } else {
                    holder[position] = value.clone();
                }
            }
            (Edit::Remove(_), Value::Object(holder)) => {
                assert!(holder.shift_remove(name).is_some(), "{pointer} is not there");
            }
            (edit, holder) => panic!("{edit:?} does not fit {holder}"),
        }
    }
    plan
}

fn parse(plan: &Value) -> Result<Plan, PlanErrors> {
    Plan::parse(&serde_json::to_string_pretty(plan).unwrap())
}

/// The least that a plan with a drill may say.
fn minimal() -> Value {
    edited(&[
        Edit::Remove("/$schema"),
        Edit::Remove("/mode"),
        Edit::Remove("/accept_unmeasured_data_loss"),
        Edit::Remove("/cooldown_s"),
        Edit::Remove("/preferred/entry/min_healthy"),
        Edit::Remove("/standby/entry/min_healthy"),
        Edit::Remove("/standby/public_ips"),
        Edit::Remove("/site_recovery/recovery_point"),
        Edit::Remove("/application/data_path"),
        Edit::Remove("/application/data_contains"),
        Edit::Remove("/drill/time_zone"),
        Edit::Remove("/drill/hold_s"),
    ])
}

#[test]
fn the_tutorials_plans_are_read() {
    let plan = Plan::parse(CAFE).unwrap();
    assert_eq!(plan.workload.as_str(), "websphere-cafe");
    assert_eq!(plan.mode, PolicyMode::Automatic);
    assert_eq!(plan.traffic_manager_profile.name(), "tmprofile-cafe");
    assert_eq!(plan.preferred.traffic_endpoint.name(), "myPrimaryEndpoint");
    let Entry::ApplicationGateway { gateway, min_healthy } = &plan.standby.entry else {
        panic!("the entry is a gateway");
    };
    assert_eq!((gateway.name(), *min_healthy), ("agw-westus", 2));

    let other = Plan::parse(CAFE_IHS).unwrap();
    assert_eq!(other.standby.entry, Entry::IbmHttpServer {});
    let same = Plan {
        preferred: SitePlan { entry: plan.preferred.entry.clone(), ..other.preferred.clone() },
        standby: SitePlan { entry: plan.standby.entry.clone(), ..other.standby.clone() },
        ..other
    };
    assert_eq!(same, plan, "the two forms differ only in their entries");
}

#[test]
fn a_plan_survives_the_way_through_the_store() {
    let unnotified = Plan::parse(CAFE).unwrap();
    let notified = edited(&[Edit::Set("/notify", json!({"webhook": "https://example.com/"}))]);
    for plan in [
        unnotified,
        Plan::parse(CAFE_IHS).unwrap(),
        parse(&minimal()).unwrap(),
        parse(&notified).unwrap(),
    ] {
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
        assert_eq!(Plan::parse(&text).unwrap(), plan);
    }
}

#[test]
fn a_plan_that_says_least_only_watches() {
    let plan = parse(&minimal()).unwrap();
    assert_eq!(plan.mode, PolicyMode::Observe);
    assert!(!plan.accept_unmeasured_data_loss);
    assert_eq!(plan.site_recovery.recovery_point, RecoveryPoint::LatestProcessed);
}

#[test]
fn all_errors_are_told_at_once_in_the_order_of_the_file() {
    let text = r#"{
  "version": 2,
  "workload": "Café",
  "workload": "cafe",
  "mode": "automatic",
  "objectives": { "rto_s": 0, "rpo": 60 },
  "preferred": null,
  "failover_group": "failovergroup-cafe",
  "colour": "blue"
}"#;
    let errors = Plan::parse(text).unwrap_err();
    let told: Vec<_> = errors
        .0
        .iter()
        .map(|error| (error.line, error.column, error.pointer.as_str(), error.mend.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (1, 1, "/standby", "add \"standby\": {…}"),
            (
                1,
                1,
                "/traffic_manager_profile",
                "add \"traffic_manager_profile\": the id of a Traffic Manager profile"
            ),
            (1, 1, "/site_recovery", "add \"site_recovery\": {…}"),
            (1, 1, "/application", "add \"application\": {…}"),
            (2, 14, "/version", "write 1"),
            (3, 15, "/workload", "write 1 to 48 lower-case letters, digits and inner hyphens"),
            (4, 3, "/workload", "remove one of the two"),
            (
                5,
                11,
                "/mode",
                "add \"accept_unmeasured_data_loss\": true if that is acceptable, or use \
                 \"observe\" or \"approve\""
            ),
            (6, 17, "/objectives/rpo_s", "add \"rpo_s\": a whole number"),
            (6, 28, "/objectives/rto_s", "write a whole number from 1 to 604800"),
            (6, 31, "/objectives/rpo", "did you mean \"rpo_s\"?"),
            (7, 16, "/preferred", "write an object, or leave an optional field out"),
            (
                9,
                3,
                "/colour",
                "remove it; the fields here are \"$schema\", \"version\", \"workload\", \"mode\", \
                 \"accept_unmeasured_data_loss\", \"objectives\", \"cooldown_s\", \"preferred\", \
                 \"standby\", \"failover_group\", \"traffic_manager_profile\", \"site_recovery\", \
                 \"application\", \"drill\", \"notify\""
            ),
        ]
    );
    assert_eq!(errors.to_string().lines().count(), errors.0.len());
}

#[test]
fn a_file_full_of_errors_gets_a_bounded_answer() {
    let fields: Vec<String> = (0..20_000).map(|number| format!("\"x{number}\":0")).collect();
    let errors = Plan::parse(&format!("{{{}}}", fields.join(","))).unwrap_err();
    assert_eq!(errors.0.len(), 100);
}

#[test]
fn an_address_belongs_to_the_machines_that_its_name_fits() {
    let address = |machine: &str| PublicIpPlan {
        machine: machine.into(),
        public_ip: ResourceId::from("/address"),
    };
    assert!(address("ihs*").fits("IHS1"));
    assert!(address("ihs*").fits("ihs"));
    assert!(!address("ihs*").fits("dmgr1"));
    assert!(!address("ihs*").fits("ü"));
    assert!(address("ihs1").fits("Ihs1"));
    assert!(!address("ihs1").fits("ihs10"));
}
