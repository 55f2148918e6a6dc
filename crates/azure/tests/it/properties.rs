//! Whatever comes, nothing panics.

use azure::operation::{self, Accepted};
use azure::recovery_plan::{item, job, plan};
use azure::{
    Error, ResourceId, Response, application_gateway, network_interface, resource_health,
    sql_failover_group, timestamp, traffic_manager, virtual_machine,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::parsers::fixture;

fn read_everything(response: &Response) {
    let _ = sql_failover_group::parse(response);
    let _ = plan::parse(response).map(|plan| plan.has_uncleaned_drill());
    let _ = item::parse(response).map(|item| item.is_failed_over());
    let _ = item::parse_list(response);
    let _ = job::parse(response).map(|job| job.state.is_over());
    let _ = job::parse_list(response);
    let _ = traffic_manager::parse(response);
    let _ = traffic_manager::parse_endpoint(response);
    let _ = application_gateway::parse(response);
    let _ = application_gateway::parse_backend_health(response);
    if let Ok(interface) = network_interface::parse(response) {
        let address = ResourceId::parse("/subscriptions/s/resourceGroups/g").unwrap();
        let _ = network_interface::attach_public_ip(&interface, None, &address);
        let _ = network_interface::attach_public_ip(&interface, Some(""), &address);
    }
    let _ = network_interface::parse_public_ip(response).map(|address| address.interface());
    let _ = virtual_machine::parse(response);
    let _ = virtual_machine::parse_list(response);
    let _ = resource_health::parse(response);
    let _ = operation::parse(response);
    let _ = Accepted::parse(response);
    let _ = Error::of(response);
    let _ = response.retry_after();
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec(("[a-zA-Z]{1,8}", inner), 0..5)
                .prop_map(|pairs| pairs.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

const FIXTURES: [&str; 11] = [
    "plan_never_run",
    "item_protected",
    "job_third_face",
    "job_succeeded",
    "jobs_partially_succeeded",
    "traffic_manager_profile",
    "spec_failover_group",
    "spec_backend_health",
    "spec_network_interface",
    "spec_public_ip",
    "spec_virtual_machine",
];

/// Every place in a value, as a JSON pointer.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), into);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                places(field, &format!("{at}/{name}"), into);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_json_is_read_or_refused(body in any_json(), status in 100u16..600) {
        let body = body.to_string().into_bytes();
        read_everything(&Response { status, headers: Vec::new(), body });
    }

    #[test]
    fn arbitrary_bytes_and_headers_are_read_or_refused(
        body in proptest::collection::vec(any::<u8>(), 0..64),
        status in 100u16..600,
        wait in ".{0,40}",
        id in ".{0,80}",
    ) {
        let headers = vec![
            ("retry-after".into(), wait),
            ("x-ms-request-id".into(), id.clone()),
            ("azure-asyncoperation".into(), id),
        ];
        read_everything(&Response { status, headers, body });
    }

    /// Real bodies with one place replaced by something else.
    #[test]
    fn real_answers_with_a_foreign_body_in_them_are_read_or_refused(
        which in 0..FIXTURES.len(),
        place in any::<prop::sample::Index>(),
        with in any_json(),
    ) {
        let mut body = fixture(FIXTURES[which]);
        let mut all = Vec::new();
        places(&body, "", &mut all);
        if let Some(value) = body.pointer_mut(&all[place.index(all.len())]) {
            *value = with;
        }
        let body = body.to_string().into_bytes();
        read_everything(&Response { status: 200, headers: Vec::new(), body });
    }

    #[test]
    fn arbitrary_text_is_a_date_or_not(text in ".{0,40}") {
        let _ = timestamp::parse(&text);
    }

    #[test]
    fn what_is_accepted_as_an_id_can_be_taken_apart(text in "(/[a-zA-Z./]{0,9}){0,8}") {
        let text = format!("/subscriptions{text}");
        if let Ok(id) = ResourceId::parse(&text) {
            prop_assert_eq!(id.as_str(), &text);
            let mut parents = 0;
            let mut above = id.parent();
            while let Some(parent) = above {
                prop_assert!(text.starts_with(parent.as_str()));
                parents += 1;
                above = parent.parent();
            }
            prop_assert!(parents < 40);
            let _ = (id.name(), id.subscription(), id.resource_group(), id.upto("servers"));
        }
    }
}
