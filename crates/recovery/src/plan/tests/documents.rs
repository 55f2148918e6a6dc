//! The published schema and the reference say what the table of fields says.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

use super::super::check::Report;
use super::super::fields::{Field, PLAN, Shape};
use super::super::source::Source;
use super::{CAFE, minimal, parse};

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../schemas/plan.schema.json")).unwrap()
});

static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft202012::new(&SCHEMA).expect("the schema is one"));

const REFERENCE: &str = include_str!("../../../../../docs/plan.md");

pub(super) fn schema_accepts(plan: &Value) -> bool {
    VALIDATOR.is_valid(plan)
}

/// Follows the references of a schema; what stands beside a reference goes first.
fn resolved(schema: &Value) -> Value {
    let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
        return schema.clone();
    };
    let mut all = resolved(SCHEMA.pointer(reference.trim_start_matches('#')).unwrap());
    for (name, value) in schema.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

/// Visits every field of the table with its place in a plan and its part of the schema.
fn visit(shape: &Shape, schema: &Value, pointer: &str, see: &mut impl FnMut(&str, &Field, &Value)) {
    let schema = resolved(schema);
    match shape {
        Shape::Object(fields) => fields_of(fields, None, &schema, pointer, see),
        Shape::Kinds(kinds) => {
            let forms = schema["oneOf"].as_array().expect("a form for each kind");
            assert_eq!(forms.len(), kinds.len(), "{pointer}");
            for ((kind, fields), form) in kinds.iter().zip(forms) {
                fields_of(fields, Some(kind), form, pointer, see);
            }
        }
        Shape::List { of, max } => {
            assert_eq!(schema["maxItems"], *max, "{pointer}");
            visit(of, &schema["items"], &format!("{pointer}/0"), see);
        }
        Shape::Flag => assert_eq!(schema["type"], "boolean", "{pointer}"),
        Shape::Whole { min, max } if min == max => assert_eq!(schema["const"], *min, "{pointer}"),
        Shape::Whole { min, max } => {
            assert_eq!(schema["type"], "integer", "{pointer}");
            assert_eq!((&schema["minimum"], &schema["maximum"]), (&(*min).into(), &(*max).into()));
        }
        Shape::Choice(choices) => {
            let choices: Vec<Value> = choices.iter().map(|choice| (*choice).into()).collect();
            assert_eq!(schema["enum"], Value::from(choices), "{pointer}");
        }
        Shape::Text(_) => assert_eq!(schema["type"], "string", "{pointer}"),
        Shape::Id(kind) => {
            assert_eq!(schema["pattern"], kind.pattern(), "{pointer}");
            assert_eq!(schema["maxLength"], super::super::resource_types::MAX_ID, "{pointer}");
        }
    }
}

fn fields_of(
    fields: &[Field],
    kind: Option<&str>,
    schema: &Value,
    pointer: &str,
    see: &mut impl FnMut(&str, &Field, &Value),
) {
    assert_eq!(schema["additionalProperties"], false, "{pointer}");
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let properties = schema["properties"].as_object().unwrap();
    let tag = kind.map(|_| "kind".to_owned());
    let known = fields.iter().map(|field| field.name.to_owned()).chain(tag.clone()).collect();
    assert_eq!(sorted(properties.keys().cloned().collect()), sorted(known), "{pointer}");
    let required = schema["required"].as_array().unwrap().iter();
    let required = required.map(|name| name.as_str().unwrap().to_owned()).collect();
    let needed =
        fields.iter().filter(|field| field.required).map(|field| field.name.to_owned()).chain(tag);
    assert_eq!(sorted(required), sorted(needed.collect()), "{pointer}");
    if let Some(kind) = kind {
        assert_eq!(properties["kind"]["const"], kind, "{pointer}");
    }
    for field in fields {
        let pointer = format!("{pointer}/{}", field.name);
        let part = resolved(&properties[field.name]);
        see(&pointer, field, &part);
        visit(&field.shape, &properties[field.name], &pointer, see);
    }
}

#[test]
fn the_schema_has_the_fields_of_the_table_and_explains_each() {
    let mut count = 0;
    visit(&PLAN, &SCHEMA, "", &mut |pointer, field, schema| {
        count += 1;
        for word in ["title", "description"] {
            assert!(schema[word].as_str().is_some_and(|text| text.len() > 3), "{pointer}: {word}");
        }
        assert!(schema["examples"].as_array().is_some_and(|all| !all.is_empty()), "{pointer}");
        if matches!(field.shape, Shape::Whole { .. } | Shape::Id(_)) {
            assert!(schema["x-unit"].is_string(), "{pointer} has no unit");
        }
    });
    assert!(count > 40, "{count} fields were seen");
}

#[test]
fn the_examples_of_the_schema_are_right() {
    let mut plan: Value = serde_json::from_str(CAFE).unwrap();
    plan["notify"] = serde_json::json!({"webhook": "https://example.com/"});
    plan["preferred"]["public_ips"] = plan["standby"]["public_ips"].clone();
    let mut count = 0;
    visit(&PLAN, &SCHEMA, "", &mut |pointer, _, schema| {
        for example in schema["examples"].as_array().unwrap() {
            let mut plan = plan.clone();
            *plan.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = example.clone();
            let text = plan.to_string();
            // Rules between values do not count: an example knows nothing of its neighbours.
            if let Err(errors) = Report::of(&Source::read(&text).unwrap()).finish() {
                panic!("{pointer}: {errors}");
            }
            count += 1;
        }
    });
    assert!(count > 40, "{count} examples were seen");
}

#[test]
fn what_the_schema_calls_a_default_is_what_a_silent_plan_means() {
    visit(&PLAN, &SCHEMA, "", &mut |pointer, field, schema| {
        if !field.required {
            let mut plan = minimal();
            let (holder, name) = pointer.rsplit_once('/').unwrap();
            if let Some(Value::Object(holder)) = plan.pointer_mut(holder) {
                holder.shift_remove(name);
            }
            let meant = serde_json::to_value(parse(&plan).unwrap()).unwrap();
            assert_eq!(meant.pointer(pointer), schema.get("default"), "{pointer}");
        }
    });
}

#[test]
fn the_reference_has_a_row_for_every_field() {
    visit(&PLAN, &SCHEMA, "", &mut |pointer, field, schema| {
        let start = format!("| `{}` |", field.name);
        let row = REFERENCE
            .lines()
            .find(|line| line.starts_with(&start))
            .unwrap_or_else(|| panic!("{pointer} has no row"));
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        if let Shape::Whole { min, max } = field.shape
            && min != max
        {
            assert!(cells[2].contains(&format!("{min} to {max}")), "{row}");
            assert_eq!(Some(cells[3]), schema["x-unit"].as_str(), "{row}");
        }
        let default = match schema.get("default") {
            _ if field.required => "required".to_owned(),
            None => "none".to_owned(),
            Some(Value::String(text)) => format!("`{text}`"),
            Some(other) => format!("`{other}`"),
        };
        assert_eq!(cells[4], default, "{row}");
    });
}
