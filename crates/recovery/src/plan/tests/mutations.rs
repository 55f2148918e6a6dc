//! Whatever somebody sends as a plan gets an answer.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::documents::schema_accepts;
use super::{CAFE, Plan, PlanErrors, parse};

/// What must be true of every answer.
fn judge(text: &str, answer: &Result<Plan, PlanErrors>) {
    match answer {
        Ok(plan) => {
            let stored = serde_json::to_string(plan).unwrap();
            assert_eq!(Plan::parse(&stored).as_ref(), Ok(plan), "{text}");
            assert!(schema_accepts(&serde_json::from_str(text).unwrap()), "{text}");
            if let Some(drill) = &plan.drill {
                assert!(drill.next_after("2026-11-22T10:00:00Z".parse().unwrap()).is_some());
            }
        }
        Err(errors) => {
            let lines = text.split('\n').count();
            assert!((1..=100).contains(&errors.0.len()), "{text}");
            for error in &errors.0 {
                assert!((1..=lines).contains(&error.line) && error.column >= 1, "{error}: {text}");
                assert!(!error.problem.is_empty() && !error.mend.is_empty(), "{error}: {text}");
                assert!(!error.to_string().contains('\n'), "{error:?}: {text}");
            }
        }
    }
}

fn pointers(value: &Value, pointer: &str, all: &mut Vec<String>) {
    all.push(pointer.to_owned());
    match value {
        Value::Object(object) => {
            for (name, inner) in object {
                pointers(inner, &format!("{pointer}/{name}"), all);
            }
        }
        Value::Array(array) => {
            for (position, inner) in array.iter().enumerate() {
                pointers(inner, &format!("{pointer}/{position}"), all);
            }
        }
        _ => {}
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_u32..100_000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[-*/,0-9A-Za-z]{1,5}( [-*/,0-9A-Z]{1,4}){4}".prop_map(Value::from),
        "/[a-z*?#%/]{0,9}".prop_map(Value::from),
        proptest::sample::select(vec!["latest", "observe", "automatic", "ihs*", "eastus", "UTC"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("[a-z_~/]{0,8}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes);
        judge(&text, &Plan::parse(&text));
    }

    #[test]
    fn a_plan_with_damaged_bytes_gets_an_answer(
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
        cut in proptest::option::weighted(0.2, any::<proptest::sample::Index>()),
    ) {
        let mut bytes = CAFE.as_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let text = String::from_utf8_lossy(&bytes);
        judge(&text, &Plan::parse(&text));
    }

    #[test]
    fn a_plan_with_replaced_values_gets_an_answer(
        changes in proptest::collection::vec(
            (any::<proptest::sample::Index>(), proptest::option::weighted(0.8, any_value())),
            1..4,
        ),
    ) {
        let mut plan: Value = serde_json::from_str(CAFE).unwrap();
        for (at, value) in changes {
            let mut all = Vec::new();
            pointers(&plan, "", &mut all);
            let at = &all[at.index(all.len())];
            let target = plan.pointer_mut(at).unwrap_or(&mut Value::Null).clone();
            let value = value.unwrap_or_else(|| json!([target]));
            if let Some(target) = plan.pointer_mut(at) {
                *target = value;
            }
        }
        judge(&serde_json::to_string_pretty(&plan).unwrap(), &parse(&plan));
    }

    #[test]
    fn any_text_in_a_texts_place_is_judged_alike_by_schema_and_checker(
        field in 0_usize..FIELDS.len(),
        text in "[ -~é]{0,10}|[a-zA-Z0-9./*:@-]{0,12}|https?://[a-z@:/?]{0,9}",
    ) {
        let mut plan: Value = serde_json::from_str(CAFE).unwrap();
        plan["notify"] = json!({"webhook": "https://example.com/"});
        *plan.pointer_mut(FIELDS[field]).unwrap() = json!(text);
        prop_assert_eq!(parse(&plan).is_ok(), schema_accepts(&plan), "{} {:?}", FIELDS[field], text);
    }
}

/// The texts about which a schema can know all that the checker knows.
const FIELDS: [&str; 8] = [
    "/workload",
    "/failover_group",
    "/site_recovery/recovery_plan",
    "/site_recovery/vault",
    "/standby/public_ips/0/machine",
    "/application/path",
    "/application/data_path",
    "/application/data_contains",
];
