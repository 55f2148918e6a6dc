//! Whatever is sent, the doors stay up.

use proptest::prelude::*;
use serde_json::Value;

use super::{ALL, ROUTED};
use crate::support::{Farshore, alert};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        "(Fired|Metric|ServiceHealth|True|Available|2026-11-22T10:00:00Z|[0-9]{1,4}-[0-9]{2}-[0-9]{2}T25:00:00Z)"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let keys =
            "(data|essentials|alertContext|properties|condition|allOf|id|type|specversion|.{0,4})";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(keys, inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// The pointers of all values.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), found));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(i, value)| pointers(value, &format!("{at}/{i}"), found));
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_body_makes_a_door_fall_over(
        sample in prop::sample::select(ALL.to_vec()),
        place in any::<prop::sample::Index>(),
        value in any_json(),
    ) {
        let mut body = alert(sample);
        let mut places = Vec::new();
        pointers(&body, "", &mut places);
        *body.pointer_mut(&places[place.index(places.len())]).unwrap() = value;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let farshore = Farshore::new().await;
            let answer = farshore.post(ROUTED, &body).await;
            let status = answer.status.as_u16();
            assert!([200, 202, 400, 404].contains(&status), "{body}: {answer:?}");
            for sent in farshore.bus.take() {
                farshore.deliver("receive_signal", &sent.message.body).await.logs();
            }
            farshore.deliver("receive_signal", body.to_string().as_bytes()).await.logs();
            farshore.deliver("advance_run", body.to_string().as_bytes()).await.logs();
            farshore.call("POST", "/receive_signal", &[], body.to_string()).await.logs();
        });
    }
}
